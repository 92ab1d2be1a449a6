"""A statement that may run, and what it gave."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Final

from dash_agent.models.principal import ScopeFilter

Cell = None | bool | int | float | Decimal | str | date | datetime | time | timedelta | tuple["Cell", ...]

_SEAL: Final = object()


@dataclass(frozen=True, slots=True)
class SafeQuery:
    """One read-only statement that the guard let through: only `dash_agent.sql.guard` makes one.

    text: the final SQL, generated from the checked tree, with now, time zone and row cap in it as literals.
    columns: names of the output columns in order. row_cap: rows that the caller gets at most; the text asks
    for one more, so that a cut shows. scope: the row scope that is in the text; it runs as that scope's login.
    The seal keeps a statement from being passed off as checked by accident.
    """

    text: str
    columns: tuple[str, ...]
    row_cap: int
    scope: tuple[ScopeFilter, ...]
    _seal: object

    def __post_init__(self) -> None:
        if self._seal is not _SEAL:
            raise TypeError("a SafeQuery comes from dash_agent.sql.guard")


@dataclass(frozen=True, slots=True)
class ResultColumn:
    """type: the contract's word, one of text, integer, number, date, timestamp, boolean."""

    name: str
    type: str


@dataclass(frozen=True, slots=True)
class ResultSet:
    """Rows as the database gave them, Decimal kept. truncated: rows were left off by the row or byte cap."""

    columns: tuple[ResultColumn, ...]
    rows: tuple[tuple[Cell, ...], ...]
    truncated: bool
    elapsed_ms: float
