/*
name: answers_by_month
label: {en: Answers by month, ru: Ответы по месяцам}
description: Answers of each month.
phrases:
  en: [answers by month]
  ru: [ответы по месяцам]
questions:
  en: [Answers by month in 2026]
  ru: [Ответы по месяцам за 2026 год]
parameters:
  since: {type: text, fills: period.start}
columns:
  month: {role: dimension, unit: count, label: {en: Month, ru: Месяц}}
  answers: {role: metric, unit: count, label: {en: Answers, ru: Ответы}}
*/
SELECT date_trunc('month', sent_at) AS month, count(*) AS answers
FROM support_threads_data
WHERE sent_at >= :since::timestamptz
GROUP BY 1
