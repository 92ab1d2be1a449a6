"""PostgreSQL's values and types as the contract has them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any, Final
from zoneinfo import ZoneInfo

from psycopg import Cursor
from psycopg.types.string import TextLoader

from dash_agent.models.sql import Cell, ResultColumn

# Object ids of PostgreSQL's own types are fixed: src/include/catalog/pg_type.dat.
_WORDS: Final[Mapping[int, str]] = {
    16: "boolean",
    20: "integer",
    21: "integer",
    23: "integer",
    26: "integer",
    700: "number",
    701: "number",
    1700: "number",
    1082: "date",
    1114: "timestamp",
    1184: "timestamp",
}
_AS_TEXT: Final = ("json", "jsonb", "uuid", "inet", "cidr", "bytea")
_PLAIN: Final = (bool, int, float, Decimal, str, date, time, timedelta)


def prepare_cursor(cursor: Cursor[Any]) -> None:
    """JSON and the like stay the text that the database printed."""
    for name in _AS_TEXT:
        cursor.adapters.register_loader(name, TextLoader)


def column(name: str, oid: int) -> ResultColumn:
    """oid: of the column's type."""
    return ResultColumn(name, _WORDS.get(oid, "text"))


def convert(value: object, zone: ZoneInfo) -> Cell:
    """A value as a cell: arrays as tuples, instants on the business's clock, ranges and the rest as text."""
    if value is None or type(value) is str or type(value) is int:
        return value
    if isinstance(value, datetime):
        return value.astimezone(zone) if value.tzinfo is not None else value
    if isinstance(value, _PLAIN):
        return value
    if isinstance(value, list | tuple):
        return tuple(convert(item, zone) for item in value)
    return str(value)


def size(row: tuple[Cell, ...]) -> int:
    """Bytes that a row takes, roughly."""
    total = 16
    for value in row:
        if isinstance(value, str):
            total += len(value) + 8
        elif isinstance(value, tuple):
            total += size(value)
        else:
            total += 16
    return total
