"""A worker of digests that kills itself: `python -m tests.e2e.digest_killed URL BASE`.

It runs again and again, killed by SIGKILL before the first step, before the second, and so on, until it comes to its
end; after each a whole worker goes on. Steps are each transaction's beginning and end, and each message before it
leaves and after. Prints a JSON line for each run: what it was killed at, and what the queue and the record say then.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from threading import Event, current_thread
from typing import Any, cast
from zoneinfo import ZoneInfo

from psycopg import Connection

from dash_agent.adapters.clock import FrozenClock
from dash_agent.adapters.telegram import Pacing, Telegram
from dash_agent.models.digest import IssueKey, Made, Number, Outcome, Recipient
from dash_agent.models.job import JobKind, JobState, Work
from dash_agent.models.message import Album, Message, Picture, Text
from dash_agent.sending.dispatch import Dispatch
from dash_agent.sending.orders import DELIVER, Order
from dash_agent.warehouse.connections import Connections
from dash_agent.warehouse.deliveries import SqlDeliveries
from dash_agent.warehouse.digests import SqlDigests
from dash_agent.warehouse.jobs import SqlJobs, put
from dash_agent.worker.loop import Pace, Worker
from tests.stubs.telegram_server import PNG, TOKEN

LEASE_S = 0.4
DUE = datetime(2026, 11, 20, 6, tzinfo=UTC)
PICTURE = PNG + b"\0\0\0\rIHDR" + (390).to_bytes(4, "big") + (340).to_bytes(4, "big") + b"\x08\x02\0\0\0"


class Steps:
    """Kills the process when it comes to one. Switched off until the job is taken."""

    def __init__(self, fatal: int) -> None:
        self.fatal, self.seen, self.on = fatal, 0, False

    def step(self, name: str) -> None:
        # The thread that renews the lease has steps of its own, as the clock has it.
        if not self.on or not current_thread().name.startswith("dash-job"):
            return
        self.seen += 1
        if self.seen == self.fatal:
            os.write(1, f'"{name}"\n'.encode())
            os.kill(os.getpid(), signal.SIGKILL)


class Stepping(Connections):
    def __init__(self, url: str, steps: Steps) -> None:
        super().__init__(url)
        self._steps = steps

    @contextmanager
    def transaction(self) -> Iterator[Connection]:
        self._steps.step("before a transaction")
        with super().transaction() as connection:
            yield connection
            self._steps.step("before a commit")
        self._steps.step("after a commit")


class SteppingTelegram(Telegram):
    def __init__(self, base: str, steps: Steps) -> None:
        super().__init__(TOKEN, base, Pacing(sleep=lambda _: None))
        self._steps = steps

    def send(self, to: str, message: Message, key: str) -> str:
        self._steps.step("before a message leaves")
        reference = super().send(to, message, key)
        self._steps.step("after a message has left")
        return reference


class Ready(Dispatch):
    """A digest whose words are there already: what is told is not what is tried."""

    def _made(self, order: Order, work: Work) -> tuple[Message, ...]:
        pictures = tuple(Picture(f"{n}.png", PICTURE, f"Picture {n}") for n in range(2))
        # At each making another, as numbers are: who goes on goes on with what was begun.
        stamp = time.monotonic_ns()
        messages = (Text(f"<b>One</b> {stamp}"), Text(f"<b>Two</b> {stamp}"), Album(pictures))
        numbers = (Number("tickets", "Tickets", "8"),)
        self.digests.keep(self._issue(order, Outcome.BUILT, ""), Made(messages, numbers))
        return messages


def order_of(number: int) -> Order:
    chat = str(1000 + number)
    return Order(IssueKey("daily", "2026-11-19..2026-11-19", "telegram", chat), Recipient("telegram", chat, "en"), DUE)


def run(url: str, base: str, fatal: int) -> None:
    """Until nothing is due, or it is killed."""
    steps = Steps(fatal)
    state = Stepping(url, steps)
    nothing = cast("Any", None)
    telegram = SteppingTelegram(base, steps)
    dispatch = Ready(
        dash=nothing,
        digests=SqlDigests(state),
        messengers={"telegram": telegram},
        closed={},
        chats={},
        draw=nothing,
        moved=nothing,
        put=put,
        clock=FrozenClock(DUE),
        zone=ZoneInfo("Asia/Jerusalem"),
        link="",
    )

    def deliver(work: Work) -> None:
        steps.on = True
        dispatch.deliver(work)

    kinds = {DELIVER: JobKind(deliver, attempts=5, pause_s=0.01)}
    pace = Pace(slots=1, lease_s=LEASE_S)
    Worker(SqlJobs(state), SqlDeliveries(state), kinds, name=f"{os.getpid()}", pace=pace, chance=lambda: 0.0).run(
        Event(), drain=True
    )
    telegram.close()
    state.close()


def apart(work: Callable[[], None]) -> bool:
    """In a process of its own; whether it came to its end."""
    pid = os.fork()
    if pid == 0:
        code = 1
        try:
            work()
            code = 0
        finally:
            os._exit(code)
    _, status = os.waitpid(pid, 0)
    return os.waitstatus_to_exitcode(status) == 0


def told(url: str, number: int) -> Mapping[str, object]:
    state = Connections(url)
    found: Sequence[Any] = [e for e in SqlJobs(state).listed(limit=1000) if e.job.key == str(order_of(number).key)]
    issue = SqlDigests(state).get(order_of(number).key)
    state.close()
    dead = [entry.job.job_id for entry in found if entry.state is JobState.DEAD]
    return {"number": number, "state": found[0].state, "outcome": issue.outcome if issue else None, "dead": dead}


def main(url: str, base: str) -> None:
    for number in range(1, 200):
        state = Connections(url)
        with state.transaction() as connection:
            put(connection, DELIVER, str(order_of(number).key), order_of(number).payload)
        state.close()
        ended = apart(lambda number=number: run(url, base, number))  # type: ignore[misc]
        if not ended:
            time.sleep(LEASE_S + 0.1)
            assert apart(lambda: run(url, base, 0))
        print(json.dumps({**told(url, number), "killed": not ended}), flush=True)
        if ended:
            return


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
