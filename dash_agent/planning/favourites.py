"""Which metrics and dimensions are offered first, by the content files themselves."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from dash_agent.context.business import Metric
from dash_agent.context.catalog import Catalog
from dash_agent.planning.terms import DimensionTerm, MetricTerm, Term, ValueTerm


@dataclass(frozen=True, slots=True)
class Favourites:
    """Names, the best to offer first."""

    metrics: tuple[str, ...]
    dimensions: tuple[str, ...]


def favourites(catalog: Catalog, read: Callable[[str], Iterable[Term]]) -> Favourites:
    """The primary metric, what the example questions are about, then rates and what else has a good direction.

    read: gives the terms of a question.
    """
    examples = [term for texts in catalog.rules.examples.values() for text in texts for term in read(text)]
    metrics = [term.name for term in examples if isinstance(term, MetricTerm)]
    dimensions = [name for term in examples for name in _dimensions(term)]
    others = sorted(catalog.metrics, key=lambda name: _rank(catalog.metrics[name]))
    return Favourites(
        tuple(dict.fromkeys((catalog.rules.primary_metric, *metrics, *others))),
        tuple(dict.fromkeys((*dimensions, *catalog.dimensions))),
    )


def _dimensions(term: Term) -> tuple[str, ...]:
    """Those that a term speaks of, by name or by a value."""
    if isinstance(term, ValueTerm):
        return tuple(dimension for dimension, _ in term.choices)
    return (term.name,) if isinstance(term, DimensionTerm) else ()


def _rank(metric: Metric) -> tuple[bool, bool]:
    return metric.direction == "neutral", metric.unit != "percent"
