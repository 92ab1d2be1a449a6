"""Columns of values as the text that COPY reads."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TypeAlias

import numpy as np

from dash_agent.warehouse.demo.streams import Flags, Floats, Ints

NULL = "\\N"
NEVER = np.int64(1 << 62)
"""Stands for a time that has not come: later than any now, written as NULL."""

Column: TypeAlias = Sequence[str]

_ESCAPES = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})


def escape(text: str) -> str:
    return text.translate(_ESCAPES)


def times(ms: Ints) -> Column:
    """timestamptz from milliseconds, NEVER as NULL."""
    known = ms < NEVER
    written = np.datetime_as_string(np.where(known, ms, 0).astype("datetime64[ms]"), timezone="UTC")
    text: list[str] = np.where(known, written, NULL).tolist()
    return text


def numbers(values: Ints, known: Flags | None = None) -> Column:
    text = list(map(str, values.tolist()))
    return text if known is None else blank(text, known)


def decimals(values: Floats, places: int, known: Flags | None = None) -> Column:
    pattern = f"%.{places}f"
    text = [pattern % value for value in values.tolist()]
    return text if known is None else blank(text, known)


def labels(names: Sequence[str], codes: Ints) -> Column:
    """Names by their codes, a negative code as NULL."""
    table = np.array([*names, NULL], dtype=object)
    text: list[str] = table[np.where(codes < 0, len(names), codes)].tolist()
    return text


def flags(values: Flags) -> Column:
    text: list[str] = np.where(values, "t", "f").tolist()
    return text


def blank(text: Iterable[str], known: Flags) -> Column:
    return [value if keep else NULL for value, keep in zip(text, known.tolist(), strict=True)]


def rows(*columns: Column) -> str:
    """Lines for COPY; '' for no rows."""
    lines = map("\t".join, zip(*columns, strict=True))
    text = "\n".join(lines)
    return f"{text}\n" if text else ""
