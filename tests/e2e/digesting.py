"""A small desk whose numbers anybody can count, digests of it, and workers that send them.

Yesterday, 19 November 2026 in Jerusalem, had 8 tickets, the day before 10, and one of the 15th is stuck. MORNING is
08:00 of the 20th there.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Event
from typing import Any

import psycopg

from dash_agent import bootstrap
from dash_agent.adapters.clock import FrozenClock
from dash_agent.bootstrap import Running
from dash_agent.context.catalog import Catalog
from dash_agent.context.digests import Audience, Chat, Digest
from dash_agent.models.job import JobKind
from dash_agent.sending.dispatch import Dispatch
from dash_agent.settings import Settings
from dash_agent.warehouse.connections import Connections
from dash_agent.warehouse.deliveries import SqlDeliveries
from dash_agent.warehouse.jobs import SqlJobs
from dash_agent.worker.digests import dispatch_of
from dash_agent.worker.loop import Pace, Worker
from tests.conftest import ROOT
from tests.e2e.databases import Database
from tests.stubs.telegram_server import TOKEN

MORNING = datetime(2026, 11, 20, 6, 0, tzinfo=UTC)
CHAT, RUSSIAN = "77", "78"

ROWS = """
    INSERT INTO support_threads_data
        (thread_key, channel, language, subject, request_type, urgency, status, auto_sent, model, cost_usd, csat,
         created_at, ai_answered_at, draft_created_at, sent_at, escalated_at, updated_at)
    SELECT %(day)s || ' ' || n, 'email', 'en', 'Hello',
           CASE WHEN n <= 5 THEN 'shipping_inquiry' ELSE 'payment_issue' END, 'low',
           CASE WHEN n <= %(sent)s THEN 'Sent' ELSE 'Escalated' END, n <= %(auto)s, 'gpt-5.2', 0.01,
           CASE n WHEN 1 THEN 4 WHEN 2 THEN %(second)s END, at, at + interval '1 minute',
           CASE WHEN n <= %(sent)s THEN at + interval '5 minutes' END,
           CASE WHEN n <= %(sent)s THEN at + %(minutes)s * interval '1 minute' END,
           CASE WHEN n > %(tickets)s - %(escalated)s THEN at + interval '20 minutes' END, at + interval '30 minutes'
    FROM generate_series(1, %(tickets)s) n, LATERAL (SELECT %(day)s::timestamptz + n * interval '10 minutes' AS at) t
"""
STUCK = """
    INSERT INTO support_threads_data (thread_key, channel, language, subject, request_type, urgency, status,
                                      created_at, ai_answered_at, updated_at)
    VALUES ('stuck', 'chat', 'en', 'Hello', 'cancel_subscription', 'high', 'AI Answered',
            '2026-11-15 08:00+00', '2026-11-15 08:01+00', '2026-11-15 08:01+00')
"""


def fill(database: Database) -> None:
    yesterday = {"day": "2026-11-19 08:00+00", "tickets": 8, "sent": 6, "auto": 4, "escalated": 1, "minutes": 10}
    before = {"day": "2026-11-18 08:00+00", "tickets": 10, "sent": 9, "auto": 3, "escalated": 2, "minutes": 12}
    with psycopg.connect(database.owner) as connection:
        connection.execute(STUCK)
        connection.execute(ROWS, {**yesterday, "second": 5})
        connection.execute(ROWS, {**before, "second": 4})


def insert(database: Database, at: datetime, count: int) -> None:
    """More tickets, which nobody has answered yet, a minute from each other."""
    with psycopg.connect(database.owner) as connection:
        connection.execute(
            "INSERT INTO support_threads_data (thread_key, channel, language, subject, request_type, urgency, status,"
            " created_at, updated_at) SELECT %(at)s::text || n, 'chat', 'en', 'Hello', 'other', 'low', 'Sent', at, at"
            " FROM generate_series(1, %(count)s) n, LATERAL (SELECT %(at)s + n * interval '1 minute' AS at) t",
            {"at": at, "count": count},
        )


def with_digests(catalog: Catalog, *digests: Digest) -> Catalog:
    return replace(catalog, digests={one.name: one for one in digests})


def daily(catalog: Catalog, *chats: Chat, **changes: Any) -> Digest:
    """The file of that name, for these chats and nobody else, without charts unless they are asked for."""
    to = Audience(telegram=list(chats) or [Chat(chat=CHAT), Chat(chat=RUSSIAN, language="ru")])
    return catalog.digests["daily"].model_copy(update={"audience": to, "charts": [], **changes})


@dataclass
class Post:
    """An open database with digests, and a worker of one thread for them."""

    database: Database
    running: Running
    dispatch: Dispatch
    state: Connections

    def at(self, now: datetime) -> Dispatch:
        return replace(self.dispatch, clock=FrozenClock(now))

    def order(self, name: str, due: datetime, now: datetime | None = None) -> int:
        dispatch = self.at(now or due)
        with self.state.transaction() as transaction:
            return dispatch.order(transaction, dispatch.ordered(name, due))

    def work(self, now: datetime, *, attempts: int = 3) -> None:
        """Runs what is due now by the queue's own clock; what was put off is due at once."""
        rows(self.database, "UPDATE app.jobs SET run_at = now() WHERE done_at IS NULL RETURNING job_id")
        dispatch = self.at(now)
        kinds = {
            "digest.send": JobKind(dispatch.send, attempts=attempts, pause_s=0.01),
            "digest.deliver": JobKind(dispatch.deliver, attempts=attempts, pause_s=0.01),
        }
        jobs, sent = SqlJobs(self.state), SqlDeliveries(self.state)
        Worker(jobs, sent, kinds, name="test", pace=Pace(slots=1), chance=lambda: 0.0).run(Event(), drain=True)

    def outcomes(self) -> Mapping[tuple[str, str], str]:
        """By address and period's last day."""
        found = rows(self.database, "SELECT address, right(period, 10), outcome FROM app.digest_issues")
        return {(address, day): outcome for address, day, outcome in found}

    def why(self, address: str) -> str:
        found = rows(self.database, f"SELECT why FROM app.digest_issues WHERE address = '{address}' ORDER BY due DESC")
        return str(found[0][0])


@contextmanager
def posting(
    database: Database, catalog: Catalog, base: str, folder: Path, *, token: str = TOKEN, **more: Any
) -> Iterator[Post]:
    settings = Settings(
        _env_file=None,
        content_dir=ROOT,
        data_dir=folder,
        now=MORNING,
        telegram_token=token,
        telegram_base=base,
        dashboard_url="https://dash.example.com",
        **more,
    )
    place = bootstrap.Database(database.owner, database.app, database.reader, foreign=False, grant=lambda _: None)
    with bootstrap.open_on(place, catalog, settings) as running:
        dispatch = dispatch_of(running, settings)
        for messenger in dispatch.messengers.values():
            pacing = getattr(messenger, "_pacing", None)
            if pacing is not None:
                pacing._sleep = lambda _: None
        yield Post(database, running, dispatch, running.parts["database"])
        dispatch.messengers["telegram"].close()  # type: ignore[attr-defined]


def rows(database: Database, statement: str) -> list[tuple[Any, ...]]:
    with psycopg.connect(database.owner) as connection:
        return connection.execute(statement.encode()).fetchall()


DAY = timedelta(days=1)
