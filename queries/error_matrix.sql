/*
name: error_matrix
label: {en: 'AI errors: type by category', ru: 'Ошибки AI: тип и категория'}
description: >-
  Errors in the AI's answers of the period, by category and kind of error, with the part of the category's
  comparisons.
phrases:
  en:
    - error matrix
    - errors matrix
    - ai error matrix
    - matrix of errors
    - matrix of ai errors
    - mistake matrix
    - matrix of mistakes
    - error heatmap
    - heatmap of errors
    - heatmap of ai errors
  ru:
    - матрица ошибок
    - матрица ошибок ai
    - матрица ai ошибок
    - карта ошибок
    - карта ошибок ai
    - тепловая карта ошибок
    - хитмап ошибок
questions:
  en:
    - AI error matrix for the last 30 days
    - Show the matrix of errors this month
    - Error heatmap for WhatsApp
  ru:
    - Матрица ошибок AI за последние 30 дней
    - Покажи карту ошибок за этот месяц
    - Тепловая карта ошибок в WhatsApp
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
  error_type: {role: dimension, label: {en: Error type, ru: Тип ошибки}}
  ai_errors: {role: metric, unit: count, label: {en: AI errors, ru: Ошибки AI}}
  share: {role: metric, unit: percent, label: {en: Share of comparisons, ru: Доля сравнений}, decimals: 1}
*/
WITH judged AS (
  SELECT a.request_type, a.error_type, count(*) OVER (PARTITION BY a.request_type) AS comparisons
  FROM ai_human_comparison AS a
  JOIN support_threads_data AS t ON t.ticket_id = a.ticket_id
  WHERE a.created_at >= :start::timestamptz
    AND a.created_at < :end::timestamptz
    AND (:request_types::text[] IS NULL OR a.request_type = ANY(:request_types::text[]))
    AND (:channels::text[] IS NULL OR t.channel = ANY(:channels::text[]))
    AND (:languages::text[] IS NULL OR t.language = ANY(:languages::text[]))
    AND (:models::text[] IS NULL OR t.model = ANY(:models::text[]))
)
SELECT
  request_type,
  error_type,
  count(*) AS ai_errors,
  round(100.0 * count(*) / max(comparisons), 1) AS share
FROM judged
WHERE error_type IS NOT NULL
GROUP BY request_type, error_type
ORDER BY ai_errors DESC, request_type, error_type
