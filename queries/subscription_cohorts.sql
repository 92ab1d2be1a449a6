/*
name: subscription_cohorts
label: {en: Subscription cohorts, ru: Когорты подписок}
description: >-
  Subscriptions by the month they began in: how many, how many are active, paused and cancelled now, and the
  part that is not cancelled.
phrases:
  en:
    - cohorts
    - cohort analysis
    - cohort report
    - subscription cohorts
    - cohorts of subscriptions
    - subscriber cohorts
    - retention cohorts
    - retention by cohort
  ru:
    - когорты
    - когорта
    - когортный анализ
    - когортный отчёт
    - когорты подписок
    - когорты подписчиков
    - удержание по когортам
    - анализ когорт
    - когорты сабов
questions:
  en:
    - Subscription cohorts
    - Show cohort analysis for plan premium
    - Cohorts of subscriptions from Germany
  ru:
    - Когорты подписок
    - Покажи когортный анализ по тарифу premium
    - Когорты подписчиков из Германии
parameters:
  plans: {type: 'text[]', fills: 'dimension:plan'}
  frequencies: {type: 'text[]', fills: 'dimension:frequency'}
  countries: {type: 'text[]', fills: 'dimension:country'}
  languages: {type: 'text[]', fills: 'dimension:language'}
columns:
  start_month: {role: dimension, label: {en: Start month, ru: Месяц начала}}
  subscriptions: {role: metric, unit: count, label: {en: Subscriptions, ru: Подписки}}
  active: {role: metric, unit: count, label: {en: Active, ru: Активны}}
  paused: {role: metric, unit: count, label: {en: Paused, ru: На паузе}}
  cancelled: {role: metric, unit: count, label: {en: Cancelled, ru: Отменены}}
  kept_rate: {role: metric, unit: percent, label: {en: Kept, ru: Удержано}, decimals: 1}
*/
SELECT
  date_trunc('month', s.started_at AT TIME ZONE :tz)::date AS start_month,
  count(*) AS subscriptions,
  count(*) FILTER (WHERE s.status = 'active') AS active,
  count(*) FILTER (WHERE s.status = 'paused') AS paused,
  count(*) FILTER (WHERE s.status = 'cancelled') AS cancelled,
  round(100.0 * count(*) FILTER (WHERE s.status <> 'cancelled') / count(*), 1) AS kept_rate
FROM subscriptions AS s
JOIN customers AS c ON c.customer_id = s.customer_id
WHERE s.started_at <= :now
  AND (:plans::text[] IS NULL OR s.plan = ANY(:plans::text[]))
  AND (:frequencies::text[] IS NULL OR s.frequency = ANY(:frequencies::text[]))
  AND (:countries::text[] IS NULL OR c.country = ANY(:countries::text[]))
  AND (:languages::text[] IS NULL OR c.language = ANY(:languages::text[]))
GROUP BY 1
ORDER BY 1
