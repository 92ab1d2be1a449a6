"""What an answer says of data that can't quite be relied on."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Final

from babel.dates import format_datetime, format_timedelta

from dash_agent.context.freshness import DataProblem, Doubt, touching
from dash_agent.insight.messages import locale
from dash_agent.insight.wording import Wording
from dash_agent.models.plan import Executable, ListPlan, MetricPlan, PatternPlan
from dash_agent.models.query import Period

ENGLISH: Final[Mapping[str, str]] = {
    "late": "“{table}”: the newest row is from {since}, {age}; a load may have stopped.",
    "stopped": "“{table}”: the newest row is from {since}, {age}, and in these hours of the week rows usually come; "
    "a load may have stopped.",
    "doubled": "“{table}”: rows that came twice, by the same {key}: {rows}; figures may be too high.",
    "late.scoped": "“{table}”: no row has come for longer than expected; a load may have stopped.",
    "stopped.scoped": "“{table}”: no row has come for longer than usual; a load may have stopped.",
    "doubled.scoped": "“{table}”: some rows came twice, by the same {key}; figures may be too high.",
}
RUSSIAN: Final[Mapping[str, str]] = {
    "late": "«{table}»: последняя строка — {since}, {age}; возможно, загрузка остановилась.",
    "stopped": "«{table}»: последняя строка — {since}, {age}, хотя в эти часы недели строки обычно приходят; "
    "возможно, загрузка остановилась.",
    "doubled": "«{table}»: строк, пришедших дважды (одинаковое поле {key}): {rows}; значения могут быть завышены.",
    "late.scoped": "«{table}»: строк нет дольше, чем ожидалось; возможно, загрузка остановилась.",
    "stopped.scoped": "«{table}»: строк нет дольше обычного; возможно, загрузка остановилась.",
    "doubled.scoped": "«{table}»: часть строк пришла дважды (одинаковое поле {key}); значения могут быть завышены.",
}
MESSAGES: Final = {"en": ENGLISH, "ru": RUSSIAN}


def told_of(
    problems: Iterable[DataProblem], plan: Executable, wording: Wording, now: datetime, *, scoped: bool
) -> tuple[str, ...]:
    """A sentence for each problem that touches the plan's periods.

    scoped: for whoever does not see all rows: says nothing of single ones.
    """
    spans = [(period.start, min(period.end, now)) for period in _periods(plan)]
    return tuple(_sentence(problem, wording, now, scoped=scoped) for problem in touching(problems, spans))


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


def _sentence(problem: DataProblem, wording: Wording, now: datetime, *, scoped: bool) -> str:
    table = wording.catalog.tables[problem.table]
    here = locale(wording.language)
    messages = MESSAGES.get(wording.language, ENGLISH)
    label = wording.label(table.label, table.table)
    key = ", ".join(table.natural_key)
    if scoped:
        return messages[f"{problem.doubt}.scoped"].format(table=label, key=key)
    if problem.doubt is Doubt.DOUBLED:
        return messages[problem.doubt].format(table=label, key=key, rows=wording.number(problem.rows, None, 0))
    since = problem.since.astimezone(wording.zone)
    today = since.date() == now.astimezone(wording.zone).date()
    told = format_datetime(since, "HH:mm" if today else "d MMM y, HH:mm", locale=here)
    age = format_timedelta(problem.since - now, threshold=1.5, add_direction=True, locale=here)
    return messages[problem.doubt].format(table=label, since=told, age=age)
