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
    - главные причины отмен
    - основные причины отмен
    - ключевые причины отмен
    - главные причины отмены подписки
    - основные причины отмены подписки
    - главные причины отмен подписок
    - основные причины отмен подписок
    - главные причины оттока
    - основные причины оттока
    - главные причины ухода
    - из-за чего отменяют подписку
    - из-за чего клиенты отменяют подписку
    - из-за чего люди отменяют подписку
    - из-за чего уходят клиенты
    - из-за чего уходят подписчики
    - из-за чего клиенты уходят
    - из-за чего от нас уходят
    - из-за чего отписываются
    - из-за чего чаще всего отменяют подписку
    - из-за чего чаще всего клиенты отменяют подписку
    - из-за чего чаще всего люди отменяют подписку
    - из-за чего чаще всего уходят клиенты
    - из-за чего чаще всего уходят подписчики
    - из-за чего чаще всего клиенты уходят
    - из-за чего чаще всего от нас уходят
    - из-за чего чаще всего отписываются
    - по какой причине отменяют подписку
    - по какой причине клиенты отменяют подписку
    - по какой причине люди отменяют подписку
    - по какой причине уходят клиенты
    - по какой причине уходят подписчики
    - по какой причине клиенты уходят
    - по какой причине от нас уходят
    - по какой причине отписываются
    - по какой причине чаще всего отменяют подписку
    - по какой причине чаще всего клиенты отменяют подписку
    - по какой причине чаще всего люди отменяют подписку
    - по какой причине чаще всего уходят клиенты
    - по какой причине чаще всего уходят подписчики
    - по какой причине чаще всего клиенты уходят
    - по какой причине чаще всего от нас уходят
    - по какой причине чаще всего отписываются
    - по каким причинам отменяют подписку
    - по каким причинам клиенты отменяют подписку
    - по каким причинам люди отменяют подписку
    - по каким причинам уходят клиенты
    - по каким причинам уходят подписчики
    - по каким причинам клиенты уходят
    - по каким причинам от нас уходят
    - по каким причинам отписываются
    - по каким причинам чаще всего отменяют подписку
    - по каким причинам чаще всего клиенты отменяют подписку
    - по каким причинам чаще всего люди отменяют подписку
    - по каким причинам чаще всего уходят клиенты
    - по каким причинам чаще всего уходят подписчики
    - по каким причинам чаще всего клиенты уходят
    - по каким причинам чаще всего от нас уходят
    - по каким причинам чаще всего отписываются
    - почему люди отменяют подписку
    - почему подписчики уходят
    - почему уходят подписчики
    - почему от нас уходят
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
