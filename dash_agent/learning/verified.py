"""An answer that somebody found right as a verified query: a file for queries/, with its period as parameters."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from dash_agent.errors import WrongUse
from dash_agent.learning.promotion import Files, Patch, quoted
from dash_agent.models.answer import Answer, AnswerColumn, ColumnRole
from dash_agent.models.plan import Executable, ListPlan, MetricPlan, Reading, SqlPlan
from dash_agent.models.query import Period
from dash_agent.planning.learned.same import look
from dash_agent.planning.tokens import language_of

# Moments that no question names: what the compiler makes of them shows where a period stands in the SQL.
_START: Final = "1971-02-03"
_END: Final = "1972-03-04"
_NOW: Final = "1973-04-05"
_MOMENT: Final = re.compile(r"'\d{4}-\d\d-\d\d[^']*'")
NAME: Final = re.compile(r"[a-z][a-z0-9_]{2,59}")

AROUND: Final = re.compile(
    r"^(how many|show me|show|what is|what was|сколько|покажи)\b|\b(in|for|on|over|during|of|the|за|в|во|на|с|со)$"
)
"""What is left around a phrase when its period is gone."""

Statement = Callable[[Executable, datetime], str]
"""The SQL of a plan before any row scope, as of a moment."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What an analyst says of a new verified query. phrase: the words that name it, without a period."""

    name: str
    label: str
    phrase: str
    question: str


def suggested_phrase(answer: Answer) -> str:
    """The question's words without those that said its period."""
    said = " ".join(look(answer.question or ""))
    for reading in answer.reading:
        if _is_period(reading):
            said = re.sub(rf"\b{re.escape(' '.join(look(reading.words)))}\b", " ", said)
    return " ".join(AROUND.sub(" ", " ".join(said.split())).split())


def verified(answer: Answer, wanted: Wanted, statement: Statement, files: Files) -> Patch:
    """A new file for queries/. Raises WrongUse for what can't be one, and for names that are taken or not fit."""
    file = f"queries/{wanted.name}.sql"
    if NAME.fullmatch(wanted.name) is None:
        raise WrongUse(f"'{wanted.name[:60]}' is no name for a file", "small Latin letters, digits and underscores")
    if file in files:
        raise WrongUse(f"{file} is there already", "choose another name")
    if not wanted.phrase.strip() or not wanted.label.strip():
        raise WrongUse("the words that name the query, or its title, are empty")
    sql, has_period = _statement(answer, statement)
    body = "\n".join(_header(answer, wanted, has_period=has_period))
    return Patch(file, "", f"/*\n{body}\n*/\n{sql}\n")


def _statement(answer: Answer, statement: Statement) -> tuple[str, bool]:
    """With the period as parameters, and whether it has one."""
    match answer.plan:
        case MetricPlan(query) if query.compare is not None:
            raise WrongUse("a verified query has one period, and this answer compares two", "take the comparison out")
        case (MetricPlan(query) | ListPlan(query)) as plan if query.period is None:
            return _checked(_with_now(statement(plan, _moment(_NOW)))), False
        case MetricPlan(query) as plan:
            dated: Executable = replace(plan, query=replace(query, period=_marked(query.period)))
            return _checked(_with_period(_with_now(statement(dated, _moment(_NOW))))), True
        case ListPlan(listed) as plan:
            dated = replace(plan, query=replace(listed, period=_marked(listed.period)))
            return _checked(_with_period(_with_now(statement(dated, _moment(_NOW))))), True
        case SqlPlan(sql):
            return _checked(sql), False
        case _:
            raise WrongUse("only an answer with rows of its own can become a verified query", "ask for one")


def _with_now(sql: str) -> str:
    return _placed(sql, _NOW, ":now::timestamptz")


def _with_period(sql: str) -> str:
    """Up to now is half-open there: the end that is filled in holds now itself."""
    sql = re.sub(rf"<= CAST\('{_END}[^']*' AS TIMESTAMPTZ\)", "< :end::timestamptz", sql)
    return _placed(_placed(sql, _START, ":start::timestamptz"), _END, ":end::timestamptz")


def _placed(sql: str, moment: str, parameter: str) -> str:
    return re.sub(rf"CAST\('{moment}[^']*' AS TIMESTAMPTZ\)", parameter, sql)


def _checked(sql: str) -> str:
    """Without the guard's own end. Raises WrongUse where a date would stand in it for ever."""
    found = _MOMENT.search(sql)
    if found is not None:
        raise WrongUse(
            f"its SQL has a fixed date ({found[0]}), so it would tell the same days for ever",
            "ask without a split by time, or write :start and :end by hand",
        )
    return re.sub(r"\s+LIMIT \d+\s*$", "", sql.strip().rstrip(";"))


def _header(answer: Answer, wanted: Wanted, *, has_period: bool) -> Sequence[str]:
    language = language_of(wanted.question or wanted.phrase, "en")
    label = quoted(wanted.label)
    lines = [
        f"name: {wanted.name}",
        *(["kind: list"] if isinstance(answer.plan, ListPlan) else []),
        f"label: {{en: {label}, ru: {label}}}",
        "description: >-",
        f"  {_sentence(wanted)}",
        "phrases:",
        f"  {language}:",
        f"    - {quoted(wanted.phrase.lower())}",
        "questions:",
        f"  {language}:",
        f"    - {quoted(wanted.question or wanted.phrase)}",
    ]
    if has_period:
        lines += [
            "period: default",
            "parameters:",
            "  start: {type: timestamptz, fills: period.start}",
            "  end: {type: timestamptz, fills: period.end}",
        ]
    return [*lines, "columns:", *map(_column, answer.columns)]


def _column(column: AnswerColumn) -> str:
    role = column.role
    if role is ColumnRole.HELPER:
        role = ColumnRole.METRIC if column.type in ("integer", "number") else ColumnRole.DIMENSION
    unit = f", unit: {column.unit or 'count'}" if role is ColumnRole.METRIC else ""
    label = quoted(column.label)
    return f"  {column.name}: {{role: {role}{unit}, label: {{en: {label}, ru: {label}}}}}"


def _sentence(wanted: Wanted) -> str:
    plain = " ".join((wanted.question or wanted.phrase).replace("*/", " ").split())
    return f"The answer to: {plain}"


def _is_period(reading: Reading) -> bool:
    return reading.became.startswith("period ")


def _moment(text: str) -> datetime:
    """At noon, so that it is the same day in every time zone of the business."""
    return datetime.fromisoformat(f"{text}T12:00:00+00:00")


def _marked(period: Period | None) -> Period:
    return Period(_moment(_START), _moment(_END), to_now=period is not None and period.to_now)
