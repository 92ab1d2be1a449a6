/*
name: everything
label: {en: Everything, ru: Всё}
description: All of it.
phrases:
  en: [everything there is]
  ru: [всё что есть]
questions:
  en: [Show everything there is]
  ru: [Покажи всё что есть]
columns:
  ticket_id: {role: dimension, label: {en: Ticket, ru: Тикет}}
*/
SELECT * FROM support_threads_data
