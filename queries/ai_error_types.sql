/*
name: ai_error_types
label: {en: AI errors by kind, ru: Ошибки AI по видам}
description: >-
  What kind of errors the AI's answers of the period have, most first.
phrases:
  en:
    - what kind of mistakes
    - what kinds of mistakes
    - which kinds of mistakes
    - what kind of errors
    - what kinds of errors
    - what type of errors
    - what types of errors
    - what types of mistakes
    - which types of errors
    - which error types
    - what error types
    - what mistakes
    - which mistakes
    - what errors does ai make
    - what errors does the ai make
    - what mistakes does ai make
    - what mistakes does the ai make
    - what kind of mistakes does ai make
    - what kind of mistakes does the ai make
    - what kinds of mistakes does the ai make
    - what kind of errors does ai make
    - what kind of errors does the ai make
    - what kinds of errors does the ai make
    - what types of errors does the ai make
    - what types of mistakes does the ai make
    - most common ai errors
    - most common ai mistakes
    - most frequent ai errors
    - most frequent ai mistakes
    - common ai mistakes
    - what mistakes does the bot make
    - what errors does the bot make
    - most common bot mistakes
    - most common bot errors
  ru:
    - какие виды ошибок
    - какие типы ошибок
    - какого рода ошибки
    - какого типа ошибки
    - какие ошибки делает ai
    - какие ошибки делает ии
    - какие ошибки допускает ai
    - какие ошибки допускает ии
    - какие типы ошибок делает ai
    - какие типы ошибок допускает ai
    - какие виды ошибок допускает ai
    - какие типы ошибок у ai
    - какие ошибки у ai
    - какие ошибки чаще всего делает ai
    - какие ошибки ai делает чаще всего
    - какие ошибки ai допускает чаще всего
    - какие ошибки чаще всего допускает ai
    - какие типы ошибок ai допускает
    - самые частые ошибки ai
    - самые частые ошибки ии
    - частые ошибки ai
    - типичные ошибки ai
    - типичные ошибки ии
    - какие ошибки делает бот
    - какие ошибки чаще всего делает бот
    - какие ошибки бот делает чаще всего
    - какие ошибки допускает бот
    - какие ошибки бот делает
    - какие ошибки ai делает
    - какие ошибки бот допускает
    - какие ошибки ai допускает
    - какие ошибки совершает ai
    - какие ошибки совершает бот
    - какие ошибки у бота
    - самые частые ошибки бота
    - самый частый тип ошибок
    - самый частый тип ошибок ai
    - самые частые типы ошибок
    - самые частые типы ошибок ai
    - самый частый вид ошибок
    - частые ошибки бота
    - типичные ошибки бота
questions:
  en:
    - What kind of mistakes does the AI make?
    - Most common AI errors last month
    - Which types of errors are there in category shipping inquiry?
  ru:
    - Какие ошибки чаще всего делает AI?
    - Самые частые ошибки AI за прошлый месяц
    - Какие типы ошибок по категории shipping inquiry?
period: default
parameters:
  start: {type: timestamptz, fills: period.start}
  end: {type: timestamptz, fills: period.end}
  request_types: {type: 'text[]', fills: 'dimension:request_type'}
  channels: {type: 'text[]', fills: 'dimension:channel'}
  languages: {type: 'text[]', fills: 'dimension:language'}
  models: {type: 'text[]', fills: 'dimension:model'}
columns:
  error_type: {role: dimension, label: {en: Error type, ru: Тип ошибки}}
  ai_errors: {role: metric, unit: count, label: {en: AI errors, ru: Ошибки AI}}
  share: {role: metric, unit: percent, label: {en: Share of errors, ru: Доля ошибок}, decimals: 1}
*/
SELECT
  a.error_type,
  count(*) AS ai_errors,
  round(100.0 * count(*) / sum(count(*)) OVER (), 1) AS share
FROM ai_human_comparison AS a
JOIN support_threads_data AS t ON t.ticket_id = a.ticket_id
WHERE a.error_type IS NOT NULL
  AND a.created_at >= :start::timestamptz
  AND a.created_at < :end::timestamptz
  AND (:request_types::text[] IS NULL OR a.request_type = ANY(:request_types::text[]))
  AND (:channels::text[] IS NULL OR t.channel = ANY(:channels::text[]))
  AND (:languages::text[] IS NULL OR t.language = ANY(:languages::text[]))
  AND (:models::text[] IS NULL OR t.model = ANY(:models::text[]))
GROUP BY a.error_type
ORDER BY ai_errors DESC, a.error_type
