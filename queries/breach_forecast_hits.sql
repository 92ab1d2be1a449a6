/*
name: breach_forecast_hits
label: {en: How the breach forecast did, ru: Насколько верен прогноз нарушений срока}
description: >-
  For each of the last 28 full days, what the forecast of breach_risk would have said by what was known when the day
  began: every ticket that was still without a response at the first full hour after it came in, and not past its
  target then, is held against how it ended. How many there were, how many of them breached, how many the forecast
  had named, and how many of the named ones breached. It reads 59 days of tickets and no more.
phrases:
  en:
    - breach forecast hits
    - breach forecast hit rate
    - hit rate of the breach forecast
    - hit rate of breach forecast
    - accuracy of the breach forecast
    - accuracy of breach forecast
    - how good is the breach forecast
    - how well did the breach forecast do
    - breach forecast by day
  ru:
    - точность прогноза нарушений
    - точность прогноза нарушений срока
    - точность прогноза нарушений срока ответа
    - насколько точен прогноз нарушений
    - насколько точен прогноз нарушений срока
    - сбываемость прогноза нарушений срока
questions:
  en:
    - What is the hit rate of the breach forecast?
    - How good is the breach forecast on WhatsApp?
    - Show the accuracy of the breach forecast
  ru:
    - Насколько точен прогноз нарушений срока?
    - Точность прогноза нарушений срока в чате
    - Покажи точность прогноза нарушений
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
  day: {role: dimension, label: {en: Day, ru: День}}
  waiting: {role: metric, unit: count, label: {en: Waiting, ru: Ждали ответа}}
  breached: {role: metric, unit: count, label: {en: Breached, ru: Нарушили срок}}
  named: {role: metric, unit: count, label: {en: Named, ru: Названо}}
  named_breached: {role: metric, unit: count, label: {en: Named and breached, ru: Названо верно}}
*/
WITH aims AS (
  SELECT 'high' AS urgency, :high_minutes::numeric AS minutes
  UNION ALL
  SELECT 'medium', :medium_minutes::numeric
  UNION ALL
  SELECT 'low', :low_minutes::numeric
),
days AS (
  SELECT (date_trunc('day', :now AT TIME ZONE :tz) - make_interval(days => back))::date AS day
  FROM generate_series(1, 28) AS back
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
  WHERE t.created_at >= :now - interval '59 days'
    AND t.created_at <= :now
),
known AS (
  SELECT
    (w.due_at AT TIME ZONE :tz)::date AS due_day,
    w.urgency,
    w.request_type,
    CASE WHEN w.ended_at <= w.due_at THEN floor(EXTRACT(EPOCH FROM w.ended_at - w.created_at) / 60) END AS lasted,
    count(*) AS tickets
  FROM waits AS w
  GROUP BY 1, 2, 3, 4
),
past AS (
  SELECT d.day, k.urgency, k.request_type, k.lasted, sum(k.tickets) AS tickets
  FROM days AS d
  JOIN known AS k ON k.due_day >= d.day - 28 AND k.due_day < d.day
  GROUP BY 1, 2, 3, 4
),
past_of_all AS (
  SELECT p.day, p.urgency, p.lasted, sum(p.tickets) AS tickets
  FROM past AS p
  GROUP BY 1, 2, 3
),
looked_at AS (
  SELECT
    t.urgency,
    t.request_type,
    t.created_at,
    date_bin(interval '1 hour', t.created_at, timestamptz '2000-01-01 00:00:00+00') + interval '1 hour' AS hour,
    t.created_at + make_interval(secs => 60 * a.minutes::double precision) AS due_at,
    COALESCE(t.sent_at, CASE WHEN t.status = 'Error' THEN t.updated_at END) AS ended_at
  FROM support_threads_data AS t
  JOIN aims AS a ON a.urgency = t.urgency
  LEFT JOIN customers AS c ON c.customer_id = t.customer_id
  WHERE t.created_at >= :now - interval '30 days'
    AND t.created_at <= :now
    AND (:request_types::text[] IS NULL OR t.request_type = ANY(:request_types::text[]))
    AND (:channels::text[] IS NULL OR t.channel = ANY(:channels::text[]))
    AND (:urgencies::text[] IS NULL OR t.urgency = ANY(:urgencies::text[]))
    AND (:languages::text[] IS NULL OR t.language = ANY(:languages::text[]))
    AND (:countries::text[] IS NULL OR c.country = ANY(:countries::text[]))
),
seen AS (
  SELECT
    (l.hour AT TIME ZONE :tz)::date AS day,
    l.urgency,
    l.request_type,
    floor(EXTRACT(EPOCH FROM l.hour - l.created_at) / 60) AS age,
    count(*) AS waiting,
    count(*) FILTER (WHERE l.ended_at IS NULL OR l.ended_at > l.due_at) AS breached
  FROM looked_at AS l
  WHERE l.hour < l.due_at
    AND l.due_at <= :now
    AND (l.ended_at IS NULL OR l.ended_at > l.hour)
  GROUP BY 1, 2, 3, 4
),
own AS (
  SELECT
    s.day,
    s.urgency,
    s.request_type,
    s.age,
    sum(p.tickets) AS alike,
    sum(p.tickets) FILTER (WHERE p.lasted IS NULL) AS breached
  FROM seen AS s
  JOIN past AS p
    ON p.day = s.day
    AND p.urgency = s.urgency
    AND p.request_type = s.request_type
    AND (p.lasted IS NULL OR p.lasted >= s.age)
  GROUP BY 1, 2, 3, 4
),
ages AS (
  SELECT DISTINCT s.day, s.urgency, s.age
  FROM seen AS s
),
of_all AS (
  SELECT
    a.day,
    a.urgency,
    a.age,
    sum(p.tickets) AS alike,
    sum(p.tickets) FILTER (WHERE p.lasted IS NULL) AS breached
  FROM ages AS a
  JOIN past_of_all AS p ON p.day = a.day AND p.urgency = a.urgency AND (p.lasted IS NULL OR p.lasted >= a.age)
  GROUP BY 1, 2, 3
),
judged AS (
  SELECT
    s.day,
    s.waiting,
    s.breached,
    CASE
      WHEN COALESCE(o.alike, 0) >= :min_past::integer THEN 100.0 * COALESCE(o.breached, 0) / o.alike
      ELSE 100.0 * COALESCE(f.breached, 0) / f.alike
    END >= :likely::numeric AS named
  FROM seen AS s
  LEFT JOIN own AS o
    ON o.day = s.day AND o.urgency = s.urgency AND o.request_type = s.request_type AND o.age = s.age
  LEFT JOIN of_all AS f ON f.day = s.day AND f.urgency = s.urgency AND f.age = s.age
)
SELECT
  d.day,
  COALESCE(sum(j.waiting), 0)::bigint AS waiting,
  COALESCE(sum(j.breached), 0)::bigint AS breached,
  COALESCE(sum(j.waiting) FILTER (WHERE j.named), 0)::bigint AS named,
  COALESCE(sum(j.breached) FILTER (WHERE j.named), 0)::bigint AS named_breached
FROM days AS d
LEFT JOIN judged AS j ON j.day = d.day
GROUP BY d.day
ORDER BY d.day
