/*
name: arrivals_heatmap
label: {en: Arrivals by weekday and hour, ru: Поступление по дням недели и часам}
description: >-
  How many tickets of the period came in on each weekday (1 is Monday) at each hour of the day, in the business
  time zone; hours without a ticket have no row.
phrases:
  en:
    - heatmap of arrivals
    - arrivals heatmap
    - heatmap of tickets
    - ticket heatmap
    - heatmap of load
    - load heatmap
    - heatmap by hour and weekday
    - heatmap by weekday and hour
    - by hour and weekday
    - by weekday and hour
    - tickets by hour and weekday
    - tickets by weekday and hour
    - tickets by hour and day of the week
    - by hour and day of the week
    - by day of the week and hour
    - by hour of day and weekday
    - hour by weekday
    - weekday by hour
    - arrival pattern
    - arrival patterns
    - peak hours
    - rush hours
    - peak times
    - busy hours
  ru:
    - тепловая карта обращений
    - тепловая карта тикетов
    - тепловая карта нагрузки
    - тепловая карта поступления
    - хитмап обращений
    - хитмап тикетов
    - хитмап нагрузки
    - по часам и дням недели
    - по дням недели и часам
    - тикеты по часам и дням недели
    - тикеты по дням недели и часам
    - обращения по часам и дням недели
    - обращения по дням недели и часам
    - по часам и по дням недели
    - нагрузка по часам и дням недели
    - часы пик
    - пиковые часы
    - пиковая нагрузка
    - часы пиковой нагрузки
    - карта нагрузки
questions:
  en:
    - Show the heatmap of arrivals
    - What are the peak hours on WhatsApp?
    - Tickets by hour and weekday last month
  ru:
    - Покажи тепловую карту обращений
    - Когда часы пик в WhatsApp?
    - Тикеты по часам и дням недели за прошлый месяц
period: default
parameters:
  start: {type: timestamptz, fills: period.start}
  end: {type: timestamptz, fills: period.end}
  request_types: {type: 'text[]', fills: 'dimension:request_type'}
  channels: {type: 'text[]', fills: 'dimension:channel'}
  languages: {type: 'text[]', fills: 'dimension:language'}
  countries: {type: 'text[]', fills: 'dimension:country'}
  urgencies: {type: 'text[]', fills: 'dimension:urgency'}
columns:
  weekday: {role: dimension, label: {en: Weekday, ru: День недели}}
  hour_of_day: {role: dimension, label: {en: Hour, ru: Час}}
  tickets: {role: metric, unit: count, label: {en: Tickets, ru: Тикеты}}
*/
SELECT
  EXTRACT(ISODOW FROM t.created_at AT TIME ZONE :tz)::integer AS weekday,
  EXTRACT(HOUR FROM t.created_at AT TIME ZONE :tz)::integer AS hour_of_day,
  count(*) AS tickets
FROM support_threads_data AS t
LEFT JOIN customers AS c ON c.customer_id = t.customer_id
WHERE t.created_at >= :start::timestamptz
  AND t.created_at < :end::timestamptz
  AND (:request_types::text[] IS NULL OR t.request_type = ANY(:request_types::text[]))
  AND (:channels::text[] IS NULL OR t.channel = ANY(:channels::text[]))
  AND (:languages::text[] IS NULL OR t.language = ANY(:languages::text[]))
  AND (:countries::text[] IS NULL OR c.country = ANY(:countries::text[]))
  AND (:urgencies::text[] IS NULL OR t.urgency = ANY(:urgencies::text[]))
GROUP BY 1, 2
ORDER BY 1, 2
