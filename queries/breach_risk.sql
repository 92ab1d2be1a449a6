/*
name: breach_risk
kind: list
label: {en: Tickets likely to breach their response target, ru: Тикеты под угрозой срыва срока ответа}
description: >-
  Open tickets without a response whose response target is still ahead, the nearest first. The chance of a breach
  is the share of breaches among the tickets that came due in the 28 days before today, had the same urgency and
  were still without a response at that age in whole minutes; of the same category, too, where there are enough of
  those. A ticket that stopped in an error before its target is no breach.
phrases:
  en:
    - likely to breach
    - likely to breach their target
    - likely to breach their response target
    - tickets likely to breach
    - tickets likely to breach their target
    - tickets likely to breach their response target
    - tickets about to breach
    - tickets at risk of a breach
    - about to breach their response target
    - breach risk
    - breach forecast
    - response target forecast
  ru:
    - риск нарушения срока
    - риск нарушения срока ответа
    - тикеты под угрозой срыва срока
    - тикеты под угрозой нарушения срока
    - прогноз нарушений срока
    - прогноз нарушений срока ответа
    - прогноз нарушения срока ответа
questions:
  en:
    - Show tickets likely to breach their response target
    - List tickets about to breach on WhatsApp
    - Which tickets are likely to breach their target?
  ru:
    - Покажи тикеты под угрозой срыва срока
    - Покажи прогноз нарушений срока ответа в чате
    - Какие тикеты под угрозой нарушения срока?
parameters:
  high_minutes: {type: numeric, fills: 'target:response_time.high'}
  medium_minutes: {type: numeric, fills: 'target:response_time.medium'}
  low_minutes: {type: numeric, fills: 'target:response_time.low'}
  min_past: {type: integer, fills: 'constant:breach_min_past'}
  likely: {type: numeric, fills: 'constant:breach_likely'}
  request_types: {type: 'text[]', fills: 'dimension:request_type'}
  channels: {type: 'text[]', fills: 'dimension:channel'}
  urgencies: {type: 'text[]', fills: 'dimension:urgency'}
  languages: {type: 'text[]', fills: 'dimension:language'}
  countries: {type: 'text[]', fills: 'dimension:country'}
columns:
  ticket_id: {role: helper, label: {en: Ticket, ru: Тикет}}
  request_type: {role: dimension, label: {en: Category, ru: Категория}}
  urgency: {role: dimension, label: {en: Urgency, ru: Срочность}}
  channel: {role: dimension, label: {en: Channel, ru: Канал}}
  status: {role: dimension, label: {en: Status, ru: Статус}}
  assigned_to: {role: dimension, label: {en: Agent, ru: Агент}}
  created_at: {role: helper, label: {en: Created, ru: Создан}}
  due_at: {role: helper, label: {en: Due, ru: Срок ответа}}
  minutes_left: {role: metric, unit: minutes, label: {en: Time left, ru: Осталось}, decimals: 1}
  chance: {role: metric, unit: percent, label: {en: Chance of a breach, ru: Вероятность нарушения}, decimals: 1}
  past_tickets: {role: metric, unit: count, label: {en: Past tickets, ru: Тикетов в основе}}
  by_category: {role: helper, label: {en: Of the same category, ru: Той же категории}}
  likely: {role: helper, label: {en: Likely, ru: Вероятно}}
*/
WITH aims AS (
  SELECT 'high' AS urgency, :high_minutes::numeric AS minutes
  UNION ALL
  SELECT 'medium', :medium_minutes::numeric
  UNION ALL
  SELECT 'low', :low_minutes::numeric
),
today AS (
  SELECT date_trunc('day', :now AT TIME ZONE :tz) AS midnight
),
waits AS (
  SELECT
    t.urgency,
    t.request_type,
    t.created_at,
    t.created_at + make_interval(secs => 60 * a.minutes::double precision) AS due_at,
    COALESCE(t.sent_at, CASE WHEN t.status = 'Error' THEN t.updated_at END) AS ended_at
  FROM support_threads_data AS t
  JOIN aims AS a ON a.urgency = t.urgency
  WHERE t.created_at >= :now - interval '31 days'
    AND t.created_at <= :now
),
past AS (
  SELECT
    w.urgency,
    w.request_type,
    CASE WHEN w.ended_at <= w.due_at THEN floor(EXTRACT(EPOCH FROM w.ended_at - w.created_at) / 60) END AS lasted,
    count(*) AS tickets
  FROM waits AS w
  CROSS JOIN today AS d
  WHERE w.due_at >= (d.midnight - interval '28 days') AT TIME ZONE :tz
    AND w.due_at < d.midnight AT TIME ZONE :tz
  GROUP BY 1, 2, 3
),
waiting AS (
  SELECT
    t.ticket_id,
    t.request_type,
    t.urgency,
    t.channel,
    t.status,
    t.assigned_to,
    t.created_at,
    t.created_at + make_interval(secs => 60 * a.minutes::double precision) AS due_at,
    floor(EXTRACT(EPOCH FROM :now - t.created_at) / 60) AS age
  FROM support_threads_data AS t
  JOIN aims AS a ON a.urgency = t.urgency
  LEFT JOIN customers AS c ON c.customer_id = t.customer_id
  WHERE t.status IN ('Data collected', 'AI Answered', 'Draft Created', 'Escalated')
    AND t.sent_at IS NULL
    AND t.created_at <= :now
    AND t.created_at > :now - make_interval(secs => 60 * a.minutes::double precision)
    AND (:request_types::text[] IS NULL OR t.request_type = ANY(:request_types::text[]))
    AND (:channels::text[] IS NULL OR t.channel = ANY(:channels::text[]))
    AND (:urgencies::text[] IS NULL OR t.urgency = ANY(:urgencies::text[]))
    AND (:languages::text[] IS NULL OR t.language = ANY(:languages::text[]))
    AND (:countries::text[] IS NULL OR c.country = ANY(:countries::text[]))
),
compared AS (
  SELECT
    w.ticket_id,
    sum(p.tickets) AS alike,
    sum(p.tickets) FILTER (WHERE p.lasted IS NULL) AS breached,
    sum(p.tickets) FILTER (WHERE p.request_type = w.request_type) AS own_alike,
    sum(p.tickets) FILTER (WHERE p.request_type = w.request_type AND p.lasted IS NULL) AS own_breached
  FROM waiting AS w
  JOIN past AS p ON p.urgency = w.urgency AND (p.lasted IS NULL OR p.lasted >= w.age)
  GROUP BY w.ticket_id
),
chances AS (
  SELECT
    c.ticket_id,
    COALESCE(c.own_alike, 0) >= :min_past::integer AS by_category,
    CASE WHEN COALESCE(c.own_alike, 0) >= :min_past::integer THEN c.own_alike ELSE c.alike END AS past_tickets,
    CASE
      WHEN COALESCE(c.own_alike, 0) >= :min_past::integer THEN 100.0 * COALESCE(c.own_breached, 0) / c.own_alike
      ELSE 100.0 * COALESCE(c.breached, 0) / c.alike
    END AS chance
  FROM compared AS c
)
SELECT
  w.ticket_id,
  w.request_type,
  w.urgency,
  w.channel,
  w.status,
  w.assigned_to,
  w.created_at,
  w.due_at,
  round((EXTRACT(EPOCH FROM w.due_at - :now) / 60)::numeric, 1) AS minutes_left,
  round(c.chance, 1) AS chance,
  COALESCE(c.past_tickets, 0) AS past_tickets,
  COALESCE(c.by_category, false) AS by_category,
  c.chance >= :likely::numeric AS likely
FROM waiting AS w
LEFT JOIN chances AS c ON c.ticket_id = w.ticket_id
ORDER BY w.due_at, c.chance DESC NULLS LAST, w.ticket_id
