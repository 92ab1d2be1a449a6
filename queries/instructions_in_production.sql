/*
name: instructions_in_production
label: {en: Instructions in production, ru: Инструкции в production}
description: >-
  The enabled instructions that the support agent works by: category, version, when they changed and whether a
  newer version waits in staging.
phrases:
  en:
    - instructions in production
    - production instructions
    - enabled instructions
    - active instructions
    - instruction versions
    - versions of instructions
    - prompts in production
    - production prompts
    - prompt versions
  ru:
    - инструкции в production
    - инструкции в продакшене
    - инструкции в проде
    - production инструкции
    - включённые инструкции
    - активные инструкции
    - рабочие инструкции
    - версии инструкций
    - версии промптов
    - промпты в production
    - промпты в проде
    - промптов в production
    - промптов в проде
    - промпты production
questions:
  en:
    - Show the instructions in production?
    - Which instruction versions are there?
    - List production prompts
  ru:
    - Какие инструкции в production?
    - Покажи версии инструкций
    - Список промптов в проде
parameters:
  request_types: {type: 'text[]', fills: 'dimension:request_type'}
columns:
  request_type: {role: dimension, label: {en: Category, ru: Категория}}
  version: {role: metric, unit: count, label: {en: Version, ru: Версия}}
  updated_at: {role: helper, label: {en: Last change, ru: Последнее изменение}}
  newer_in_staging: {role: helper, label: {en: Newer version in staging, ru: Новее в staging}}
*/
SELECT
  p.type AS request_type,
  p.version,
  p.updated_at,
  max(s.version) AS newer_in_staging
FROM ai_answerer_instructions AS p
LEFT JOIN ai_answerer_instructions AS s
  ON s.type = p.type AND s.staging = 'staging' AND s.status = 'enabled' AND s.version > p.version
WHERE p.staging = 'production'
  AND p.status = 'enabled'
  AND (:request_types::text[] IS NULL OR p.type = ANY(:request_types::text[]))
GROUP BY p.instruction_id, p.type, p.version, p.updated_at
ORDER BY p.type, p.version DESC
