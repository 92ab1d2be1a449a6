"""When data is doubted, and how often it is looked at."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

import pytest

from dash_agent.context.catalog import Catalog
from dash_agent.context.freshness import DataProblem, Doubt, Freshness, by_doubt, touching
from dash_agent.errors import QueryTimeout
from dash_agent.insight.doubts import told_of
from dash_agent.insight.wording import Wording
from dash_agent.models.plan import MetricPlan
from dash_agent.models.query import MetricQuery
from dash_agent.ports import Arrivals, Doubles
from dash_agent.semantic.time import Calendar
from tests.conftest import NOW, ZONE
from tests.fakes import FakePreflight

TICKETS = "support_threads_data"
BUSY = (40, 35, 52, 11)


@dataclass
class Ticking:
    """A clock that goes on when it is told to."""

    at: datetime = NOW

    def now(self) -> datetime:
        return self.at


def seen(home: Catalog, newest: datetime | None, usual: tuple[int, ...] = (), now: datetime = NOW) -> list[Doubt]:
    looks = FakePreflight({TICKETS: Arrivals(newest, usual)})
    return [problem.doubt for problem in Freshness(home, looks, Ticking()).preflight([TICKETS], now)]


@pytest.mark.parametrize(
    ("hours", "usual", "expected"),
    [
        (23, (), []),
        (25, (), [Doubt.LATE]),
        (25, BUSY, [Doubt.LATE]),
        (9, BUSY, [Doubt.STOPPED]),
        (9, (40, 35, 52, 9), []),
        (9, (40, 35, 52), []),
        (0, (0, 0, 0, 0), []),
    ],
)
def test_the_rules(hours: int, usual: tuple[int, ...], expected: list[Doubt], home: Catalog) -> None:
    """Tickets are expected every 24 hours. Ten rows in each of four weeks are the least that counts as usual."""
    assert seen(home, NOW - timedelta(hours=hours), usual) == expected


def test_an_empty_table_and_one_that_nothing_is_expected_of(home: Catalog) -> None:
    assert seen(home, None) == []
    looks = FakePreflight()
    assert Freshness(home, looks, Ticking()).preflight(["subscriptions", "first_replies", "no such table"], NOW) == ()
    assert looks.looks == []


def test_a_look_is_kept_for_five_minutes_of_the_clock(home: Catalog) -> None:
    looks, clock = FakePreflight({TICKETS: Arrivals(NOW)}), Ticking()
    freshness = Freshness(home, looks, clock)
    for minutes in (0, 1, 4):
        clock.at = NOW + timedelta(minutes=minutes)
        freshness.preflight([TICKETS], clock.at)
    assert looks.looks == [TICKETS]
    clock.at = NOW + timedelta(minutes=5)
    freshness.preflight([TICKETS], clock.at)
    assert looks.looks == [TICKETS] * 2


def test_another_now_is_looked_from_anew(home: Catalog) -> None:
    """Asked as of last June, an answer is judged by last June."""
    looks = FakePreflight({TICKETS: Arrivals(NOW)})
    freshness = Freshness(home, looks, Ticking())
    for now in (NOW, NOW - timedelta(days=160), NOW):
        freshness.preflight([TICKETS], now)
    assert looks.looks == [TICKETS] * 3


def test_a_look_that_takes_too_long_says_nothing_and_is_not_repeated(home: Catalog) -> None:
    looks = FakePreflight(failure=QueryTimeout("it took longer than 1 second"))
    freshness = Freshness(home, looks, Ticking())
    assert freshness.preflight([TICKETS], NOW) == freshness.preflight([TICKETS], NOW) == ()
    assert looks.looks == [TICKETS]


def test_all_tables_and_how_many_are_doubted(home: Catalog) -> None:
    came = dict.fromkeys(home.tables, Arrivals(NOW - timedelta(days=30)))
    twice = {"shipments": Doubles(3, NOW - timedelta(days=9), NOW - timedelta(days=8))}
    found = Freshness(home, FakePreflight(came, twice), Ticking()).preflight(None, NOW)
    expected = {name for name, table in home.tables.items() if table.fresh_hours is not None}
    assert {p.table for p in found if p.doubt is Doubt.LATE} == expected
    assert by_doubt(found) == {"late": len(expected), "stopped": 0, "doubled": 1}


def test_only_periods_that_the_missing_rows_fall_into(home: Catalog) -> None:
    late = DataProblem(Doubt.LATE, TICKETS, NOW - timedelta(days=3), NOW)
    day = timedelta(days=1)
    assert touching([late], [(NOW - 30 * day, NOW - 4 * day)]) == ()
    assert touching([late], [(NOW - 30 * day, NOW - 2 * day)]) == (late,)
    assert touching([late], [(NOW - 30 * day, NOW - 20 * day), (NOW - day, NOW)]) == (late,)
    assert touching([late], []) == (late,)


@pytest.mark.parametrize(
    ("doubt", "language", "scoped", "expected"),
    [
        (Doubt.STOPPED, "en", False, "“Tickets”: the newest row is from 05:00, 9 hours ago, and in these hours"),
        (
            Doubt.LATE,
            "ru",
            False,
            "«Тикеты»: последняя строка — 05:00, 9 часов назад; возможно, загрузка остановилась.",
        ),
        (Doubt.LATE, "en", True, "“Tickets”: no row has come for longer than expected; a load may have stopped."),
        (Doubt.DOUBLED, "en", False, "“Tickets”: rows that came twice, by the same thread_key: 1,200; figures"),
        (Doubt.DOUBLED, "ru", True, "«Тикеты»: часть строк пришла дважды"),
    ],
)
def test_what_is_said(doubt: Doubt, language: str, scoped: bool, expected: str, home: Catalog) -> None:
    problem = DataProblem(doubt, TICKETS, NOW - timedelta(hours=9), NOW, rows=1200)
    plan = MetricPlan(MetricQuery(("tickets",), period=Calendar(NOW, ZONE).last_days(30)))
    (told,) = told_of([problem], plan, Wording(home, language, ZONE), NOW, scoped=scoped)
    assert told.startswith(expected)
    assert not scoped or not any(char.isdigit() for char in told)


def test_a_period_that_ended_before_says_nothing(home: Catalog) -> None:
    problem = DataProblem(Doubt.LATE, TICKETS, NOW - timedelta(hours=9), NOW)
    plan = MetricPlan(MetricQuery(("tickets",), period=Calendar(NOW, ZONE).named_month(10, 2026)))
    assert told_of([problem], plan, Wording(home, "en", ZONE), NOW, scoped=False) == ()
