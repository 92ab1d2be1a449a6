"""What an answer says beside its numbers: what was assumed, what to mind, what is out of reach, why there is none."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from dash_agent.errors import OutOfScope
from dash_agent.insight.facts import partial_rows
from dash_agent.insight.messages import say
from dash_agent.insight.wording import Wording
from dash_agent.models.plan import TYPO_OF, Assumption, Clarification, ListPlan, MetricPlan, PatternPlan, Refusal
from dash_agent.models.principal import ScopeFilter
from dash_agent.models.query import MetricQuery, Period
from dash_agent.models.sql import ResultSet


def refusal(plan: Refusal | Clarification, language: str) -> str:
    key = f"refused.{plan.reason}" if isinstance(plan, Refusal) else f"clarify.{plan.why}"
    return say(language, key, words="”, “".join(plan.words) if language != "ru" else "», «".join(plan.words))


def assumptions(plan: MetricPlan | ListPlan | PatternPlan, wording: Wording, now: datetime) -> tuple[str, ...]:
    period = plan.period if isinstance(plan, PatternPlan) else plan.query.period
    told = {"period": wording.period(period, now)}
    assumed = tuple(_assumed(assumption, wording.language, told) for assumption in plan.assumptions)
    slips = (reading for reading in plan.reading if reading.became.startswith(TYPO_OF))
    mended = (
        say(wording.language, "mended", said=slip.words, known=slip.became.removeprefix(TYPO_OF)) for slip in slips
    )
    return (*mended, *assumed)


def _assumed(assumption: Assumption, language: str, told: dict[str, str]) -> str:
    return say(language, f"assumed.{assumption}", **told)


def scope_note(scope: Sequence[ScopeFilter], wording: Wording) -> tuple[str, ...]:
    """Which rows an answer was counted from, for whoever does not see all of them."""
    if not scope:
        return ()
    items = [
        f"{_named_dimension(narrowed.dimension, wording)}: "
        + ", ".join(wording.value(narrowed.dimension, value) for value in narrowed.values)
        for narrowed in scope
    ]
    return (say(wording.language, "scope", items="; ".join(items)),)


def out_of_scope(error: OutOfScope, wording: Wording) -> str:
    table = wording.catalog.tables.get(error.table)
    told = {
        key: ", ".join(_named_dimension(name, wording) for name in names)
        for key, names in (("dimensions", error.dimensions), ("lacking", error.lacking))
    }
    label = wording.label(table.label, error.table) if table else error.table
    return say(wording.language, "out_of_scope", table=label, **told)


def _named_dimension(name: str, wording: Wording) -> str:
    found = wording.catalog.dimensions.get(name)
    label = wording.label(found.label, name) if found else name
    return f"“{label.lower()}”" if wording.language != "ru" else f"«{label.lower()}»"


def metric_caveats(query: MetricQuery, result: ResultSet, wording: Wording, now: datetime) -> tuple[str, ...]:
    told = caveats(query.period, result, wording.language, now)
    cut = sorted(partial_rows(query, result, wording, now))
    if query.grain is None or not cut:
        return told
    names = dict.fromkeys(wording.bucket(query.grain, result.rows[row][0]) for row in cut)
    return (*told, say(wording.language, "partial", items=", ".join(names)))


def caveats(period: Period | None, result: ResultSet, language: str, now: datetime) -> tuple[str, ...]:
    told = []
    if period is not None and period.to_now:
        told.append(say(language, "today_not_over"))
    if period is not None and period.start > now:
        told.append(say(language, "not_begun"))
    if result.truncated:
        told.append(say(language, "truncated", count=len(result.rows)))
    return tuple(told)
