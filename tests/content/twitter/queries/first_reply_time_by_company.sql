/*
name: first_reply_time_by_company
label: {en: First reply time by company, ru: Время первого ответа по компаниям}
description: >-
  The first reply time of the period for each company, the fastest first.
phrases:
  en:
    - first reply time by company
    - first reply time per company
    - first response time by company
    - first response time per company
    - time to first reply by company
    - response time by company
    - reply time by company
    - fastest companies
  ru:
    - время первого ответа по компаниям
    - время до первого ответа по компаниям
    - время ответа по компаниям
    - first reply time по компаниям
    - first response time по компаниям
    - response time по компаниям
questions:
  en:
    - First reply time by company in March 2020
    - Show the first response time per company
    - Response time by company last month
  ru:
    - Время первого ответа по компаниям за март 2020
    - Покажи время ответа по компаниям
    - First reply time по компаниям за прошлый месяц
period: default
parameters:
  start: {type: timestamptz, fills: period.start}
  end: {type: timestamptz, fills: period.end}
  companies: {type: 'text[]', fills: 'dimension:company'}
columns:
  company: {role: dimension, label: {en: Company, ru: Компания}}
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
  request_type AS company,
  round((percentile_cont(0.5) WITHIN GROUP (ORDER BY minutes))::numeric, 1) AS first_reply_time,
  count(*) AS tickets
FROM replies
GROUP BY request_type
ORDER BY percentile_cont(0.5) WITHIN GROUP (ORDER BY minutes), request_type
