/*
name: approval_queue
kind: list
label: {en: Approvals that are pending, ru: Очередь на одобрение}
description: >-
  AI tasks that wait for approval now, the longest waiting first.
phrases:
  en:
    - pending approval tasks
    - approval queue
    - tasks waiting for approval
    - tasks are waiting for approval
    - tasks awaiting approval
    - tasks that need approval
    - tasks pending approval
    - queue of approvals
  ru:
    - очередь одобрений
    - очередь на одобрение
    - задачи на согласовании
    - задачи на одобрении
    - задачи которые ждут одобрения
    - задачи ждут одобрения
    - задачи ожидающие одобрения
    - задачи которые ждут согласования
    - задачи ждут согласования
questions:
  en:
    - Show the approval queue
    - List tasks waiting for approval
    - Which tasks are waiting for approval?
  ru:
    - Покажи очередь на одобрение
    - Список задач, которые ждут одобрения
    - Какие задачи на согласовании?
parameters:
  task_types: {type: 'text[]', fills: 'dimension:task_type'}
  channels: {type: 'text[]', fills: 'dimension:channel'}
columns:
  task_id: {role: helper, label: {en: Task, ru: Задача}}
  ticket_id: {role: helper, label: {en: Ticket, ru: Тикет}}
  task_type: {role: dimension, label: {en: Task type, ru: Тип задачи}}
  request_type: {role: dimension, label: {en: Category, ru: Категория}}
  channel: {role: dimension, label: {en: Channel, ru: Канал}}
  created_at: {role: helper, label: {en: Asked for, ru: Запрошено}}
*/
SELECT
  k.task_id,
  k.ticket_id,
  k.task_type,
  t.request_type,
  t.channel,
  k.created_at
FROM ai_agent_tasks AS k
JOIN support_threads_data AS t ON t.ticket_id = k.ticket_id
WHERE k.status = 'pending_approval'
  AND (:task_types::text[] IS NULL OR k.task_type = ANY(:task_types::text[]))
  AND (:channels::text[] IS NULL OR t.channel = ANY(:channels::text[]))
ORDER BY k.created_at, k.task_id
