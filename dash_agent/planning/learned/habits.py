"""What a person prefers where a question does not say, applied to its plan."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from dash_agent.models.learning import Habit, How, Learning, Preference, Use
from dash_agent.models.plan import Assumption, ListPlan, MetricPlan, Plan
from dash_agent.models.query import Filter, ListQuery, MetricQuery, Op
from dash_agent.planning.learned.rules import narrowed
from dash_agent.semantic.model import SemanticModel
from dash_agent.semantic.resolve import applies

Replan = Callable[[str], Plan]


def with_habits(
    plan: Plan, preferences: Sequence[tuple[Learning, Preference]], model: SemanticModel, replan: Replan
) -> tuple[Plan, tuple[Use, ...]]:
    """replan: the plan of the question with words behind it."""
    uses = []
    for learning, preference in preferences:
        if not isinstance(plan, MetricPlan | ListPlan):
            break
        changed = _with(plan, preference, model, replan)
        if changed is not None:
            plan = changed
            uses.append(Use(learning, How.PREFERRED))
    return plan, tuple(uses)


def _with(
    plan: MetricPlan | ListPlan, preference: Preference, model: SemanticModel, replan: Replan
) -> MetricPlan | ListPlan | None:
    match preference.habit:
        case Habit.PERIOD:
            return _timed(plan, replan(preference.words))
        case Habit.SPLIT:
            return _split(plan, preference.name, model) if isinstance(plan, MetricPlan) else None
        case Habit.FILTER:
            return _narrowed(plan, preference, model)
        case Habit.LANGUAGE:
            return None


def _timed(plan: MetricPlan | ListPlan, timed: Plan) -> MetricPlan | ListPlan | None:
    """The plan with the period said, where nothing but its times becomes another."""
    if Assumption.DEFAULT_PERIOD not in plan.assumptions or not isinstance(timed, MetricPlan | ListPlan):
        return None
    return timed if _timeless(timed.query) == _timeless(plan.query) else None


def _timeless(query: MetricQuery | ListQuery) -> MetricQuery | ListQuery:
    if isinstance(query, MetricQuery):
        return replace(query, period=None, compare=None)
    return replace(query, period=None)


def _split(plan: MetricPlan, name: str, model: SemanticModel) -> MetricPlan | None:
    """Only a bare number is split: what asks for a ranking, a share or a course in time has its own form."""
    query = plan.query
    shaped = query.dimensions or query.grain or query.share or query.having or query.limit or query.order or plan.why
    taken = _says(plan, name)
    if shaped or taken or not all(_applies(model, metric, name) for metric in query.metrics):
        return None
    return replace(plan, query=replace(query, dimensions=(name,)))


def _narrowed(
    plan: MetricPlan | ListPlan, preference: Preference, model: SemanticModel
) -> MetricPlan | ListPlan | None:
    query, name = plan.query, preference.name
    split = isinstance(query, MetricQuery) and name in query.dimensions
    metrics = query.metrics or ((model.catalog.rules.primary_metric,) if isinstance(query, ListQuery) else ())
    if split or _says(plan, name) or not all(_applies(model, metric, name) for metric in metrics):
        return None
    return narrowed(plan, Filter(name, Op.IN, preference.values))


def _says(plan: MetricPlan | ListPlan, name: str) -> bool:
    """Whether the question says something of a dimension itself."""
    narrowed = any(found.dimension == name for found in plan.query.filters)
    return narrowed or any(name in reading.became.split() for reading in plan.reading)


def _applies(model: SemanticModel, metric: str, name: str) -> bool:
    return name in model.catalog.dimensions and applies(model, metric, name)
