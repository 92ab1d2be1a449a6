"""The support agent's desk under load: 50 open dialogues, 10 turns a second, a real server over HTTP, no model.

Turns arrive by the clock whether or not earlier ones were answered, and a turn's time counts from its arrival, so that
a slow answer is not hidden by what it holds up. A customer's next turn waits for the answer to their last one.
"""

from __future__ import annotations

import asyncio
import os
import random
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from time import perf_counter, sleep

import httpx

from support_agent.adapters.knowledge import SHELF as PAGES
from support_agent.knowing import SHELF
from support_agent.router.teaching import BY_MEANING, BY_WORDS
from tests.bench.data import folder
from tests.bench.figures import Limits, Report
from tests.bench.shop import Work, served, work_of, world_of
from tests.bench.talks import Guest, Outbox, Talk, guests, mixed_up, unlike
from tests.support_worlds import SqlWorld

DESK = "-desk"
"""Data that this part writes into."""
OPEN = 50
A_SECOND = 10
SECONDS = 75
LIMITS = Limits(p95=300)
GUESTS = 360
"""Who may come to talk, at most: a conversation has two turns or more, but for one question."""
FIRST_S = 15
TAUGHT = (BY_WORDS, BY_MEANING, PAGES)
"""What the server puts on its shelf when it has learned it."""
LEARNED_S = 300
TAKEN_S = 15.0
"""From the shelf into the server; and until the worker beside it has started."""
API = "/api/v1/dialogue"
KEPT = httpx.Limits(max_connections=OPEN, keepalive_expiry=2)
"""Connections are left before the server closes them."""
SHOWN = 5
"""Problems that are printed of each kind."""
MAIL_S = 5.0
"""That a mail with a code may take."""


@dataclass(frozen=True, slots=True)
class Taken:
    """Milliseconds of one turn, from its arrival. second: of the arrival, from the beginning on."""

    second: float
    ms: float
    is_first: bool
    language: str
    text: str


@dataclass(slots=True)
class Run:
    """What came of the load. talks: all that were begun. over: those whose customers had nothing more to say."""

    taken: list[Taken] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    talks: list[Talk] = field(default_factory=list)
    over: list[Talk] = field(default_factory=list)
    late: int = 0


def bench_desk(report: Report, tickets: int) -> None:
    """At the size of the data; once what the examples teach is learned, which the first start of all has to do."""
    world, home = world_of(tickets, DESK), folder(tickets, DESK)
    settled = list(guests(world, GUESTS, secrets.token_hex(3)))
    for name in TAUGHT:  # what was learned from other examples would look like learned
        (home / SHELF / name).unlink(missing_ok=True)
    with served(tickets, DESK) as server:
        report.single("learned after", _learned(home), None, "s")
        load = Load(server.url, settled, Outbox(home / "outbox"))
        before, began = work_of(server, home), perf_counter()
        run = asyncio.run(load.run())
        spent, seconds = work_of(server, home).since(before), perf_counter() - began
        mixed, unlike_it = _problems(server.url, run, world)
    _show(report, run, spent, seconds)
    for what, found in (("errors", run.errors), ("mixed up", mixed), ("ended otherwise", unlike_it)):
        report.single(what, len(found), 0, "")
        for text in found[:SHOWN]:
            print(f"  {text}")


def _learned(home: Path) -> float:
    """Seconds until the server has learned. Before, it answers by rules, and its conversations may go otherwise."""
    began = perf_counter()
    while not all((home / SHELF / name).exists() for name in TAUGHT):
        if perf_counter() - began > LEARNED_S:
            raise SystemExit("the server did not learn; bench.log in its data folder says why")
        sleep(0.5)
    sleep(TAKEN_S)
    return perf_counter() - began


class Load:
    """Turns that arrive for `OPEN` dialogues by turns; one that ends makes room for the next customer."""

    def __init__(self, url: str, settled: Sequence[Guest], outbox: Outbox) -> None:
        self._client = httpx.AsyncClient(base_url=url, timeout=60, limits=KEPT)
        self._guests = iter(settled)
        self._outbox = outbox
        self._run = Run()
        self._began = 0.0

    async def run(self) -> Run:
        async with self._client:
            lines: list[asyncio.Queue[float | None]] = [asyncio.Queue() for _ in range(OPEN)]
            seats = [asyncio.create_task(self._seat(line)) for line in lines]
            await self._arrivals(lines)
            await asyncio.gather(*seats)
        return self._run

    async def _arrivals(self, lines: Sequence[asyncio.Queue[float | None]]) -> None:
        """At random times, as many a second as there should be."""
        drawn, self._began, at, number = random.Random(0), perf_counter(), 0.0, 0
        while at < SECONDS:
            await asyncio.sleep(max(0.0, self._began + at - perf_counter()))
            lines[number % OPEN].put_nowait(self._began + at)
            at += drawn.expovariate(A_SECOND)
            number += 1
        for line in lines:
            line.put_nowait(None)

    async def _seat(self, line: asyncio.Queue[float | None]) -> None:
        """One dialogue after another, a turn for each arrival."""
        talk = self._next()
        while (arrived := await line.get()) is not None:
            self._run.late += not line.empty()
            code = await self._code(talk) if talk.wants_code else None
            await self._turn(talk, arrived, code)
            if talk.next is None:
                self._run.over.append(talk)
                talk = self._next()

    def _next(self) -> Talk:
        guest = next(self._guests, None)
        if guest is None:
            raise SystemExit(f"all customers have talked; {self._run.errors[:3]}")
        talk = Talk.of(guest)
        self._run.talks.append(talk)
        return talk

    async def _turn(self, talk: Talk, arrived: float, code: str | None) -> None:
        text, is_first = talk.text(code), not talk.dialog_id
        path = f"{API}/create" if is_first else f"{API}/{talk.dialog_id}/message"
        headers = {"X-Forwarded-For": talk.guest.place, "Authorization": f"Bearer {talk.token or 'none'}"}
        try:
            response = await self._client.post(path, json=talk.body(text), headers=headers)
        except httpx.HTTPError as error:
            self._failed(talk, f"{type(error).__name__} to {text!r}")
            return
        ended = perf_counter()
        taken = Taken(arrived - self._began, (ended - arrived) * 1000, is_first, talk.guest.script.language, text)
        self._run.taken.append(taken)
        if response.status_code != httpx.codes.OK:
            self._failed(talk, f"{response.status_code} to {text!r}: {response.text}")
        else:
            talk.hear(text, response.json())

    def _failed(self, talk: Talk, problem: str) -> None:
        self._run.errors.append(f"{talk.guest.script.name}: {problem}")
        talk.next = None

    async def _code(self, talk: Talk) -> str:
        """From the mailbox; whoever writes from an address that nobody has gets none."""
        until = perf_counter() + MAIL_S
        while perf_counter() < until:
            code = self._outbox.code(talk.guest.email)
            if code is not None:
                return code
            await asyncio.sleep(0.02)
        self._run.errors.append(f"{talk.guest.script.name}: no mail came")
        return "000000"


def _problems(url: str, run: Run, world: SqlWorld) -> tuple[list[str], list[str]]:
    """What is not as it should be when all is over: what belongs elsewhere, and what a script says otherwise."""
    mixed: list[str] = []
    unlike_it: list[str] = []
    over = set(map(id, run.over))
    with httpx.Client(base_url=url, timeout=60) as client:
        for talk in (one for one in run.talks if one.dialog_id):
            name, headers = talk.guest.script.name, {"Authorization": f"Bearer {talk.token}"}
            shown = client.get(f"{API}/{talk.dialog_id}", headers=headers).json()
            mixed += [f"{name}: {text}" for text in mixed_up(talk, shown)]
            if id(talk) in over:
                unlike_it += [f"{name}: {text}\n{talk.told.transcript()}" for text in unlike(world, talk, shown)]
    return mixed, unlike_it


def _show(report: Report, run: Run, spent: Work, seconds: float) -> None:
    taken = run.taken
    turns = len(taken)
    print(f"{turns} turns in {seconds:.0f} s, {len(run.talks)} dialogues, {len(run.over)} of them to their end")
    worst = max(taken, key=lambda one: one.ms).text if taken else ""
    report.show("a turn", [one.ms for one in taken], LIMITS, worst=worst)
    report.show(f"in the first {FIRST_S} s", [one.ms for one in taken if one.second < FIRST_S])
    report.show("after that", [one.ms for one in taken if one.second >= FIRST_S])
    report.show("first messages", [one.ms for one in taken if one.is_first])
    report.show("later messages", [one.ms for one in taken if not one.is_first])
    report.single("turns behind another", run.late, None, "")
    for what, busy in spent.parts():
        report.single(f"CPU a turn, {what}", 1000 * busy / turns, None, "ms")
    report.single("load after it", os.getloadavg()[0], None, "")
