"""Whether a number is where the desk wants it (business/targets.json)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal

from dash_agent.context.business import Metric
from dash_agent.context.targets import Target
from dash_agent.insight.finding import Case, Finding, Rank, exact
from dash_agent.insight.messages import say
from dash_agent.insight.naming import listed
from dash_agent.models.answer import Fact
from dash_agent.models.query import Filter, Op

MOST_NAMED = 3


def targets(case: Case) -> Iterator[Finding]:
    """Of a metric as it is defined: one narrowed otherwise, or by another percentile, has no target."""
    query = case.query
    own = [t for t in case.wording.catalog.targets if t.metric == case.metric.name]
    if not own or query.parameters or query.among or query.part or query.share or query.grain or len(query.metrics) > 1:
        return
    if query.period is not None and case.wording.catalog.is_state(case.metric):
        return
    if not query.dimensions and case.is_single:
        yield from _single(case, own)
    elif len(query.dimensions) == 1 and not query.filters:
        yield from _by_group(case, own)


def _single(case: Case, own: list[Target]) -> Iterator[Finding]:
    value = exact(case.result.rows[0][0])
    target = target_of(own, case.metric.name, case.query.filters)
    if value is None or target is None:
        return
    met = is_met(case.metric, value, target)
    text = say(case.language, "target.met" if met else "target.missed", target=case.worded(target))
    yield Finding(Rank.TARGET_MET if met else Rank.TARGET_MISSED, text, (_fact(case, target),))


def target_of(targets: Iterable[Target], metric: str, filters: Sequence[Filter]) -> Decimal | None:
    """A metric's target of all rows where nothing narrows, of a group where that alone does."""
    own = [target for target in targets if target.metric == metric]
    if not filters:
        return next((target.value for target in own if target.value is not None), None)
    only = filters[0]
    if len(filters) > 1 or only.op is not Op.IN or len(only.values) != 1:
        return None
    return next((t.values.get(str(only.values[0])) for t in own if t.dimension == only.dimension), None)


def _by_group(case: Case, own: list[Target]) -> Iterator[Finding]:
    split = case.query.dimensions[0]
    wanted = next((target.values for target in own if target.dimension == split), {})
    facts: list[Fact] = []
    missed: list[str] = []
    for row in case.result.rows:
        value, target = exact(row[case.first]), wanted.get(str(row[0]))
        if value is None or target is None:
            continue
        name = case.wording.value(split, row[0])
        facts.append(_fact(case, target, name))
        if not is_met(case.metric, value, target):
            told = {"group": name, "value": case.worded(value), "target": case.worded(target)}
            missed.append(say(case.language, "target.group", **told))
    if missed:
        text = say(case.language, "target.groups", items=listed(missed[:MOST_NAMED], case.wording))
        yield Finding(Rank.TARGET_MISSED, text, tuple(facts))
    elif facts:
        yield Finding(Rank.TARGET_MET, say(case.language, "target.all"), tuple(facts))


def is_met(metric: Metric, value: Decimal | int, target: Decimal) -> bool:
    """As shown: a rate that is told as 75.0 meets 75."""
    return value <= target if metric.direction == "down" else value >= target


def _fact(case: Case, target: Decimal, segment: str | None = None) -> Fact:
    """The target; the number that is held against it is a fact of its own."""
    label = say(case.language, "target", label=case.label)
    return case.fact("target", target, label=label, segment=segment)
