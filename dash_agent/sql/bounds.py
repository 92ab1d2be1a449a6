"""Functions whose result can be far larger than their arguments, held small in the tree.

What can't be judged beforehand is left to the limits of the run: time, memory, rows, temporary files.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Final

from sqlglot import exp

from dash_agent.errors import UnsafeSql
from dash_agent.sql.scope import fold

MAX_SERIES: Final = 100_000
MAX_REPEAT: Final = 10_000
_SPAN: Final = re.compile(r"\s*(\d+(?:\.\d+)?)\s*([a-z]+)\s*", re.IGNORECASE)
_WIDTH: Final = re.compile(r"%[^%a-zA-Z]*(\d{4,}|\*)")
_SECONDS: Final = {
    "microsecond": 1e-6,
    "millisecond": 1e-3,
    "second": 1.0,
    "sec": 1.0,
    "minute": 60.0,
    "min": 60.0,
    "hour": 3600.0,
    "day": 86400.0,
    "week": 604800.0,
    "month": 2592000.0,
    "mon": 2592000.0,
    "year": 31536000.0,
    "decade": 315360000.0,
    "century": 3153600000.0,
}


def hold(name: str, node: exp.Expr) -> None:
    """Bounds a call in place, or raises UnsafeSql where it can be seen to be too large."""
    rule = _RULES.get(name)
    if rule is not None:
        rule(name, node.expressions)


def _repeat(name: str, arguments: list[exp.Expr]) -> None:
    """The length asked for, at most MAX_REPEAT; calls are not stacked."""
    if len(arguments) < 2:
        return
    if any(inner.name in _LONG for argument in arguments for inner in argument.find_all(exp.Anonymous)):
        raise UnsafeSql(f"{name} inside another one that makes long text is not allowed")
    amount = _number(_least(arguments[1]))
    if amount is None:
        limit = exp.Literal.number(MAX_REPEAT)
        bounded = exp.Anonymous(this="least", expressions=[arguments[1].copy(), limit])
        arguments[1].replace(bounded)
    elif amount > MAX_REPEAT:
        raise UnsafeSql(f"{name} makes at most {MAX_REPEAT} characters")


def _least(node: exp.Expr) -> exp.Expr:
    """`least(n, 50)` has its bound already."""
    if isinstance(node, exp.Anonymous) and node.name.lower() == "least" and node.expressions:
        last: exp.Expr = node.expressions[-1]
        return last
    return node


def _series(_name: str, arguments: list[exp.Expr]) -> None:
    """A series whose ends are constants has at most MAX_SERIES steps."""
    if len(arguments) < 2:
        return
    step = arguments[2] if len(arguments) > 2 else None
    start, end = _number(arguments[0]), _number(arguments[1])
    if start is not None and end is not None:
        width = _number(step) if step is not None else 1.0
        if width and abs(end - start) / abs(width) > MAX_SERIES:
            raise _too_long()
        return
    seconds = _span(step) if step is not None else None
    if seconds is None:
        return
    first, last = _time(arguments[0]), _time(arguments[1])
    if first is not None and last is not None:
        if abs((last - first) / timedelta(seconds=1)) / seconds > MAX_SERIES:
            raise _too_long()
    elif seconds < 1:
        raise UnsafeSql("the steps of a series in time are at least a second")


def _too_long() -> UnsafeSql:
    return UnsafeSql(f"a series has at most {MAX_SERIES} steps")


def _format(_name: str, arguments: list[exp.Expr]) -> None:
    if not arguments or not isinstance(arguments[0], exp.Literal) or _WIDTH.search(arguments[0].name):
        raise UnsafeSql("format takes a constant pattern with widths below 1000")


def _number(node: exp.Expr | None) -> float | None:
    while isinstance(node, exp.Paren | exp.Cast):
        node = node.this
    if isinstance(node, exp.Neg):
        inner = _number(node.this)
        return -inner if inner is not None else None
    if isinstance(node, exp.Literal):
        try:
            return float(node.name)
        except ValueError:
            return None
    return None


def _text(node: exp.Expr | None) -> str | None:
    while isinstance(node, exp.Paren | exp.Cast):
        node = node.this
    return node.name if isinstance(node, exp.Literal) else None


def _time(node: exp.Expr) -> datetime | None:
    text = _text(node)
    if text is None:
        return None
    try:
        return datetime.fromisoformat(text.strip()).replace(tzinfo=None)
    except ValueError:
        return None


def _span(node: exp.Expr) -> float | None:
    """Seconds of a constant interval of one unit."""
    if isinstance(node, exp.Interval) and isinstance(node.this, exp.Literal):
        unit = node.args.get("unit")
        text: str | None = f"{node.this.name} {unit.name if isinstance(unit, exp.Expr) else ''}"
    else:
        text = _text(node)
    match = _SPAN.fullmatch(text or "")
    if match is None:
        return None
    unit_name = match[2].lower()
    seconds = _SECONDS.get(unit_name) or _SECONDS.get(unit_name.removesuffix("s"))
    return float(match[1]) * seconds if seconds and float(match[1]) else None


def refuse_doubling(node: exp.Expr, own: set[str]) -> None:
    """`s || s` in a recursive WITH doubles with each step: memory is gone before the time is. own: its columns."""
    for part in node.find_all(exp.DPipe, exp.Concat, exp.Anonymous):
        name = part.name.lower() if isinstance(part, exp.Anonymous) else "||"
        named = [fold(column.this) for column in part.find_all(exp.Column) if isinstance(column.this, exp.Identifier)]
        operands = [column for column in named if column in own]
        if (name in _JOINING and len(operands) > len(set(operands))) or (name in _GROWING and operands):
            raise UnsafeSql("a recursive WITH may not make its own text or arrays longer by a factor")


_JOINING: Final = frozenset({"||", "concat", "concat_ws", "format", "array_cat"})
_GROWING: Final = frozenset({"repeat", "replace", "regexp_replace", "array_replace", "lpad", "rpad"})
_LONG: Final = frozenset({"repeat", "lpad", "rpad"})
_RULES: Final[Mapping[str, Callable[[str, list[exp.Expr]], None]]] = {
    "repeat": _repeat,
    "lpad": _repeat,
    "rpad": _repeat,
    "generate_series": _series,
    "format": _format,
}
