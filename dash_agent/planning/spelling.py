"""Whether an unknown word is one of its own and no typo: 'plant' is not a slip for 'plan'."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from dash_agent.planning.tokens import CYRILLIC, morphology

if TYPE_CHECKING:
    from spellchecker import SpellChecker

CLEARLY = 10
"""How many times more often than any other word the meant one is written."""


def is_a_word(word: str) -> bool:
    """Whether `word` (normal) stands in a dictionary of its language."""
    if CYRILLIC.search(word):
        return bool(morphology().word_is_known(word))
    return bool(_english()[word] > 0)


def meant_word(word: str) -> str | None:
    """The one English word that a strange one is a letter away from: 'received' for 'recieved'; None where unsure."""
    if CYRILLIC.search(word):
        return None
    english = _english()
    near = sorted(english.known(english.edit_distance_1(word)), key=lambda known: (-english[known], known))
    # Two letters that changed places are the surest slip.
    near = [known for known in near if sorted(known) == sorted(word)] or near
    if not near or (len(near) > 1 and english[near[0]] < CLEARLY * english[near[1]]):
        return None
    return near[0]


@lru_cache(maxsize=1)
def _english() -> SpellChecker:
    """Loaded at the first word that nothing explains: 0.2 s, 20 MB."""
    from spellchecker import SpellChecker

    return SpellChecker(language="en", distance=1)
