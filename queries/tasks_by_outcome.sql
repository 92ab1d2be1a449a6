/*
name: tasks_by_outcome
label: {en: AI tasks by outcome, ru: Задачи AI по исходам}
description: >-
  AI tasks of the period by type: how many, what became of them, and the success rate.
phrases:
  en:
    - task outcomes
    - tasks by outcome
    - outcomes of tasks
    - outcomes of ai tasks
    - ai task outcomes
    - action outcomes
    - outcomes of ai actions
    - task report
    - ai task report
    - results of ai tasks
  ru:
    - исходы задач
    - исходы задач ai
    - итоги задач
    - итоги задач ai
    - результаты задач
    - результаты задач ai
    - задачи по исходам
    - задачи ai по исходам
    - исходы действий ai
    - итоги действий ai
    - отчёт по задачам
    - отчёт по задачам ai
questions:
  en:
    - Outcomes of AI tasks last week
    - Show task outcomes for issue replacement
    - AI task report this month
  ru:
    - Исходы задач AI за прошлую неделю
    - Покажи итоги задач в этом месяце
    - Отчёт по задачам AI за последние 7 дней
period: default
parameters:
  start: {type: timestamptz, fills: period.start}
  end: {type: timestamptz, fills: period.end}
  task_types: {type: 'text[]', fills: 'dimension:task_type'}
  channels: {type: 'text[]', fills: 'dimension:channel'}
  languages: {type: 'text[]', fills: 'dimension:language'}
columns:
  task_type: {role: dimension, label: {en: Task type, ru: Тип задачи}}
  tasks: {role: metric, unit: count, label: {en: Tasks, ru: Задачи}}
  done: {role: metric, unit: count, label: {en: Done, ru: Выполнено}}
  failed: {role: metric, unit: count, label: {en: Failed, ru: Не удалось}}
  pending_approval: {role: metric, unit: count, label: {en: Pending approval, ru: Ожидает одобрения}}
  approved: {role: metric, unit: count, label: {en: Approved, ru: Одобрено}}
  rejected: {role: metric, unit: count, label: {en: Rejected, ru: Отклонено}}
  expired: {role: metric, unit: count, label: {en: Expired, ru: Истекло}}
  task_success_rate: {role: metric, unit: percent, label: {en: Success rate, ru: Успешность}, decimals: 1}
*/
SELECT
  k.task_type,
  count(*) AS tasks,
  count(*) FILTER (WHERE k.status = 'done') AS done,
  count(*) FILTER (WHERE k.status = 'failed') AS failed,
  count(*) FILTER (WHERE k.status = 'pending_approval') AS pending_approval,
  count(*) FILTER (WHERE k.status = 'approved') AS approved,
  count(*) FILTER (WHERE k.status = 'rejected') AS rejected,
  count(*) FILTER (WHERE k.status = 'expired') AS expired,
  round(
    100.0 * count(*) FILTER (WHERE k.status = 'done')
    / NULLIF(count(*) FILTER (WHERE k.status IN ('done', 'failed')), 0), 1
  ) AS task_success_rate
FROM ai_agent_tasks AS k
JOIN support_threads_data AS t ON t.ticket_id = k.ticket_id
WHERE k.created_at >= :start::timestamptz
  AND k.created_at < :end::timestamptz
  AND (:task_types::text[] IS NULL OR k.task_type = ANY(:task_types::text[]))
  AND (:channels::text[] IS NULL OR t.channel = ANY(:channels::text[]))
  AND (:languages::text[] IS NULL OR t.language = ANY(:languages::text[]))
GROUP BY k.task_type
ORDER BY tasks DESC, k.task_type
