"""Whole answers, warm, on real data: each stage, and what is left when the database's time is taken off."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from time import perf_counter
from typing import Any

import psutil
import psycopg

from dash_agent.ask import Dash
from dash_agent.bootstrap import open_dash
from dash_agent.models.answer import Answer, Status
from dash_agent.models.principal import Principal, Role
from dash_agent.settings import load_settings
from tests.bench.data import NOW
from tests.bench.figures import FREE, Limits, Report, conversations

WHO = Principal("bench@example.com", Role.ADMIN)
SMALL = 100_000
OVERHEAD_MS = 25
WHOLE = {
    SMALL: Limits(median=60, p95=250),
    1_000_000: Limits(p95=1000),
}
SAMPLES = {1_000_000: 250}
"""Conversations of which answers are timed, where all would take a quarter of an hour."""
OVERHEAD = {SMALL: Limits(median=OVERHEAD_MS, p95=OVERHEAD_MS)}


@dataclass(slots=True)
class Line:
    """What went over the connections: all the time that a process waits for PostgreSQL, and how often it does.

    Every statement is in it, the BEGINs, EXPLAINs and COMMITs, too; the making of Python's values of the rows is not.
    """

    ms: float = 0.0
    trips: int = 0

    @contextmanager
    def watched(self) -> Iterator[None]:
        wait = psycopg.Connection.wait

        def timed(connection: psycopg.Connection[Any], *arguments: Any, **named: Any) -> Any:
            began = perf_counter()
            try:
                return wait(connection, *arguments, **named)
            finally:
                self.ms += (perf_counter() - began) * 1000
                self.trips += 1

        psycopg.Connection.wait = timed  # type: ignore[method-assign]
        try:
            yield
        finally:
            psycopg.Connection.wait = wait  # type: ignore[method-assign]


@dataclass(frozen=True, slots=True)
class Taken:
    """Milliseconds of one answer: by stage, of all statements together, whole. trips: to the database and back."""

    question: str
    stages: dict[str, float]
    statements: float
    whole: float
    trips: int

    @property
    def overhead(self) -> float:
        return self.whole - self.statements


def bench_answers(report: Report, tickets: int, rounds: int) -> None:
    """One round to warm up, then `rounds`, of which the quickest counts for each question."""
    best: dict[tuple[int, int], Taken] = {}
    # Answers that are shown again are no measure of those that are counted.
    with open_dash(load_settings().model_copy(update={"answer_cache": False}), on_progress=print) as running:
        running.dash.warm_up()
        for number in range(rounds + 1):
            for place, taken in _round(running.dash, number, SAMPLES.get(tickets)):
                if number and (place not in best or taken.overhead < best[place].overhead):
                    best[place] = taken
        rss = psutil.Process().memory_info().rss / 1e6
    _show(report, tickets, list(best.values()))
    report.single("memory", rss, None, "MB")


def _round(dash: Dash, number: int, sample: int | None) -> Iterator[tuple[tuple[int, int], Taken]]:
    line, now = Line(), datetime.fromisoformat(NOW)
    with line.watched():
        for at, conversation in enumerate(conversations(sample)):
            session = f"bench {number} {at}" if len(conversation) > 1 else None
            for turn, question in enumerate(conversation):
                line.ms, line.trips = 0.0, 0
                began = perf_counter()
                answer = dash.ask(question, WHO, session=session, now=now)
                whole = (perf_counter() - began) * 1000
                if answer.status is Status.ANSWERED:
                    yield (at, turn), Taken(question, _stages(answer), line.ms, whole, line.trips)


def _stages(answer: Answer) -> dict[str, float]:
    return {name: ms for name, ms in answer.timings_ms if name != "total"}


def _show(report: Report, tickets: int, taken: Sequence[Taken]) -> None:
    def each(what: str, of: Callable[[Taken], float], limits: Limits = FREE, unit: str = "ms") -> None:
        worst = max(taken, key=of).question if taken else ""
        report.show(what, [of(one) for one in taken], limits, worst=worst, unit=unit)

    for stage in dict.fromkeys(name for one in taken for name in one.stages):
        each(stage, lambda one: one.stages.get(stage, 0.0))  # noqa: B023
    each("whole answer", lambda one: one.whole, WHOLE.get(tickets, FREE))
    each("its statements", lambda one: one.statements)
    each("over its statements", lambda one: one.overhead, OVERHEAD.get(tickets, FREE))
    each("round trips", lambda one: one.trips, unit="")
