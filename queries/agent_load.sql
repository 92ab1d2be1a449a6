/*
name: agent_load
label: {en: Load of agents, ru: Нагрузка агентов}
description: >-
  What each human agent has on hand now: open tickets, how many of them are escalated and urgent, and how long
  the oldest has been open.
phrases:
  en:
    - agent load
    - agents load
    - agent workload
    - agents workload
    - load per agent
    - load of agents
    - load on agents
    - workload of agents
    - workload per agent
    - workload by agent
    - workload of human agents
    - team load
    - team workload
    - load of the team
    - workload of the team
    - overloaded agents
    - who is overloaded
    - most loaded agents
  ru:
    - нагрузка агентов
    - нагрузка агента
    - нагрузка на агентов
    - нагрузка по агентам
    - нагрузка операторов
    - нагрузка на операторов
    - нагрузка сотрудников
    - нагрузка на сотрудников
    - загрузка агентов
    - загрузка операторов
    - загрузка сотрудников
    - загруженность агентов
    - загруженность операторов
    - загрузка по агентам
    - нагрузка на команду
    - загрузка команды
    - нагрузка команды
    - кто перегружен
    - перегруженные агенты
    - перегруженные операторы
    - загрузка по операторам
    - нагрузка по операторам
questions:
  en:
    - Show the workload of agents
    - Agent load now
    - Load per agent in email
  ru:
    - Какая сейчас нагрузка на агентов?
    - Покажи загрузку операторов
    - Нагрузка агентов в чате
parameters:
  request_types: {type: 'text[]', fills: 'dimension:request_type'}
  channels: {type: 'text[]', fills: 'dimension:channel'}
  languages: {type: 'text[]', fills: 'dimension:language'}
  agents: {type: 'text[]', fills: 'dimension:assigned_to'}
columns:
  assigned_to: {role: dimension, label: {en: Agent, ru: Агент}}
  open_tickets: {role: metric, unit: count, label: {en: Open, ru: Открыто}}
  escalated: {role: metric, unit: count, label: {en: Escalated, ru: Эскалировано}}
  urgent: {role: metric, unit: count, label: {en: Urgent, ru: Срочных}}
  oldest_hours: {role: metric, unit: hours, label: {en: Oldest open, ru: Самый старый}, decimals: 1}
*/
SELECT
  t.assigned_to,
  count(*) AS open_tickets,
  count(*) FILTER (WHERE t.status = 'Escalated') AS escalated,
  count(*) FILTER (WHERE t.urgency = 'high') AS urgent,
  round((max(EXTRACT(EPOCH FROM :now - t.created_at)) / 3600)::numeric, 1) AS oldest_hours
FROM support_threads_data AS t
WHERE t.assigned_to IS NOT NULL
  AND t.status IN ('Data collected', 'AI Answered', 'Draft Created', 'Escalated')
  AND t.sent_at IS NULL
  AND (:request_types::text[] IS NULL OR t.request_type = ANY(:request_types::text[]))
  AND (:channels::text[] IS NULL OR t.channel = ANY(:channels::text[]))
  AND (:languages::text[] IS NULL OR t.language = ANY(:languages::text[]))
  AND (:agents::text[] IS NULL OR t.assigned_to = ANY(:agents::text[]))
GROUP BY t.assigned_to
ORDER BY open_tickets DESC, t.assigned_to
