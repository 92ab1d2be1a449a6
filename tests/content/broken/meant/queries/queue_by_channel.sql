/*
name: queue_by_channel
label: {en: Queue by channel, ru: Очередь по каналам}
description: Tickets that wait for an answer, by channel.
phrases:
  en: [queue, waiting line]
  ru: [очередь, ожидающие ответа]
questions:
  en: [Show the queue, 'What is the queue in chat?']
  ru: [Покажи очередь]
parameters:
  channels: {type: 'text[]', fills: 'dimension:channel'}
  hours: {type: numeric, fills: 'constant:stuck_hours'}
columns:
  channel: {role: dimension, label: {en: Channel, ru: Канал}}
  waiting: {role: metric, unit: count, label: {en: Waiting, ru: Ждут}}
  stuck: {role: metric, unit: count, label: {en: Stuck, ru: Застряли}}
*/
SELECT
  t.channel,
  count(*) AS waiting,
  count(*) FILTER (WHERE t.updated_at < :now - make_interval(hours => :hours::integer)) AS stuck
FROM support_threads_data AS t
WHERE t.sent_at IS NULL
  AND (:channels::text[] IS NULL OR t.channel = ANY(:channels::text[]))
GROUP BY t.channel
ORDER BY waiting DESC, t.channel
