/*
name: desk_load
label: {en: Load of the desk, ru: Загрузка поддержки}
description: Tickets that are waiting now, by country.
phrases:
  en: [desk report, desk load, load of the desk, happiness report, waiting report, ticket desk report]
  ru: [отчёт отдела, загрузка поддержки]
questions:
  en: [Show the desk load, Desk load in chat]
  ru: [Покажи загрузку поддержки, Загрузка поддержки по email]
parameters:
  channels: {type: 'text[]', fills: 'dimension:channel'}
columns:
  country: {role: dimension, label: {en: Country, ru: Страна}}
  waiting: {role: metric, unit: count, label: {en: Waiting, ru: Ждут}}
*/
SELECT
  c.country,
  count(*) AS waiting
FROM support_threads_data AS t
JOIN customers AS c ON c.customer_id = t.customer_id
WHERE t.sent_at IS NULL
  AND (:channels::text[] IS NULL OR t.channel = ANY(:channels::text[]))
GROUP BY c.country
ORDER BY waiting DESC, c.country
