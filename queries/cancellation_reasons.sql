/*
name: cancellation_reasons
label: {en: Reasons for cancelling, ru: Причины отмен}
description: >-
  Subcategories of the cancellation requests of the period and their parts.
phrases:
  en:
    - cancellation reasons
    - reasons for cancellation
    - reasons for cancellations
    - reasons of cancellation
    - reasons for cancelling
    - reasons to cancel
    - cancel reasons
    - reasons of cancellations
    - why do customers cancel
    - why are customers cancelling
    - why customers cancel
    - why do people cancel
    - why do they cancel
    - why do subscribers cancel
    - reasons customers cancel
    - why do they leave
    - why do customers leave
    - why customers leave
    - reasons for leaving
  ru:
    - причины отмен
    - причины отмены
    - причины отмены подписки
    - причины отмен подписок
    - причины отказа от подписки
    - причины отказов
    - причины отказов от подписки
    - почему отменяют
    - почему отменяют подписку
    - почему отменяют подписки
    - почему клиенты отменяют
    - почему клиенты отменяют подписку
    - почему клиенты отменяют подписки
    - почему уходят клиенты
    - почему клиенты уходят
    - почему отписываются
    - почему клиенты отписываются
    - почему отваливаются
    - почему клиенты отваливаются
    - причины отписок
    - причины ухода
    - причины оттока
questions:
  en:
    - What are the cancellation reasons this month?
    - Why do customers cancel?
    - Reasons for cancelling in Germany last quarter
  ru:
    - Какие причины отмен в этом месяце?
    - Почему клиенты отменяют подписку?
    - Причины отмены в Германии за прошлый квартал
period: default
parameters:
  start: {type: timestamptz, fills: period.start}
  end: {type: timestamptz, fills: period.end}
  channels: {type: 'text[]', fills: 'dimension:channel'}
  languages: {type: 'text[]', fills: 'dimension:language'}
  countries: {type: 'text[]', fills: 'dimension:country'}
columns:
  request_subtype: {role: dimension, label: {en: Reason, ru: Причина}}
  tickets: {role: metric, unit: count, label: {en: Tickets, ru: Тикеты}}
  share: {role: metric, unit: percent, label: {en: Share, ru: Доля}, decimals: 1}
*/
SELECT
  t.request_subtype,
  count(*) AS tickets,
  round(100.0 * count(*) / sum(count(*)) OVER (), 1) AS share
FROM support_threads_data AS t
LEFT JOIN customers AS c ON c.customer_id = t.customer_id
WHERE t.request_type = 'cancel_subscription'
  AND t.created_at >= :start::timestamptz
  AND t.created_at < :end::timestamptz
  AND (:channels::text[] IS NULL OR t.channel = ANY(:channels::text[]))
  AND (:languages::text[] IS NULL OR t.language = ANY(:languages::text[]))
  AND (:countries::text[] IS NULL OR c.country = ANY(:countries::text[]))
GROUP BY t.request_subtype
ORDER BY tickets DESC, t.request_subtype NULLS LAST
