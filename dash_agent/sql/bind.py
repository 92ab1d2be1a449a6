"""The question's moment as literals: whatever reads the clock or names `:now` and `:tz` becomes a constant."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from sqlglot import exp

from dash_agent.errors import UnsafeSql

# Strings that PostgreSQL's date and time types read as the clock; 'epoch' and 'infinity' are constants.
_CLOCK_WORDS: Final = re.compile(r"(?i)(?<![a-z])(now|today|tomorrow|yesterday)(?![a-z])")
_CLOCK_ONLY: Final = re.compile(r"(?i)[\s\d:.+\-]*(now|today|tomorrow|yesterday)[\s\d:.+\-a-z/_]*")


@dataclass(frozen=True)
class Moment:
    """The question's now and the business time zone. now: aware; timezone: an IANA name such as 'Europe/Moscow'."""

    now: datetime
    timezone: str

    def __post_init__(self) -> None:
        if self.now.tzinfo is None:
            raise ValueError("a moment's now has a time zone")
        try:
            ZoneInfo(self.timezone)
        except (ZoneInfoNotFoundError, ValueError) as error:
            raise ValueError(f"'{self.timezone}' is not a time zone name") from error

    @cached_property
    def local(self) -> datetime:
        """now on the business's clock."""
        return self.now.astimezone(ZoneInfo(self.timezone))


def _cast(text: str, kind: str, precision: exp.Expr | None = None) -> exp.Expr:
    params = [exp.DataTypeParam(this=precision.copy())] if precision is not None else []
    to = exp.DataType(this=exp.DType[kind], expressions=params)
    return exp.Cast(this=exp.Literal.string(text), to=to)


def _precision(node: exp.Expr) -> exp.Expr | None:
    value = node.args.get("this")
    if value is None:
        return None
    if not (isinstance(value, exp.Literal) and not value.is_string and value.name in set("0123456")):
        raise UnsafeSql("the precision of a time is a number from 0 to 6")
    return value


def now(moment: Moment, precision: exp.Expr | None = None) -> exp.Expr:
    return _cast(moment.local.isoformat(sep=" "), "TIMESTAMPTZ", precision)


def _local_timestamp(moment: Moment, node: exp.Expr) -> exp.Expr:
    return _cast(moment.local.replace(tzinfo=None).isoformat(sep=" "), "TIMESTAMP", _precision(node))


def _local_time(moment: Moment, node: exp.Expr) -> exp.Expr:
    return _cast(moment.local.time().isoformat(), "TIME", _precision(node))


def _zoned_time(moment: Moment, node: exp.Expr) -> exp.Expr:
    return _cast(moment.local.isoformat(sep=" ").partition(" ")[2], "TIMETZ", _precision(node))


def today(moment: Moment, kind: str = "DATE") -> exp.Expr:
    """The business's date, as a date or as its midnight."""
    return _cast(moment.local.date().isoformat(), kind)


CLOCK_NODES: Final[Mapping[type[exp.Expr], Callable[[Moment, exp.Expr], exp.Expr]]] = {
    exp.CurrentTimestamp: lambda moment, node: now(moment, _precision(node)),
    exp.CurrentDate: lambda moment, _: today(moment),
    exp.CurrentTime: _zoned_time,
    exp.Localtime: _local_time,
    exp.Localtimestamp: _local_timestamp,
}


def placeholder(moment: Moment, node: exp.Expr) -> exp.Expr:
    """`:now` and `:tz`, also as sqlglot writes them; other parameters have been bound before."""
    name = node.name.lower() if node.args.get("this") else ""
    if name == "now":
        return now(moment)
    if name == "tz":
        return exp.Literal.string(moment.timezone)
    raise UnsafeSql(f"the parameter :{name} has no value" if name else "a parameter has no value")


def reads_clock(text: str) -> bool:
    """Whether a date or time type would read the clock for this string, alone or beside a time of day."""
    return _CLOCK_ONLY.fullmatch(text) is not None


def mentions_clock(text: str) -> bool:
    return _CLOCK_WORDS.search(text) is not None
