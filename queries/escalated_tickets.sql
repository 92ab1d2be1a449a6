/*
name: escalated_tickets
kind: list
label: {en: Escalated tickets, ru: Эскалированные тикеты}
description: >-
  Tickets created in the period that were handed to a person, the one that changed longest ago first.
phrases:
  en:
    - escalated tickets
    - tickets that were escalated
    - tickets were escalated
    - tickets got escalated
    - escalated cases
    - tickets handed to a person
  ru:
    - эскалированные тикеты
    - тикеты которые эскалированы
    - тикеты которые были эскалированы
    - тикеты эскалированы
    - эскалированные обращения
    - эскалированные заявки
    - тикеты переданные человеку
questions:
  en:
    - Show escalated tickets from yesterday
    - List escalated tickets in WhatsApp last week
    - Which tickets were escalated today?
  ru:
    - Покажи эскалированные тикеты за вчера
    - Список эскалированных тикетов в WhatsApp за прошлую неделю
    - Какие эскалированные тикеты есть за сегодня?
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
WHERE t.escalated_at IS NOT NULL
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
