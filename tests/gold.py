"""Answers held against hand-written SQL that runs on the same database."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from decimal import Decimal
from itertools import permutations
from typing import Any

import psycopg

from dash_agent.models.answer import Answer

Row = tuple[Any, ...]


def gold_rows(owner_url: str, sql: str, now: datetime) -> list[Row]:
    """Rows of a gold statement; its `:now` becomes the question's."""
    with psycopg.connect(owner_url) as connection:
        found = connection.execute(sql.replace(":now", f"timestamptz '{now.isoformat()}'")).fetchall()
    return [tuple(plain(cell) for cell in row) for row in found]


def plain(cell: object) -> object:
    """Numbers by value, text without padding, days as dates."""
    match cell:
        case bool() | None:
            return cell
        case Decimal() | int() | float():
            return Decimal(str(cell)).normalize() + 0
        case datetime():
            return cell
        case date():
            return cell
        case _:
            return str(cell).strip()


def holds(answer: Answer, gold: Sequence[Row], *, ordered: bool, first_only: bool = False) -> bool:
    """Whether some choice of the answer's columns has exactly the gold rows (their order, too, where it counts).

    first_only: the gold is a ranking of which the answer gives the first place, with all that tie for it.
    """
    rows = [tuple(plain(cell) for cell in row) for row in answer.rows]
    if not rows or not gold:
        return not rows and not gold
    width = len(gold[0])
    if first_only:
        gold = [row for row in gold if row[-1] == gold[0][-1]]
    if len(rows) == width and len(rows[0]) >= 1 and len(gold) == 1:
        stacked = (tuple(row[column] for row in rows) for column in range(len(rows[0])))
        if gold[0] in stacked:
            return True
    return any(_same(chosen, gold, ordered=ordered) for chosen in _projections(rows, width))


def agrees(answer: Answer, gold: Sequence[Row], *, ordered: bool, first_only: bool) -> bool:
    """As `holds`; null groups and groups or buckets that hold nothing may stand or be left out."""
    if holds(answer, gold, ordered=ordered, first_only=first_only):
        return True
    rows = [tuple(plain(cell) for cell in row) for row in answer.rows]
    if not rows:
        return all(_is_empty(row) for row in gold)
    if not gold:
        return not any(isinstance(cell, Decimal) and cell for row in rows for cell in row)
    filled = [row for row in gold if not _is_empty(row)]
    for chosen in _projections(rows, len(gold[0])):
        held = [row for row in chosen if not _is_empty(row)]
        for candidate in (held, [row for row in held if None not in row]):
            if _same(candidate, filled, ordered=ordered):
                return True
    return False


def _is_empty(row: Row) -> bool:
    return row[-1] is None or row[-1] == 0


def _projections(rows: Sequence[Row], width: int) -> Iterable[list[Row]]:
    for columns in permutations(range(len(rows[0])), width):
        yield [tuple(row[column] for column in columns) for row in rows]


def _same(rows: Sequence[Row], gold: Sequence[Row], *, ordered: bool) -> bool:
    if ordered and [row[-1] for row in rows] != [row[-1] for row in gold]:
        return False
    return Counter(rows) == Counter(gold)
