"""A MetricQuery's names as things of the catalogue: where each dimension stands, which measures are needed."""

from __future__ import annotations

from dataclasses import dataclass
from difflib import get_close_matches

from dash_agent.context.business import CountMetric, Dimension, Metric
from dash_agent.errors import UnknownName, WrongUse
from dash_agent.models.query import MetricQuery
from dash_agent.semantic.joins import NoPath, Step, path
from dash_agent.semantic.model import Measure, SemanticModel

SHARE = "_share"
"""Ends the name of the column with the first metric's share."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a dimension's value stands for the rows of one table, and how to get there."""

    table: str
    column: str
    steps: tuple[Step, ...]


def metric(model: SemanticModel, name: str) -> Metric:
    """A metric of the catalogue, or what one is made from. Raises UnknownName with the nearest metrics."""
    found = model.catalog.metrics.get(name) or model.part(name)
    if found is None:
        raise UnknownName("metric", name, get_close_matches(name, list(model.catalog.metrics), 3))
    return found


def dimension(model: SemanticModel, name: str) -> Dimension:
    """Raises UnknownName with the nearest dimensions."""
    found = model.catalog.dimensions.get(name)
    if found is None:
        raise UnknownName("dimension", name, get_close_matches(name, list(model.catalog.dimensions), 3))
    return found


def row_metric(model: SemanticModel, name: str) -> CountMetric:
    """A metric that says of a row whether it is counted. Raises UnknownName, WrongUse."""
    found = metric(model, name)
    if not isinstance(found, CountMetric):
        raise WrongUse(f"'{name}' is no count, so no row can be told by it", "narrow by a count metric or a dimension")
    return found


def place(model: SemanticModel, name: str, table: str) -> Place:
    """A dimension seen from the rows of `table`. Raises UnknownName, NoPath."""
    found = dimension(model, name)
    home, _, column = found.on.get(table, found.column).partition(".")
    try:
        return Place(home, column, path(model.catalog, table, home))
    except NoPath as error:
        raise NoPath(f"'{name}' does not apply to rows of '{table}': {_why_not(model, table, home)}") from error


def _why_not(model: SemanticModel, table: str, home: str) -> str:
    try:
        path(model.catalog, home, table)
    except NoPath:
        return f"no join leads from them to '{home}'"
    return f"one of them has many rows of '{home}', and would count once for each"


def measures(model: SemanticModel, query: MetricQuery) -> tuple[Measure, ...]:
    """Every measure that the query's metrics and thresholds rest on, each once, in order. Raises UnknownName."""
    found: dict[str, Measure] = {}
    bounded = (having.metric for having in query.having)
    for name in (*query.metrics, *(name for name in bounded if name != query.metrics[0] + SHARE)):
        for part in model.catalog.counted(metric(model, name)):
            found.setdefault(part.name, model.measure(part.name))
    return tuple(found.values())


def applies(model: SemanticModel, metric_name: str, dimension_name: str) -> bool:
    """Whether every measure of a metric can be split by a dimension."""
    try:
        for part in model.catalog.counted(metric(model, metric_name)):
            place(model, dimension_name, part.table)
    except WrongUse:
        return False
    return True
