"""The guard: the only maker of a SafeQuery.

Text or tree, verified pattern, metric or a model's own SQL: every statement goes the same way. It is parsed, checked
against allow-lists (`allowed.py`), every column resolved (`scope.py`), every table narrowed to the rows that the asker
may see (`rows.py`), the clock bound (`bind.py`), the rows capped (`cap.py`) and printed again. What runs is the print,
so nothing that was not understood can run.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from sqlglot import exp
from sqlglot.errors import ErrorLevel, SqlglotError

from dash_agent.errors import UnsafeSql
from dash_agent.models.sql import _SEAL, SafeQuery
from dash_agent.sql import lexical
from dash_agent.sql.bind import Moment
from dash_agent.sql.cap import capped
from dash_agent.sql.names import NAMELESS
from dash_agent.sql.output import check_print
from dash_agent.sql.scope import GuardSchema
from dash_agent.sql.statement import Statement

__all__ = ["GuardSchema", "Moment", "Unchecked", "Verdict", "guard", "judge"]

Unchecked = str | exp.Expr
"""A statement that the guard has not seen: text, or a tree."""

ROW_CAP: Final = 10_000
MAX_DEPTH: Final = 150
UNKNOWN_SHAPE: Final = "the statement has a form that is not known to be harmless"


@dataclass(frozen=True, slots=True)
class Verdict:
    """reason: '' where the statement is allowed."""

    allowed: bool
    reason: str


def guard(statement: Unchecked, schema: GuardSchema, moment: Moment, *, row_cap: int = ROW_CAP) -> SafeQuery:
    """The statement as it may run, with at most `row_cap` rows for the caller.

    A tree is read, not changed. Raises UnsafeSql with a reason for a person, and nothing else.
    """
    try:
        tree = lexical.parse(statement if isinstance(statement, str) else _printed(statement))
        _check_depth(tree)
        output = Statement(schema, moment).check(tree)
        text = _printed(capped(tree, row_cap), for_people=True)
    except RecursionError:
        raise UnsafeSql("the statement is nested too deeply") from None
    except (AttributeError, IndexError, KeyError, TypeError) as error:
        # A tree of a shape that the parser was not known to make: not understood, so refused.
        raise UnsafeSql(UNKNOWN_SHAPE) from error
    check_print(text)
    return SafeQuery(text, tuple(name or NAMELESS for name in output.columns), row_cap, schema.scope, _SEAL)


def judge(sql: str, schema: GuardSchema, moment: Moment) -> Verdict:
    """What the guard says of a statement; nothing runs."""
    try:
        guard(sql, schema, moment)
    except UnsafeSql as refusal:
        return Verdict(allowed=False, reason=str(refusal))
    return Verdict(allowed=True, reason="")


def _printed(tree: exp.Expr, *, for_people: bool = False) -> str:
    """The tree as text; for people with a line for each clause, since what they are shown is what runs.

    That is the last of a tree of our own, which printing may change; another one is copied before.
    """
    writer = lexical.dialect().generator(comments=False, unsupported_level=ErrorLevel.RAISE, pretty=for_people)
    try:
        return writer.generate(tree, copy=not for_people)
    except SqlglotError as error:
        raise UnsafeSql(f"the statement can't be written as PostgreSQL: {error}") from None


def _check_depth(tree: exp.Expr) -> None:
    level = [tree]
    depth = 0
    while level:
        depth += 1
        if depth > MAX_DEPTH:
            raise UnsafeSql("the statement is nested too deeply")
        level = [child for node in level for child in node.iter_expressions()]
