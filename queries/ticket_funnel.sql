/*
name: ticket_funnel
label: {en: Ticket funnel, ru: Воронка тикетов}
description: >-
  How many tickets of the period reached each stage, and what part of all that is.
phrases:
  en:
    - funnel
    - ticket funnel
    - tickets funnel
    - funnel of tickets
    - support funnel
    - pipeline funnel
    - processing funnel
    - conversion funnel
    - ticket pipeline
  ru:
    - воронка
    - воронка тикетов
    - воронка обращений
    - воронка обработки
    - воронка обработки тикетов
    - воронка pipeline
    - воронка пайплайна
    - фаннел
    - funnel
    - воронка тикетов ai
    - воронка поддержки
questions:
  en:
    - Ticket funnel for the last 30 days
    - Funnel for WhatsApp last week
    - Show the ticket funnel for category payment issue this month
  ru:
    - Воронка тикетов за последние 30 дней
    - Покажи воронку по WhatsApp за прошлую неделю
    - Воронка обработки тикетов в этом месяце
period: default
parameters:
  start: {type: timestamptz, fills: period.start}
  end: {type: timestamptz, fills: period.end}
  request_types: {type: 'text[]', fills: 'dimension:request_type'}
  request_subtypes: {type: 'text[]', fills: 'dimension:request_subtype'}
  channels: {type: 'text[]', fills: 'dimension:channel'}
  languages: {type: 'text[]', fills: 'dimension:language'}
  countries: {type: 'text[]', fills: 'dimension:country'}
  urgencies: {type: 'text[]', fills: 'dimension:urgency'}
  models: {type: 'text[]', fills: 'dimension:model'}
columns:
  stage: {role: dimension, label: {en: Stage, ru: Этап}}
  tickets: {role: metric, unit: count, label: {en: Tickets, ru: Тикеты}}
  share: {role: metric, unit: percent, label: {en: Share of all, ru: Доля от всех}, decimals: 1}
*/
WITH reached AS (
  SELECT
    count(*) AS tickets,
    count(t.ai_answered_at) AS ai_answered,
    count(t.draft_created_at) AS resolved,
    count(t.sent_at) AS sent
  FROM support_threads_data AS t
  LEFT JOIN customers AS c ON c.customer_id = t.customer_id
  WHERE t.created_at >= :start::timestamptz
    AND t.created_at < :end::timestamptz
    AND (:request_types::text[] IS NULL OR t.request_type = ANY(:request_types::text[]))
    AND (:request_subtypes::text[] IS NULL OR t.request_subtype = ANY(:request_subtypes::text[]))
    AND (:channels::text[] IS NULL OR t.channel = ANY(:channels::text[]))
    AND (:languages::text[] IS NULL OR t.language = ANY(:languages::text[]))
    AND (:countries::text[] IS NULL OR c.country = ANY(:countries::text[]))
    AND (:urgencies::text[] IS NULL OR t.urgency = ANY(:urgencies::text[]))
    AND (:models::text[] IS NULL OR t.model = ANY(:models::text[]))
),
stages AS (
  SELECT 1 AS step, 'tickets' AS stage, tickets FROM reached
  UNION ALL
  SELECT 2, 'ai_answered', ai_answered FROM reached
  UNION ALL
  SELECT 3, 'resolved', resolved FROM reached
  UNION ALL
  SELECT 4, 'sent', sent FROM reached
)
SELECT s.stage, s.tickets, round(100.0 * s.tickets / NULLIF(r.tickets, 0), 1) AS share
FROM stages AS s
CROSS JOIN reached AS r
ORDER BY s.step
