/*
name: stuck_tickets
kind: list
label: {en: Stuck tickets, ru: Застрявшие тикеты}
description: >-
  Tickets with no change for longer than the limit that are still on their way, the longest waiting first. A
  length of time in the question replaces the limit; a status narrows the list.
metric: stuck
phrases:
  en:
    - stuck tickets
    - stalled tickets
    - frozen tickets
    - hanging tickets
    - tickets that are stuck
    - tickets that got stuck
    - tickets are stuck
  ru:
    - застрявшие тикеты
    - зависшие тикеты
    - stuck тикеты
    - тикеты которые застряли
    - тикеты которые зависли
    - застрявшие обращения
    - зависшие обращения
    - застрявшие заявки
questions:
  en:
    - Show stuck tickets
    - List stuck tickets on status Data collected
    - Which tickets are stuck for 48 hours?
    - Show me stuck tickets in email
  ru:
    - Покажи stuck тикеты за последние 24 часа
    - Покажи тикеты, которые застряли на статусе Data collected
    - Какие тикеты застряли?
    - Список зависших тикетов в WhatsApp
parameters:
  stuck_hours: {type: integer, fills: 'constant:stuck_hours'}
  request_types: {type: 'text[]', fills: 'dimension:request_type'}
  request_subtypes: {type: 'text[]', fills: 'dimension:request_subtype'}
  channels: {type: 'text[]', fills: 'dimension:channel'}
  languages: {type: 'text[]', fills: 'dimension:language'}
  countries: {type: 'text[]', fills: 'dimension:country'}
  statuses: {type: 'text[]', fills: 'dimension:status'}
  urgencies: {type: 'text[]', fills: 'dimension:urgency'}
  models: {type: 'text[]', fills: 'dimension:model'}
  agents: {type: 'text[]', fills: 'dimension:assigned_to'}
columns:
  ticket_id: {role: helper, label: {en: Ticket, ru: Тикет}}
  channel: {role: dimension, label: {en: Channel, ru: Канал}}
  request_type: {role: dimension, label: {en: Category, ru: Категория}}
  status: {role: dimension, label: {en: Status, ru: Статус}}
  updated_at: {role: helper, label: {en: Last change, ru: Последнее изменение}}
*/
SELECT
  t.ticket_id,
  t.channel,
  t.request_type,
  t.status,
  t.updated_at
FROM support_threads_data AS t
LEFT JOIN customers AS c ON c.customer_id = t.customer_id
WHERE t.status IN ('Data collected', 'AI Answered', 'Draft Created')
  AND t.updated_at < :now - make_interval(hours => :stuck_hours::integer)
  AND (:request_types::text[] IS NULL OR t.request_type = ANY(:request_types::text[]))
  AND (:request_subtypes::text[] IS NULL OR t.request_subtype = ANY(:request_subtypes::text[]))
  AND (:channels::text[] IS NULL OR t.channel = ANY(:channels::text[]))
  AND (:languages::text[] IS NULL OR t.language = ANY(:languages::text[]))
  AND (:countries::text[] IS NULL OR c.country = ANY(:countries::text[]))
  AND (:statuses::text[] IS NULL OR t.status = ANY(:statuses::text[]))
  AND (:urgencies::text[] IS NULL OR t.urgency = ANY(:urgencies::text[]))
  AND (:models::text[] IS NULL OR t.model = ANY(:models::text[]))
  AND (:agents::text[] IS NULL OR t.assigned_to = ANY(:agents::text[]))
ORDER BY t.updated_at, t.ticket_id
