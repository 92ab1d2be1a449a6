"""What makes two answers the same, as long as their tables are."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from dash_agent.models.plan import Executable, ListPlan, MetricPlan, PatternPlan
from dash_agent.models.query import Period
from dash_agent.models.sql import SafeQuery
from dash_agent.models.wire import Json, plan_json

NOT_TOLD = ("reading", "assumed")
"""Parts of a plan that are said beside the rows and not in what is kept of them: how a question was put."""


def reuse_key(
    plan: Executable, safe: SafeQuery, now: datetime, zone: ZoneInfo, language: str, also: Sequence[Json]
) -> str:
    """also: what else the words rest on: the content's version, the engine's, doubts about the data.

    The statement has its now in it where it reads the clock. Words of a period that is over do so by its date at most.
    """
    over = all(not period.to_now and period.end <= now for period in _periods(plan)) and bool(_periods(plan))
    told = {name: value for name, value in plan_json(plan).items() if name not in NOT_TOLD}
    moment = now.astimezone(zone).date().isoformat() if over else now.isoformat()
    scope = [[one.dimension, *one.values] for one in safe.scope]
    whole = [told, safe.text, safe.row_cap, scope, moment, zone.key, language, *also]
    return hashlib.sha256(json.dumps(whole, ensure_ascii=False, sort_keys=True).encode()).hexdigest()


def _periods(plan: Executable) -> tuple[Period, ...]:
    match plan:
        case MetricPlan():
            found = (plan.query.period, plan.query.compare)
        case ListPlan():
            found = (plan.query.period, None)
        case PatternPlan():
            found = (plan.period, None)
        case _:
            found = (None, None)
    return tuple(period for period in found if period is not None)
