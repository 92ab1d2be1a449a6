/*
name: desk_mood
label: {en: Mood of customers, ru: Настроение клиентов}
description: How satisfied customers were with answers.
phrases:
  en: [desk report, customer mood, mood of customers, happiness report, waiting report]
  ru: [отчёт отдела, настроение клиентов]
questions:
  en: [Show the customer mood, Customer mood in email last week]
  ru: [Покажи настроение клиентов, Настроение клиентов за прошлую неделю]
parameters:
  start: {type: timestamptz, fills: period.start}
  end: {type: timestamptz, fills: period.end}
  channels: {type: 'text[]', fills: 'dimension:channel'}
columns:
  channel: {role: dimension, label: {en: Channel, ru: Канал}}
  satisfaction: {role: metric, unit: score, decimals: 2, label: {en: Satisfaction, ru: Удовлетворённость}}
period: default
*/
SELECT
  t.channel,
  avg(t.csat) AS satisfaction
FROM support_threads_data AS t
WHERE t.created_at >= :start AND t.created_at < :end
  AND (:channels::text[] IS NULL OR t.channel = ANY(:channels::text[]))
GROUP BY t.channel
ORDER BY t.channel
