/*
name: category_scorecard
label: {en: Categories at a glance, ru: 'Категории: сводка показателей'}
description: >-
  Each category's tickets created in the period with the rates that matter: resolution, auto-send, escalation
  and error rate, median response time and CSAT.
phrases:
  en:
    - category scorecard
    - categories scorecard
    - scorecard by category
    - scorecard of categories
    - category report
    - report by category
    - report on categories
    - category overview
    - overview of categories
    - overview by category
    - category dashboard
    - categories at a glance
    - key metrics by category
    - key figures by category
    - main metrics by category
    - all metrics by category
    - kpi by category
    - kpis by category
    - kpis per category
    - category kpis
  ru:
    - сводка по категориям
    - сводка показателей по категориям
    - отчёт по категориям
    - отчёт о категориях
    - обзор категорий
    - обзор по категориям
    - показатели по категориям
    - показатели категорий
    - ключевые показатели по категориям
    - основные показатели по категориям
    - основные метрики по категориям
    - ключевые метрики по категориям
    - все метрики по категориям
    - kpi по категориям
    - кпэ по категориям
    - кипиай по категориям
questions:
  en:
    - Key metrics by category last month
    - Show the category scorecard for WhatsApp
    - KPIs by category this week
  ru:
    - Сводка по категориям за прошлый месяц
    - Покажи ключевые показатели по категориям в WhatsApp
    - KPI по категориям за эту неделю
period: default
parameters:
  start: {type: timestamptz, fills: period.start}
  end: {type: timestamptz, fills: period.end}
  request_types: {type: 'text[]', fills: 'dimension:request_type'}
  channels: {type: 'text[]', fills: 'dimension:channel'}
  languages: {type: 'text[]', fills: 'dimension:language'}
  countries: {type: 'text[]', fills: 'dimension:country'}
  urgencies: {type: 'text[]', fills: 'dimension:urgency'}
  models: {type: 'text[]', fills: 'dimension:model'}
columns:
  request_type: {role: dimension, label: {en: Category, ru: Категория}}
  tickets: {role: metric, unit: count, label: {en: Tickets, ru: Тикеты}}
  resolution_rate: {role: metric, unit: percent, label: {en: Resolution rate, ru: Доля решённых}, decimals: 1}
  auto_send_rate: {role: metric, unit: percent, label: {en: Auto-send rate, ru: Доля автоотправки}, decimals: 1}
  escalation_rate: {role: metric, unit: percent, label: {en: Escalation rate, ru: Доля эскалаций}, decimals: 1}
  error_rate: {role: metric, unit: percent, label: {en: Error rate, ru: Доля ошибок}, decimals: 1}
  response_time: {role: metric, unit: minutes, label: {en: Median response time, ru: Медиана времени ответа}, decimals: 1}
  csat: {role: metric, unit: score, label: {en: CSAT, ru: CSAT}, decimals: 2}
*/
SELECT
  t.request_type,
  count(*) AS tickets,
  round(100.0 * count(t.draft_created_at) / NULLIF(count(t.ai_answered_at), 0), 1) AS resolution_rate,
  round(100.0 * count(*) FILTER (WHERE t.auto_sent) / NULLIF(count(t.ai_answered_at), 0), 1) AS auto_send_rate,
  round(100.0 * count(t.escalated_at) / count(*), 1) AS escalation_rate,
  round(100.0 * count(*) FILTER (WHERE t.status = 'Error') / count(*), 1) AS error_rate,
  round((percentile_cont(0.5) WITHIN GROUP (ORDER BY EXTRACT(EPOCH FROM t.sent_at - t.created_at) / 60.0))::numeric, 1) AS response_time,
  round(avg(t.csat), 2) AS csat
FROM support_threads_data AS t
LEFT JOIN customers AS c ON c.customer_id = t.customer_id
WHERE t.created_at >= :start::timestamptz
  AND t.created_at < :end::timestamptz
  AND (:request_types::text[] IS NULL OR t.request_type = ANY(:request_types::text[]))
  AND (:channels::text[] IS NULL OR t.channel = ANY(:channels::text[]))
  AND (:languages::text[] IS NULL OR t.language = ANY(:languages::text[]))
  AND (:countries::text[] IS NULL OR c.country = ANY(:countries::text[]))
  AND (:urgencies::text[] IS NULL OR t.urgency = ANY(:urgencies::text[]))
  AND (:models::text[] IS NULL OR t.model = ANY(:models::text[]))
GROUP BY t.request_type
ORDER BY tickets DESC, t.request_type
