/*
name: delivery_by_carrier
label: {en: Delivery by carrier, ru: Доставка по перевозчикам}
description: >-
  Shipments of the period (by shipped_at, by box_month where that is null) by carrier: how many, what became of
  them, the median and the 90th percentile of days from shipping to delivery.
phrases:
  en:
    - delivery report
    - delivery report by carrier
    - report on deliveries
    - delivery overview
    - delivery performance
    - performance of carriers
    - carrier performance
    - carrier report
    - report on carriers
    - carrier overview
    - carrier scorecard
    - compare carriers
    - compare the carriers
    - comparison of carriers
    - carriers compared
    - shipping report
    - shipment report
    - report on shipments
  ru:
    - отчёт по доставке
    - отчёт о доставке
    - отчёт по доставкам
    - отчёт по перевозчикам
    - отчёт о перевозчиках
    - сводка по доставке
    - сводка по перевозчикам
    - обзор доставки
    - обзор перевозчиков
    - эффективность перевозчиков
    - работа перевозчиков
    - сравни перевозчиков
    - сравнить перевозчиков
    - сравнение перевозчиков
    - отчёт по посылкам
    - отчёт по отправлениям
questions:
  en:
    - Delivery report by carrier last month
    - Compare the carriers
    - Carrier performance in Germany this quarter
  ru:
    - Отчёт по доставке за прошлый месяц
    - Сравни перевозчиков
    - Покажи сводку по перевозчикам в Германии за этот квартал
period: default
parameters:
  start: {type: timestamptz, fills: period.start}
  end: {type: timestamptz, fills: period.end}
  carriers: {type: 'text[]', fills: 'dimension:carrier'}
  countries: {type: 'text[]', fills: 'dimension:country'}
  plans: {type: 'text[]', fills: 'dimension:plan'}
  frequencies: {type: 'text[]', fills: 'dimension:frequency'}
columns:
  carrier: {role: dimension, label: {en: Carrier, ru: Перевозчик}}
  shipments: {role: metric, unit: count, label: {en: Shipments, ru: Отправления}}
  delivered: {role: metric, unit: count, label: {en: Delivered, ru: Доставлено}}
  in_transit: {role: metric, unit: count, label: {en: In transit, ru: В пути}}
  deliveries_lost: {role: metric, unit: count, label: {en: Lost, ru: Потеряно}}
  returned: {role: metric, unit: count, label: {en: Returned, ru: Возвращено}}
  delivery_days: {role: metric, unit: days, label: {en: Median days, ru: Медиана дней}, decimals: 1}
  p90_days: {role: metric, unit: days, label: {en: 90th percentile, ru: 90-й процентиль}, decimals: 1}
*/
WITH dated AS (
  SELECT
    h.carrier,
    h.status,
    EXTRACT(EPOCH FROM h.delivered_at - h.shipped_at) / 86400.0 AS days,
    COALESCE(h.shipped_at, h.box_month::timestamp AT TIME ZONE :tz) AS dated_at
  FROM shipments AS h
  JOIN subscriptions AS s ON s.subscription_id = h.subscription_id
  JOIN customers AS c ON c.customer_id = s.customer_id
  WHERE TRUE
    AND (:carriers::text[] IS NULL OR h.carrier = ANY(:carriers::text[]))
    AND (:countries::text[] IS NULL OR c.country = ANY(:countries::text[]))
    AND (:plans::text[] IS NULL OR s.plan = ANY(:plans::text[]))
    AND (:frequencies::text[] IS NULL OR s.frequency = ANY(:frequencies::text[]))
)
SELECT
  d.carrier,
  count(*) AS shipments,
  count(*) FILTER (WHERE d.status = 'delivered') AS delivered,
  count(*) FILTER (WHERE d.status = 'in_transit') AS in_transit,
  count(*) FILTER (WHERE d.status = 'lost') AS deliveries_lost,
  count(*) FILTER (WHERE d.status = 'returned') AS returned,
  round((percentile_cont(0.5) WITHIN GROUP (ORDER BY d.days) FILTER (WHERE d.status = 'delivered'))::numeric, 1) AS delivery_days,
  round((percentile_cont(0.9) WITHIN GROUP (ORDER BY d.days) FILTER (WHERE d.status = 'delivered'))::numeric, 1) AS p90_days
FROM dated AS d
WHERE d.dated_at >= :start::timestamptz
  AND d.dated_at < :end::timestamptz
GROUP BY d.carrier
ORDER BY shipments DESC, d.carrier
