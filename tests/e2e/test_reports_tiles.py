"""Tiles are what hand-written SQL says, for several spans, filters and scopes, and what the chat answers."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import psycopg
import pytest

from dash_agent.ask import Dash
from dash_agent.bootstrap import Running
from dash_agent.context.catalog import Catalog
from dash_agent.errors import UnknownName
from dash_agent.reports.movers import movers
from dash_agent.reports.narrowing import ALL, Narrowing
from dash_agent.reports.spans import Preset, Span, named, span
from dash_agent.reports.tiles import Judged, Tile, tiles
from dash_agent.reports.view import View
from tests.conftest import NOW, ZONE
from tests.e2e.databases import Database
from tests.e2e.reporting import ADMIN, viewed
from tests.e2e.scopes import NARROWED, ScopedDesk
from tests.gold import plain

BOARD = (
    "tickets",
    "resolution_rate",
    "auto_send_rate",
    "escalation_rate",
    "response_time",
    "csat",
    "cost",
    "hours_saved",
)

SQL = """
SELECT count(*),
    round(100.0 * count(draft_created_at) / nullif(count(ai_answered_at), 0), 1),
    round(100.0 * count(*) FILTER (WHERE auto_sent) / nullif(count(ai_answered_at), 0), 1),
    round(100.0 * count(escalated_at) / nullif(count(*), 0), 1),
    round((percentile_cont(0.5) WITHIN GROUP (ORDER BY extract(epoch FROM sent_at - t.created_at) / 60))::numeric, 1),
    round(avg(csat), 2),
    round(coalesce(sum(cost_usd), 0), 2),
    round(coalesce(sum(CASE WHEN auto_sent THEN 8 WHEN draft_created_at IS NOT NULL THEN 4 END), 0) / 60.0, 1)
FROM support_threads_data t LEFT JOIN customers c USING (customer_id)
WHERE t.created_at >= %(start)s AND t.created_at < %(end)s AND ({narrowed})
"""
LAST = timedelta(microseconds=1)


def local(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZONE)


def gold(owner: str, start: datetime, end: datetime, narrowed: str = "true") -> Mapping[str, object]:
    with psycopg.connect(owner) as connection:
        row = connection.execute(SQL.format(narrowed=narrowed).encode(), {"start": start, "end": end}).fetchone()
    assert row is not None
    return dict(zip(BOARD, map(plain, row), strict=True))


@pytest.fixture
def view(dash: Dash) -> View:
    return View.of(dash, ADMIN, NOW, "en")


def values(found: tuple[Tile, ...]) -> Mapping[str, object]:
    return {tile.metric: plain(tile.value) for tile in found}


def previous(found: tuple[Tile, ...]) -> Mapping[str, object]:
    return {tile.metric: plain(tile.previous) for tile in found}


# span: start and end of it, and of what it is held against; an end that is now holds now itself.
SPANS = {
    "last_30_days": ("2026-10-22", "2026-11-20T14:00", "2026-09-22", "2026-10-21T14:00"),
    "today": ("2026-11-20", "2026-11-20T14:00", "2026-11-19", "2026-11-19T14:00"),
    "last_7_full_days": ("2026-11-13", "2026-11-20", "2026-11-06", "2026-11-13"),
    "last_month": ("2026-10-01", "2026-11-01", "2026-09-01", "2026-10-01"),
    "this_quarter": ("2026-10-01", "2026-11-20T14:00", "2026-07-01", "2026-08-20T14:00"),
    "2026-08-03..2026-09-20": ("2026-08-03", "2026-09-21", "2026-06-15", "2026-08-03"),
}
FILTERS: Mapping[str, tuple[Mapping[str, tuple[str, ...]], str]] = {
    "none": ({}, "true"),
    "channel": ({"channel": ("whatsapp", "chat")}, "channel IN ('whatsapp', 'chat')"),
    "country and urgency": (
        {"country": ("US",), "urgency": ("high", "medium")},
        "c.country = 'US' AND urgency <> 'low'",
    ),
}


@pytest.mark.parametrize("name", SPANS)
@pytest.mark.parametrize("narrowed", FILTERS)
def test_tiles_are_what_the_rows_say(name: str, narrowed: str, view: View, desk: Database) -> None:
    chosen, condition = FILTERS[narrowed]
    start, end, before, until = map(local, SPANS[name])
    found = tiles(view, BOARD, named(name, view.calendar), Narrowing.of(chosen))
    expected = gold(desk.owner, start, end + LAST if end == NOW else end, condition)
    assert expected["tickets"]
    assert values(found) == expected
    assert previous(found) == gold(desk.owner, before, until, condition)


def test_changes_are_judged_by_the_direction_of_the_metric(view: View, desk: Database) -> None:
    start, end, before, until = map(local, SPANS["last_month"])
    now, then = gold(desk.owner, start, end), gold(desk.owner, before, until)
    rises_well = {"resolution_rate": True, "auto_send_rate": True, "escalation_rate": False, "cost": False}
    found = {tile.metric: tile for tile in tiles(view, BOARD, span(Preset.LAST_MONTH, view.calendar))}
    for name, good in rises_well.items():
        moved = Decimal(str(now[name])) - Decimal(str(then[name]))
        expected = Judged.NONE if not moved else Judged.BETTER if (moved > 0) == good else Judged.WORSE
        assert found[name].judged is expected
    tickets = found["tickets"]
    assert tickets.judged is Judged.NONE
    assert tickets.change == int(str(now["tickets"])) - int(str(then["tickets"]))
    share = Decimal(tickets.change * 100) / Decimal(str(then["tickets"]))
    assert tickets.relative is not None
    assert abs(tickets.relative - share) <= Decimal("0.05")
    assert found["resolution_rate"].relative is None


def test_targets_are_those_of_the_file(view: View) -> None:
    now = span(Preset.LAST_30_DAYS, view.calendar)
    found = {tile.metric: tile for tile in tiles(view, BOARD, now)}
    assert {name: tile.target for name, tile in found.items() if tile.target is not None} == {
        "resolution_rate": 75,
        "csat": 4,
        "escalation_rate": 15,
        "response_time": 20,
    }
    for name, below in (("resolution_rate", False), ("escalation_rate", True), ("response_time", True)):
        tile = found[name]
        assert tile.value is not None
        assert tile.target is not None
        assert tile.met == (tile.value <= tile.target if below else tile.value >= tile.target)
    (urgent,) = tiles(view, ["response_time"], now, Narrowing.of({"urgency": ["high"]}))
    assert urgent.target == 10
    (elsewhere,) = tiles(view, ["response_time"], now, Narrowing.of({"channel": ["email"]}))
    assert elsewhere.target is None
    assert elsewhere.met is None


@pytest.mark.parametrize(
    ("question", "metric", "name", "chosen"),
    [
        ("How many tickets in the last 30 days?", "tickets", "last_30_days", {}),
        ("Сколько стоил AI за прошлый месяц?", "cost", "last_month", {}),
        ("Escalation rate this month", "escalation_rate", "this_month", {}),
        ("Response time on WhatsApp last week", "response_time", "last_week", {"channel": ["whatsapp"]}),
        ("CSAT this week", "csat", "this_week", {}),
    ],
)
def test_a_tile_says_what_the_chat_answers(
    question: str, metric: str, name: str, chosen: dict[str, list[str]], view: View
) -> None:
    (tile,) = tiles(view, [metric], named(name, view.calendar), Narrowing.of(chosen))
    asked = view.dash.ask(question, ADMIN, now=NOW)
    assert tile.value is not None
    assert asked.rows[0][0] == tile.value
    alone = view.answer(tile.plan)
    assert alone.rows[0][:2] == (tile.value, tile.previous)


@pytest.mark.parametrize("scope", NARROWED)
def test_a_scope_sees_tiles_of_its_own_rows(scope: str, staffed_by_scope: Running, scoped_desk: ScopedDesk) -> None:
    view = View.of(staffed_by_scope.dash, NARROWED[scope].principal, NOW, "en")
    found = tiles(view, BOARD, span(Preset.LAST_30_DAYS, view.calendar))
    start, end, before, until = map(local, SPANS["last_30_days"])
    part = scoped_desk.parts[scope].owner
    assert gold(part, start, end + LAST)["tickets"] != gold(scoped_desk.whole.owner, start, end + LAST)["tickets"]
    assert values(found) == gold(part, start, end + LAST)
    assert previous(found) == gold(part, before, until)


def test_what_a_scope_does_not_reach_fails_alone(staffed_by_scope: Running) -> None:
    """Subscriptions have no channel."""
    view = View.of(staffed_by_scope.dash, NARROWED["channel"].principal, NOW, "en")
    shown = tiles(view, ["tickets", "new_subscriptions"], span(Preset.LAST_30_DAYS, view.calendar))
    assert shown[0].value
    assert shown[0].problem == ""
    assert shown[1].value is None
    assert "out of your reach" in shown[1].problem
    assert shown[1].series == ()


def test_a_state_of_now_has_no_earlier_value_and_no_course(view: View, desk: Database) -> None:
    (tile,) = tiles(view, ["stuck"], span(Preset.LAST_WEEK, view.calendar))
    with psycopg.connect(desk.owner) as connection:
        row = connection.execute(
            "SELECT count(*) FROM support_threads_data WHERE updated_at < %s"
            " AND status IN ('Data collected', 'AI Answered', 'Draft Created')",
            (NOW - timedelta(hours=24),),
        ).fetchone()
    assert row is not None
    assert (tile.value, tile.previous, tile.change, tile.series, tile.grain) == (row[0], None, None, (), None)


# The buckets of a span, and those that an edge of it or now cuts.
COURSES = {
    "last_7_full_days": (7, []),
    "last_30_days": (30, [29]),
    "today": (15, [14]),
    "yesterday": (24, []),
    "this_quarter": (8, [0, 7]),
}


@pytest.mark.parametrize("name", COURSES)
def test_what_is_not_over_is_marked_in_the_course(name: str, view: View) -> None:
    """The first of October was a Thursday: its week began in September."""
    count, cut = COURSES[name]
    (tile,) = tiles(view, ["tickets"], named(name, view.calendar))
    assert len(tile.series) == count
    assert [place for place, point in enumerate(tile.series) if point.cut] == cut
    assert sum(point.value or 0 for point in tile.series) == tile.value


def test_an_unknown_metric_is_named(view: View) -> None:
    with pytest.raises(UnknownName, match="tikets"):
        tiles(view, ["tikets"], span(Preset.TODAY, view.calendar))


@pytest.fixture
def on(home: Catalog) -> Iterator[Callable[[Database], View]]:
    """A view of another database."""
    with ExitStack() as stack:
        yield lambda database: stack.enter_context(viewed(database, home))


def test_an_empty_desk_has_tiles_with_nothing_in_them(
    fresh_database: Callable[[], Database], on: Callable[[Database], View]
) -> None:
    view = on(fresh_database())
    now = span(Preset.LAST_30_DAYS, view.calendar)
    found = {tile.metric: tile for tile in tiles(view, BOARD, now)}
    assert {name: tile.value for name, tile in found.items()} == {
        **dict.fromkeys(BOARD),
        "tickets": 0,
        "cost": 0,
        "hours_saved": 0,
    }
    assert all(tile.judged is Judged.NONE and not tile.problem for tile in found.values())
    assert found["resolution_rate"].met is None
    assert movers(view, BOARD, now) == ()


def rows_of(days: int, count: int, channel: str, cost: float, key: str) -> str:
    return (
        "INSERT INTO support_threads_data (thread_key, channel, language, subject, request_type, urgency, status,"
        " created_at, updated_at, cost_usd)"
        f" SELECT '{key}-{days}-' || n, '{channel}', 'en', 's', 'other', 'low', 'Sent', at, at, {cost / count}"
        f" FROM generate_series(1, {count}) AS n, (SELECT timestamptz '2026-11-20 10:00+02' - interval '{days} days')"
        " AS day (at)"
    )


@pytest.fixture
def grown(fresh_database: Callable[[], Database]) -> Database:
    """Ten tickets a day by mail, and by chat ten a day a fortnight ago and twenty a day last week. Their cost swings
    by as much in both weeks, and is a dollar more in the second.
    """
    made = fresh_database()
    costs: list[Any] = [2, 9, 1, 9, 1, 9, 1, 1, 1, 9, 1, 9, 1, 9]
    with psycopg.connect(made.owner) as connection:
        for days in range(1, 15):
            connection.execute(rows_of(days, 10, "email", costs[days - 1], "mail").encode())
            connection.execute(rows_of(days, 20 if days <= 7 else 10, "chat", 0.0, "chat").encode())
    return made


def test_what_changed_is_told_with_where_it_comes_from(grown: Database, on: Callable[[Database], View]) -> None:
    view = on(grown)
    week: Span = span(Preset.LAST_7_DAYS, view.calendar)
    (found,) = movers(view, ["tickets", "cost"], week)
    assert (found.tile.metric, found.tile.value, found.tile.previous) == ("tickets", 210, 140)
    assert "Up by 70 (50.0%)" in found.answer.text
    assert "Chat accounts for +70 of it (70 before, 140 now)" in found.answer.text
    contributions = [(fact.segment, fact.value) for fact in found.answer.facts if fact.kind == "contribution"]
    assert contributions == [("Chat", 70)]
    (cost,) = tiles(view, ["cost"], week)
    assert (cost.value, cost.previous) == (32, 31)


def test_what_changed_keeps_to_the_filters(grown: Database, on: Callable[[Database], View]) -> None:
    view = on(grown)
    week = span(Preset.LAST_7_DAYS, view.calendar)
    assert movers(view, ["tickets"], week, Narrowing.of({"channel": ["email"]})) == ()
    (found,) = movers(view, ["tickets"], week, Narrowing.of({"channel": ["chat"]}))
    assert (found.tile.value, found.tile.previous) == (140, 70)


def test_a_page_of_more_metrics_finds_the_same(grown: Database, on: Callable[[Database], View]) -> None:
    view = on(grown)
    week = span(Preset.LAST_7_DAYS, view.calendar)
    alone = movers(view, ["tickets", "cost"], week)
    among = movers(view, ["tickets", "cost"], week, ALL, among=("escalation_rate", "cost", "tickets"))
    assert [one.answer.text for one in among] == [one.answer.text for one in alone]
