/*
name: ready_for_auto_send
label: {en: Categories ready for auto-send, ru: 'Категории, готовые к автоотправке'}
description: >-
  Categories whose last 30 days meet all four thresholds, on unrounded values: enough comparisons, a high AI
  win rate, a low penalty (none at all fails) and a low error rate.
phrases:
  en:
    - ready for auto-send
    - switch to auto-send
    - safely switch to auto-send
    - already switch to auto-send
    - move to auto-send
    - switched to auto-send
    - ready for autosend
    - ready for auto-sending
    - ready for automatic sending
    - ready for automation
    - ready to auto-send
    - ready to be auto-sent
    - ready to be sent automatically
    - can be auto-sent
    - can we auto-send
    - let the AI auto-send
    - could let the AI auto-send
    - can be automated
    - categories can be auto-sent
    - auto-send ready
    - ready for full automation
    - eligible for auto-send
    - auto-send candidates
    - candidates for auto-send
    - safe to auto-send
    - can go to auto-send
    - ready for auto-sends
  ru:
    - готовы к auto-send
    - можно переводить на auto-send
    - переводить на автоотправку
    - перевести на auto-send
    - готовые к auto-send
    - готовность к auto-send
    - готовы к автоотправке
    - готовность к автоотправке
    - готовы к авто отправке
    - готовы к автоматической отправке
    - готовность к автоматической отправке
    - готовы к автоматизации
    - готовность к автоматизации
    - готовы для auto-send
    - готовы для автоотправки
    - можно автоматизировать
    - можно отправлять автоматически
    - можно отправлять автоматом
    - можно отправлять без проверки
    - можно отправлять автоматом без проверки
    - можно отправлять автоматически без проверки
    - можно перевести на auto-send
    - можно перевести на автоотправку
    - можно переводить на автоотправку
    - можно переводить на автосенд
    - можно включить auto-send
    - можно включить автоотправку
    - кандидаты на auto-send
    - кандидаты на автоотправку
    - годятся для auto-send
    - подходят для auto-send
    - подходят для автоотправки
    - готовы к автосенду
    - готовность к автосенду
    - готовые к автосенду
    - можно перевести на автосенд
    - можно на автосенд
    - кандидаты на автосенд
    - можно включить автосенд
questions:
  en:
    - Which categories are ready for auto-send?
    - Show the categories that can be auto-sent
    - Which categories are ready for automation? Show the data
  ru:
    - Какие категории готовы к auto-send? Покажи данные
    - Какие категории можно отправлять автоматически?
    - Покажи категории, готовые к автоотправке
parameters:
  min_comparisons: {type: integer, fills: 'constant:ready_min_comparisons'}
  min_ai_win_rate: {type: numeric, fills: 'constant:ready_min_ai_win_rate'}
  max_penalty: {type: numeric, fills: 'constant:ready_max_penalty'}
  max_error_rate: {type: numeric, fills: 'constant:ready_max_error_rate'}
columns:
  request_type: {role: dimension, label: {en: Category, ru: Категория}}
  comparisons: {role: metric, unit: count, label: {en: Comparisons, ru: Сравнения}}
  ai_win_rate: {role: metric, unit: percent, label: {en: AI win rate, ru: Доля побед AI}, decimals: 1}
  penalty: {role: metric, unit: score, label: {en: Penalty, ru: Штрафной балл}, decimals: 2}
  error_rate: {role: metric, unit: percent, label: {en: Error rate, ru: Доля ошибок}, decimals: 1}
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
  GROUP BY request_type
),
handled AS (
  SELECT request_type, 100.0 * count(*) FILTER (WHERE status = 'Error') / count(*) AS error_rate
  FROM support_threads_data
  WHERE created_at >= (date_trunc('day', :now AT TIME ZONE :tz) - interval '29 days') AT TIME ZONE :tz
    AND created_at <= :now
  GROUP BY request_type
)
SELECT
  j.request_type,
  j.comparisons,
  round(j.ai_win_rate, 1) AS ai_win_rate,
  round(j.penalty, 2) AS penalty,
  round(h.error_rate, 1) AS error_rate
FROM judged AS j
JOIN handled AS h ON h.request_type = j.request_type
WHERE j.comparisons >= :min_comparisons::integer
  AND j.ai_win_rate >= :min_ai_win_rate::numeric
  AND j.penalty <= :max_penalty::numeric
  AND h.error_rate <= :max_error_rate::numeric
ORDER BY j.ai_win_rate DESC, j.request_type
