"""A metric's plan from what was typed, and its answer, which is not kept. Read `wanted` first."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from dash_agent.ask import Dash
from dash_agent.context.catalog import Catalog
from dash_agent.errors import WrongUse
from dash_agent.models.answer import Answer
from dash_agent.models.plan import Assumption, MetricPlan, Reading
from dash_agent.models.principal import Principal
from dash_agent.models.query import MetricQuery
from dash_agent.planning.one_period import OnePeriod, read_period
from dash_agent.planning.periods.spec import LastDays
from dash_agent.ports import Kept
from dash_agent.preview.definition import Definition, defined
from dash_agent.preview.names import split
from dash_agent.semantic.checks import check
from dash_agent.semantic.model import SemanticModel
from dash_agent.semantic.time import Calendar


@dataclass(frozen=True, slots=True)
class Wanted:
    """What to preview, checked: a metric that is there, and a plan that it can be answered by."""

    definition: Definition
    plan: MetricPlan


@dataclass(frozen=True, slots=True)
class Asker:
    """On whose behalf, when and in which language values are taken."""

    principal: Principal
    now: datetime
    language: str


def wanted(
    catalog: Catalog, name: str, by: Sequence[str], period: str | None, calendar: Calendar, *, alone: bool = True
) -> Wanted:
    """The plan for a metric, split `by` and over a period in words, the default one where it is None.

    alone: a single value is set beside the period before. Raises UnknownName, WrongUse, ContentError.
    """
    model = SemanticModel(catalog)
    found = defined(model, name)
    dimensions, grain = split(model, name, by)
    read = read_period(period, calendar) if period is not None else _default(found, catalog, calendar)
    if grain is not None and read is None:
        raise WrongUse(
            f"'{name}' is a state of now and has no {grain} by itself", "with --period it goes by when its rows began"
        )
    single = alone and not dimensions and grain is None and read is not None
    query = MetricQuery(
        metrics=(name,),
        dimensions=dimensions,
        grain=grain,
        period=read.period if read else None,
        compare=read.before(calendar) if single and read else None,
    )
    check(model, query)
    return Wanted(found, MetricPlan(query, _readings(period, query), _assumed(found, period)))


def _default(found: Definition, catalog: Catalog, calendar: Calendar) -> OnePeriod | None:
    if found.state:
        return None
    days = catalog.rules.default_days
    return OnePeriod(calendar.last_days(days, f"last {days} days"), LastDays(days))


def _readings(words: str | None, query: MetricQuery) -> tuple[Reading, ...]:
    if words is None or query.period is None:
        return ()
    start, end = query.period.start, query.period.end
    return (Reading(words, f"{start.isoformat(sep=' ')} to {end.isoformat(sep=' ')}"),)


def _assumed(found: Definition, words: str | None) -> tuple[Assumption, ...]:
    if words is None:
        return () if found.state else (Assumption.DEFAULT_PERIOD,)
    return (Assumption.STATE_OF_NOW,) if found.state else ()


class NotKept:
    """The Answers port of a preview: it is not an answer to anybody's question."""

    def save(self, answer: Answer, user: str) -> None:
        del answer, user

    def get(self, answer_id: str) -> Mapping[str, object] | None:
        del answer_id
        return None

    def kept(self, answer_id: str) -> Kept | None:
        del answer_id
        return None


def answered(dash: Dash, catalog: Catalog, plan: MetricPlan, asker: Asker) -> Answer:
    """The plan's answer by a catalogue, on the database of `dash`. Raises ContentError, WrongUse."""
    over = dash.over(catalog, NotKept())
    return over.answer(plan, asker.principal, now=asker.now, language=asker.language)
