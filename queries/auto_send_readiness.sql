/*
name: auto_send_readiness
label: {en: Readiness for auto-send, ru: Готовность к автоотправке по порогам}
description: >-
  Every category over the last 30 days beside the four thresholds of auto-send, on unrounded values: its
  numbers, which thresholds it misses (penalty and error rate that are not known are missed) and whether it is
  ready.
phrases:
  en:
    - auto-send readiness
    - readiness for auto-send
    - readiness table
    - readiness report
    - readiness by category
    - readiness of categories
    - readiness of all categories
    - auto-send readiness by category
    - auto-send thresholds
    - thresholds for auto-send
    - thresholds of auto-send
    - which thresholds are missed
    - which thresholds are missed for auto-send
    - missed thresholds
    - how close to auto-send
    - how far from auto-send
    - close to auto-send
    - closest to auto-send
    - not ready for auto-send
    - not yet ready for auto-send
    - far from auto-send
  ru:
    - таблица готовности
    - таблица готовности к auto-send
    - таблица готовности к автоотправке
    - отчёт о готовности
    - отчёт о готовности к auto-send
    - отчёт о готовности к автоотправке
    - отчёт по готовности к автоотправке
    - готовность категорий
    - готовность по категориям
    - готовность всех категорий
    - пороги автоотправки
    - пороги auto-send
    - пороги готовности
    - какие пороги не пройдены
    - непройденные пороги
    - чего не хватает до автоотправки
    - чего не хватает до auto-send
    - чего не хватает для автоотправки
    - не готовы к auto-send
    - не готовы к автоотправке
    - ближе всего к автоотправке
    - ближе всего к auto-send
questions:
  en:
    - Show the auto-send readiness by category
    - Which thresholds are missed for auto-send?
    - Which categories are closest to auto-send?
  ru:
    - Покажи таблицу готовности к автоотправке
    - Чего не хватает до автоотправки?
    - Какие пороги не пройдены по категории shipping inquiry?
parameters:
  min_comparisons: {type: integer, fills: 'constant:ready_min_comparisons'}
  min_ai_win_rate: {type: numeric, fills: 'constant:ready_min_ai_win_rate'}
  max_penalty: {type: numeric, fills: 'constant:ready_max_penalty'}
  max_error_rate: {type: numeric, fills: 'constant:ready_max_error_rate'}
  request_types: {type: 'text[]', fills: 'dimension:request_type'}
columns:
  request_type: {role: dimension, label: {en: Category, ru: Категория}}
  comparisons: {role: metric, unit: count, label: {en: Comparisons, ru: Сравнения}}
  ai_win_rate: {role: metric, unit: percent, label: {en: AI win rate, ru: Доля побед AI}, decimals: 1}
  penalty: {role: metric, unit: score, label: {en: Penalty, ru: Штрафной балл}, decimals: 2}
  error_rate: {role: metric, unit: percent, label: {en: Error rate, ru: Доля ошибок}, decimals: 1}
  missed: {role: helper, label: {en: Missed thresholds, ru: Не пройдены пороги}}
  ready: {role: helper, label: {en: Ready, ru: Готова}}
*/
WITH judged AS (
  SELECT
    request_type,
    count(*) AS comparisons,
    100.0 * count(*) FILTER (WHERE verdict IN ('ai_better', 'equal')) / count(*) AS ai_win_rate,
    avg(NULLIF(btrim(penalty_score, E' \t\n\r'), '')::numeric) AS penalty
  FROM ai_human_comparison
  WHERE created_at >= (date_trunc('day', :now AT TIME ZONE :tz) - interval '29 days') AT TIME ZONE :tz
    AND created_at <= :now
    AND (:request_types::text[] IS NULL OR request_type = ANY(:request_types::text[]))
  GROUP BY request_type
),
handled AS (
  SELECT request_type, 100.0 * count(*) FILTER (WHERE status = 'Error') / count(*) AS error_rate
  FROM support_threads_data
  WHERE created_at >= (date_trunc('day', :now AT TIME ZONE :tz) - interval '29 days') AT TIME ZONE :tz
    AND created_at <= :now
    AND (:request_types::text[] IS NULL OR request_type = ANY(:request_types::text[]))
  GROUP BY request_type
),
measured AS (
  SELECT
    COALESCE(j.request_type, h.request_type) AS request_type,
    COALESCE(j.comparisons, 0) AS comparisons,
    j.ai_win_rate,
    j.penalty,
    h.error_rate,
    concat_ws(
      ', ',
      CASE WHEN COALESCE(j.comparisons, 0) < :min_comparisons::integer THEN 'comparisons' END,
      CASE WHEN COALESCE(j.ai_win_rate, 0) < :min_ai_win_rate::numeric THEN 'ai_win_rate' END,
      CASE WHEN j.penalty IS NULL OR j.penalty > :max_penalty::numeric THEN 'penalty' END,
      CASE WHEN h.error_rate IS NULL OR h.error_rate > :max_error_rate::numeric THEN 'error_rate' END
    ) AS missed
  FROM judged AS j
  FULL JOIN handled AS h ON h.request_type = j.request_type
)
SELECT
  m.request_type,
  m.comparisons,
  round(m.ai_win_rate, 1) AS ai_win_rate,
  round(m.penalty, 2) AS penalty,
  round(m.error_rate, 1) AS error_rate,
  NULLIF(m.missed, '') AS missed,
  m.missed = '' AS ready
FROM measured AS m
ORDER BY m.missed <> '', m.ai_win_rate DESC NULLS LAST, m.request_type
