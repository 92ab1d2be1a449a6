/*
name: cohort_retention
label: {en: Retention of cohorts, ru: Удержание когорт}
description: >-
  Subscriptions by the month they began in, the last twelve such months: how many were not cancelled by the end
  of that month (0), of the next (1) and so on, and what part that is. Months that are not over yet are left
  out.
phrases:
  en:
    - cohort retention
    - retention of cohorts
    - retention table
    - retention triangle
    - retention curve
    - retention curves
    - retention by month since start
    - retention by month of life
    - subscriber retention
    - subscription retention
    - retention of subscribers
    - retention of subscriptions
    - cohort survival
    - survival of cohorts
  ru:
    - удержание когорт
    - ретеншн когорт
    - ретеншен когорт
    - retention когорт
    - кривая удержания
    - кривые удержания
    - кривая ретеншена
    - таблица удержания
    - таблица ретеншена
    - удержание подписчиков
    - удержание подписок
    - удержание по месяцам жизни
    - ретеншн подписчиков
    - ретеншен подписчиков
    - выживаемость когорт
    - доживаемость когорт
questions:
  en:
    - Cohort retention
    - Show the retention curve for plan premium
    - Retention of subscribers from Germany
  ru:
    - Удержание когорт
    - Покажи кривую удержания по тарифу premium
    - Удержание подписчиков из Германии
parameters:
  plans: {type: 'text[]', fills: 'dimension:plan'}
  frequencies: {type: 'text[]', fills: 'dimension:frequency'}
  countries: {type: 'text[]', fills: 'dimension:country'}
  languages: {type: 'text[]', fills: 'dimension:language'}
columns:
  start_month: {role: dimension, label: {en: Start month, ru: Месяц начала}}
  months_since_start: {role: dimension, label: {en: Months since, ru: Месяцев с начала}}
  subscriptions: {role: metric, unit: count, label: {en: Subscriptions, ru: Подписки}}
  kept: {role: metric, unit: count, label: {en: Kept, ru: Удержано}}
  kept_rate: {role: metric, unit: percent, label: {en: 'Kept, share', ru: 'Удержано, доля'}, decimals: 1}
*/
WITH started AS (
  SELECT
    date_trunc('month', s.started_at AT TIME ZONE :tz) AS start_month,
    date_trunc('month', s.cancelled_at AT TIME ZONE :tz) AS cancel_month
  FROM subscriptions AS s
  JOIN customers AS c ON c.customer_id = s.customer_id
  WHERE s.started_at >= (date_trunc('month', :now AT TIME ZONE :tz) - interval '12 months') AT TIME ZONE :tz
    AND s.started_at < date_trunc('month', :now AT TIME ZONE :tz) AT TIME ZONE :tz
    AND (:plans::text[] IS NULL OR s.plan = ANY(:plans::text[]))
    AND (:frequencies::text[] IS NULL OR s.frequency = ANY(:frequencies::text[]))
    AND (:countries::text[] IS NULL OR c.country = ANY(:countries::text[]))
    AND (:languages::text[] IS NULL OR c.language = ANY(:languages::text[]))
)
SELECT
  s.start_month::date AS start_month,
  m.month_number AS months_since_start,
  count(*) AS subscriptions,
  count(*) FILTER (
    WHERE s.cancel_month IS NULL OR s.cancel_month > s.start_month + make_interval(months => m.month_number)
  ) AS kept,
  round(
    100.0 * count(*) FILTER (
      WHERE s.cancel_month IS NULL OR s.cancel_month > s.start_month + make_interval(months => m.month_number)
    ) / count(*), 1
  ) AS kept_rate
FROM started AS s
JOIN generate_series(0, 11) AS m (month_number)
  ON s.start_month + make_interval(months => m.month_number) < date_trunc('month', :now AT TIME ZONE :tz)
GROUP BY s.start_month, m.month_number
ORDER BY s.start_month, m.month_number
