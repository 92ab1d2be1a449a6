/*
name: stuck_by_status
label: {en: Stuck tickets by status, ru: Застрявшие тикеты по статусам}
description: >-
  Where tickets are stuck now: how many on each status, the longest and the median wait in hours.
phrases:
  en:
    - stuck summary
    - stuck tickets summary
    - summary of stuck tickets
    - overview of stuck tickets
    - stuck overview
    - stuck report
    - report on stuck tickets
  ru:
    - сводка по застрявшим
    - сводка застрявших
    - сводка по застрявшим тикетам
    - сводка по stuck
    - сводка по stuck тикетам
    - сводка по зависшим тикетам
    - обзор застрявших
    - обзор застрявших тикетов
    - отчёт по застрявшим
    - отчёт по застрявшим тикетам
questions:
  en:
    - Summary of stuck tickets
    - Stuck tickets summary for WhatsApp
    - Show the report on stuck tickets
  ru:
    - Сводка по застрявшим тикетам
    - Покажи обзор застрявших тикетов
    - Отчёт по застрявшим тикетам в email
parameters:
  stuck_hours: {type: integer, fills: 'constant:stuck_hours'}
  request_types: {type: 'text[]', fills: 'dimension:request_type'}
  channels: {type: 'text[]', fills: 'dimension:channel'}
  languages: {type: 'text[]', fills: 'dimension:language'}
columns:
  status: {role: dimension, label: {en: Status, ru: Статус}}
  tickets: {role: metric, unit: count, label: {en: Stuck, ru: Застряло}}
  longest_hours: {role: metric, unit: hours, label: {en: Longest wait, ru: Самое долгое ожидание}, decimals: 1}
  median_hours: {role: metric, unit: hours, label: {en: Median wait, ru: Медиана ожидания}, decimals: 1}
*/
SELECT
  t.status,
  count(*) AS tickets,
  round((max(EXTRACT(EPOCH FROM :now - t.updated_at)) / 3600)::numeric, 1) AS longest_hours,
  round((percentile_cont(0.5) WITHIN GROUP (ORDER BY EXTRACT(EPOCH FROM :now - t.updated_at) / 3600))::numeric, 1) AS median_hours
FROM support_threads_data AS t
WHERE t.status IN ('Data collected', 'AI Answered', 'Draft Created')
  AND t.updated_at < :now - make_interval(hours => :stuck_hours::integer)
  AND (:request_types::text[] IS NULL OR t.request_type = ANY(:request_types::text[]))
  AND (:channels::text[] IS NULL OR t.channel = ANY(:channels::text[]))
  AND (:languages::text[] IS NULL OR t.language = ANY(:languages::text[]))
GROUP BY t.status
ORDER BY tickets DESC, t.status
