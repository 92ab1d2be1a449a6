/*
name: auto_sent_tickets
kind: list
label: {en: Auto-sent tickets, ru: Автоотправленные тикеты}
description: >-
  Tickets created in the period whose AI answer went out with no person's review.
phrases:
  en:
    - auto-sent tickets
    - tickets that were auto-sent
    - tickets auto-sent
    - automatically sent tickets
    - tickets sent automatically
    - tickets sent without review
  ru:
    - auto-sent тикеты
    - автоматически отправленные тикеты
    - тикеты отправленные автоматически
    - тикеты отправленные без проверки
    - автоотправленные тикеты
questions:
  en:
    - Show auto-sent tickets from yesterday
    - List automatically sent tickets in category skip month
    - Which tickets sent without review came this week?
  ru:
    - Покажи автоматически отправленные тикеты за вчера
    - Список auto-sent тикетов в telegram
    - Какие тикеты отправленные без проверки есть за эту неделю?
period: default
parameters:
  start: {type: timestamptz, fills: period.start}
  end: {type: timestamptz, fills: period.end}
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
WHERE t.auto_sent
  AND t.created_at >= :start::timestamptz
  AND t.created_at < :end::timestamptz
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
