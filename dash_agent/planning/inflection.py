"""Russian endings for composed questions: cases of short names, and adjectives that agree with them."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from dash_agent.planning.tokens import morphology

if TYPE_CHECKING:
    from pymorphy3.analyzer import Parse
    from pymorphy3.tagset import OpencorporaTag

CYRILLIC = re.compile(r"[а-яё]+(?:-[а-яё]+)*", re.IGNORECASE)
MODIFIERS = ("ADJF", "PRTF")


@dataclass(frozen=True, slots=True)
class Name:
    """A name as it stands in the files; formatted with grammemes ('gent', 'datv,plur') it takes that form."""

    text: str

    def __format__(self, grammemes: str) -> str:
        return inflected(self.text, grammemes.split(",")) if grammemes else self.text


@dataclass(frozen=True, slots=True)
class Agreeing:
    """An adjective's words; formatted with a case they agree with `name` in gender and number."""

    text: str
    name: str

    def __format__(self, case: str) -> str:
        return agreeing(self.text, self.name, case) if case else self.text


def inflected(name: str, grammemes: Iterable[str]) -> str:
    """The name's first noun and the adjectives before it in another form; what has no noun stays as it is."""
    wanted, words = set(grammemes), name.split()
    noun = _noun_at(words)
    if noun is None:
        return name
    heads = range(noun + 1)
    return " ".join(_in_form(word, wanted) if at in heads else word for at, word in enumerate(words))


def agreeing(adjective: str, name: str, case: str) -> str:
    """The adjective's words in a case, as the name's first noun takes them; masculine where it has none."""
    words = name.split()
    noun = _noun_at(words)
    tag = _nominative(words[noun]).tag if noun is not None else None
    plural = tag is not None and tag.number == "plur"
    gender = "masc" if tag is None or tag.gender is None else str(tag.gender)
    return " ".join(_in_form(word, {case, "plur" if plural else gender}) for word in adjective.split())


def _noun_at(words: list[str]) -> int | None:
    """Where the first noun stands behind nothing but adjectives, None where another word comes first."""
    for at, word in enumerate(words):
        if not CYRILLIC.fullmatch(word):
            return None
        part = _nominative(word).tag.POS
        if part == "NOUN":
            return at
        if part not in MODIFIERS:
            return None
    return None


def _in_form(word: str, grammemes: set[str]) -> str:
    found = _nominative(word).inflect(grammemes)
    if found is None:
        return word
    made: str = found.word
    return made.capitalize() if word[:1].isupper() else made


@lru_cache(maxsize=1_000)
def _nominative(word: str) -> Parse:
    """The likeliest reading of a word as a nominative, as names in files stand; a word that no dictionary has is a
    thing ('тикет').
    """
    parses = morphology().parse(word)
    if not parses[0].is_known:
        parses = sorted(parses, key=lambda parse: "inan" not in parse.tag)
    return next((parse for parse in parses if "nomn" in parse.tag), parses[0])


def noun_of(name: str) -> OpencorporaTag | None:
    """Of the noun that a name begins with, behind nothing but adjectives; None where none stands in the nominative."""
    words = name.lower().split()
    at = _noun_at(words)
    if at is None or "nomn" not in (tag := _nominative(words[at]).tag):
        return None
    return tag
