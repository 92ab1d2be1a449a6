"""Rules of the linter one by one, each over the small folder with one thing changed."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
import yaml

from dash_agent.check import page
from dash_agent.check.database import Live
from dash_agent.check.linter import RULES, check
from dash_agent.context.catalog import Catalog, load_catalog
from dash_agent.context.runtime import live_values
from dash_agent.errors import QueryFailed
from dash_agent.models.sql import ResultSet, SafeQuery
from dash_agent.planning.lexicon import Lexicon, compiled
from dash_agent.planning.terms import MetricTerm, SuperlativeTerm
from dash_agent.planning.tokens import Analyser, Token
from dash_agent.ports import LiveColumn
from dash_agent.semantic.time import Calendar
from tests.conftest import CASES, ROOT
from tests.fakes import FakeIntrospection, FakeWarehouse

SMALL = ROOT / "tests" / "content" / "small"
TICKETS = "tables/support_threads_data.json"
METRICS = "business/metrics.json"
DIMENSIONS = "business/dimensions.json"
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


@pytest.mark.parametrize("time", [5, "creatd_at"])
def test_what_is_asked_of_a_time_with_an_error_is_judged_all_the_same(
    time: object, content: Path, calendar: Calendar
) -> None:
    """The time is one problem; a question that goes by it is none, and one that is astray is told."""
    change(content, TICKETS, lambda d: d.update(time=time))
    change(content, "business/rules.json", lambda d: d["examples"]["en"].append("Median tickets last week"))
    problems = told(content, calendar)
    assert [(file, place) for file, _, place in problems] == [
        ("business/rules.json", "examples.en[2]"),
        (TICKETS, "time"),
    ]


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


CLASHES = yaml.safe_load((CASES / "clashes.yaml").read_text(encoding="utf-8"))


@pytest.mark.parametrize("case", CLASHES, ids=lambda case: " = ".join(case["phrases"]))
def test_phrases_clash_where_the_planner_takes_the_one_for_the_other(
    case: dict[str, Any], content: Path, calendar: Calendar
) -> None:
    """The linter and the planner agree; 'answered' and 'satisfaction' are the two metrics."""
    one, other = case["phrases"]
    key = case.get("superlative")
    change(content, METRICS, lambda d: d["metrics"][1]["synonyms"][case["language"]].append(one))
    if key is None:
        change(content, METRICS, lambda d: d["metrics"][3]["synonyms"][case["language"]].append(other))
    else:
        both = {"en": ["first of all"], "ru": ["впереди всех"]}
        both[case["language"]].append(other)
        change(content, METRICS, lambda d: d["metrics"][3].update(superlatives={key: both}))
    assert [(rule, place.partition("]")[0]) for _, rule, place in told(content, calendar)] == (
        [("words-clash", "metrics[3")] if case["clash"] else []
    )
    analyser = Analyser()
    lexicon = Lexicon(compiled(load_catalog(content), {}, analyser), analyser)
    taken = [_meanings(lexicon, analyser.tokens(phrase)) for phrase in (one, other)]
    assert any(len(found) > 1 for found in taken) == case["clash"]


def _meanings(lexicon: Lexicon, tokens: Sequence[Token]) -> set[str]:
    """Which of the two metrics all of the words may mean in just this form."""
    spans = [s for s in lexicon.spans(tokens) if (s.start, s.end) == (0, len(tokens)) and not s.inexact]
    named = {span.term.name for span in spans if isinstance(span.term, MetricTerm)}
    ranked = {name for span in spans if isinstance(span.term, SuperlativeTerm) for name in span.term.metrics}
    return (named | ranked) & {"answered", "satisfaction"}


def test_superlatives_may_be_shared_by_metrics_but_not_by_both_ends(content: Path, calendar: Calendar) -> None:
    both = {"en": ["slowest"], "ru": ["самый медленный"]}
    for index in (0, 3):
        change(content, METRICS, lambda d, at=index: d["metrics"][at].update(superlatives={"most": both}))
    assert told(content, calendar) == []
    change(content, METRICS, lambda d: d["metrics"][3].update(superlatives={"least": both}))
    assert told(content, calendar) == [
        (METRICS, "words-clash", f"metrics[3].superlatives.least.{code}[0]") for code in ("en", "ru")
    ]
    shared = {"meanings": ["most", "least"], "reason": "It is meant so."}
    change(content, "business/rules.json", lambda d: d.update(shared_words=[shared]))
    assert told(content, calendar) == []


def test_topics_and_values_that_are_right_are_no_problem(content: Path, calendar: Calendar) -> None:
    topic = {"name": "ai", "synonyms": {"en": ["ai"], "ru": ["ии"]}, "metrics": ["answered"]}
    change(content, "business/rules.json", lambda d: d.update(topics=[topic]))
    change(content, METRICS, lambda d: d["metrics"][3].update(with_topic={"ai": "answered"}))
    change(content, DIMENSIONS, lambda d: d["dimensions"][2].update(counts="tickets"))
    second = {"name": "second_type", "label": {"en": "Second", "ru": "Вторая"}, "description": "d"}
    second |= {"column": "support_threads_data.status", "values_of": "request_type"}
    second |= {"synonyms": {"en": ["second category"], "ru": ["вторая категория"]}}
    change(content, DIMENSIONS, lambda d: d["dimensions"].append(second))
    assert told(content, calendar) == []


@pytest.mark.parametrize(
    ("file", "how", "place"),
    [
        (METRICS, lambda d: d["metrics"][3].update(with_topic={"ai": "answerd"}), "metrics[3].with_topic.ai"),
        (DIMENSIONS, lambda d: d["dimensions"][0].update(counts="tickts"), "dimensions[0].counts"),
        (DIMENSIONS, lambda d: d["dimensions"][1].update(values_of="chanel"), "dimensions[1].values_of"),
    ],
)
def test_a_name_that_is_not_there_is_the_only_problem(
    file: str, how: Callable[[Any], object], place: str, content: Path, calendar: Calendar
) -> None:
    """Examples that would go by it can't be judged, and nothing breaks over them."""
    topic = {"name": "ai", "synonyms": {"en": ["ai"], "ru": ["ии"]}, "metrics": ["satisfaction", "answered"]}
    change(content, "business/rules.json", lambda d: d.update(topics=[topic]))
    asked = ["AI satisfaction last week", "Chat by country"]
    change(content, "business/rules.json", lambda d: d["examples"]["en"].extend(asked))
    change(content, file, how)
    (found,) = check(content, calendar).problems
    assert (found.file, found.rule, found.place) == (file, "unknown-name", place)
    assert "did you mean" in found.message


def test_a_metric_that_can_not_be_read_takes_its_name_along(content: Path, calendar: Calendar) -> None:
    """What refers to it is no second problem."""
    topic = {"name": "ai", "synonyms": {"en": ["ai"], "ru": ["ии"]}, "metrics": ["answered"]}
    change(content, "business/rules.json", lambda d: d.update(topics=[topic]))
    change(content, METRICS, lambda d: d["metrics"][3].update(with_topic={"ai": "answered"}))
    change(content, DIMENSIONS, lambda d: d["dimensions"][0].update(counts="answered"))
    change(content, METRICS, lambda d: d["metrics"][1].update(unit=5))
    assert told(content, calendar) == [(METRICS, "wrong-value", "metrics[1].unit")]
    change(content, METRICS, lambda d: d["metrics"][1].update(unit="count"))
    change(content, "business/rules.json", lambda d: d["topics"][0].update(metrics=5))
    assert told(content, calendar) == [("business/rules.json", "wrong-value", "topics[0].metrics")]


SATISFACTION = {"metric": "satisfaction", "value": 4}


def targets(content: Path, *told_of: dict[str, Any]) -> None:
    """The folder with these targets, and a satisfaction that is the better the higher it is."""
    change(content, METRICS, lambda d: [m.update(direction="up") for m in d["metrics"] if m["name"] == "satisfaction"])
    (content / "business/targets.json").write_text(json.dumps({"targets": told_of}), encoding="utf-8")


def test_targets_that_are_right_are_no_problem(content: Path, calendar: Calendar) -> None:
    targets(content, SATISFACTION, {"metric": "satisfaction", "dimension": "channel", "values": {"chat": 4.5}})
    assert told(content, calendar) == []
    assert [target.metric for target in load_catalog(content).targets] == ["satisfaction"] * 2


@pytest.mark.parametrize(
    ("target", "rule", "place"),
    [
        ({"metric": "satisfacton", "value": 4}, "unknown-name", "targets[0].metric"),
        (
            {"metric": "satisfaction", "dimension": "chanel", "values": {"chat": 4}},
            "unknown-name",
            "targets[0].dimension",
        ),
        ({"metric": "answered", "value": 4}, "target-metric", "targets[0].metric"),
        ({"metric": "satisfaction", "value": -1}, "target-metric", "targets[0].value"),
        ({"metric": "satisfaction"}, "target-shape", "targets[0]"),
        ({"metric": "satisfaction", "dimension": "channel"}, "target-shape", "targets[0]"),
        ({"metric": "satisfaction", "values": {"chat": 4}}, "target-shape", "targets[0]"),
        ({"metric": "satisfaction", "value": "four"}, "wrong-value", "targets[0].value"),
    ],
)
def test_a_target_that_can_not_be_met_is_told(
    target: dict[str, Any], rule: str, place: str, content: Path, calendar: Calendar
) -> None:
    targets(content, target)
    assert ("business/targets.json", rule, place) in told(content, calendar)


def test_a_target_is_set_once_and_for_values_that_are_there(content: Path, calendar: Calendar) -> None:
    targets(content, SATISFACTION, SATISFACTION)
    assert told(content, calendar) == [("business/targets.json", "target-shape", "targets[1]")]
    targets(content, {"metric": "satisfaction", "dimension": "channel", "values": {"chta": 4}})
    (found,) = check(content, calendar).problems
    assert (found.rule, found.severity, found.place) == ("target-value", "warning", "targets[0].values.chta")
    assert "did you mean" in found.message


def test_the_page_tells_every_rule_once() -> None:
    codes = {rule.code for rule in RULES}
    rows = [line for line in page.page().splitlines() if line.startswith("| `")]
    assert sorted(row.split("`")[1] for row in rows) == sorted(codes)
    offline = page.page().partition("## Against the database")[0]
    assert "| `guard` |" in offline
