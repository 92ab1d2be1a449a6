/*
name: first_reply_time
label: {en: First reply time, ru: Время первого ответа}
description: >-
  Median minutes from a ticket's created_at to its first message that the customer did not write.
phrases:
  en:
    - first reply time
    - first response time
    - time to first reply
    - time to first response
    - response time
    - reply time
  ru:
    - время первого ответа
    - время до первого ответа
    - время ответа
    - скорость первого ответа
    - first reply time
    - first response time
    - response time
questions:
  en:
    - First reply time in March 2020
    - What was the first response time of AppleSupport in March 2020?
    - Time to first reply last month
  ru:
    - Время первого ответа за март 2020
    - Какое время первого ответа у AppleSupport за март 2020?
    - Время до первого ответа за прошлый месяц
period: default
parameters:
  start: {type: timestamptz, fills: period.start}
  end: {type: timestamptz, fills: period.end}
  companies: {type: 'text[]', fills: 'dimension:company'}
columns:
  first_reply_time: {role: metric, unit: minutes, label: {en: First reply time, ru: Время первого ответа}, decimals: 1}
  tickets: {role: metric, unit: count, label: {en: Tickets, ru: Тикеты}}
*/
WITH replies AS (
  SELECT
    t.request_type,
    EXTRACT(EPOCH FROM min(d.created_at) - t.created_at) / 60 AS minutes
  FROM support_threads_data AS t
  JOIN support_dialogs AS d ON d.ticket_id = t.ticket_id
  WHERE d.role <> 'customer'
    AND t.created_at >= :start::timestamptz
    AND t.created_at < :end::timestamptz
    AND (:companies::text[] IS NULL OR t.request_type = ANY(:companies::text[]))
  GROUP BY t.ticket_id, t.request_type, t.created_at
)
SELECT
  round((percentile_cont(0.5) WITHIN GROUP (ORDER BY minutes))::numeric, 1) AS first_reply_time,
  count(*) AS tickets
FROM replies
