"""Every answer's chart draws the answer's own numbers, in the answer's language, and plotly takes it."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import plotly.graph_objects as go
import pytest
import yaml

from dash_agent.ask import Dash
from dash_agent.models.answer import Answer, Chart, ChartKind, Status
from dash_agent.models.principal import Principal, Role
from dash_agent.models.wire import answer_json
from tests.conftest import CASES, NOW, ROOT
from tests.e2e.commands import on
from tests.e2e.databases import Database

MANAGER = Principal("manager@example.com", Role.MANAGER)
FILES = [
    file for file in sorted((CASES / "asked").glob("*.yaml")) if "kind: answer" in file.read_text(encoding="utf-8")
]
LEFT_OUT = re.compile("the first|первые|only|нарисован")

KINDS = {
    "Tickets this month compared to last month": ChartKind.NUMBER,
    "Tickets by day for the last 30 days": ChartKind.LINE,
    "Тикеты по неделям и срочности за последние 3 месяца": ChartKind.LINE,
    "Tickets by week and channel for the last 3 months": ChartKind.MULTIPLES,
    "Tickets by category this month vs last month": ChartKind.BAR,
    "Доля решённых по каналам за прошлый месяц": ChartKind.BAR,
    "Tickets by weekday last month": ChartKind.BAR,
    "Tickets by channel and urgency last month": ChartKind.GROUPED,
    "Ticket funnel for the last 30 days": ChartKind.FUNNEL,
    "Воронка тикетов за последние 30 дней": ChartKind.FUNNEL,
    "arrivals heatmap": ChartKind.HEATMAP,
    "тепловая карта обращений": ChartKind.HEATMAP,
    "cohort retention": ChartKind.HEATMAP,
    "Category scorecard": ChartKind.MULTIPLES,
    "How many tickets last week?": None,
    "Show stuck tickets": None,
}


@pytest.mark.parametrize("question", KINDS)
def test_a_question_gets_its_chart(question: str, dash: Dash) -> None:
    answer = dash.ask(question, MANAGER, now=NOW)
    assert answer.status is Status.ANSWERED
    assert (answer.chart.kind if answer.chart else None) is KINDS[question]


PAGE = ROOT / "docs" / "charts.md"
PICTURED = re.findall(r"\(img/chart-([\w-]+)\.png\)\n\nQuestion: “(.+)”", PAGE.read_text(encoding="utf-8"))


@pytest.mark.parametrize(("name", "question"), PICTURED)
def test_the_page_shows_a_picture_of_each_kind(name: str, question: str, dash: Dash) -> None:
    chart = dash.ask(question, MANAGER, now=NOW).chart
    assert chart is not None
    assert name.split("-")[0] == chart.kind.value
    assert (PAGE.parent / "img" / f"chart-{name}.png").is_file()
    assert {shown.split("-")[0] for shown, _ in PICTURED} == set(ChartKind)


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_the_figure_holds_the_numbers_of_the_rows(file: Path, dash: Dash) -> None:
    drawn: Counter[ChartKind] = Counter()
    for case in yaml.safe_load(file.read_text(encoding="utf-8")):
        if case["kind"] != "answer":
            continue
        for question in case.get("turns") or [case["question"]]:
            answer = dash.ask(question, MANAGER, session=f"chart {case['id']}", now=NOW)
            if answer.chart is None:
                continue
            drawn[answer.chart.kind] += 1
            agrees(answer, answer.chart)
    assert drawn.total() > 0


def agrees(answer: Answer, chart: Chart) -> None:
    where = (answer.question, chart.kind)
    json.dumps(answer_json(answer), allow_nan=False)
    figure: Any = {"data": list(chart.data), "layout": dict(chart.layout)}
    if signature(chart) not in TAKEN:
        go.Figure(**figure)
        TAKEN.add(signature(chart))
    held = {number for row in answer_json(answer)["rows"] for number in numbers(row)}  # type: ignore[union-attr]
    shown = [number for trace in chart.data for number in measured(trace)]
    assert shown, where
    assert set(shown) <= held, where
    whole = not LEFT_OUT.search(str(chart.layout["title"]))
    if whole and chart.kind in (ChartKind.LINE, ChartKind.BAR, ChartKind.FUNNEL, ChartKind.HEATMAP):
        columns = [Counter(numbers(column)) for column in zip(*answer_json(answer)["rows"], strict=True)]  # type: ignore[misc]
        counted = Counter(shown)
        assert any(column and column <= counted for column in columns), where
    assert bool(re.search("[А-Яа-яЁё]", chart.alt)) is (answer.language == "ru"), where
    for text in texts(figure):
        assert "<" not in re.sub("<br>|<extra></extra>", "", text), where


TAKEN: set[tuple[object, ...]] = set()
"""Shapes of figures that plotly has taken: its validation is slow, and the same for all of a shape."""


def signature(chart: Chart) -> tuple[object, ...]:
    return (chart.kind, len(chart.data), *(tuple(sorted(part)) for part in (*chart.data, chart.layout)))


def numbers(value: Any) -> Iterator[float]:
    for item in value if isinstance(value, list | tuple) else [value]:
        if isinstance(item, list):
            yield from numbers(item)
        elif isinstance(item, int | float) and not isinstance(item, bool):
            yield item


def measured(trace: Any) -> Iterator[float]:
    """The numbers that a trace draws, places and marks of targets left out."""
    match trace["type"]:
        case "indicator":
            yield from numbers([trace["value"], trace.get("delta", {}).get("reference")])
        case "heatmap":
            yield from numbers(trace["z"])
        case "bar" | "funnel":
            yield from numbers(trace["x"] if trace["orientation"] == "h" else trace["y"])
        case "scatter" if "line" in trace["mode"]:
            yield from numbers(trace["y"])


def texts(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list | tuple):
        for item in value.values() if isinstance(value, dict) else value:
            yield from texts(item)


LOADED = """
import sys
from dash_agent.cli import run
assert run(["ask", "Tickets by channel last month", "--json"]) == 0
print(*sorted({"pandas", "plotly", "kaleido", "numpy"} & set(sys.modules)), file=sys.stderr)
print("seen", file=sys.stderr)
"""


def test_an_answer_with_a_chart_loads_nothing_that_draws(desk: Database, tmp_path: Path) -> None:
    shell = on(desk, tmp_path)
    told = subprocess.run(
        [sys.executable, "-c", LOADED], cwd=tmp_path, env=shell.environment(), capture_output=True, text=True
    )
    assert json.loads(told.stdout)["chart"]["data"]
    assert told.stderr.splitlines()[-2:] == ["", "seen"], told.stderr
