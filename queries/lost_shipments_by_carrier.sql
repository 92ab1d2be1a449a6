/*
name: lost_shipments_by_carrier
label: {en: Lost shipments by carrier, ru: Потери по перевозчикам}
description: >-
  Shipments of the period (by shipped_at, by box_month where that is null) that left for the customer, by
  carrier, and the part that was lost.
phrases:
  en:
    - loss rate
    - lost rate
    - loss rate by carrier
    - loss rate per carrier
    - share of lost shipments
    - percentage of lost shipments
    - share of lost boxes
    - percentage of lost boxes
    - share of lost parcels
    - percentage of lost parcels
    - lost shipment rate
    - lost delivery rate
    - carrier reliability
    - reliability of carriers
  ru:
    - доля потерь
    - процент потерь
    - доля потерь по перевозчикам
    - процент потерь по перевозчикам
    - доля потерянных посылок
    - процент потерянных посылок
    - доля потерянных отправлений
    - процент потерянных отправлений
    - доля потерянных коробок
    - процент потерянных коробок
    - доля посылок теряется
    - доля посылок потерялось
    - доля посылок потеряно
    - доля посылок потеряли
    - доля коробок теряется
    - доля коробок потерялось
    - доля коробок потеряно
    - доля коробок потеряли
    - доля отправлений теряется
    - доля отправлений потерялось
    - доля отправлений потеряно
    - доля отправлений потеряли
    - процент посылок теряется
    - процент посылок потерялось
    - процент посылок потеряно
    - процент посылок потеряли
    - процент коробок теряется
    - процент коробок потерялось
    - процент коробок потеряно
    - процент коробок потеряли
    - процент отправлений теряется
    - процент отправлений потерялось
    - процент отправлений потеряно
    - процент отправлений потеряли
    - доля посылок теряет
    - доля коробок теряет
    - процент посылок теряет
    - процент коробок теряет
    - надёжность перевозчиков
    - надёжность доставки
questions:
  en:
    - Loss rate by carrier last month
    - Show the share of lost shipments
    - Carrier reliability for DHL this year
  ru:
    - Процент потерянных посылок за прошлый месяц
    - Доля потерь по перевозчикам
    - Покажи надёжность перевозчиков за этот год
period: default
parameters:
  start: {type: timestamptz, fills: period.start}
  end: {type: timestamptz, fills: period.end}
  carriers: {type: 'text[]', fills: 'dimension:carrier'}
columns:
  carrier: {role: dimension, label: {en: Carrier, ru: Перевозчик}}
  lost_rate: {role: metric, unit: percent, label: {en: Lost, ru: 'Потеряно, доля'}, decimals: 1}
  lost: {role: metric, unit: count, label: {en: Lost shipments, ru: Потеряно}}
  shipments: {role: metric, unit: count, label: {en: Shipments, ru: Отправления}}
*/
WITH sent AS (
  SELECT h.carrier, h.status
  FROM shipments AS h
  WHERE h.status NOT IN ('preparing', 'skipped')
    AND COALESCE(h.shipped_at, h.box_month::timestamp AT TIME ZONE :tz) >= :start::timestamptz
    AND COALESCE(h.shipped_at, h.box_month::timestamp AT TIME ZONE :tz) < :end::timestamptz
    AND (:carriers::text[] IS NULL OR h.carrier = ANY(:carriers::text[]))
)
SELECT
  carrier,
  round(100.0 * count(*) FILTER (WHERE status = 'lost') / count(*), 1) AS lost_rate,
  count(*) FILTER (WHERE status = 'lost') AS lost,
  count(*) AS shipments
FROM sent
GROUP BY carrier
ORDER BY 100.0 * count(*) FILTER (WHERE status = 'lost') / count(*) DESC, carrier
