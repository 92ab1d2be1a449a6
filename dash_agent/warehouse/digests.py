"""Digests that are no files, what became of every one, and the schedules that they are due by."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from typing import Any, Final

from psycopg.types.json import Jsonb

from dash_agent.models.digest import Issue, IssueKey, Made, Number, Outcome
from dash_agent.models.job import Schedule, Transaction
from dash_agent.models.message import Message, message_json
from dash_agent.models.principal import ScopeFilter
from dash_agent.models.wire import Json
from dash_agent.warehouse.connections import Connections
from dash_agent.warehouse.state import storable

KEY: Final = "digest = %(digest)s AND period = %(period)s AND channel = %(channel)s AND address = %(address)s"
COLUMNS: Final = "digest, period, channel, address, outcome, why, due, at, scope, numbers, messages"
BRIEF: Final = "digest, period, channel, address, outcome, why, due, at, scope, '[]'::jsonb, '[]'::jsonb"
GET: Final = f"SELECT {COLUMNS} FROM app.digest_issues WHERE {KEY}"  # noqa: S608  our own words
NOTE: Final = """
    INSERT INTO app.digest_issues (digest, period, channel, address, outcome, why, due, scope)
    VALUES (%(digest)s, %(period)s, %(channel)s, %(address)s, %(outcome)s, %(why)s, %(due)s, %(scope)s)
    ON CONFLICT (digest, period, channel, address) DO UPDATE
    SET outcome = excluded.outcome, why = excluded.why, scope = excluded.scope, at = clock_timestamp()
"""
KEEP: Final = """
    INSERT INTO app.digest_issues (digest, period, channel, address, outcome, why, due, scope, numbers, messages)
    VALUES (%(digest)s, %(period)s, %(channel)s, %(address)s, 'built', %(why)s, %(due)s, %(scope)s, %(numbers)s,
            %(messages)s)
    ON CONFLICT (digest, period, channel, address) DO UPDATE
    SET outcome = 'built', why = excluded.why, scope = excluded.scope, numbers = excluded.numbers,
        messages = excluded.messages, at = clock_timestamp()
"""
SENT: Final = f"""
    UPDATE app.digest_issues SET outcome = 'sent', messages = %(messages)s, at = clock_timestamp() WHERE {KEY}
"""  # noqa: S608  our own words
BEFORE: Final = f"""
    SELECT {COLUMNS} FROM app.digest_issues
    WHERE digest = %(digest)s AND channel = %(channel)s AND address = %(address)s AND outcome = 'sent'
      AND period < %(period)s
    ORDER BY period DESC LIMIT 1
"""  # noqa: S608  our own words
LISTED: Final = f"""
    SELECT {BRIEF} FROM app.digest_issues
    WHERE (%(digest)s::text IS NULL OR digest = %(digest)s)
      AND (%(outcomes)s::text[] IS NULL OR outcome = ANY (%(outcomes)s))
    ORDER BY at DESC LIMIT %(limit)s
"""  # noqa: S608  our own words
LATEST: Final = f"""
    SELECT DISTINCT ON (digest, channel, address) {BRIEF} FROM app.digest_issues
    ORDER BY digest, channel, address, due DESC, at DESC
"""  # noqa: S608  our own words
DEFINED: Final = "SELECT definition FROM app.digests ORDER BY name"
DEFINE: Final = """
    INSERT INTO app.digests (name, definition, changed_by) VALUES (%s, %s, %s)
    ON CONFLICT (name) DO UPDATE
    SET definition = excluded.definition, changed_by = excluded.changed_by, changed_at = clock_timestamp()
"""
FORGET: Final = "DELETE FROM app.digests WHERE name = %s"

# What somebody has changed by hand stays until the digest itself says another time.
SCHEDULE: Final = """
    INSERT INTO app.schedules AS s (name, kind, cron, payload, last_at) VALUES (%s, %s, %s, %s, clock_timestamp())
    ON CONFLICT (name) DO UPDATE SET cron = excluded.cron, payload = excluded.payload, last_at = clock_timestamp()
    WHERE s.payload IS DISTINCT FROM excluded.payload
"""
UNSCHEDULE: Final = "DELETE FROM app.schedules WHERE kind = %s AND name <> ALL (%s)"


class SqlDigests:
    """Port `Digests`. Raises WarehouseUnavailable, DiskFull, WrongSchema."""

    def __init__(self, connections: Connections) -> None:
        self._connections = connections

    # Those that are no files

    def definitions(self) -> Sequence[Mapping[str, object]]:
        with self._connections.transaction() as connection:
            return [row[0] for row in connection.execute(DEFINED).fetchall()]

    def define(self, name: str, definition: Mapping[str, Json], by: str) -> None:
        with self._connections.transaction() as connection:
            connection.execute(DEFINE, (name, Jsonb(storable(dict(definition))), by))

    def forget(self, name: str) -> bool:
        with self._connections.transaction() as connection:
            return bool(connection.execute(FORGET, (name,)).rowcount)

    # What became of them

    def get(self, key: IssueKey) -> Issue | None:
        with self._connections.transaction() as connection:
            row = connection.execute(GET, asdict(key)).fetchone()
        return _issue(row) if row else None

    def before(self, key: IssueKey) -> Issue | None:
        with self._connections.transaction() as connection:
            row = connection.execute(BEFORE, asdict(key)).fetchone()
        return _issue(row) if row else None

    def listed(
        self, digest: str | None = None, limit: int = 50, outcomes: Sequence[Outcome] | None = None
    ) -> Sequence[Issue]:
        asked = {"digest": digest, "limit": limit, "outcomes": None if outcomes is None else list(map(str, outcomes))}
        with self._connections.transaction() as connection:
            rows = connection.execute(LISTED, asked).fetchall()
        return [_issue(row) for row in rows]

    def latest(self) -> Sequence[Issue]:
        with self._connections.transaction() as connection:
            return [_issue(row) for row in connection.execute(LATEST).fetchall()]

    def note(self, issue: Issue) -> None:
        values = {**_kept(issue), "outcome": issue.outcome, "why": storable(issue.why)}
        with self._connections.transaction() as connection:
            connection.execute(NOTE, values)

    def keep(self, issue: Issue, made: Made) -> None:
        values = {
            **_kept(issue),
            "why": storable(made.note),
            "numbers": Jsonb(storable([asdict(one) for one in made.numbers])),
            "messages": _stored(made.messages, pictures=True),
        }
        with self._connections.transaction() as connection:
            connection.execute(KEEP, values)

    def sent(self, transaction: Transaction, key: IssueKey, messages: Sequence[Message]) -> None:
        transaction.execute(SENT, {**asdict(key), "messages": _stored(messages, pictures=False)})

    # When they are due

    def schedule(self, kind: str, schedules: Iterable[Schedule]) -> None:
        """Brings the schedules of a kind to these. One that is switched off stays so."""
        found = [(one.name, kind, one.cron, Jsonb(dict(one.payload))) for one in schedules]
        with self._connections.transaction() as connection, connection.cursor() as cursor:
            cursor.executemany(SCHEDULE, found)
            cursor.execute(UNSCHEDULE, (kind, [row[0] for row in found]))


def _stored(messages: Sequence[Message], *, pictures: bool) -> Jsonb:
    told: list[Json] = [message_json(one, pictures=pictures) for one in messages]
    return Jsonb(storable(told))


def _kept(issue: Issue) -> dict[str, object]:
    """What is kept of every one."""
    scope = None if issue.scope is None else Jsonb([asdict(one) for one in issue.scope])
    return {**asdict(issue.key), "due": issue.due, "scope": scope}


def _issue(row: Sequence[Any]) -> Issue:
    digest, period, channel, address, outcome, why, due, at, scope, numbers, messages = row
    key = IssueKey(digest, period, channel, address)
    told = tuple(Number(**one) for one in numbers)
    rows = None if scope is None else tuple(ScopeFilter(one["dimension"], tuple(one["values"])) for one in scope)
    return Issue(key, Outcome(outcome), why, due, at, told, tuple(messages), rows)
