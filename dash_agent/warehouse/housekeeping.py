"""What keeps our state small and true. Each is a statement in the transaction of the job that asks for it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from dash_agent.models.job import Transaction
from dash_agent.warehouse.changes import COMPACT

ROWS: Final[Mapping[str, str]] = {
    "turns": "DELETE FROM app.turns WHERE created_at < now() - %(turns)s * interval '1 day'",
    "answers": """
        DELETE FROM app.answers a WHERE kept_at < now() - %(answers)s * interval '1 day'
          AND NOT EXISTS (SELECT FROM app.feedback f WHERE f.answer_id = a.answer_id)
    """,
    "jobs": "DELETE FROM app.jobs WHERE done_at < now() - %(jobs)s * interval '1 day'",
    # As long as its job may be retried, what it has sent is not sent again.
    "deliveries": """
        DELETE FROM app.deliveries d WHERE sent_at < now() - %(jobs)s * interval '1 day'
          AND NOT EXISTS (SELECT FROM app.jobs j WHERE j.done_at IS NULL AND starts_with(d.key, j.key || ' '))
    """,
    "digest_texts": """
        UPDATE app.digest_issues SET messages = '[]'
        WHERE at < now() - interval '90 days' AND outcome IN ('sent', 'skipped') AND messages <> '[]'
    """,
    "alert_looks": "DELETE FROM app.alert_looks WHERE at < now() - %(jobs)s * interval '1 day'",
    "alert_texts": """
        UPDATE app.alert_tellings SET message = '{}'
        WHERE at < now() - interval '90 days' AND outcome IN ('sent', 'skipped') AND message <> '{}'
    """,
    # With what was told of them, and what was made of it. One that was never over, and that nobody looks at any more,
    # goes, too.
    "alerts": "DELETE FROM app.alerts WHERE seen_at < now() - %(digests)s * interval '1 day'",
    "digest_issues": "DELETE FROM app.digest_issues WHERE at < now() - %(digests)s * interval '1 day'",
}
CONTENTS: Final[Mapping[str, str]] = {
    # The latest one is in service, with or without an answer.
    "content_versions": """
        DELETE FROM app.content_versions v
        WHERE kept_at < now() - %(answers)s * interval '1 day'
          AND NOT EXISTS (SELECT FROM app.answers a WHERE a.context_version = v.version)
          AND kept_at < (SELECT max(kept_at) FROM app.content_versions)
    """,
    "content_files": """
        DELETE FROM app.content_files f
        WHERE NOT EXISTS (
            SELECT FROM app.content_versions v, jsonb_each_text(v.files) named WHERE named.value = f.hash)
          AND EXISTS (SELECT FROM app.content_versions)
    """,
}
"""In this order: a file goes with the last version that names it."""

# While a version is being kept, its texts stand there before it does.
LOCK_CONTENTS: Final = "LOCK TABLE app.content_versions, app.content_files IN SHARE ROW EXCLUSIVE MODE"

EXPIRED: Final = """
    WITH over AS (
        UPDATE app.learnings SET status = 'retired'
        WHERE status IN ('proposed', 'active') AND expires_at <= now() RETURNING learning_id
    ), decided AS (
        INSERT INTO app.learning_decisions (learning_id, at, "user", decision, reason)
        SELECT learning_id, now(), 'worker', 'retired', 'its time was over' FROM over
    ), seen AS (
        UPDATE app.learnings_version SET version = version + 1 WHERE EXISTS (SELECT FROM over)
    )
    SELECT count(*) FROM over
"""


@dataclass(frozen=True, slots=True)
class Keeping:
    """Days for which things are kept. digests: what became of them and of alerts; what they said goes after 90."""

    answers: int
    turns: int
    jobs: int
    digests: int = 365


def prune(connection: Transaction, keeping: Keeping) -> Mapping[str, int]:
    """Removes what is older; how many rows of each table."""
    days = {
        "answers": keeping.answers,
        "turns": keeping.turns,
        "jobs": keeping.jobs,
        "digests": keeping.digests,
    }
    gone = {name: _removed(connection, statement, days) for name, statement in ROWS.items()}
    connection.execute(LOCK_CONTENTS)
    return gone | {name: _removed(connection, statement, days) for name, statement in CONTENTS.items()}


def _removed(connection: Transaction, statement: str, days: Mapping[str, int]) -> int:
    return int(connection.execute(statement, days).rowcount)


def expire_learnings(connection: Transaction) -> int:
    """Retires learnings whose time is over; how many."""
    return int(connection.execute(EXPIRED).fetchone()[0])


def compact_changes(connection: Transaction) -> None:
    connection.execute(COMPACT)
