"""The SQL expressions of metrics: where each stands, what it is to give, and what keeps it from being one."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, assert_never

import sqlglot
from sqlglot import exp
from sqlglot.errors import ParseError, SqlglotError

from dash_agent.context.business import AverageMetric, CohortMetric, Counted, CountMetric, PercentileMetric, SumMetric
from dash_agent.context.files import nearest
from dash_agent.context.tables import Table

NAME: Final = "postgres"

NO_VALUE_OF_A_ROW: Final = (exp.Query, exp.AggFunc, exp.Window, exp.Command, exp.DDL, exp.DML, exp.Alias, exp.Star)


class Gives(StrEnum):
    """What an expression is to give."""

    TRUTH = "truth"
    NUMBER = "number"
    MOMENT = "moment"
    ANYTHING = "anything"


@dataclass(frozen=True, slots=True)
class Part:
    """One expression of a metric, under its key in the file."""

    key: str
    sql: str
    gives: Gives


@dataclass(frozen=True, slots=True)
class Mistake:
    """rule: its name in docs/rules.md."""

    rule: str
    message: str


def parts(metric: Counted) -> Iterator[Part]:
    """The expressions that the metric's own keys hold."""
    match metric:
        case CountMetric():
            yield from _given("distinct", metric.distinct, Gives.ANYTHING)
            yield from _given("time", metric.time, Gives.MOMENT)
        case SumMetric() | AverageMetric() | PercentileMetric():
            yield Part("value", metric.value, Gives.NUMBER)
            yield from _given("time", metric.time, Gives.MOMENT)
        case CohortMetric():
            yield Part("enters", metric.enters, Gives.MOMENT)
            yield Part("leaves", metric.leaves, Gives.MOMENT)
        case _:
            assert_never(metric)
    yield from _given("where", metric.where, Gives.TRUTH)


def _given(key: str, sql: str | None, gives: Gives) -> Iterator[Part]:
    if sql is not None:
        yield Part(key, sql, gives)


def parsed(sql: str) -> exp.Expr | Mistake:
    try:
        return folded(sqlglot.parse_one(sql, dialect=NAME))
    except SqlglotError as error:
        return Mistake("sql-syntax", syntax_words(error))


def folded(tree: exp.Expr) -> exp.Expr:
    """The tree with its names as PostgreSQL takes them: in lower case where they are not quoted."""
    for identifier in tree.find_all(exp.Identifier):
        if not identifier.quoted:
            identifier.set("this", identifier.name.lower())
    return tree


def syntax_words(error: SqlglotError) -> str:
    """What sqlglot stumbled over, without its terms."""
    details = error.errors[0] if isinstance(error, ParseError) and error.errors else {}
    at = str(details.get("highlight") or "").strip()
    if not at:
        return "not valid SQL; is a quote or a bracket not closed?"
    ends = not str(details.get("end_context") or "").strip()
    return f"not valid SQL: it breaks off at '{at}'" if ends else f"not valid SQL at '{at}'"


def mistakes(tree: exp.Expr, table: Table, constants: Collection[str]) -> Iterator[Mistake]:
    """What keeps a tree from being a value of one row of the table. constants: those of rules.json."""
    for node in tree.find_all(*NO_VALUE_OF_A_ROW):
        if not isinstance(node.parent, NO_VALUE_OF_A_ROW):
            yield Mistake("row-expression", f"a value of one row is wanted, and this has {_named(node)}")
    names = [column.name for column in table.columns]
    for column in tree.find_all(exp.Column):
        if column.table and column.table != table.table:
            message = f"'{column.sql(NAME)}' is of another table; columns here are those of '{table.table}'"
            yield Mistake("unknown-name", message)
        elif column.name not in names:
            message = f"'{table.table}' has no column '{column.name}'{nearest(column.name, names)}"
            yield Mistake("unknown-name", message)
        elif column.name not in table.readable:
            message = f"'{table.table}.{column.name}' is personal, and analytics reads no personal column"
            yield Mistake("personal-column", message)
    known = [*constants, "now"]
    for placeholder in tree.find_all(exp.Placeholder):
        if placeholder.name not in known:
            message = f"rules.json has no constant '{placeholder.name}'{nearest(placeholder.name, known)}"
            yield Mistake("unknown-name", message)


def _named(node: exp.Expr) -> str:
    match node:
        case exp.Star():
            return "a *"
        case exp.Query():
            return "a SELECT in it"
        case exp.Window():
            return "a window function in it"
        case exp.Alias():
            return f"a name for it, '{node.alias}'; leave that out"
        case exp.AggFunc():
            return f"an aggregate, {node.sql_name().lower()}(…), in it; a metric's kind says how rows are added up"
        case _:
            return "a command in it"
