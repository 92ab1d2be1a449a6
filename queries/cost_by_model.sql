/*
name: cost_by_model
label: {en: Cost by model, ru: Расходы по моделям}
description: >-
  What each model cost on the tickets created in the period: tickets answered, prompt and completion tokens,
  dollars, dollars a ticket and the part of all dollars. Tickets without a model are left out.
phrases:
  en:
    - cost report
    - cost report by model
    - model cost report
    - ai cost report
    - report on ai costs
    - cost breakdown
    - breakdown of costs
    - breakdown of ai costs
    - cost and tokens by model
    - tokens and cost by model
    - cost overview
    - model economics
    - economics of models
    - unit economics of models
    - spend report
    - spending report
  ru:
    - отчёт по расходам
    - отчёт о расходах
    - отчёт по затратам
    - отчёт по стоимости
    - отчёт о расходах на ai
    - отчёт по расходам на ai
    - разбивка расходов
    - разбивка затрат
    - разбивка стоимости
    - обзор расходов
    - сводка по расходам
    - сводка по затратам
    - экономика моделей
    - стоимость и токены по моделям
    - токены и стоимость по моделям
    - расходы и токены по моделям
questions:
  en:
    - AI cost report for last month
    - Show the breakdown of costs in category shipping inquiry
    - Model economics this quarter
  ru:
    - Отчёт по расходам на AI за прошлый месяц
    - Покажи разбивку затрат по категории shipping inquiry
    - Экономика моделей в этом квартале
period: default
parameters:
  start: {type: timestamptz, fills: period.start}
  end: {type: timestamptz, fills: period.end}
  request_types: {type: 'text[]', fills: 'dimension:request_type'}
  channels: {type: 'text[]', fills: 'dimension:channel'}
  languages: {type: 'text[]', fills: 'dimension:language'}
  countries: {type: 'text[]', fills: 'dimension:country'}
  models: {type: 'text[]', fills: 'dimension:model'}
columns:
  model: {role: dimension, label: {en: Model, ru: Модель}}
  ai_answered: {role: metric, unit: count, label: {en: Answered, ru: Отвечено}}
  prompt_tokens: {role: metric, unit: tokens, label: {en: Prompt tokens, ru: Токены запросов}}
  completion_tokens: {role: metric, unit: tokens, label: {en: Completion tokens, ru: Токены ответов}}
  cost: {role: metric, unit: usd, label: {en: Cost, ru: Стоимость}, decimals: 2}
  cost_per_ticket: {role: metric, unit: usd, label: {en: Cost per ticket, ru: Стоимость тикета}, decimals: 4}
  share: {role: metric, unit: percent, label: {en: Share of cost, ru: Доля расходов}, decimals: 1}
*/
SELECT
  t.model,
  count(t.ai_answered_at) AS ai_answered,
  COALESCE(sum(t.prompt_tokens), 0) AS prompt_tokens,
  COALESCE(sum(t.completion_tokens), 0) AS completion_tokens,
  round(COALESCE(sum(t.cost_usd), 0), 2) AS cost,
  round(COALESCE(sum(t.cost_usd), 0) / NULLIF(count(t.ai_answered_at), 0), 4) AS cost_per_ticket,
  round(100.0 * COALESCE(sum(t.cost_usd), 0) / NULLIF(sum(sum(t.cost_usd)) OVER (), 0), 1) AS share
FROM support_threads_data AS t
LEFT JOIN customers AS c ON c.customer_id = t.customer_id
WHERE t.created_at >= :start::timestamptz
  AND t.created_at < :end::timestamptz
  AND t.model IS NOT NULL
  AND (:request_types::text[] IS NULL OR t.request_type = ANY(:request_types::text[]))
  AND (:channels::text[] IS NULL OR t.channel = ANY(:channels::text[]))
  AND (:languages::text[] IS NULL OR t.language = ANY(:languages::text[]))
  AND (:countries::text[] IS NULL OR c.country = ANY(:countries::text[]))
  AND (:models::text[] IS NULL OR t.model = ANY(:models::text[]))
GROUP BY t.model
ORDER BY COALESCE(sum(t.cost_usd), 0) DESC, t.model
