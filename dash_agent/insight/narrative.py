"""The answer in words: two to four sentences, the answer first. Every number in them is a fact or part of the plan."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import chain

from dash_agent.insight.changes import change
from dash_agent.insight.drivers import why
from dash_agent.insight.finding import Case, Finding
from dash_agent.insight.groups import groups
from dash_agent.insight.notes import out_of_scope as out_of_scope
from dash_agent.insight.notes import refusal as refusal
from dash_agent.insight.opening import opening
from dash_agent.insight.probes import Seen
from dash_agent.insight.series import series
from dash_agent.insight.targets import targets
from dash_agent.insight.wording import Wording
from dash_agent.models.answer import Fact
from dash_agent.models.plan import MetricPlan
from dash_agent.models.sql import ResultSet
from dash_agent.semantic.columns import OutColumn

FINDERS = (change, why, targets, series, groups)

MOST_TOLD = 3
"""Findings behind the first sentence; what is left out is among the facts."""


@dataclass(frozen=True, slots=True)
class Told:
    """The text, and the facts beside the rows' own that it rests on."""

    text: str
    facts: tuple[Fact, ...] = ()


def metric_told(
    plan: MetricPlan,
    columns: Sequence[OutColumn],
    result: ResultSet,
    wording: Wording,
    now: datetime,
    seen: Sequence[Seen] = (),
) -> Told:
    case = Case(plan, columns, result, wording, now, seen)
    found = list(chain.from_iterable(finder(case) for finder in FINDERS)) if result.rows else []
    return Told(" ".join((opening(case), *_sentences(found))), tuple(fact for one in found for fact in one.facts))


def _sentences(found: Sequence[Finding]) -> list[str]:
    """What matters most, in the order of its rank."""
    told = sorted((one for one in found if one.text), key=lambda one: one.rank)
    return [one.text for one in told[:MOST_TOLD]]
