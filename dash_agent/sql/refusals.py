"""What is said of a node that may not stand where it stands."""

from __future__ import annotations

import re

from sqlglot import exp

from dash_agent.errors import UnsafeSql

LOCKS = "FOR UPDATE and FOR SHARE lock rows"


def words(name: str) -> str:
    """A class's or an argument's name as words: 'HexString' → 'hex string'."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])|_+", " ", name).strip().lower()


def shown(node: exp.Expr) -> str:
    """The beginning of a node as SQL."""
    return node.sql("postgres", comments=False)[:60]


def not_allowed(node: exp.Expr) -> UnsafeSql:
    if isinstance(node, exp.Func):
        return UnsafeSql(f"the function {words(type(node).__name__).replace(' ', '_')} is not allowed")
    if isinstance(node, exp.Operator):
        return UnsafeSql("OPERATOR(…) is not allowed")
    if isinstance(node, exp.Star):
        return UnsafeSql("* stands only in a select list or in count(*)")
    if isinstance(node, exp.Parameter | exp.SessionParameter):
        return UnsafeSql("a parameter has no value")
    return UnsafeSql(f"{words(type(node).__name__)} is not allowed")


def statement_word(node: exp.Expr) -> str:
    word = str(node.this) if isinstance(node, exp.Command) else type(node).__name__
    return word.upper()[:40]


def only(node: exp.Expr, allowed: frozenset[str]) -> None:
    """Refuses a node that carries more than what was considered."""
    for name, value in node.args.items():
        if value and name not in allowed:
            if name == "locks":
                raise UnsafeSql(LOCKS)
            raise UnsafeSql(f"{words(type(node).__name__)} with {words(name)} is not allowed here")
