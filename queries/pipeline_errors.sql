/*
name: pipeline_errors
label: {en: Pipeline errors by category and channel, ru: Ошибки pipeline по категориям и каналам}
description: >-
  Where tickets stopped with an error in the period (by updated_at): category, channel, how many and the
  latest one.
phrases:
  en:
    - error breakdown
    - errors breakdown
    - breakdown of errors
    - error overview
    - errors overview
    - overview of errors
    - error report
    - errors report
    - report on errors
    - error summary
    - summary of errors
    - pipeline health
  ru:
    - сводка ошибок
    - сводка по ошибкам
    - обзор ошибок
    - отчёт по ошибкам
    - отчёт об ошибках
    - разбивка ошибок
    - здоровье pipeline
    - здоровье пайплайна
    - состояние pipeline
    - состояние пайплайна
questions:
  en:
    - Error report for the last 24 hours
    - Show the breakdown of errors this week
    - Overview of errors on WhatsApp
  ru:
    - Отчёт по ошибкам за последние 24 часа
    - Покажи сводку по ошибкам за эту неделю
    - Обзор ошибок в WhatsApp
period: default
parameters:
  start: {type: timestamptz, fills: period.start}
  end: {type: timestamptz, fills: period.end}
  request_types: {type: 'text[]', fills: 'dimension:request_type'}
  channels: {type: 'text[]', fills: 'dimension:channel'}
  languages: {type: 'text[]', fills: 'dimension:language'}
  models: {type: 'text[]', fills: 'dimension:model'}
columns:
  request_type: {role: dimension, label: {en: Category, ru: Категория}}
  channel: {role: dimension, label: {en: Channel, ru: Канал}}
  errors: {role: metric, unit: count, label: {en: Errors, ru: Ошибки}}
  latest_at: {role: helper, label: {en: Latest, ru: Последняя}}
*/
SELECT t.request_type, t.channel, count(*) AS errors, max(t.updated_at) AS latest_at
FROM support_threads_data AS t
WHERE t.status = 'Error'
  AND t.updated_at >= :start::timestamptz
  AND t.updated_at < :end::timestamptz
  AND (:request_types::text[] IS NULL OR t.request_type = ANY(:request_types::text[]))
  AND (:channels::text[] IS NULL OR t.channel = ANY(:channels::text[]))
  AND (:languages::text[] IS NULL OR t.language = ANY(:languages::text[]))
  AND (:models::text[] IS NULL OR t.model = ANY(:models::text[]))
GROUP BY t.request_type, t.channel
ORDER BY errors DESC, t.request_type, t.channel
