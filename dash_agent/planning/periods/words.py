"""The shape of a language's words for time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

from dash_agent.planning.periods.rules import Rule
from dash_agent.planning.tokens import Token

Words = Mapping[str, Any]
T = TypeVar("T")


def numbered(words: str, first: int) -> dict[str, int]:
    """Words in their order, from a number on."""
    return {word: number for number, word in enumerate(words.split(), first)}


def meaning(words: Mapping[T, str]) -> dict[str, T]:
    """Words by what they stand for, the other way round."""
    return {word: value for value, texts in words.items() for word in texts.split()}


def exactly(words: str) -> str:
    """Words in just this form."""
    return " ".join("=" + word for word in words.split())


@dataclass(frozen=True, slots=True)
class Doubtful:
    """Words that are time words only in the right company, as 'may' and 'march'.

    after, before: what makes them time words, beside numbers, other doubtful or dated words, and a capital inside a
    sentence. never_before: what makes them anything else. of, of_a_year: 'may of' is none, but for 'May of last year'.
    """

    words: frozenset[str] = frozenset()
    after: frozenset[str] = frozenset()
    before: frozenset[str] = frozenset()
    never_before: frozenset[str] = frozenset()
    of: frozenset[str] = frozenset()
    of_a_year: frozenset[str] = frozenset()

    def sure(self, tokens: Sequence[Token], at: int) -> bool:
        """Whether the company that a doubtful word keeps makes it a time word."""
        following, further = (tokens[i].norm if i < len(tokens) else "" for i in (at + 1, at + 2))
        if following in self.of:
            return further.isdecimal() or further in self.of_a_year
        if following in self.never_before:
            return False
        if not following or following.isdecimal() or following in self.before:
            return True
        return at > 0 and self._led_to(tokens[at - 1], tokens[at])

    def _led_to(self, before: Token, word: Token) -> bool:
        capital = word.text[0].isupper() and not before.text.isupper()
        return capital or before.norm in self.after or before.norm.isdecimal()


@dataclass(frozen=True, slots=True)
class PeriodLanguage:
    """One language's words and rules.

    classes: words by class; where they stand for something, with it. A word is written in its dictionary form and
    found in every other; with '=' before it, only in just this form; with '!' in this form, and no dictionary form of
    it counts in any class. inflected: whether dictionary forms count at all.
    said: sets of words that some rules are not read beside. joining: may stand between two periods that share a year.
    comparing_with: begin a period, and beside a word for comparing the second one ('сравни ноябрь с 5 октября').
    """

    classes: Mapping[str, Words | str]
    rules: tuple[Rule, ...]
    inflected: bool
    said: Mapping[str, frozenset[str]] = field(default_factory=dict)
    doubtful: Doubtful = Doubtful()
    joining: frozenset[str] = frozenset()
    comparing_with: frozenset[str] = frozenset()
