"""Text from the database as data: quoted, on one line, so that nothing in it ends the quote or reads as an order."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from typing import Final

LONGEST: Final = 60
"""Characters of a value that are shown; the rest is an ellipsis."""

_SPACE: Final = frozenset(("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"))
"""Categories that are shown as a space: line breaks, controls, what turns the reading direction, no characters."""


def quoted(value: str, longest: int = LONGEST) -> str:
    """The value between single quotes as SQL writes it, on one line and with an end."""
    plain = "".join(" " if unicodedata.category(character) in _SPACE else character for character in value)
    plain = " ".join(plain.split()) if plain != value else plain
    shown = plain if len(plain) <= longest else plain[: longest - 1] + "…"
    return "'" + shown.replace("'", "''") + "'"


def quoted_list(values: Iterable[str], most: int) -> str:
    """The first values, and how many more there are."""
    found = list(values)
    more = f", and {len(found) - most} more" if len(found) > most else ""
    return ", ".join(map(quoted, found[:most])) + more
