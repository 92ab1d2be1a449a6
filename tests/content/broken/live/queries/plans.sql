/*
name: plans
label: {en: Plans, ru: Планы}
description: Subscriptions by plan.
phrases:
  en: [plan mix]
  ru: [состав планов]
questions:
  en: [Show the plan mix]
  ru: [Покажи состав планов]
columns:
  plan: {role: dimension, label: {en: Plan, ru: План}}
  subscriptions: {role: metric, unit: count, label: {en: Subscriptions, ru: Подписки}}
*/
SELECT plan, count(*) AS subscriptions
FROM subscriptions
