/*
name: sleepers
label: {en: Sleepers, ru: Спящие}
description: Tickets that sleep.
phrases:
  en: [sleepers]
  ru: [спящие]
questions:
  en: [Show the sleepers]
  ru: [Покажи спящих]
columns:
  ticket_id: {role: dimension, label: {en: Ticket, ru: Тикет}}
*/
SELECT ticket_id FROM support_threads_data WHERE pg_sleep(1) IS NOT NULL
