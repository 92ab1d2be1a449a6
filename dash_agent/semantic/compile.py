"""A MetricQuery as one SQL tree. Read `compile_query` first.

Counting is in `legs` and `cohorts`, their meeting in `meet`, empty buckets in `spine`; ratios, shares, thresholds,
rounding, order and limit come last, from sums, in `outer`.
"""

from __future__ import annotations

from dataclasses import dataclass

from sqlglot import exp

from dash_agent.models.query import MetricQuery
from dash_agent.semantic import checks, spine
from dash_agent.semantic.columns import OutColumn, columns_of
from dash_agent.semantic.derived import with_derived
from dash_agent.semantic.legs import Request
from dash_agent.semantic.meet import GROUPED, with_grouped
from dash_agent.semantic.model import SemanticModel
from dash_agent.semantic.outer import Outer, totalled
from dash_agent.semantic.time import Calendar

TOTALLED = "totalled"


@dataclass(frozen=True, slots=True)
class Compiled:
    """tables: of the database, that the counted rows come from."""

    tree: exp.Query
    columns: tuple[OutColumn, ...]
    tables: tuple[str, ...]


def compile_query(model: SemanticModel, query: MetricQuery, calendar: Calendar) -> Compiled:
    """One SELECT whose columns are bucket, dimensions, then metrics (with previous and change where compared).

    Raises UnknownName for a name that is not there, NoPath for a dimension that a metric's rows do not have, WrongUse
    for what can't be asked together.
    """
    checks.check(model, query)
    request = Request(model, query, calendar)
    tree, source = with_grouped(request), GROUPED
    if query.grain is not None and query.period is not None:
        tree = tree.with_(spine.FILLED, as_=spine.filled(request, query.grain, query.period, source), copy=False)
        source = spine.FILLED
    if query.share and not query.part:
        tree, source = tree.with_(TOTALLED, as_=totalled(request, source), copy=False), TOTALLED
    select = Outer(request, source).select(tree)
    whole, tables = with_derived(model, select, request.tables(), request.parameters)
    return Compiled(whole, columns_of(request), tables)
