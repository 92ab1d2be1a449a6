/*
name: quality_by_model
label: {en: Quality by model, ru: Качество по моделям}
description: >-
  Each model's comparisons of the period with their win rate, similarity and penalty, beside the CSAT and AI
  cost of its tickets created in the period. Tickets without a model are left out.
phrases:
  en:
    - quality by model
    - quality per model
    - quality of models
    - quality of the models
    - model quality
    - models quality
    - compare models
    - compare the models
    - compare ai models
    - model comparison
    - comparison of models
    - models compared
    - models side by side
    - answer quality by model
    - ai quality by model
    - which model answers better
    - which model performs best
    - best model by quality
  ru:
    - качество моделей
    - качество по моделям
    - качество ответов по моделям
    - качество ответов моделей
    - сравни модели
    - сравнить модели
    - сравнение моделей
    - сравни модели ai
    - сравнение моделей ai
    - качество моделей ai
    - какая модель отвечает лучше
    - какая модель лучше отвечает
questions:
  en:
    - Quality by model for the last 30 days
    - Compare models in category shipping inquiry
    - Which model answers better?
  ru:
    - Качество ответов по моделям за последние 30 дней
    - Сравни модели по категории shipping inquiry
    - Какая модель лучше отвечает?
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
  comparisons: {role: metric, unit: count, label: {en: Comparisons, ru: Сравнения}}
  ai_win_rate: {role: metric, unit: percent, label: {en: AI win rate, ru: Доля побед AI}, decimals: 1}
  similarity: {role: metric, unit: score, label: {en: Similarity, ru: Сходство}, decimals: 3}
  penalty: {role: metric, unit: score, label: {en: Penalty, ru: Штрафной балл}, decimals: 2}
  csat: {role: metric, unit: score, label: {en: CSAT, ru: CSAT}, decimals: 2}
  cost_per_ticket: {role: metric, unit: usd, label: {en: AI cost per ticket, ru: Стоимость тикета}, decimals: 4}
*/
WITH judged AS (
  SELECT
    t.model,
    count(*) AS comparisons,
    100.0 * count(*) FILTER (WHERE a.verdict IN ('ai_better', 'equal')) / count(*) AS ai_win_rate,
    avg(a.similarity) AS similarity,
    avg(NULLIF(btrim(a.penalty_score, E' \t\n\r'), '')::numeric) AS penalty
  FROM ai_human_comparison AS a
  JOIN support_threads_data AS t ON t.ticket_id = a.ticket_id
  WHERE a.created_at >= :start::timestamptz
    AND a.created_at < :end::timestamptz
    AND (:request_types::text[] IS NULL OR a.request_type = ANY(:request_types::text[]))
    AND (:channels::text[] IS NULL OR t.channel = ANY(:channels::text[]))
    AND (:languages::text[] IS NULL OR t.language = ANY(:languages::text[]))
    AND (:models::text[] IS NULL OR t.model = ANY(:models::text[]))
    AND t.model IS NOT NULL
  GROUP BY t.model
),
answered AS (
  SELECT
    t.model,
    avg(t.csat) AS csat,
    COALESCE(sum(t.cost_usd), 0) / NULLIF(count(t.ai_answered_at), 0) AS cost_per_ticket
  FROM support_threads_data AS t
  WHERE t.created_at >= :start::timestamptz
    AND t.created_at < :end::timestamptz
    AND (:request_types::text[] IS NULL OR t.request_type = ANY(:request_types::text[]))
    AND (:channels::text[] IS NULL OR t.channel = ANY(:channels::text[]))
    AND (:languages::text[] IS NULL OR t.language = ANY(:languages::text[]))
    AND (:models::text[] IS NULL OR t.model = ANY(:models::text[]))
    AND t.model IS NOT NULL
  GROUP BY t.model
)
SELECT
  COALESCE(j.model, a.model) AS model,
  COALESCE(j.comparisons, 0) AS comparisons,
  round(j.ai_win_rate, 1) AS ai_win_rate,
  round(j.similarity, 3) AS similarity,
  round(j.penalty, 2) AS penalty,
  round(a.csat, 2) AS csat,
  round(a.cost_per_ticket, 4) AS cost_per_ticket
FROM judged AS j
FULL JOIN answered AS a ON a.model = j.model
ORDER BY j.ai_win_rate DESC NULLS LAST, 1
