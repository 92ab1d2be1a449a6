"""Statements on `app.dialogues` and on the ticket that each dialogue is."""

from __future__ import annotations

from typing import Final

# A ticket that demo data has been set over is not this dialogue's any more.
ROW: Final = """
    SELECT d.dialog_id::text, d.ticket_id, d.thread, d.channel, d.status, d.epoch, d.state, d.created_at, d.taken_by,
           d.closed_at
    FROM app.dialogues d JOIN public.support_threads_data t ON t.ticket_id = d.ticket_id AND t.thread_key = d.thread
"""
BY_THREAD: Final = f"{ROW} WHERE d.thread = %s"
BY_TICKET: Final = f"{ROW} WHERE d.ticket_id = %s"
BY_ID: Final = f"{ROW} WHERE d.dialog_id = %s"
LOCK_THREAD: Final = "SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))"
FORGET: Final = "DELETE FROM app.dialogues WHERE thread = %s OR ticket_id = %s"
# A thread that was imported or had its dialogue pruned goes on in its own ticket.
TICKET: Final = """
    INSERT INTO public.support_threads_data (thread_key, channel, language, customer_id, subject, request_type, urgency,
                                             status, created_at, updated_at)
    VALUES (%(thread)s, %(channel)s, %(language)s, %(customer)s, %(subject)s, %(type)s, 'low', 'Data collected',
            %(now)s, %(now)s)
    ON CONFLICT (thread_key) DO UPDATE SET updated_at = excluded.updated_at
    RETURNING ticket_id
"""
DIALOGUE: Final = """
    INSERT INTO app.dialogues (dialog_id, ticket_id, thread, channel, status, state, created_at, updated_at)
    VALUES (%s, %s, %s, %s, 'active', %s, %s, %s)
"""
KEEP: Final = """
    WITH kept AS (
        UPDATE app.dialogues SET state = %(state)s, status = coalesce(%(status)s, status), updated_at = %(now)s
        WHERE dialog_id = %(id)s AND epoch = %(epoch)s RETURNING ticket_id),
    identified AS (
        UPDATE public.support_threads_data t
        SET customer_id = coalesce(%(customer)s, t.customer_id),
            customer_email = coalesce(%(email)s, t.customer_email), updated_at = %(now)s
        FROM kept WHERE t.ticket_id = kept.ticket_id
          AND (t.customer_id IS DISTINCT FROM coalesce(%(customer)s, t.customer_id)
               OR t.customer_email IS DISTINCT FROM coalesce(%(email)s, t.customer_email)))
    SELECT FROM kept
"""
MESSAGE: Final = """
    INSERT INTO public.support_dialogs (ticket_id, role, author, message, latency_ms, created_at)
    VALUES (%s, %s, %s, %s, %s, %s) RETURNING message_id
"""
# No row where the message came before.
HEARD: Final = """
    WITH seen AS (
        INSERT INTO app.seen_events (source, event_id, seen_at)
        SELECT %(thread)s, %(event)s, %(now)s WHERE %(event)s::text IS NOT NULL
        ON CONFLICT DO NOTHING RETURNING event_id),
    fresh AS (SELECT WHERE %(event)s::text IS NULL OR EXISTS (SELECT FROM seen)),
    touched AS (
        UPDATE public.support_threads_data SET updated_at = %(now)s
        WHERE ticket_id = %(ticket)s AND EXISTS (SELECT FROM fresh))
    INSERT INTO public.support_dialogs (ticket_id, role, message, created_at)
    SELECT %(ticket)s, 'customer', %(body)s, %(now)s FROM fresh RETURNING message_id
"""
TOUCH: Final = "UPDATE public.support_threads_data SET updated_at = %s WHERE ticket_id = %s"
MESSAGES: Final = """
    SELECT m.message_id, m.role, m.message, m.author, m.created_at
    FROM app.dialogues d JOIN public.support_threads_data t ON t.ticket_id = d.ticket_id AND t.thread_key = d.thread
    JOIN public.support_dialogs m ON m.ticket_id = d.ticket_id
    WHERE d.dialog_id = %s ORDER BY m.created_at, m.message_id
"""
# No row where the dialogue has moved on since: whoever takes it over waits for this, or this for them. Times of stages
# stay as they were first set; the status is that of the latest.
ANSWERED: Final = """
    WITH held AS (SELECT FROM app.dialogues WHERE dialog_id = %(dialog)s::uuid AND epoch = %(epoch)s FOR UPDATE),
    answered AS (
        UPDATE public.support_threads_data
        SET prompt_tokens = coalesce(prompt_tokens, 0) + %(prompt)s,
            completion_tokens = coalesce(completion_tokens, 0) + %(completion)s,
            cost_usd = coalesce(cost_usd, 0) + %(cost)s,
            ai_answered_at = CASE WHEN %(answers)s THEN coalesce(ai_answered_at, %(now)s) ELSE ai_answered_at END,
            draft_created_at = CASE WHEN %(answers)s THEN coalesce(draft_created_at, %(now)s) ELSE draft_created_at END,
            auto_sent = CASE WHEN %(answers)s AND sent_at IS NULL THEN %(sent)s ELSE auto_sent END,
            sent_at = CASE WHEN %(answers)s AND %(sent)s THEN coalesce(sent_at, %(now)s) ELSE sent_at END,
            status = CASE WHEN NOT %(answers)s THEN status WHEN %(sent)s THEN 'Sent' ELSE 'Draft Created' END,
            model = CASE WHEN %(answers)s THEN coalesce(%(model)s, model, %(templates)s) ELSE model END,
            error_message = CASE WHEN %(answers)s THEN NULL ELSE error_message END,
            updated_at = %(now)s
        WHERE ticket_id = %(ticket)s AND EXISTS (SELECT FROM held))
"""
SAID: Final = f"""{ANSWERED}
    INSERT INTO public.support_dialogs (ticket_id, role, author, message, latency_ms, created_at)
    SELECT %(ticket)s, 'ai', %(author)s, %(body)s, %(latency)s::integer, %(now)s FROM held RETURNING message_id
"""  # noqa: S608  our own words
DRAFT: Final = f"""{ANSWERED}
    INSERT INTO app.drafts (dialog_id, epoch, body, language, author, sources, created_at)
    SELECT %(dialog)s::uuid, %(epoch)s, %(body)s, %(language)s, %(author)s, %(sources)s::text[], %(now)s FROM held
    RETURNING draft_id
"""  # noqa: S608  our own words
# What is said first names the ticket; what comes later is beside it. Alphabetical order is not that of urgency.
ROUTED: Final = """
    WITH marked AS (
        UPDATE app.dialogues SET routed = true WHERE dialog_id = %(dialog)s::uuid AND NOT routed RETURNING routed),
    first AS (
        UPDATE public.support_threads_data
        SET request_type = %(type)s, request_subtype = %(subtype)s, secondary_request_type = %(second)s,
            language = %(language)s, urgency = %(urgency)s, subject = %(subject)s, is_outstanding = %(outstanding)s,
            updated_at = %(now)s
        WHERE ticket_id = %(ticket)s AND EXISTS (SELECT FROM marked))
    UPDATE public.support_threads_data
    SET secondary_request_type = coalesce(secondary_request_type, nullif(%(type)s, request_type),
                                          nullif(%(second)s, request_type)),
        urgency = CASE WHEN array_position(ARRAY['low', 'medium', 'high'], %(urgency)s)
                            > array_position(ARRAY['low', 'medium', 'high'], urgency)
                       THEN %(urgency)s ELSE urgency END,
        is_outstanding = is_outstanding OR %(outstanding)s, updated_at = %(now)s
    WHERE ticket_id = %(ticket)s AND NOT EXISTS (SELECT FROM marked)
"""
UNKNOWN_LANGUAGE: Final = """
    UPDATE public.support_threads_data SET language = %(language)s, updated_at = %(now)s WHERE ticket_id = %(ticket)s
"""
TAKEN: Final = """
    UPDATE app.dialogues SET status = 'escalated', epoch = epoch + 1, taken_by = %s, updated_at = %s
    WHERE dialog_id = %s AND status <> 'closed' RETURNING ticket_id
"""
ESCALATED: Final = """
    UPDATE public.support_threads_data
    SET status = 'Escalated', escalated_at = coalesce(escalated_at, %(now)s),
        assigned_to = coalesce(%(by)s, assigned_to), error_message = NULL, updated_at = %(now)s
    WHERE ticket_id = %(ticket)s
"""
DROP_DRAFTS: Final = """
    UPDATE app.drafts SET status = 'dropped', decided_at = %s WHERE dialog_id = %s AND status = 'pending'
"""
HANDOFF: Final = "INSERT INTO app.handoffs (dialog_id, at, taken_by, reason) VALUES (%s, %s, %s, %s)"
HANDED_BACK: Final = "UPDATE app.handoffs SET released_at = %s WHERE dialog_id = %s AND released_at IS NULL"
RELEASED: Final = """
    UPDATE app.dialogues SET status = 'active', taken_by = NULL, updated_at = %s
    WHERE dialog_id = %s AND status = 'escalated' RETURNING ticket_id
"""
UNASSIGNED: Final = "UPDATE public.support_threads_data SET assigned_to = NULL, updated_at = %s WHERE ticket_id = %s"
CLOSED: Final = """
    UPDATE app.dialogues SET status = 'closed', epoch = epoch + 1, closed_at = %s, close_reason = %s, updated_at = %s
    WHERE dialog_id = %s AND status <> 'closed' RETURNING ticket_id
"""
FAILED: Final = """
    UPDATE public.support_threads_data SET status = 'Error', error_message = %s, updated_at = %s WHERE ticket_id = %s
"""
BY_PERSON: Final = """
    UPDATE public.support_threads_data
    SET sent_at = CASE WHEN draft_created_at IS NULL THEN sent_at ELSE coalesce(sent_at, %(now)s) END,
        assigned_to = %(by)s, updated_at = %(now)s
    WHERE ticket_id = %(ticket)s
"""
