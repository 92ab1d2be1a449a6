"""The demo desk in a real PostgreSQL: every invariant as a query for the rows that break it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import psycopg
import pytest
from psycopg import sql

from dash_agent.errors import WarehouseUnavailable, WrongUse
from dash_agent.warehouse.demo import DemoOptions, DemoSummary, Progress, is_seeded, load, reset, seed
from dash_agent.warehouse.demo.seeding import KEYS
from tests.e2e.databases import Database

NOW = datetime(2026, 11, 21, 10, 30, tzinfo=UTC)
AT = "timestamptz '2026-11-21 10:30:00+00'"
TICKETS = 5000

BROKEN_BY = {
    "stages in order": f"""support_threads_data WHERE ai_answered_at < created_at OR draft_created_at < ai_answered_at
        OR sent_at < draft_created_at OR escalated_at < created_at OR escalated_at > updated_at
        OR greatest(created_at, ai_answered_at, draft_created_at, sent_at) > updated_at OR updated_at > {AT}""",
    "a later stage implies the earlier": """support_threads_data WHERE draft_created_at IS NOT NULL
        AND ai_answered_at IS NULL OR sent_at IS NOT NULL AND draft_created_at IS NULL""",
    "Sent": "support_threads_data WHERE (status = 'Sent') <> (sent_at IS NOT NULL)",
    "Draft Created": """support_threads_data WHERE status = 'Draft Created'
        AND (draft_created_at IS NULL OR sent_at IS NOT NULL OR escalated_at IS NOT NULL)""",
    "AI Answered": """support_threads_data WHERE status = 'AI Answered'
        AND (ai_answered_at IS NULL OR coalesce(draft_created_at, sent_at, escalated_at) IS NOT NULL)""",
    "Data collected": """support_threads_data WHERE status = 'Data collected'
        AND coalesce(ai_answered_at, draft_created_at, sent_at, escalated_at) IS NOT NULL""",
    "Escalated": """support_threads_data WHERE status = 'Escalated'
        AND (escalated_at IS NULL OR sent_at IS NOT NULL)""",
    "escalated otherwise only when a person sent it": """support_threads_data WHERE escalated_at IS NOT NULL
        AND status <> 'Escalated' AND (status <> 'Sent' OR assigned_to IS NULL)""",
    "Error": "support_threads_data WHERE (status = 'Error') <> (error_message IS NOT NULL)",
    "auto-sent": """support_threads_data WHERE auto_sent AND (status <> 'Sent' OR draft_created_at <> sent_at
        OR assigned_to IS NOT NULL OR escalated_at IS NOT NULL)""",
    "sent by a person": "support_threads_data WHERE status = 'Sent' AND NOT auto_sent AND assigned_to IS NULL",
    "the AI owns what it has not drafted": """support_threads_data
        WHERE status IN ('Data collected', 'AI Answered') AND assigned_to IS NOT NULL""",
    "model and cost from the answer on": """support_threads_data WHERE num_nulls(model, prompt_tokens,
        completion_tokens, cost_usd) <> CASE WHEN ai_answered_at IS NULL THEN 4 ELSE 0 END""",
    "csat after sending": "support_threads_data WHERE csat IS NOT NULL AND sent_at IS NULL",
    "strangers' addresses": """support_threads_data t WHERE customer_id IS NULL
        AND EXISTS (SELECT FROM customers c WHERE c.email = lower(t.customer_email))""",
    "customers' addresses": """support_threads_data t JOIN customers c USING (customer_id)
        WHERE lower(t.customer_email) IS DISTINCT FROM c.email""",
    "customers were there first": """support_threads_data t JOIN customers c USING (customer_id)
        WHERE c.created_at > t.created_at""",
    "only reserved domains": r"""(SELECT email FROM customers
        UNION ALL SELECT customer_email FROM support_threads_data) x
        WHERE email !~* '^[a-z0-9.]+@example\.(com|org|net)$'""",
    "lower-case e-mails": "customers WHERE email <> lower(email)",
    "thread keys": r"""support_threads_data WHERE CASE channel
        WHEN 'chat' THEN thread_key !~ '^chat:[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-a[0-9a-f]{3}-[0-9a-f]{12}$'
        ELSE thread_key NOT LIKE channel || ':%' END""",
    "the first message is the customer's": """support_threads_data t WHERE NOT EXISTS (SELECT FROM support_dialogs d
        WHERE d.ticket_id = t.ticket_id AND d.role = 'customer' AND d.created_at = t.created_at)""",
    "an AI message where the AI answered": """support_threads_data t WHERE (ai_answered_at IS NOT NULL) <>
        EXISTS (SELECT FROM support_dialogs d WHERE d.ticket_id = t.ticket_id AND d.role = 'ai'
        AND d.created_at IN (t.ai_answered_at, t.sent_at) AND d.author = t.model)""",
    "authors": """support_dialogs d JOIN support_threads_data t USING (ticket_id) WHERE d.author IS DISTINCT FROM
        CASE role WHEN 'ai' THEN t.model WHEN 'human' THEN t.assigned_to END""",
    "latency and thumbs are the AI's": """support_dialogs WHERE (role = 'ai') <> (latency_ms IS NOT NULL)
        OR feedback IS NOT NULL AND role <> 'ai'""",
    "messages in the ticket's time": """support_dialogs d JOIN support_threads_data t USING (ticket_id)
        WHERE d.created_at NOT BETWEEN t.created_at AND t.updated_at""",
    "message ids in order": """support_dialogs a JOIN support_dialogs b
        ON a.ticket_id = b.ticket_id AND a.message_id < b.message_id WHERE a.created_at > b.created_at""",
    "no empty or unfilled message": "support_dialogs WHERE message = '' OR message ~ '[{}]'",
    "both answers compared": """ai_human_comparison c JOIN support_threads_data t USING (ticket_id)
        WHERE t.draft_created_at IS NULL OR c.created_at < t.sent_at OR t.sent_at IS NULL
        OR NOT EXISTS (SELECT FROM support_dialogs d WHERE d.ticket_id = c.ticket_id AND role = 'human'
            AND message = human_answer AND d.created_at <= c.created_at)
        OR NOT EXISTS (SELECT FROM support_dialogs d WHERE d.ticket_id = c.ticket_id AND role = 'ai'
            AND message = ai_answer)""",
    "comparisons up to now": f"ai_human_comparison WHERE created_at > {AT}",
    "penalties": """ai_human_comparison WHERE penalty_score <> ''
        AND (penalty_score !~ '^[0-9]+(\\.[0-9])?$' OR penalty_score::numeric NOT BETWEEN 0 AND 100)""",
    "task types of the category": """ai_agent_tasks k JOIN support_threads_data t USING (ticket_id)
        WHERE NOT task_type = ANY(CASE request_type
            WHEN 'cancel_subscription' THEN '{retention_offer,generate_cancel_link}'
            WHEN 'damaged_item' THEN '{create_damage_claim,issue_replacement}'
            WHEN 'shipping_inquiry' THEN '{issue_replacement}'
            ELSE ARRAY[request_type] END::text[] || 'escalate_to_human'::text)""",
    "task times": f"""ai_agent_tasks k JOIN support_threads_data t USING (ticket_id) WHERE k.created_at < t.created_at
        OR k.decided_at < k.created_at OR k.finished_at < greatest(k.created_at, k.decided_at)
        OR greatest(k.created_at, k.decided_at, k.finished_at) > {AT}""",
    "task statuses": """ai_agent_tasks WHERE CASE status
        WHEN 'pending_approval' THEN NOT requires_approval OR num_nonnulls(decided_at, finished_at) > 0
        WHEN 'approved' THEN decided_at IS NULL OR finished_at IS NOT NULL
        WHEN 'rejected' THEN decided_at IS NULL OR finished_at IS NOT NULL
        WHEN 'expired' THEN decided_at IS NOT NULL OR finished_at IS NULL
        ELSE finished_at IS NULL OR requires_approval <> (decided_at IS NOT NULL) END
        OR (decided_at IS NULL) <> (decided_by IS NULL) OR (status = 'failed') <> (error_message IS NOT NULL)""",
    "expired tasks are old": f"""ai_agent_tasks WHERE status = 'pending_approval'
        AND created_at < {AT} - interval '48 hours'""",
    "a task's subscription is the customer's": """ai_agent_tasks k JOIN support_threads_data t USING (ticket_id)
        JOIN subscriptions s ON s.subscription_id = (arguments ->> 'subscription_id')::bigint
        WHERE s.customer_id <> t.customer_id""",
    "cancelled subscriptions": """subscriptions WHERE status = 'cancelled' AND cancelled_at IS NULL
        OR status = 'paused' AND cancelled_at IS NOT NULL OR cancelled_at < started_at""",
    "paused subscriptions": f"""subscriptions WHERE (status = 'paused') <> (paused_until IS NOT NULL)
        OR paused_until < {AT}::date""",
    "subscriptions up to now": f"subscriptions WHERE greatest(started_at, cancelled_at) > {AT}",
    "shipment times": f"""shipments WHERE delivered_at < shipped_at OR greatest(shipped_at, delivered_at) > {AT}
        OR (status IN ('preparing', 'skipped')) <> (shipped_at IS NULL)
        OR (status = 'delivered') <> (delivered_at IS NOT NULL)""",
    "shipments in the subscription's time": """shipments JOIN subscriptions USING (subscription_id)
        WHERE shipped_at < started_at OR shipments.status NOT IN ('preparing', 'skipped')
        AND subscriptions.status = 'cancelled' AND shipped_at > cancelled_at""",
    "box months": """shipments WHERE extract(day FROM box_month) <> 1
        OR date_trunc('month', shipped_at AT TIME ZONE 'Asia/Jerusalem')::date < box_month""",
    "one box a month": """(SELECT FROM shipments GROUP BY subscription_id, box_month HAVING count(*) > 1) x""",
    "one enabled production version": """(SELECT FROM ai_answerer_instructions WHERE staging = 'production'
        GROUP BY type HAVING count(*) FILTER (WHERE status = 'enabled') <> 1
        OR count(DISTINCT version) <> count(*)) x""",
}

PRESENT = {
    "stuck": (4, f"{{open}} AND updated_at < {AT} - interval '24 hours'"),
    "stuck for two days": (2, f"{{open}} AND updated_at < {AT} - interval '48 hours'"),
    "errors in the last hour": (
        3,
        f"support_threads_data WHERE status = 'Error' AND updated_at > {AT} - interval '1 hour'",
    ),
    "tickets today": (1, "support_threads_data WHERE created_at >= timestamptz '2026-11-20 22:00+00'"),
    "mixed-case e-mails": (500, "support_threads_data WHERE customer_email <> lower(customer_email)"),
    "blank penalties": (5, "ai_human_comparison WHERE penalty_score = ''"),
    "escalated, then sent": (50, "support_threads_data WHERE status = 'Sent' AND escalated_at IS NOT NULL"),
    "came back": (2, "subscriptions WHERE status = 'active' AND cancelled_at IS NOT NULL"),
    "lost boxes": (5, "shipments WHERE status = 'lost'"),
    "second intents": (100, "support_threads_data WHERE secondary_request_type IS NOT NULL"),
}  # fmt: skip
OPEN = "support_threads_data WHERE status IN ('Data collected', 'AI Answered', 'Draft Created')"


def quiet(_: Progress) -> None:
    """Nobody watches."""


def options(folder: Path, **given: object) -> DemoOptions:
    return DemoOptions(**{"now": NOW, "incidents_file": folder / "incidents.json", "tickets": 200, **given})  # type: ignore[arg-type]


def count(url: str, rows: str) -> int:
    with psycopg.connect(url) as connection:
        found = connection.execute(f"SELECT count(*) FROM {rows}".encode()).fetchone()
    assert found is not None
    return int(found[0])


def hashes(url: str) -> dict[str, str]:
    query = sql.SQL("SELECT md5(coalesce(string_agg(t::text, E'\\n' ORDER BY {}), '')) FROM {} t")
    with psycopg.connect(url) as connection:
        found = {
            table: connection.execute(query.format(sql.Identifier(key), sql.Identifier(table))).fetchone()
            for table, key in KEYS.items()
        }
    return {table: row[0] for table, row in found.items() if row}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("demo")


@pytest.fixture(scope="module")
def seeded(fresh_database: Callable[[], Database], folder: Path) -> tuple[str, DemoSummary]:
    url = fresh_database().owner
    return url, seed(url, options(folder, tickets=TICKETS), quiet)


@pytest.fixture(scope="module")
def scratch_database(fresh_database: Callable[[], Database]) -> str:
    return fresh_database().owner


@pytest.fixture
def scratch(scratch_database: str) -> Iterator[str]:
    yield scratch_database
    reset(scratch_database)


@pytest.mark.parametrize("rule", BROKEN_BY)
def test_no_row_breaks(seeded: tuple[str, DemoSummary], rule: str) -> None:
    assert count(seeded[0], BROKEN_BY[rule]) == 0


@pytest.mark.parametrize("what", PRESENT)
def test_there_are(seeded: tuple[str, DemoSummary], what: str) -> None:
    least, rows = PRESENT[what]
    assert count(seeded[0], rows.replace("{open}", OPEN)) >= least


def test_shares_one_would_believe(seeded: tuple[str, DemoSummary]) -> None:
    with psycopg.connect(seeded[0]) as connection:
        row = connection.execute(
            """SELECT avg((customer_id IS NULL)::int), avg((status = 'Error')::int),
                avg((csat IS NOT NULL)::int) FILTER (WHERE sent_at IS NOT NULL),
                count(draft_created_at)::float / count(ai_answered_at),
                avg((t.language = c.language)::int), count(DISTINCT t.language), count(DISTINCT channel),
                count(DISTINCT model), count(DISTINCT assigned_to)
            FROM support_threads_data t LEFT JOIN customers c USING (customer_id)"""
        ).fetchone()
    assert row is not None
    unidentified, errors, rated, resolved, same_language = map(float, row[:5])
    assert 0.06 < unidentified < 0.10
    assert 0.008 < errors < 0.025
    assert 0.25 < rated < 0.38
    assert 0.8 < resolved < 0.96
    assert same_language > 0.9
    assert row[5:] == (6, 6, 3, 8)


def test_the_summary_counts_the_rows_and_the_keys_go_on(seeded: tuple[str, DemoSummary]) -> None:
    url, summary = seeded
    assert summary.rows["support_threads_data"] == TICKETS
    for table, key in KEYS.items():
        assert count(url, table) == summary.rows[table]
        with psycopg.connect(url) as connection:
            following = connection.execute("SELECT nextval(pg_get_serial_sequence(%s, %s))", (table, key)).fetchone()
        assert following is not None
        assert following[0] > summary.rows[table]


def test_the_incidents_file_says_what_was_seeded(seeded: tuple[str, DemoSummary], folder: Path) -> None:
    written = json.loads((folder / "incidents.json").read_text(encoding="utf-8"))
    assert [item["kind"] for item in written["incidents"]] == ["carrier_outage", "bad_instruction"]
    assert load(folder / "incidents.json") == seeded[1].incidents


def test_incidents_show_in_the_data(seeded: tuple[str, DemoSummary], folder: Path) -> None:
    outage, bad = json.loads((folder / "incidents.json").read_text(encoding="utf-8"))["incidents"]
    with psycopg.connect(seeded[0]) as connection:
        flood = connection.execute(
            """SELECT count(*) FILTER (WHERE created_at >= %(start)s AND created_at < %(end)s),
                count(*) FILTER (WHERE created_at < %(start)s
                    AND created_at >= %(start)s::timestamptz - (%(end)s::timestamptz - %(start)s::timestamptz))
            FROM support_threads_data WHERE request_type = %(category)s""",
            outage,
        ).fetchone()
        days = connection.execute(
            """SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY delivered_at - shipped_at)
                    FILTER (WHERE shipped_at >= %(start)s AND shipped_at < %(end)s),
                percentile_cont(0.5) WITHIN GROUP (ORDER BY delivered_at - shipped_at)
                    FILTER (WHERE shipped_at >= %(end)s)
            FROM shipments WHERE carrier = %(carrier)s""",
            outage,
        ).fetchone()
        penalty = connection.execute(
            """SELECT avg(points) FILTER (WHERE created_at >= %(start)s AND created_at < %(end)s)
                - avg(points) FILTER (WHERE created_at >= %(end)s)
            FROM (SELECT t.created_at, nullif(penalty_score, '')::numeric AS points
                FROM ai_human_comparison c JOIN support_threads_data t USING (ticket_id)
                WHERE c.request_type = %(category)s) x""",
            bad,
        ).fetchone()
    assert flood is not None
    assert days is not None
    assert penalty is not None
    assert flood[0] > 1.6 * flood[1]
    assert days[0] > 1.5 * days[1]
    assert float(penalty[0]) > 0.5 * bad["penalty_added"]


def test_same_seed_same_tables_other_seed_others(
    scratch: str, tmp_path: Path, fresh_database: Callable[[], Database]
) -> None:
    seed(scratch, options(tmp_path), quiet)
    other = fresh_database().owner
    seed(other, options(tmp_path), quiet)
    assert hashes(scratch) == hashes(other)
    reset(other)
    seed(other, options(tmp_path, seed=43), quiet)
    assert hashes(scratch)["support_threads_data"] != hashes(other)["support_threads_data"]


@pytest.mark.parametrize("stage", ["customers", "tickets"])
@pytest.mark.parametrize("failure", [KeyboardInterrupt, RuntimeError])
def test_a_broken_seeding_leaves_nothing(
    scratch: str, tmp_path: Path, stage: str, failure: type[BaseException]
) -> None:
    def break_off(progress: Progress) -> None:
        # At the second report of the stage: its first rows are on the server already.
        seen.append(progress.stage)
        if seen.count(stage) == 2 or (stage == "customers" and progress.stage == "subscriptions"):
            raise failure

    seen: list[str] = []
    before = hashes(scratch)
    with pytest.raises(failure):
        seed(scratch, options(tmp_path), break_off)
    assert hashes(scratch) == before
    assert not is_seeded(scratch)
    assert list(tmp_path.iterdir()) == []
    with psycopg.connect(scratch) as connection:
        following = connection.execute("SELECT nextval(pg_get_serial_sequence('customers', 'customer_id'))").fetchone()
    assert following == (1,)


@pytest.mark.parametrize("tickets", [0, 1, 10])
def test_small_counts(scratch: str, tmp_path: Path, tickets: int) -> None:
    reports: list[Progress] = []
    summary = seed(scratch, options(tmp_path, tickets=tickets, months=1), reports.append)
    assert summary.rows["support_threads_data"] == count(scratch, "support_threads_data") == tickets
    assert is_seeded(scratch)
    assert reports[-1].done == reports[-1].total
    assert [report.done for report in reports] == sorted(report.done for report in reports)


def test_a_full_desk_is_not_seeded_again_until_it_is_reset(scratch: str, tmp_path: Path) -> None:
    assert not is_seeded(scratch)
    seed(scratch, options(tmp_path, tickets=5), quiet)
    with pytest.raises(WrongUse, match="already hold rows"):
        seed(scratch, options(tmp_path, tickets=5), quiet)
    reset(scratch)
    assert not is_seeded(scratch)
    seed(scratch, options(tmp_path, tickets=5), quiet)


def test_a_broken_reset_leaves_the_old_desk(scratch: str, tmp_path: Path) -> None:
    def break_off(progress: Progress) -> None:
        if progress.stage == "subscriptions":
            raise KeyboardInterrupt

    seed(scratch, options(tmp_path, tickets=5), quiet)
    before = hashes(scratch)
    with pytest.raises(KeyboardInterrupt):
        seed(scratch, options(tmp_path, tickets=9, seed=43), break_off, empty_first=True)
    assert hashes(scratch) == before
    seed(scratch, options(tmp_path, tickets=9, seed=43), quiet, empty_first=True)
    assert count(scratch, "support_threads_data") == 9


def test_without_tables_nothing_is_seeded(empty_database: Callable[[], Database]) -> None:
    assert not is_seeded(empty_database().owner)


def test_a_role_that_may_not_is_told(fresh_database: Callable[[], Database], tmp_path: Path) -> None:
    made = fresh_database()
    with pytest.raises(WrongUse, match="may not fill"):
        seed(made.reader, options(tmp_path), quiet)
    assert not is_seeded(made.owner)


def test_an_unreachable_database_is_said(tmp_path: Path) -> None:
    with pytest.raises(WarehouseUnavailable):
        seed(f"host={tmp_path} dbname=nothing", options(tmp_path), quiet)
