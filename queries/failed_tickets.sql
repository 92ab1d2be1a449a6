/*
name: failed_tickets
kind: list
label: {en: Tickets in error, ru: Тикеты с ошибкой}
description: >-
  Tickets that stopped with an error in the period (by updated_at) and are in status 'Error' now. The error's
  text is not shown: it may quote the customer.
phrases:
  en:
    - failed tickets
    - tickets that failed
    - tickets with errors
    - tickets with an error
    - tickets in error
    - tickets in error status
    - errored tickets
    - tickets have failed
  ru:
    - тикеты с ошибкой
    - тикеты с ошибками
    - тикеты в ошибке
    - тикеты в статусе error
    - упавшие тикеты
    - тикеты которые упали
    - обращения с ошибкой
    - обращения с ошибками
questions:
  en:
    - Show failed tickets for the last 24 hours
    - List tickets with errors this week
    - Which tickets in error came in the last hour?
  ru:
    - Покажи тикеты с ошибкой за последние 24 часа
    - Список тикетов с ошибками за эту неделю
    - Какие тикеты с ошибкой есть за сегодня?
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
WHERE t.status = 'Error'
  AND t.updated_at >= :start::timestamptz
  AND t.updated_at < :end::timestamptz
  AND (:request_types::text[] IS NULL OR t.request_type = ANY(:request_types::text[]))
  AND (:request_subtypes::text[] IS NULL OR t.request_subtype = ANY(:request_subtypes::text[]))
  AND (:channels::text[] IS NULL OR t.channel = ANY(:channels::text[]))
  AND (:languages::text[] IS NULL OR t.language = ANY(:languages::text[]))
  AND (:countries::text[] IS NULL OR c.country = ANY(:countries::text[]))
  AND (:urgencies::text[] IS NULL OR t.urgency = ANY(:urgencies::text[]))
  AND (:models::text[] IS NULL OR t.model = ANY(:models::text[]))
  AND (:agents::text[] IS NULL OR t.assigned_to = ANY(:agents::text[]))
ORDER BY t.updated_at, t.ticket_id
