/*
name: backlog_by_age
label: {en: Backlog by age, ru: Открытые тикеты по возрасту}
description: >-
  Open tickets by how long ago they were created: how many, how many of them are escalated, urgent and without
  an agent. Every age is there, 0 included.
phrases:
  en:
    - backlog by age
    - age of backlog
    - age of the backlog
    - backlog age
    - aging of backlog
    - ageing of backlog
    - backlog aging
    - backlog ageing
    - aging report
    - ageing report
    - age of open tickets
    - open tickets by age
    - tickets by age
    - how old is the backlog
    - how old are open tickets
    - how old are the open tickets
    - old is the backlog
    - old are the open tickets
  ru:
    - бэклог по возрасту
    - беклог по возрасту
    - возраст бэклога
    - возраст беклога
    - возраст открытых тикетов
    - возраст тикетов
    - открытые тикеты по возрасту
    - тикеты по возрасту
    - старение бэклога
    - старение беклога
    - старение тикетов
    - как давно открыты тикеты
    - насколько старый бэклог
    - давность открытых тикетов
questions:
  en:
    - Backlog by age
    - How old are the open tickets?
    - Age of the backlog on WhatsApp
  ru:
    - Бэклог по возрасту
    - Покажи возраст открытых тикетов
    - Открытые тикеты по возрасту в WhatsApp
parameters:
  request_types: {type: 'text[]', fills: 'dimension:request_type'}
  channels: {type: 'text[]', fills: 'dimension:channel'}
  languages: {type: 'text[]', fills: 'dimension:language'}
  countries: {type: 'text[]', fills: 'dimension:country'}
  urgencies: {type: 'text[]', fills: 'dimension:urgency'}
  statuses: {type: 'text[]', fills: 'dimension:status'}
  agents: {type: 'text[]', fills: 'dimension:assigned_to'}
columns:
  age: {role: dimension, label: {en: Age, ru: Возраст}}
  backlog: {role: metric, unit: count, label: {en: Open, ru: Открыто}}
  escalated: {role: metric, unit: count, label: {en: Escalated, ru: Эскалировано}}
  urgent: {role: metric, unit: count, label: {en: Urgent, ru: Срочных}}
  unassigned: {role: metric, unit: count, label: {en: No agent, ru: Без агента}}
*/
WITH ages AS (
  SELECT 1 AS place, 'under 4 hours' AS age, 0 AS from_hours, 4 AS to_hours
  UNION ALL
  SELECT 2, '4 to 24 hours', 4, 24
  UNION ALL
  SELECT 3, '1 to 3 days', 24, 72
  UNION ALL
  SELECT 4, '3 to 7 days', 72, 168
  UNION ALL
  SELECT 5, '7 days and more', 168, NULL
),
waiting AS (
  SELECT t.status, t.urgency, t.assigned_to, EXTRACT(EPOCH FROM :now - t.created_at) / 3600 AS hours
  FROM support_threads_data AS t
  LEFT JOIN customers AS c ON c.customer_id = t.customer_id
  WHERE t.status IN ('Data collected', 'AI Answered', 'Draft Created', 'Escalated')
    AND t.sent_at IS NULL
    AND (:request_types::text[] IS NULL OR t.request_type = ANY(:request_types::text[]))
    AND (:channels::text[] IS NULL OR t.channel = ANY(:channels::text[]))
    AND (:languages::text[] IS NULL OR t.language = ANY(:languages::text[]))
    AND (:countries::text[] IS NULL OR c.country = ANY(:countries::text[]))
    AND (:urgencies::text[] IS NULL OR t.urgency = ANY(:urgencies::text[]))
    AND (:statuses::text[] IS NULL OR t.status = ANY(:statuses::text[]))
    AND (:agents::text[] IS NULL OR t.assigned_to = ANY(:agents::text[]))
)
SELECT
  a.age,
  count(w.status) AS backlog,
  count(*) FILTER (WHERE w.status = 'Escalated') AS escalated,
  count(*) FILTER (WHERE w.urgency = 'high') AS urgent,
  count(*) FILTER (WHERE w.status IS NOT NULL AND w.assigned_to IS NULL) AS unassigned
FROM ages AS a
LEFT JOIN waiting AS w ON w.hours >= a.from_hours AND (a.to_hours IS NULL OR w.hours < a.to_hours)
GROUP BY a.place, a.age
ORDER BY a.place
