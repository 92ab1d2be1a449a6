/*
name: churn_rate
label: {en: Churn rate, ru: Отток}
description: >-
  Of subscriptions that began before the period and were not cancelled before it, those cancelled in the
  period.
phrases:
  en:
    - churn
    - churn rate
    - subscription churn
    - subscription churn rate
    - subscriber churn
    - subscriber churn rate
    - customer churn
    - customer churn rate
    - churn of subscriptions
    - churn of subscribers
    - attrition
    - attrition rate
  ru:
    - churn
    - churn rate
    - отток
    - отток подписок
    - отток подписчиков
    - отток клиентов
    - уровень оттока
    - процент оттока
    - доля оттока
    - коэффициент оттока
    - процент оттока подписчиков
    - доля оттока подписчиков
    - чёрн
    - чёрн рейт
    - чурн
    - чурн рейт
questions:
  en:
    - What was the churn rate last month?
    - Churn rate for plan premium in January
    - Subscriber churn in Germany last quarter
  ru:
    - Какой churn rate за прошлый месяц?
    - Отток подписчиков в январе
    - Какой отток в Германии за прошлый квартал?
period: default
parameters:
  start: {type: timestamptz, fills: period.start}
  end: {type: timestamptz, fills: period.end}
  plans: {type: 'text[]', fills: 'dimension:plan'}
  frequencies: {type: 'text[]', fills: 'dimension:frequency'}
  countries: {type: 'text[]', fills: 'dimension:country'}
  languages: {type: 'text[]', fills: 'dimension:language'}
columns:
  churn_rate: {role: metric, unit: percent, label: {en: Churn rate, ru: Отток}, decimals: 1}
  cancelled: {role: metric, unit: count, label: {en: Cancelled, ru: Отменено}}
  at_risk: {role: helper, label: {en: Subscriptions at the start, ru: Подписок на начало}}
*/
SELECT
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
