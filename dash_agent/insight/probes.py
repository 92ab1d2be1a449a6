"""Further queries that what is told rests on: the period before, and the splits that explain a change."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from dash_agent.context.catalog import Catalog
from dash_agent.models.plan import Executable
from dash_agent.models.query import MetricQuery
from dash_agent.models.sql import ResultSet
from dash_agent.semantic.columns import OutColumn
from dash_agent.semantic.time import Calendar


@dataclass(frozen=True, slots=True)
class Probe:
    """name: what it is for ('before', 'by channel')."""

    name: str
    query: MetricQuery


@dataclass(frozen=True, slots=True)
class Seen:
    """What a probe found."""

    probe: Probe
    columns: tuple[OutColumn, ...]
    result: ResultSet


def probes(
    plan: Executable, columns: Sequence[OutColumn], result: ResultSet, catalog: Catalog, calendar: Calendar
) -> tuple[Probe, ...]:
    """Every one runs as a statement of its own, by the same door, after the answer's own."""
    return ()
