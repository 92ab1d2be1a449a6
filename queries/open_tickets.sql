/*
name: open_tickets
kind: list
label: {en: Open tickets, ru: Открытые тикеты}
description: >-
  Tickets of the backlog now, the oldest first.
phrases:
  en:
    - open tickets
    - oldest open tickets
    - oldest tickets
    - tickets that are open
    - tickets are open
    - oldest backlog
    - oldest backlog tickets
    - unanswered tickets
    - tickets in backlog
    - tickets in the backlog
  ru:
    - открытые тикеты
    - самые старые открытые тикеты
    - самые старые тикеты
    - старейшие открытые тикеты
    - старейшие тикеты
    - незакрытые тикеты
    - тикеты без ответа
    - тикеты в бэклоге
    - тикеты из бэклога
    - открытые обращения
    - открытые заявки
questions:
  en:
    - Show the oldest open tickets
    - List open tickets in WhatsApp
    - Which tickets are open in category shipping inquiry?
  ru:
    - Покажи самые старые открытые тикеты
    - Список открытых тикетов на русском
    - Какие открытые тикеты есть по категории damaged item?
parameters:
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
  urgency: {role: dimension, label: {en: Urgency, ru: Срочность}}
  created_at: {role: helper, label: {en: Created, ru: Создан}}
  updated_at: {role: helper, label: {en: Last change, ru: Последнее изменение}}
*/
SELECT
  t.ticket_id,
  t.channel,
  t.request_type,
  t.status,
  t.urgency,
  t.created_at,
  t.updated_at
FROM support_threads_data AS t
LEFT JOIN customers AS c ON c.customer_id = t.customer_id
WHERE t.status IN ('Data collected', 'AI Answered', 'Draft Created', 'Escalated')
  AND t.sent_at IS NULL
  AND (:request_types::text[] IS NULL OR t.request_type = ANY(:request_types::text[]))
  AND (:request_subtypes::text[] IS NULL OR t.request_subtype = ANY(:request_subtypes::text[]))
  AND (:channels::text[] IS NULL OR t.channel = ANY(:channels::text[]))
  AND (:languages::text[] IS NULL OR t.language = ANY(:languages::text[]))
  AND (:countries::text[] IS NULL OR c.country = ANY(:countries::text[]))
  AND (:statuses::text[] IS NULL OR t.status = ANY(:statuses::text[]))
  AND (:urgencies::text[] IS NULL OR t.urgency = ANY(:urgencies::text[]))
  AND (:models::text[] IS NULL OR t.model = ANY(:models::text[]))
  AND (:agents::text[] IS NULL OR t.assigned_to = ANY(:agents::text[]))
ORDER BY t.created_at, t.ticket_id
