/*
name: repeat_contacts
label: {en: Repeat contacts, ru: Повторные обращения}
description: >-
  How many identified customers wrote once, twice … in the period, and their tickets. No customer is shown.
phrases:
  en:
    - repeat contacts
    - repeat contact
    - repeated contacts
    - repeat customers
    - repeat tickets
    - returning customers
    - customers with several tickets
    - customers with more than one ticket
    - customers who wrote more than once
    - customers contacted us more than once
    - customers contact us more than once
    - customers wrote more than once
    - contacted us more than once
    - contact us more than once
    - wrote more than once
    - recontacts
    - repeaters
    - repeat contact rate
  ru:
    - повторные обращения
    - повторные тикеты
    - повторные заявки
    - повторные клиенты
    - повторные контакты
    - клиенты с несколькими тикетами
    - клиенты с несколькими обращениями
    - обращались повторно
    - обратились повторно
    - писали повторно
    - написали повторно
    - обращались несколько раз
    - обратились несколько раз
    - больше одного тикета
    - больше одного обращения
    - тикетов на одного клиента
    - повторники
    - повторы обращений
questions:
  en:
    - Repeat contacts in the last 30 days
    - How many customers contacted us more than once last month?
    - Show repeat customers in Germany
  ru:
    - Повторные обращения за последние 30 дней
    - Покажи повторных клиентов за прошлый месяц
    - Сколько клиентов обращались повторно?
period: default
parameters:
  start: {type: timestamptz, fills: period.start}
  end: {type: timestamptz, fills: period.end}
  request_types: {type: 'text[]', fills: 'dimension:request_type'}
  channels: {type: 'text[]', fills: 'dimension:channel'}
  languages: {type: 'text[]', fills: 'dimension:language'}
  countries: {type: 'text[]', fills: 'dimension:country'}
columns:
  tickets_of_customer: {role: dimension, label: {en: Tickets of a customer, ru: Тикетов у клиента}}
  customers: {role: metric, unit: count, label: {en: Customers, ru: Клиентов}}
  tickets: {role: metric, unit: count, label: {en: Tickets, ru: Тикеты}}
  share: {role: metric, unit: percent, label: {en: Share of customers, ru: Доля клиентов}, decimals: 1}
*/
WITH counted AS (
  SELECT t.customer_id, count(*) AS tickets
  FROM support_threads_data AS t
  JOIN customers AS c ON c.customer_id = t.customer_id
  WHERE t.created_at >= :start::timestamptz
    AND t.created_at < :end::timestamptz
    AND (:request_types::text[] IS NULL OR t.request_type = ANY(:request_types::text[]))
    AND (:channels::text[] IS NULL OR t.channel = ANY(:channels::text[]))
    AND (:languages::text[] IS NULL OR t.language = ANY(:languages::text[]))
    AND (:countries::text[] IS NULL OR c.country = ANY(:countries::text[]))
  GROUP BY t.customer_id
)
SELECT
  tickets AS tickets_of_customer,
  count(*) AS customers,
  sum(tickets) AS tickets,
  round(100.0 * count(*) / sum(count(*)) OVER (), 1) AS share
FROM counted
GROUP BY counted.tickets
ORDER BY counted.tickets
