"""Which language a message is in, by its script and its commonest words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from support_agent.router.families import Families
from support_agent.router.romanised import cyrillic
from support_agent.router.words import Token

SCRIPTS: Final = {"ru": ("а", "я"), "he": ("א", "ת")}
"""Languages that are alone with their script here: the first and the last letter of it."""

ENOUGH: Final = 1.4
"""What words of Russian in Latin letters must weigh before a text is taken for it: one may be a name."""

SHORTEST: Final = 4
"""Letters of a word that is read as Russian in Latin letters: shorter ones are words of many languages."""

LOOKED_AT: Final = 60
"""Words from the beginning by which a language is told: a longer text tells no more."""

TELLING: Final = 3
"""Letters of one language's own that count."""


@dataclass(frozen=True, slots=True)
class Detected:
    """code: ISO 639-1. sure: the text says so, and not the channel or a default. latin: written in Latin letters."""

    code: str
    sure: bool
    latin: bool = False


class Detector:
    def __init__(self, languages: Mapping[str, Families], otherwise: str = "en") -> None:
        self._languages = languages
        self._otherwise = otherwise

    def detect(self, text: str, words: Sequence[Token], told: str | None) -> Detected:
        """told: what the channel says; it decides where the text does not."""
        if len(words) > LOOKED_AT:
            text, words = text[: words[LOOKED_AT].start], words[:LOOKED_AT]
        by_script = self._by_script(words)
        if by_script is not None:
            return Detected(by_script, True)
        fallback = told if told is not None and told in self._languages else self._otherwise
        romanised = self._romanised(words)
        scores = {code: self._score(text, words, families) for code, families in self._languages.items()}
        best = max(scores, key=lambda code: (scores[code], code == fallback, code == self._otherwise))
        if romanised is not None and romanised[1] > scores[best]:
            return Detected(romanised[0], True, latin=True)
        if scores[best] > scores.get(fallback, 0):
            return Detected(best, True)
        return Detected(fallback, scores[fallback] > 0)

    def _by_script(self, words: Sequence[Token]) -> str | None:
        counts = {code: sum(_written(word.text, *ends) for word in words) for code, ends in SCRIPTS.items()}
        best = max(counts, key=lambda code: counts[code])
        return best if counts[best] * 5 >= 2 * len(words) and counts[best] else None

    def _romanised(self, words: Sequence[Token]) -> tuple[str, float] | None:
        for code, families in self._languages.items():
            if not families.latin:
                continue
            told = sum(_romanised_weight(word.text, families) for word in words)
            if told >= ENOUGH:
                return code, told
        return None

    def _score(self, text: str, words: Sequence[Token], families: Families) -> float:
        if families.code in SCRIPTS:
            return 0.0
        common = sum(word.text in families.function for word in words)
        known = sum(families.knows(word.text) for word in words)
        own = sum(sign in families.data.letters for sign in text.lower())
        return common + 0.4 * known + min(own, TELLING)


def _romanised_weight(word: str, families: Families) -> float:
    if word in families.latin:
        return 1.0
    read = cyrillic(word)
    return 0.7 if len(word) >= SHORTEST and (read in families.function or families.knows(read)) else 0.0


def of_script(words: Iterable[Token], code: str) -> bool:
    """Whether any word is in the script of a language that has its own."""
    return code in SCRIPTS and any(_written(word.text, *SCRIPTS[code]) for word in words)


def is_of_same_script(one: str, other: str) -> bool:
    """Whether two languages are written in the same letters."""
    return SCRIPTS.get(one) == SCRIPTS.get(other)


def _written(word: str, first: str, last: str) -> bool:
    return first <= word[0] <= last
