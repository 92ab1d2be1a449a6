"""Which language a reply is in, from its letters and its commonest words; for a few sentences, not for a word."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from support_agent.guardrails.lexicon import LANGUAGES, words_of

FALLBACK: Final = "en"
"""What customers whose language we do not have are answered in (policy: Tone and red lines)."""
_HEBREW: Final = re.compile("[\u05d0-\u05ea]")
_CYRILLIC: Final = re.compile("[\u0400-\u04ff]")
_LATIN: Final = re.compile("[a-z\u00c0-\u024f]")
_OTHER: Final = re.compile("[\u0600-\u06ff\u0900-\u097f\u3040-\u30ff\u4e00-\u9fff\uac00-\ud7af\u0e00-\u0e7f]")
_SENTENCE: Final = re.compile(r"(?<=[.!?…])\s+|\n+")
_ENOUGH: Final = 3
"""Common words before a sentence in Latin letters is taken for a language."""


def is_spoken(text: str, language: str, common: Mapping[str, frozenset[str]]) -> bool:
    """Whether a reply, without its links, is in the language of the dialogue; True where too little shows it."""
    wanted = language if language in LANGUAGES else FALLBACK
    if _OTHER.search(text):
        return False
    parts = [text, *_SENTENCE.split(text)]
    return all(guess is None or guess == wanted for guess in _guesses(parts, common))


def _guesses(parts: Sequence[str], common: Mapping[str, frozenset[str]]) -> Iterator[str | None]:
    for part in parts:
        lowered = part.lower()
        letters = {
            "he": len(_HEBREW.findall(lowered)),
            "ru": len(_CYRILLIC.findall(lowered)),
            "latin": len(_LATIN.findall(lowered)),
        }
        script = max(letters, key=lambda name: letters[name])
        if letters[script] < 12 or letters[script] < 0.6 * sum(letters.values()):
            yield None
        elif script == "latin":
            yield _latin(lowered, common)
        else:
            yield script


def _latin(lowered: str, common: Mapping[str, frozenset[str]]) -> str | None:
    words = words_of(lowered)
    counts = {
        language: sum(word in known for word in words)
        for language, known in common.items()
        if language not in ("he", "ru")
    }
    best, second = sorted(counts, key=lambda language: -counts[language])[:2]
    if counts[best] < _ENOUGH or counts[best] < counts[second] + 2:
        return None
    return best
