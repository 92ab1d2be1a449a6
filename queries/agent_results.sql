/*
name: agent_results
label: {en: Results of agents, ru: Результаты агентов}
description: >-
  What each human agent did with the tickets created in the period that are theirs: tickets, sent, escalated,
  open now, median response time and CSAT. Tickets of nobody are left out.
phrases:
  en:
    - agent results
    - results of agents
    - agents results
    - results by agent
    - results per agent
    - agent performance
    - performance of agents
    - performance by agent
    - agents performance
    - agent report
    - report on agents
    - report by agent
    - agent scorecard
    - agent productivity
    - productivity of agents
    - team performance
    - compare agents
    - compare the agents
    - comparison of agents
  ru:
    - результаты агентов
    - результаты операторов
    - результаты сотрудников
    - результаты по агентам
    - эффективность агентов
    - эффективность операторов
    - эффективность сотрудников
    - работа агентов
    - работа операторов
    - отчёт по агентам
    - отчёт по операторам
    - отчёт по сотрудникам
    - отчёт по команде
    - производительность агентов
    - производительность операторов
    - производительность сотрудников
    - сравни агентов
    - сравнить агентов
    - сравни операторов
    - сравнение агентов
    - сравнение операторов
    - сводка по агентам
questions:
  en:
    - Agent performance last month
    - Compare agents on WhatsApp
    - Show the report by agent for this week
  ru:
    - Эффективность агентов за прошлый месяц
    - Сравни агентов в WhatsApp
    - Покажи отчёт по операторам за эту неделю
period: default
parameters:
  start: {type: timestamptz, fills: period.start}
  end: {type: timestamptz, fills: period.end}
  request_types: {type: 'text[]', fills: 'dimension:request_type'}
  channels: {type: 'text[]', fills: 'dimension:channel'}
  languages: {type: 'text[]', fills: 'dimension:language'}
  countries: {type: 'text[]', fills: 'dimension:country'}
  urgencies: {type: 'text[]', fills: 'dimension:urgency'}
  agents: {type: 'text[]', fills: 'dimension:assigned_to'}
columns:
  assigned_to: {role: dimension, label: {en: Agent, ru: Агент}}
  tickets: {role: metric, unit: count, label: {en: Tickets, ru: Тикеты}}
  sent: {role: metric, unit: count, label: {en: Sent, ru: Отправлено}}
  escalated: {role: metric, unit: count, label: {en: Escalated, ru: Эскалировано}}
  backlog: {role: metric, unit: count, label: {en: Open now, ru: Открыто сейчас}}
  response_time: {role: metric, unit: minutes, label: {en: Median response time, ru: Медиана времени ответа}, decimals: 1}
  csat: {role: metric, unit: score, label: {en: CSAT, ru: CSAT}, decimals: 2}
*/
SELECT
  t.assigned_to,
  count(*) AS tickets,
  count(t.sent_at) AS sent,
  count(t.escalated_at) AS escalated,
  count(*) FILTER (
    WHERE t.status IN ('Data collected', 'AI Answered', 'Draft Created', 'Escalated') AND t.sent_at IS NULL
  ) AS backlog,
  round((percentile_cont(0.5) WITHIN GROUP (ORDER BY EXTRACT(EPOCH FROM t.sent_at - t.created_at) / 60.0))::numeric, 1) AS response_time,
  round(avg(t.csat), 2) AS csat
FROM support_threads_data AS t
LEFT JOIN customers AS c ON c.customer_id = t.customer_id
WHERE t.created_at >= :start::timestamptz
  AND t.created_at < :end::timestamptz
  AND t.assigned_to IS NOT NULL
  AND (:request_types::text[] IS NULL OR t.request_type = ANY(:request_types::text[]))
  AND (:channels::text[] IS NULL OR t.channel = ANY(:channels::text[]))
  AND (:languages::text[] IS NULL OR t.language = ANY(:languages::text[]))
  AND (:countries::text[] IS NULL OR c.country = ANY(:countries::text[]))
  AND (:urgencies::text[] IS NULL OR t.urgency = ANY(:urgencies::text[]))
  AND (:agents::text[] IS NULL OR t.assigned_to = ANY(:agents::text[]))
GROUP BY t.assigned_to
ORDER BY tickets DESC, t.assigned_to
