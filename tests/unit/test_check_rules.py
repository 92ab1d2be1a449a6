"""Rules of the linter one by one, each over the small folder with one thing changed."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from dash_agent.check import page
from dash_agent.check.database import Live
from dash_agent.check.linter import RULES, check
from dash_agent.context.catalog import Catalog, load_catalog
from dash_agent.context.runtime import live_values
from dash_agent.errors import QueryFailed
from dash_agent.models.sql import ResultSet, SafeQuery
from dash_agent.ports import LiveColumn
from dash_agent.semantic.time import Calendar
from tests.conftest import ROOT
from tests.fakes import FakeIntrospection, FakeWarehouse

SMALL = ROOT / "tests" / "content" / "small"
TICKETS = "tables/support_threads_data.json"
METRICS = "business/metrics.json"
PATTERN = "queries/queue_by_channel.sql"


@pytest.fixture
def content(tmp_path: Path) -> Path:
    """The small folder, to spoil."""
    return Path(shutil.copytree(SMALL, tmp_path / "content"))


def change(content: Path, file: str, how: Callable[[Any], object]) -> None:
    path = content / file
    data = json.loads(path.read_text(encoding="utf-8"))
    how(data)
    path.write_text(json.dumps(data, ensure_ascii=False, indent=2), encoding="utf-8")


def told(content: Path, calendar: Calendar) -> list[tuple[str, str, str]]:
    return [(p.file, p.rule, p.place) for p in check(content, calendar).problems]


def table(content: Path, name: str, joins: dict[str, str]) -> None:
    """A table with an id, and columns that lead to other tables."""
    columns = [{"name": c, "type": "bigint", "description": "d"} for c in ("id", *joins)]
    made = {
        "table": name,
        "label": {"en": name, "ru": name},
        "description": "d",
        "primary_key": "id",
        "columns": columns,
        "joins": [{"column": column, "to": to} for column, to in joins.items()],
    }
    (content / f"tables/{name}.json").write_text(json.dumps(made), encoding="utf-8")


def test_a_metric_that_is_no_state_has_a_time(content: Path, calendar: Calendar) -> None:
    table(content, "boxes", {})
    boxes = {"kind": "count", "label": {"en": "Boxes", "ru": "Коробки"}, "description": "d", "unit": "count"}
    change(content, METRICS, lambda d: d["metrics"].append({"name": "boxes", "table": "boxes", **boxes}))
    (found,) = check(content, calendar).problems
    assert (found.file, found.rule, found.place) == (METRICS, "metric-time", "metrics[4]")
    assert found.message == (
        "'boxes' counts rows of 'boxes', which has no time that a period could go by; give 'time', or 'state': true"
    )
    change(content, METRICS, lambda d: d["metrics"][4].update(state=True))
    assert told(content, calendar) == []


def test_a_time_that_can_not_be_read_is_the_only_problem(content: Path, calendar: Calendar) -> None:
    change(content, TICKETS, lambda d: d.update(time=5))
    assert told(content, calendar) == [(TICKETS, "wrong-value", "time")]


def test_a_table_is_joined_once(content: Path, calendar: Calendar) -> None:
    table(content, "boxes", {"sender": "customers.customer_id", "receiver": "customers.customer_id"})
    (found,) = check(content, calendar).problems
    assert (found.file, found.rule, found.place) == ("tables/boxes.json", "join-ways", "joins[1].to")
    assert found.message.startswith("'customers' is joined here already, by 'sender'")


def test_one_shortest_way_leads_to_a_table(content: Path, calendar: Calendar) -> None:
    """Told once, at the table where the ways part: not at those that lead to it, nor of tables behind the goal."""
    table(content, "goal", {"further": "customers.customer_id"})
    table(content, "left", {"goal_id": "goal.id"})
    table(content, "right", {"goal_id": "goal.id"})
    table(content, "parting", {"left_id": "left.id", "right_id": "right.id"})
    table(content, "before", {"parting_id": "parting.id"})
    (found,) = check(content, calendar).problems
    assert (found.file, found.rule, found.place) == ("tables/parting.json", "join-ways", "joins[1].to")
    assert "lead to 'goal', over 'left' and over 'right'" in found.message


def test_a_shorter_way_settles_it(content: Path, calendar: Calendar) -> None:
    table(content, "goal", {})
    table(content, "left", {"goal_id": "goal.id"})
    table(content, "right", {"goal_id": "goal.id"})
    table(content, "parting", {"left_id": "left.id", "right_id": "right.id", "goal_id": "goal.id"})
    table(content, "loop", {"loop_id": "loop.id", "goal_id": "goal.id"})
    assert told(content, calendar) == []


@dataclass
class Picky(FakeWarehouse):
    """Takes no statement of the pattern that narrows, or none that does not."""

    narrowing: bool = True

    def explain(self, query: SafeQuery) -> None:
        super().explain(query)
        if "AS waiting" in query.text and ("ANY(" in query.text) == self.narrowing:
            raise QueryFailed("no", sqlstate="42703")


@pytest.mark.parametrize(("narrowing", "message"), [(True, "no"), (False, "where a question does not narrow it: no")])
def test_a_pattern_is_planned_narrowed_and_not(
    narrowing: bool, message: str, content: Path, calendar: Calendar
) -> None:
    warehouse = Picky(ResultSet((), (), False, 0.0), narrowing=narrowing)
    types = {"timestamptz": "timestamp with time zone", "char": "character(2)"}
    columns = {
        name: [LiveColumn(c.name, types.get(c.type, c.type), False) for c in documented.columns]
        for name, documented in load_catalog(content).tables.items()
    }
    live = Live(columns, False, FakeIntrospection(), warehouse, granted=True)
    assert [(p.rule, p.file, p.message) for p in check(content, calendar, live).problems] == [
        ("plan", PATTERN, message)
    ]


def test_values_of_a_derived_table_are_not_asked_for(home: Catalog) -> None:
    """Whoever makes a catalogue by hand gets no wrong message at start."""
    derived = home.tables["first_replies"]
    column = derived.columns[-1].model_copy(update={"values": "live"})
    catalog = replace(
        home,
        tables={**home.tables, "first_replies": derived.model_copy(update={"columns": [column]})},
        dimensions={
            "derived": home.dimensions["channel"].model_copy(update={"column": f"first_replies.{column.name}"})
        },
    )
    looks = FakeIntrospection({("first_replies", column.name): ("a",)})
    assert live_values(catalog, looks) == {}


def test_the_page_tells_every_rule_once() -> None:
    codes = {rule.code for rule in RULES}
    rows = [line for line in page.page().splitlines() if line.startswith("| `")]
    assert sorted(row.split("`")[1] for row in rows) == sorted(codes)
    offline = page.page().partition("## Against the database")[0]
    assert "| `guard` |" in offline
