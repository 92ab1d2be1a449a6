"""The catalogue says what the page of business definitions says: cases/definitions.yaml is that page as a table."""

from __future__ import annotations

from typing import Any

import pytest
import yaml
from sqlglot import exp, parse_one

from dash_agent.context.business import Metric, RatioMetric
from dash_agent.context.catalog import Catalog
from dash_agent.semantic import resolve
from dash_agent.semantic.model import SemanticModel
from tests.conftest import CASES

PAGE: dict[str, Any] = yaml.safe_load((CASES / "definitions.yaml").read_text(encoding="utf-8"))
LANGUAGES = ("en", "ru")


@pytest.mark.parametrize("name", PAGE["metrics"])
def test_a_metric_is_of_the_page_s_kind_unit_and_direction(name: str, home: Catalog) -> None:
    metric, wanted = home.metrics[name], PAGE["metrics"][name]
    found = {"kind": metric.kind, "unit": metric.unit, "decimals": metric.decimals, "direction": metric.direction}
    assert found == {key: wanted[key] for key in found}
    assert metric.description.endswith(".")
    assert all(metric.synonyms[language] for language in LANGUAGES)


@pytest.mark.parametrize("name", [name for name, page in PAGE["metrics"].items() if "time" in page])
def test_a_period_goes_by_the_page_s_time(name: str, home: Catalog) -> None:
    wanted = PAGE["metrics"][name]
    parts = home.counted(home.metrics[name])
    assert {part.table for part in parts} == {wanted["table"]}
    assert home.is_state(home.metrics[name]) is (wanted["time"] == "now")
    for part in () if wanted["time"] == "now" else parts:
        named = parse_one(part.time or home.tables[part.table].time or "", dialect="postgres")
        page = parse_one(wanted["time"], dialect="postgres")
        assert {c.name for c in named.find_all(exp.Column)} == {c.name for c in page.find_all(exp.Column)}


@pytest.mark.parametrize("name", PAGE["dimensions"])
def test_a_dimension_stands_where_the_page_says(name: str, model: SemanticModel) -> None:
    wanted = PAGE["dimensions"][name]
    assert model.catalog.dimensions[name].column == wanted["column"]
    for table, column in wanted.get("seen_from", {}).items():
        place = resolve.place(model, name, table)
        assert f"{place.table}.{place.column}" == column


@pytest.mark.parametrize("dimension", PAGE["values"])
def test_every_stored_value_has_a_label_and_words_or_a_metric_of_its_name(dimension: str, home: Catalog) -> None:
    entries = {entry.value: entry for entry in home.values if entry.dimension == dimension and entry.value}
    assert [value for value in PAGE["values"][dimension] if value not in entries] == []
    bare = [value for value in PAGE["values"][dimension] if not entries[value].synonyms]
    # 'pending_approval' is said by the metric that counts it.
    assert bare in ([], ["pending_approval"])
    assert [value for value, entry in entries.items() if not all(entry.label.get(lang) for lang in LANGUAGES)] == []


@pytest.mark.parametrize("group", PAGE["groups"])
def test_a_group_of_values_has_one_name(group: str, home: Catalog) -> None:
    found = next(entry for entry in home.values if entry.name == group)
    assert {"dimension": found.dimension, "values": list(found.stored)} == PAGE["groups"][group]


def test_rules_have_the_page_s_numbers(home: Catalog) -> None:
    # There may be others that the page does not know, such as the forecast's.
    assert {name: home.constants[name].value for name in PAGE["constants"]} == PAGE["constants"]
    assert home.rules.default_days == PAGE["default_days"]
    assert home.rules.primary_metric == PAGE["busiest"]


@pytest.mark.parametrize("bundle", PAGE["bundles"])
def test_a_bundle_holds_the_page_s_metrics_in_order(bundle: str, home: Catalog) -> None:
    assert home.bundles[bundle].metrics == PAGE["bundles"][bundle]


def test_metrics_on_columns_that_stand_for_a_person_say_so(home: Catalog) -> None:
    identifying = {c.name for table in home.tables.values() for c in table.columns if c.identifies}
    assert identifying == {"customer_id", "assigned_to", "author", "decided_by"}
    resting = {name for name, metric in home.metrics.items() if _columns(home, metric) & identifying}
    marked = {name for name, metric in home.metrics.items() if metric.personal_data == "pseudonymous"}
    assert resting == marked == set(PAGE["pseudonymous"])


def _columns(home: Catalog, metric: Metric) -> set[str]:
    """Columns in the expressions that a metric, or a ratio's two, is counted by."""
    if isinstance(metric, RatioMetric):
        return {name for part in home.counted(metric) for name in _columns(home, part)}
    found = metric.model_dump(include={"where", "time", "value", "distinct", "enters", "leaves"})
    expressions = [parse_one(text, dialect="postgres") for text in found.values() if text]
    return {column.name for expression in expressions for column in expression.find_all(exp.Column)}
