/*
name: ai_vs_human_by_category
label: {en: AI against people by category, ru: AI и люди по категориям}
description: >-
  Each category's comparisons of the period: the three verdicts, the AI's win rate, similarity, penalty and
  answers with an error. Weakest categories first.
phrases:
  en:
    - ai scorecard
    - ai report card
    - ai score card
    - ai against people by category
    - ai against humans by category
    - ai vs human scorecard
    - ai vs human report
    - report on ai vs human
    - ai vs people report
    - ai comparison report
    - quality scorecard
    - verdicts by category
    - verdicts per category
    - verdict report
    - report on verdicts
  ru:
    - табель ai
    - табель ии
    - табель качества ai
    - сравнительный отчёт ai и людей
    - сравнительный отчёт по ai
    - отчёт ai против людей
    - отчёт ии против людей
    - отчёт по сравнениям
    - отчёт о сравнениях ai и людей
    - отчёт по качеству ai
    - отчёт о качестве ai
    - отчёт по вердиктам
    - вердикты по категориям
    - сводка по вердиктам
    - сводка вердиктов
questions:
  en:
    - AI scorecard for the last 30 days
    - Show the verdicts by category last month
    - AI vs human report for WhatsApp this quarter
  ru:
    - Сравнительный отчёт AI и людей за прошлый месяц
    - Покажи вердикты по категориям
    - Отчёт по качеству AI в WhatsApp за этот квартал
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
  comparisons: {role: metric, unit: count, label: {en: Comparisons, ru: Сравнения}}
  ai_better: {role: metric, unit: count, label: {en: AI better, ru: AI лучше}}
  equal: {role: metric, unit: count, label: {en: Equal, ru: Наравне}}
  human_better: {role: metric, unit: count, label: {en: Human better, ru: Человек лучше}}
  ai_win_rate: {role: metric, unit: percent, label: {en: AI win rate, ru: Доля побед AI}, decimals: 1}
  similarity: {role: metric, unit: score, label: {en: Similarity, ru: Сходство}, decimals: 3}
  penalty: {role: metric, unit: score, label: {en: Penalty, ru: Штрафной балл}, decimals: 2}
  ai_errors: {role: metric, unit: count, label: {en: AI errors, ru: Ошибки AI}}
*/
SELECT
  a.request_type,
  count(*) AS comparisons,
  count(*) FILTER (WHERE a.verdict = 'ai_better') AS ai_better,
  count(*) FILTER (WHERE a.verdict = 'equal') AS equal,
  count(*) FILTER (WHERE a.verdict = 'human_better') AS human_better,
  round(100.0 * count(*) FILTER (WHERE a.verdict IN ('ai_better', 'equal')) / count(*), 1) AS ai_win_rate,
  round(avg(a.similarity), 3) AS similarity,
  round(avg(NULLIF(btrim(a.penalty_score, E' \t\n\r'), '')::numeric), 2) AS penalty,
  count(a.error_type) AS ai_errors
FROM ai_human_comparison AS a
JOIN support_threads_data AS t ON t.ticket_id = a.ticket_id
WHERE a.created_at >= :start::timestamptz
  AND a.created_at < :end::timestamptz
  AND (:request_types::text[] IS NULL OR a.request_type = ANY(:request_types::text[]))
  AND (:channels::text[] IS NULL OR t.channel = ANY(:channels::text[]))
  AND (:languages::text[] IS NULL OR t.language = ANY(:languages::text[]))
  AND (:models::text[] IS NULL OR t.model = ANY(:models::text[]))
GROUP BY a.request_type
ORDER BY 100.0 * count(*) FILTER (WHERE a.verdict IN ('ai_better', 'equal')) / count(*), a.request_type
