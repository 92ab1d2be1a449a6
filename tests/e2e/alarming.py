"""Rules whose findings a test writes down, and workers that tell them.

NOON is 14:00 of Friday, 20 November 2026, in Jerusalem, which is two hours ahead of UTC.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from threading import Event
from typing import Any, cast

import psycopg

from dash_agent.adapters.clock import FrozenClock
from dash_agent.adapters.telegram import Pacing, Telegram
from dash_agent.context.alerts import Alert as Rule
from dash_agent.context.catalog import Catalog
from dash_agent.insight.wording import Wording
from dash_agent.models.alert import Cause, Finding
from dash_agent.models.job import JobKind
from dash_agent.models.principal import ScopeFilter
from dash_agent.reports.alerts.look import Looked, Withheld
from dash_agent.reports.view import View
from dash_agent.sending.alarms import Alarms
from dash_agent.sending.looking import HEARTBEAT, LOOK, SAY, TELL, UPDATE
from dash_agent.sending.presses import Presses
from dash_agent.sending.telling import Tellings
from dash_agent.warehouse.alerts import SqlAlerts
from dash_agent.warehouse.connections import Connections
from dash_agent.warehouse.deliveries import SqlDeliveries
from dash_agent.warehouse.jobs import SqlJobs, put
from dash_agent.worker.loop import Pace, Worker
from tests.conftest import ZONE
from tests.e2e.databases import Database
from tests.stubs.telegram_server import TOKEN, Arrived, TelegramServer

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
CHAT, RUSSIAN = "77", "78"
YEARLY = "0 0 1 1 *"
"""A time table by which no look is missed."""
TABLES = ("app.alerts", "app.alert_mutes", "app.alert_looks", "app.bot_updates", "app.jobs", "app.deliveries")


def rule(name: str = "volume", *chats: Mapping[str, object], **changes: object) -> Rule:
    told = [*chats] or [{"chat": CHAT}, {"chat": RUSSIAN, "language": "ru"}]
    usual = {
        "title": {"en": "Unusual number of tickets", "ru": "Необычное число тикетов"},
        "kind": "anomaly",
        "look": YEARLY,
        "metrics": ["tickets"],
        "by": ["channel"],
        "window": "hour",
        "cool_down": 6,
        "question": {"en": "Tickets by category {segment} today", "ru": "Тикеты по категориям {segment} сегодня"},
    }
    return Rule.model_validate({**usual, "name": name, "audience": {"telegram": told}, **changes})


def finding(observed: float = 140, at: datetime = NOON, *, name: str = "volume", **changes: Any) -> Finding:
    """Of the hour up to a moment, in chats."""
    usual = Finding(
        rule=name,
        metric="tickets",
        segment=(ScopeFilter("channel", ("chat",)),),
        since=NOON - 2 * HOUR,
        start=at - HOUR,
        end=at,
        observed=observed,
        expected=60.4,
        sample=140,
        p=1 / 2137,
        driver=(ScopeFilter("request_type", ("payment_issue",)),),
    )
    return replace(usual, **changes)


def cause(observed: float = 140, at: datetime = NOON, **changes: Any) -> Cause:
    return Cause(finding(observed, at, **changes))


@dataclass
class Desk:
    """As much of Dash as telling needs."""

    catalog: Catalog

    def wording(self, language: str) -> Wording:
        return Wording(self.catalog, language, ZONE)


@dataclass
class Guard:
    """Looks that find what `found` holds for whom, and workers of one thread.

    found: causes, of all rows; by scope where it is a mapping. breaks: what looking raises, while there is one.
    """

    database: Database
    state: Connections
    server: TelegramServer
    telegram: Telegram
    catalog: Catalog
    found: Sequence[Cause] = ()
    scoped: Mapping[tuple[ScopeFilter, ...], Sequence[Cause]] = field(default_factory=dict)
    withheld: tuple[Withheld, ...] = ()
    breaks: Exception | None = None
    views: list[View] = field(default_factory=list)

    def at(self, now: datetime) -> Alarms:
        return Alarms(
            dash=cast(Any, lambda: Desk(self.catalog)),
            alerts=SqlAlerts(self.state),
            seen=self._seen,
            messengers={"telegram": self.telegram},
            closed={"mail": "no mail here"},
            chats={"managers": CHAT},
            replies=self.telegram,
            put=put,
            clock=FrozenClock(now),
            zone=ZONE,
            link="https://dash.example.com",
        )

    def _seen(self, view: View, rules: Sequence[Rule]) -> Looked:
        self.views.append(view)
        if self.breaks is not None:
            raise self.breaks
        named = {one.name for one in rules} - {one.rule for one in self.withheld}
        found = self.scoped.get(view.principal.scope, self.found)
        return Looked(tuple(one for one in found if one.chief.rule in named), 12, self.withheld)

    def ruled(self, *rules: Rule) -> None:
        self.catalog = replace(self.catalog, alerts={one.name: one for one in rules})

    def look(self, now: datetime, *found: Cause, tell: bool = True) -> list[Arrived]:
        """A look that finds this, and what arrives by it; without `tell` nothing leaves."""
        self.found = found
        before = len(self.server.messages)
        SqlJobs(self.state).put(LOOK, f"look {now.isoformat()} {len(self.views)}", {"rules": [*self.catalog.alerts]})
        self.work(now, only=None if tell else (LOOK,))
        return self.server.messages[before:]

    def work(self, now: datetime, *, only: Sequence[str] | None = None, attempts: int = 3, name: str = "test") -> None:
        """Runs what is due now by the queue's own clock; what was put off is due at once."""
        rows(self.database, "UPDATE app.jobs SET run_at = now() WHERE done_at IS NULL AND dead_at IS NULL RETURNING 1")
        alarms = self.at(now)
        tellings = Tellings(alarms)
        handlers = {
            LOOK: alarms.look,
            TELL: tellings.tell,
            SAY: tellings.say,
            HEARTBEAT: tellings.heartbeat,
            UPDATE: Presses(alarms).handle,
        }
        kinds = {
            kind: JobKind(handler, attempts=attempts, pause_s=0.01)
            for kind, handler in handlers.items()
            if only is None or kind in only
        }
        worker = Worker(
            SqlJobs(self.state), SqlDeliveries(self.state), kinds, name=name, pace=Pace(slots=1), chance=lambda: 0.0
        )
        worker.run(Event(), drain=True)

    def stages(self) -> list[tuple[str, str]]:
        """Chat and stage of every alert, in the order in which they were opened."""
        return [tuple(row) for row in rows(self.database, "SELECT address, stage FROM app.alerts ORDER BY alert_id")]  # type: ignore[misc]


@contextmanager
def guarding(database: Database, catalog: Catalog, server: TelegramServer) -> Iterator[Guard]:
    state = Connections(database.app)
    telegram = Telegram(TOKEN, server.base, Pacing(sleep=lambda _: None))
    guard = Guard(database, state, server, telegram, catalog)
    guard.ruled(rule())
    yield guard
    telegram.close()
    state.close()
    with psycopg.connect(database.owner) as connection:
        connection.execute(f"TRUNCATE {', '.join(TABLES)} CASCADE".encode())
        connection.execute("DELETE FROM app.seen_events")


def rows(database: Database, statement: str) -> list[tuple[Any, ...]]:
    with psycopg.connect(database.owner) as connection:
        return connection.execute(statement.encode()).fetchall()
