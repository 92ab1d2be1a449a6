"""How often the box is to come: one of the three rhythms that exist."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from support_agent.router.readers.vocabulary import Found, spoken, vocabulary

HELD: Final = ("monthly", "bimonthly", "quarterly")
UNHELD: Final = "unheld"


def frequency(text: str) -> str | None:
    """'monthly', 'bimonthly' or 'quarterly' as in `subscriptions`. What follows 'instead of' does not count.

    None where none of the three is meant, or several.
    """
    words, known = spoken(text), vocabulary()
    refused = min((found.start for found in known.find("instead", words)), default=len(words))
    named = {(kind, f.start, f.end) for kind in (*HELD, UNHELD) for f in known.find(kind, words)}
    wanted = {kind for kind, start, end in named if start < refused and not _inside(Found(start, end), named)}
    return wanted.pop() if len(wanted) == 1 and UNHELD not in wanted else None


def _inside(one: Found, all_: set[tuple[str, int, int]] | Sequence[tuple[str, int, int]]) -> bool:
    """Within a longer phrase: 'two months' in 'every two months'."""
    return any(start <= one.start and one.end <= end and end - start > one.end - one.start for _, start, end in all_)
