/*
name: unassigned_urgent
kind: list
label: {en: Urgent tickets without an agent, ru: Срочные тикеты без агента}
description: >-
  Open tickets of high urgency that nobody is assigned to, the oldest first.
phrases:
  en:
    - unassigned urgent
    - unassigned urgent tickets
    - urgent unassigned tickets
    - urgent tickets without an agent
    - urgent tickets without agent
    - urgent tickets without an assignee
    - urgent tickets with no agent
    - urgent open tickets without an agent
    - high urgency tickets without an agent
    - urgent tickets nobody took
    - urgent tickets nobody is assigned to
    - urgent tickets that nobody is assigned to
    - urgent tickets that nobody took
  ru:
    - срочные тикеты без агента
    - срочные неназначенные тикеты
    - неназначенные срочные тикеты
    - срочные тикеты без исполнителя
    - срочные тикеты без ответственного
    - срочные тикеты без оператора
    - срочные тикеты никому не назначены
    - срочные тикеты не назначены
    - срочные без агента
    - срочные без исполнителя
    - срочные обращения без агента
questions:
  en:
    - Show urgent tickets without an agent
    - List unassigned urgent tickets in email
    - Which urgent tickets nobody took?
  ru:
    - Покажи срочные тикеты без агента
    - Список срочных тикетов без исполнителя в чате
    - Какие срочные тикеты никому не назначены?
parameters:
  request_types: {type: 'text[]', fills: 'dimension:request_type'}
  request_subtypes: {type: 'text[]', fills: 'dimension:request_subtype'}
  channels: {type: 'text[]', fills: 'dimension:channel'}
  languages: {type: 'text[]', fills: 'dimension:language'}
  countries: {type: 'text[]', fills: 'dimension:country'}
  statuses: {type: 'text[]', fills: 'dimension:status'}
columns:
  ticket_id: {role: helper, label: {en: Ticket, ru: Тикет}}
  channel: {role: dimension, label: {en: Channel, ru: Канал}}
  request_type: {role: dimension, label: {en: Category, ru: Категория}}
  status: {role: dimension, label: {en: Status, ru: Статус}}
  created_at: {role: helper, label: {en: Created, ru: Создан}}
  updated_at: {role: helper, label: {en: Last change, ru: Последнее изменение}}
*/
SELECT
  t.ticket_id,
  t.channel,
  t.request_type,
  t.status,
  t.created_at,
  t.updated_at
FROM support_threads_data AS t
LEFT JOIN customers AS c ON c.customer_id = t.customer_id
WHERE t.urgency = 'high'
  AND t.assigned_to IS NULL
  AND t.status IN ('Data collected', 'AI Answered', 'Draft Created', 'Escalated')
  AND t.sent_at IS NULL
  AND (:request_types::text[] IS NULL OR t.request_type = ANY(:request_types::text[]))
  AND (:request_subtypes::text[] IS NULL OR t.request_subtype = ANY(:request_subtypes::text[]))
  AND (:channels::text[] IS NULL OR t.channel = ANY(:channels::text[]))
  AND (:languages::text[] IS NULL OR t.language = ANY(:languages::text[]))
  AND (:countries::text[] IS NULL OR c.country = ANY(:countries::text[]))
  AND (:statuses::text[] IS NULL OR t.status = ANY(:statuses::text[]))
ORDER BY t.created_at, t.ticket_id
