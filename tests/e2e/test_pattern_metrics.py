"""A pattern's numbers are those of the compiled metrics: by group, over several periods, narrowed and not."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
import yaml

from dash_agent.ask import Dash
from dash_agent.context.catalog import Catalog, load_catalog
from dash_agent.context.patterns import Parameter
from dash_agent.context.targets import bound
from dash_agent.models.answer import Answer, Status
from dash_agent.models.plan import MetricPlan, PatternPlan, Plan
from dash_agent.models.principal import Principal, Role
from dash_agent.models.query import Filter, Grain, MetricQuery, Op, Period, Scalar
from dash_agent.semantic.time import Calendar
from tests.conftest import CASES, NOW, ROOT, ZONE
from tests.gold import plain

Case = dict[str, Any]
Row = Mapping[str, object]
Groups = dict[tuple[object, ...], object]

TABLE: dict[str, Case] = yaml.safe_load((CASES / "pattern_metrics.yaml").read_text(encoding="utf-8"))
HOME = load_catalog(ROOT)
ANALYST = Principal("analyst@example.com", Role.ANALYST)
CALENDAR = Calendar(NOW, ZONE)
LAST_30 = CALENDAR.last_days(30)
PERIODS = {
    "last 30 days": LAST_30,
    "this week": CALENDAR.current(Grain.WEEK),
    "October": CALENDAR.named_month(10, 2026),
    "second quarter": CALENDAR.named_quarter(2, 2026),
}

# For each dimension, values that narrow without leaving next to nothing.
NARROWED: dict[str, tuple[str, ...]] = {
    "request_type": ("shipping_inquiry", "payment_issue"),
    "request_subtype": ("delayed", "too_expensive"),
    "channel": ("whatsapp", "email"),
    "language": ("en", "he"),
    "country": ("US", "DE"),
    "urgency": ("high",),
    "model": ("gpt-5.2",),
    "assigned_to": ("Dana", "Omer"),
    "status": ("Escalated", "Draft Created"),
    "plan": ("premium",),
    "frequency": ("monthly",),
    "carrier": ("DHL", "UPS"),
    "task_type": ("skip_month", "change_address"),
}


@dataclass(frozen=True, slots=True)
class Counted:
    """A compiled metric, narrowed further or with a parameter of its own."""

    metric: str
    filters: Mapping[str, tuple[str, ...]]
    parameters: tuple[tuple[str, Scalar], ...]


def counted(said: str | Case) -> Counted:
    if isinstance(said, str):
        return Counted(said, {}, ())
    parameters = tuple((name, Decimal(value)) for name, value in said.get("parameters", {}).items())
    return Counted(said["metric"], {k: tuple(v) for k, v in said.get("filters", {}).items()}, parameters)


def taken(name: str) -> dict[str, str]:
    """Dimensions that a pattern can be narrowed by, with the parameter for each."""
    fills = {p: parameter.fills.partition(":") for p, parameter in HOME.patterns[name].header.parameters.items()}
    return {target: p for p, (kind, _, target) in fills.items() if kind == "dimension"}


def narrowings(name: str) -> Iterator[tuple[str, ...]]:
    """By each dimension, and by the first two together."""
    names = tuple(taken(name))
    yield from ((dimension,) for dimension in names)
    if len(names) > 1:
        yield names[:2]


def cases() -> Iterator[Any]:
    """Every period as it is, and the last 30 days narrowed."""
    for name, case in TABLE.items():
        if not any(case.get(key) for key in ("columns", "rows", "totals")):
            continue
        in_periods = HOME.patterns[name].header.period == "default"
        for label, period in (PERIODS if in_periods else {"now": None}).items():
            yield pytest.param(name, period, (), id=f"{name}-{label}")
        for narrowed in narrowings(name):
            period = LAST_30 if in_periods else None
            yield pytest.param(name, period, narrowed, id=f"{name}-{'+'.join(narrowed)}")


def filled(
    parameter: Parameter, case: Case, period: Period | None, narrowed: tuple[str, ...]
) -> Scalar | tuple[Scalar, ...]:
    """A parameter's value; a period up to now holds now itself, so its open end lies just after."""
    kind, _, target = parameter.fills.partition(":")
    if kind == "constant":
        return Decimal(case.get("constants", {}).get(target, HOME.constants[target].value))
    if kind == "target":
        return bound(HOME.targets, target)
    if kind == "dimension":
        return NARROWED[target] if target in narrowed else None
    assert period is not None
    if parameter.fills == "period.start":
        return period.start.isoformat()
    return (period.end + timedelta(microseconds=1) if period.to_now else period.end).isoformat()


def answered(dash: Dash, plan: Plan) -> list[dict[str, object]]:
    answer: Answer = dash.answer(plan, ANALYST, now=NOW)
    assert answer.status is Status.ANSWERED, answer.text
    assert not answer.truncated
    names = [column.name for column in answer.columns]
    return [dict(zip(names, (plain(cell) for cell in row), strict=True)) for row in answer.rows]


def shown(dash: Dash, name: str, period: Period | None, narrowed: tuple[str, ...]) -> list[dict[str, object]]:
    parameters = HOME.patterns[name].header.parameters
    values = tuple((p, filled(parameter, TABLE[name], period, narrowed)) for p, parameter in parameters.items())
    return answered(dash, PatternPlan(name, values, period))


def compiled(dash: Dash, case: Case, wanted: Counted, period: Period | None, narrowed: tuple[str, ...]) -> Groups:
    """The metric's value by group, groups in the order of the pattern's columns."""
    by = list(case.get("by", {}).values())
    grain = next((Grain(name) for name in by if name in tuple(Grain)), None)
    dimensions = tuple(name for name in by if name not in tuple(Grain))
    filters = [Filter(name, Op.IN, NARROWED[name]) for name in narrowed]
    filters += [Filter(name, Op.IN, tuple(values)) for name, values in case.get("filters", {}).items()]
    filters += [Filter(name, Op.IN, values) for name, values in wanted.filters.items()]
    query = MetricQuery(
        metrics=(wanted.metric,),
        dimensions=dimensions,
        filters=tuple(filters),
        period={"none": None, "last_30": LAST_30}.get(case.get("period", ""), period),
        grain=grain,
        parameters=wanted.parameters,
    )
    found = {tuple(row[name] for name in by): row[wanted.metric] for row in answered(dash, MetricPlan(query))}
    return {key: value for key, value in found.items() if not (case.get("drop_null") and None in key)}


def test_every_report_says_which_of_its_columns_are_metrics(home: Catalog) -> None:
    assert set(TABLE) == {name for name, pattern in home.patterns.items() if pattern.header.kind == "report"}
    for name, case in TABLE.items():
        measured = {column for column, said in home.patterns[name].header.columns.items() if said.role == "metric"}
        by_row = {column for row in case.get("rows", {}).values() for column in row}
        told = {*case.get("columns", {}), *case.get("totals", {}), *by_row, *case.get("own", {})}
        assert (name, told) == (name, measured)


@pytest.mark.parametrize(("name", "period", "narrowed"), list(cases()))
def test_a_pattern_equals_its_metrics(name: str, period: Period | None, narrowed: tuple[str, ...], dash: Dash) -> None:
    case = TABLE[name]
    rows = shown(dash, name, period, narrowed)
    keys = [tuple(row[column] for column in case.get("by", {})) for row in rows]
    for column, said in case.get("columns", {}).items():
        metric = compiled(dash, case, counted(said), period, narrowed)
        found = dict(zip(keys, (row[column] for row in rows), strict=True))
        assert len(found) == len(rows)
        # A group that only another column has rows of: nothing was counted.
        missing = {key: value for key, value in metric.items() if key not in found}
        assert case.get("some") or not any(missing.values()), (column, missing)
        assert {key: value or 0 for key, value in found.items()} == {key: metric.get(key) or 0 for key in found}, column
    for row in rows if "rows" in case else ():
        for column, said in case["rows"][next(iter(row.values()))].items():
            assert [row[column]] == list(compiled(dash, case, counted(said), period, narrowed).values())
    for column, said in case.get("totals", {}).items():
        totals: dict[tuple[object, ...], Decimal] = {}
        for key, row in zip(keys, rows, strict=True):
            value = row[column]
            assert isinstance(value, Decimal)
            totals[key] = totals.get(key, Decimal(0)) + value
        metric = compiled(dash, case, counted(said), period, narrowed)
        assert {key: value for key, value in metric.items() if value} == {k: v for k, v in totals.items() if v}, column


def test_the_cases_are_not_about_nothing(dash: Dash) -> None:
    """Over a year every pattern has rows, and every number of theirs is somewhere not 0."""
    for name, case in TABLE.items():
        rows = shown(dash, name, CALENDAR.named_year(2026), ())
        for column in {*case.get("columns", {}), *case.get("totals", {})} - {*case.get("unseen", ())}:
            assert any(row[column] for row in rows), (name, column)
