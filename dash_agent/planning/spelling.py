"""Whether an unknown word is one of its own and no typo: 'plant' is not a slip for 'plan'."""

from __future__ import annotations

from functools import lru_cache
from typing import Final

from spellchecker import SpellChecker

from dash_agent.planning.tokens import CYRILLIC, morphology

RARER: Final = 30
"""How much rarer than the known word a word must be to count as a slip after all: 'chanel' for 'channel'."""


def is_meant(word: str, known: str) -> bool:
    """Whether `word` (normal) stands in a dictionary of its language, and is not by far rarer than `known`."""
    if CYRILLIC.search(word):
        return bool(morphology().word_is_known(word))
    dictionary = _english()
    return dictionary[word] > 0 and dictionary[word] * RARER > dictionary[known]


@lru_cache(maxsize=1)
def _english() -> SpellChecker:
    """Loaded at the first word that nothing explains: 0.2 s, 20 MB."""
    return SpellChecker(language="en", distance=1)
