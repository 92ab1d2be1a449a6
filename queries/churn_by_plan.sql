/*
name: churn_by_plan
label: {en: Churn rate by plan, ru: Отток по тарифам}
description: >-
  The churn rate of the period for each plan.
phrases:
  en:
    - churn by plan
    - churn rate by plan
    - churn per plan
    - churn rate per plan
    - subscription churn by plan
    - subscriber churn by plan
    - plan churn
  ru:
    - churn по тарифам
    - churn rate по тарифам
    - churn по планам
    - churn rate по планам
    - отток по тарифам
    - отток по планам
    - отток подписчиков по тарифам
    - отток подписчиков по планам
    - отток подписок по тарифам
    - отток подписок по планам
    - отток клиентов по тарифам
    - отток клиентов по планам
questions:
  en:
    - Churn rate by plan last month
    - Churn by plan in Germany
    - Show churn per plan for the last quarter
  ru:
    - Отток по тарифам за прошлый месяц
    - Покажи churn rate по планам
    - Отток подписчиков по тарифам в Германии
period: default
parameters:
  start: {type: timestamptz, fills: period.start}
  end: {type: timestamptz, fills: period.end}
  plans: {type: 'text[]', fills: 'dimension:plan'}
  frequencies: {type: 'text[]', fills: 'dimension:frequency'}
  countries: {type: 'text[]', fills: 'dimension:country'}
  languages: {type: 'text[]', fills: 'dimension:language'}
columns:
  plan: {role: dimension, label: {en: Plan, ru: Тариф}}
  churn_rate: {role: metric, unit: percent, label: {en: Churn rate, ru: Отток}, decimals: 1}
  cancelled: {role: metric, unit: count, label: {en: Cancelled, ru: Отменено}}
  at_risk: {role: helper, label: {en: Subscriptions at the start, ru: Подписок на начало}}
*/
SELECT
  s.plan,
  round(
    100.0 * count(*) FILTER (WHERE s.cancelled_at >= :start::timestamptz AND s.cancelled_at < :end::timestamptz)
    / NULLIF(count(*), 0), 1
  ) AS churn_rate,
  count(*) FILTER (WHERE s.cancelled_at >= :start::timestamptz AND s.cancelled_at < :end::timestamptz) AS cancelled,
  count(*) AS at_risk
FROM subscriptions AS s
JOIN customers AS c ON c.customer_id = s.customer_id
WHERE s.started_at < :start::timestamptz
  AND (s.cancelled_at IS NULL OR s.cancelled_at >= :start::timestamptz)
  AND (:plans::text[] IS NULL OR s.plan = ANY(:plans::text[]))
  AND (:frequencies::text[] IS NULL OR s.frequency = ANY(:frequencies::text[]))
  AND (:countries::text[] IS NULL OR c.country = ANY(:countries::text[]))
  AND (:languages::text[] IS NULL OR c.language = ANY(:languages::text[]))
GROUP BY s.plan
ORDER BY 100.0 * count(*) FILTER (WHERE s.cancelled_at >= :start::timestamptz AND s.cancelled_at < :end::timestamptz) / NULLIF(count(*), 0) DESC NULLS LAST, s.plan
