"""A worker of alerts that kills itself: `python -m tests.e2e.alarm_killed URL BASE`.

As `digest_killed`: by SIGKILL before the first step of a look and its message, before the second, and so on. After each
a whole worker goes on. Prints a JSON line for each run: what it was killed at, and what is kept then.
"""

from __future__ import annotations

import json
import os
import sys
from dataclasses import replace
from threading import Event
from typing import Any, cast
from zoneinfo import ZoneInfo

from dash_agent.adapters.clock import FrozenClock
from dash_agent.context.catalog import Catalog, load_catalog
from dash_agent.models.job import JobKind, JobState, Work
from dash_agent.reports.alerts.look import Looked
from dash_agent.sending.alarms import Alarms
from dash_agent.sending.looking import LOOK, TELL
from dash_agent.sending.telling import Tellings
from dash_agent.warehouse.alerts import SqlAlerts
from dash_agent.warehouse.connections import Connections
from dash_agent.warehouse.deliveries import SqlDeliveries
from dash_agent.warehouse.jobs import SqlJobs, put
from dash_agent.worker.loop import Pace, Worker
from tests.conftest import ROOT
from tests.e2e.alarming import NOON, Desk, cause, rule
from tests.e2e.digest_killed import Stepping, SteppingTelegram, Steps, apart

EXPIRE = "UPDATE app.jobs SET locked_until = now() - interval '1 second' WHERE locked_until IS NOT NULL"


def run(url: str, base: str, catalog: Catalog, number: int, fatal: int) -> None:
    """Until nothing is due, or it is killed."""
    steps = Steps(fatal)
    state = Stepping(url, steps)
    telegram = SteppingTelegram(base, steps)
    chat = str(1000 + number)
    told = Desk(catalog_of(catalog, chat))
    alarms = Alarms(
        dash=cast(Any, lambda: told),
        alerts=SqlAlerts(state),
        seen=lambda view, rules: Looked((cause(),), 1),
        messengers={"telegram": telegram},
        closed={},
        chats={},
        replies=None,
        put=put,
        clock=FrozenClock(NOON),
        zone=ZoneInfo("Asia/Jerusalem"),
        link="https://dash.example.com",
    )

    def look(work: Work) -> None:
        steps.on = True
        alarms.look(work)

    kinds = {LOOK: JobKind(look, attempts=5, pause_s=0.01), TELL: JobKind(Tellings(alarms).tell, attempts=5)}
    Worker(
        SqlJobs(state), SqlDeliveries(state), kinds, name=f"{os.getpid()}", pace=Pace(slots=1), chance=lambda: 0.0
    ).run(Event(), drain=True)
    telegram.close()
    state.close()


def catalog_of(catalog: Catalog, chat: str) -> Catalog:
    return replace(catalog, alerts={"volume": rule("volume", {"chat": chat})})


def main(url: str, base: str) -> None:
    catalog = load_catalog(ROOT)
    for number in range(1, 200):
        state = Connections(url)
        with state.transaction() as connection:
            connection.execute("DELETE FROM app.alert_looks")
            put(connection, LOOK, f"look {number}", {"rules": ["volume"]})
        ended = apart(lambda number=number: run(url, base, catalog, number, number))  # type: ignore[misc]
        if not ended:
            with state.transaction() as connection:
                connection.execute(EXPIRE)
            assert apart(lambda number=number: run(url, base, catalog, number, 0))  # type: ignore[misc]
        found = [alert for alert in SqlAlerts(state).listed() if alert.address.to == str(1000 + number)]
        dead = [
            e.job.key
            for e in SqlJobs(state).listed(JobState.DEAD, 1000)
            if e.job.key.startswith(f"alert {found[0].alert_id} ")
        ]
        state.close()
        last = [alert.last for alert in found]
        print(json.dumps({"number": number, "killed": not ended, "last": last, "dead": len(dead)}), flush=True)
        if ended:
            return


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
