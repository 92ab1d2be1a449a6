/*
name: ticket_stages
label: {en: Time in each stage, ru: Время на каждом этапе}
description: >-
  How long tickets created in the period took from stage to stage: how many made each step, the median and the
  90th percentile in minutes. A step counts where both of its times are set.
phrases:
  en:
    - time in each stage
    - time per stage
    - time in stage
    - time by stage
    - time at each stage
    - time between stages
    - stage times
    - stage durations
    - duration of stages
    - duration of each stage
    - how long does each stage take
    - how long each stage takes
    - stage by stage
    - life of a ticket
    - ticket lifecycle
    - lifecycle of tickets
    - cycle time
    - cycle times
    - bottleneck
    - bottlenecks
    - where is the bottleneck
    - where do tickets wait
    - where tickets wait
  ru:
    - время на каждом этапе
    - время каждого этапа
    - время по этапам
    - время этапов
    - время на этапах
    - время между этапами
    - длительность этапов
    - длительность каждого этапа
    - продолжительность этапов
    - сколько занимает каждый этап
    - сколько времени занимает каждый этап
    - сколько длится каждый этап
    - жизненный цикл тикета
    - жизненный цикл тикетов
    - жизненный цикл обращения
    - время цикла
    - узкое место
    - узкие места
    - бутылочное горлышко
    - где ждут тикеты
questions:
  en:
    - How long does each stage take?
    - Time per stage for category payment issue last month
    - Where is the bottleneck on WhatsApp?
    - Stage times this quarter
  ru:
    - Сколько времени занимает каждый этап?
    - Время по этапам в WhatsApp за прошлую неделю
    - Где узкое место?
    - Покажи длительность этапов по категории payment issue
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
  agents: {type: 'text[]', fills: 'dimension:assigned_to'}
columns:
  stage: {role: dimension, label: {en: Step, ru: Переход}}
  tickets: {role: metric, unit: count, label: {en: Tickets, ru: Тикеты}}
  median_minutes: {role: metric, unit: minutes, label: {en: Median, ru: Медиана}, decimals: 1}
  p90_minutes: {role: metric, unit: minutes, label: {en: 90th percentile, ru: 90-й процентиль}, decimals: 1}
*/
WITH narrowed AS (
  SELECT t.created_at, t.ai_answered_at, t.draft_created_at, t.sent_at, t.escalated_at
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
    AND (:agents::text[] IS NULL OR t.assigned_to = ANY(:agents::text[]))
),
steps AS (
  SELECT 1 AS step, 'created to AI answer' AS stage, EXTRACT(EPOCH FROM ai_answered_at - created_at) / 60.0 AS minutes
  FROM narrowed
  UNION ALL
  SELECT 2, 'AI answer to draft', EXTRACT(EPOCH FROM draft_created_at - ai_answered_at) / 60.0 FROM narrowed
  UNION ALL
  SELECT 3, 'draft to sent', EXTRACT(EPOCH FROM sent_at - draft_created_at) / 60.0 FROM narrowed
  UNION ALL
  SELECT 4, 'created to sent', EXTRACT(EPOCH FROM sent_at - created_at) / 60.0 FROM narrowed
  UNION ALL
  SELECT 5, 'created to escalated', EXTRACT(EPOCH FROM escalated_at - created_at) / 60.0 FROM narrowed
)
SELECT
  s.stage,
  count(s.minutes) AS tickets,
  round((percentile_cont(0.5) WITHIN GROUP (ORDER BY s.minutes))::numeric, 1) AS median_minutes,
  round((percentile_cont(0.9) WITHIN GROUP (ORDER BY s.minutes))::numeric, 1) AS p90_minutes
FROM steps AS s
GROUP BY s.step, s.stage
ORDER BY s.step
