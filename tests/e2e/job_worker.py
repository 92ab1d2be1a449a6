"""A worker of the tests' own, as a process: `python -m tests.e2e.job_worker URL SECONDS_OF_WORK [LEASE]`.

Its kinds write what they did to tables of the test's: `ledger` in the job's own transaction, `begun` outside of any.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from pathlib import Path
from zoneinfo import ZoneInfo

from dash_agent.errors import WrongUse
from dash_agent.logs import configure_logging
from dash_agent.models.job import JobKind, Schedule, Work
from dash_agent.warehouse.connections import Connections
from dash_agent.worker.loop import Pace
from dash_agent.worker.process import run_worker, until_told

SCHEDULES = (Schedule("each-minute", "add", "* * * * *", {"by": "schedule"}),)


def adding(state: Connections, seconds: float) -> Callable[[Work], None]:
    """Notes that it began, then adds to the ledger with the job's end, slowly."""

    def add(work: Work) -> None:
        with state.transaction() as connection:
            connection.execute("INSERT INTO public.begun (key) VALUES (%s)", (work.job.key,))
        time.sleep(seconds)
        with work.finishing() as connection:
            connection.execute("INSERT INTO public.ledger (key) VALUES (%s)", (work.job.key,))
            time.sleep(seconds / 2)

    return add


def flaky(work: Work) -> None:
    if work.job.attempt < 3:
        raise RuntimeError(f"attempt {work.job.attempt} fails")


def hopeless(work: Work) -> None:
    raise RuntimeError("the other side says no")


def unfit(work: Work) -> None:
    raise WrongUse("the payload has no 'to'", "put it in")


def sending(repeatable: bool) -> Callable[[Work], None]:
    """The other side is a file: a line for each letter that it gets."""

    def send(work: Work) -> None:
        box = Path(str(work.job.payload["box"]))

        def post(key: str) -> str:
            with box.open("a") as file:
                file.write(f"{key}\n")
            time.sleep(float(str(work.job.payload.get("wait", 0))))
            return "ref"

        work.send_once("file", "box", post, repeatable=repeatable)

    return send


def main(url: str, seconds: float, lease: float = 2.0) -> None:
    state = Connections(url)
    kinds = {
        "add": JobKind(adding(state, seconds), attempts=1000, pause_s=0.05),
        "flaky": JobKind(flaky, pause_s=0.05),
        "hopeless": JobKind(hopeless, attempts=3, pause_s=0.05),
        "unfit": JobKind(unfit),
        "mail": JobKind(sending(repeatable=False), pause_s=0.05),
        "known": JobKind(sending(repeatable=True), pause_s=0.05),
    }
    configure_logging()
    with until_told(with_parent=True) as stop:
        pace = Pace(slots=2, lease_s=lease, poll_s=30.0, grace_s=1.0)
        print("ready", flush=True)
        run_worker(state, kinds, SCHEDULES, zone=ZoneInfo("Asia/Jerusalem"), pace=pace, stop=stop)
    state.close()


if __name__ == "__main__":
    main(sys.argv[1], *map(float, sys.argv[2:]))
