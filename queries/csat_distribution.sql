/*
name: csat_distribution
label: {en: Distribution of CSAT, ru: Распределение оценок CSAT}
description: >-
  How many tickets of the period got each score from 1 to 5 and what part of all scores that is. Every score is
  there, 0 included.
phrases:
  en:
    - csat distribution
    - distribution of csat
    - distribution of csat scores
    - distribution of scores
    - distribution of ratings
    - score distribution
    - rating distribution
    - spread of csat
    - csat by score
    - csat breakdown by score
    - csat scores
    - histogram of csat
    - csat histogram
  ru:
    - распределение csat
    - распределение оценок
    - распределение оценок csat
    - распределение оценок клиентов
    - гистограмма оценок
    - гистограмма csat
    - разброс оценок
    - разброс csat
    - csat по баллам
    - оценки по баллам
    - структура оценок
questions:
  en:
    - CSAT distribution for the last 30 days
    - Show the distribution of ratings on WhatsApp
    - CSAT by score last month
  ru:
    - Распределение оценок CSAT за последние 30 дней
    - Покажи распределение оценок в WhatsApp
    - Гистограмма CSAT за прошлый месяц
period: default
parameters:
  start: {type: timestamptz, fills: period.start}
  end: {type: timestamptz, fills: period.end}
  request_types: {type: 'text[]', fills: 'dimension:request_type'}
  channels: {type: 'text[]', fills: 'dimension:channel'}
  languages: {type: 'text[]', fills: 'dimension:language'}
  countries: {type: 'text[]', fills: 'dimension:country'}
  models: {type: 'text[]', fills: 'dimension:model'}
  agents: {type: 'text[]', fills: 'dimension:assigned_to'}
columns:
  csat: {role: dimension, label: {en: Score, ru: Оценка}}
  tickets: {role: metric, unit: count, label: {en: Tickets, ru: Тикеты}}
  share: {role: metric, unit: percent, label: {en: Share, ru: Доля}, decimals: 1}
*/
WITH scored AS (
  SELECT t.csat
  FROM support_threads_data AS t
  LEFT JOIN customers AS c ON c.customer_id = t.customer_id
  WHERE t.csat IS NOT NULL
    AND t.created_at >= :start::timestamptz
    AND t.created_at < :end::timestamptz
    AND (:request_types::text[] IS NULL OR t.request_type = ANY(:request_types::text[]))
    AND (:channels::text[] IS NULL OR t.channel = ANY(:channels::text[]))
    AND (:languages::text[] IS NULL OR t.language = ANY(:languages::text[]))
    AND (:countries::text[] IS NULL OR c.country = ANY(:countries::text[]))
    AND (:models::text[] IS NULL OR t.model = ANY(:models::text[]))
    AND (:agents::text[] IS NULL OR t.assigned_to = ANY(:agents::text[]))
)
SELECT
  p.score AS csat,
  count(s.csat) AS tickets,
  round(100.0 * count(s.csat) / NULLIF(sum(count(s.csat)) OVER (), 0), 1) AS share
FROM generate_series(1, 5) AS p (score)
LEFT JOIN scored AS s ON s.csat = p.score
GROUP BY p.score
ORDER BY p.score DESC
