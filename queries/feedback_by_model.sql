/*
name: feedback_by_model
label: {en: Feedback by model, ru: Оценки ответов по моделям}
description: >-
  AI messages of the period by the model of their ticket: how many, thumbs up and down, the negative feedback
  rate and the median latency. Messages of tickets without a model are left out.
phrases:
  en:
    - feedback by model
    - feedback on models
    - feedback per model
    - feedback of models
    - feedback report
    - feedback report by model
    - report on feedback
    - thumbs by model
    - reactions by model
    - model feedback
    - customer reactions to models
  ru:
    - фидбек по моделям
    - фидбэк по моделям
    - отчёт по фидбеку
    - отчёт по фидбэку
    - отчёт по оценкам
    - оценки по моделям
    - оценки моделей
    - оценки ответов по моделям
    - реакции по моделям
    - реакции клиентов по моделям
    - обратная связь по моделям
questions:
  en:
    - Feedback by model for the last 30 days
    - Show the feedback report for WhatsApp
    - Reactions by model last month
  ru:
    - Фидбек по моделям за последние 30 дней
    - Покажи отчёт по оценкам в WhatsApp
    - Реакции по моделям за прошлый месяц
period: default
parameters:
  start: {type: timestamptz, fills: period.start}
  end: {type: timestamptz, fills: period.end}
  request_types: {type: 'text[]', fills: 'dimension:request_type'}
  channels: {type: 'text[]', fills: 'dimension:channel'}
  languages: {type: 'text[]', fills: 'dimension:language'}
  models: {type: 'text[]', fills: 'dimension:model'}
columns:
  model: {role: dimension, label: {en: Model, ru: Модель}}
  ai_messages: {role: metric, unit: count, label: {en: AI messages, ru: Сообщений AI}}
  thumbs_up: {role: metric, unit: count, label: {en: Thumbs up, ru: Лайки}}
  thumbs_down: {role: metric, unit: count, label: {en: Thumbs down, ru: Дизлайки}}
  negative_feedback_rate: {role: metric, unit: percent, label: {en: Negative, ru: Негативных}, decimals: 1}
  ai_latency: {role: metric, unit: milliseconds, label: {en: Median latency, ru: Медиана задержки}, decimals: 0}
*/
SELECT
  t.model,
  count(*) AS ai_messages,
  count(*) FILTER (WHERE d.feedback = 1) AS thumbs_up,
  count(*) FILTER (WHERE d.feedback = -1) AS thumbs_down,
  round(100.0 * count(*) FILTER (WHERE d.feedback = -1) / NULLIF(count(d.feedback), 0), 1) AS negative_feedback_rate,
  round((percentile_cont(0.5) WITHIN GROUP (ORDER BY d.latency_ms))::numeric, 0) AS ai_latency
FROM support_dialogs AS d
JOIN support_threads_data AS t ON t.ticket_id = d.ticket_id
WHERE d.role = 'ai'
  AND t.model IS NOT NULL
  AND d.created_at >= :start::timestamptz
  AND d.created_at < :end::timestamptz
  AND (:request_types::text[] IS NULL OR t.request_type = ANY(:request_types::text[]))
  AND (:channels::text[] IS NULL OR t.channel = ANY(:channels::text[]))
  AND (:languages::text[] IS NULL OR t.language = ANY(:languages::text[]))
  AND (:models::text[] IS NULL OR t.model = ANY(:models::text[]))
GROUP BY t.model
ORDER BY 100.0 * count(*) FILTER (WHERE d.feedback = -1) / NULLIF(count(d.feedback), 0) DESC NULLS LAST, t.model
