"""Whether an unknown word is one of its own and no typo: 'plant' is not a slip for 'plan'."""

from __future__ import annotations

from functools import lru_cache

from spellchecker import SpellChecker

from dash_agent.planning.tokens import CYRILLIC, morphology


def is_a_word(word: str) -> bool:
    """Whether `word` (normal) stands in a dictionary of its language."""
    if CYRILLIC.search(word):
        return bool(morphology().word_is_known(word))
    return bool(_english()[word] > 0)


@lru_cache(maxsize=1)
def _english() -> SpellChecker:
    """Loaded at the first word that nothing explains: 0.2 s, 20 MB."""
    return SpellChecker(language="en", distance=1)
