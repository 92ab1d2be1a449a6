"""Numbers in questions, in digits and in words."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final, TypeVar

from dash_agent.planning.languages import LANGUAGES
from dash_agent.planning.quantity_words import QUANTITIES
from dash_agent.planning.tokens import Analyser, Token

WRITTEN: Final = re.compile(r"\d+|[1-9]\d{0,2}(?:[,\s]\d{3})+|(?:0|[1-9]\d*)(?:,\d+|\.(?!\d{3}$)\d+)|0\.\d+")
DECIMAL: Final = re.compile(r"\d+\.\d+|\d+,(?!\d{3}$)\d+|0,\d+")
NO_DIGIT: Final = re.compile(r"\D")
Tokens = Sequence[Token]
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Number:
    """A number over the tokens before `end`. digits: it is written with them."""

    value: Decimal
    end: int
    digits: bool


class NumberGrammar:
    """Reads numbers at places of token sequences."""

    def __init__(self, analyser: Analyser) -> None:
        self._numbers = by_lemma(((w, n) for language in LANGUAGES for w, n in language.numbers.items()), analyser)
        self._numerals = by_lemma((pair for words in QUANTITIES for pair in words.numerals.items()), analyser)
        self._scales = by_lemma((pair for words in QUANTITIES for pair in words.scales.items()), analyser)

    def at(self, tokens: Tokens, start: int) -> Number | None:
        """'1,000', '1 000', '10k', '2 тысячи', 'twenty five', 'two hundred'."""
        if start >= len(tokens):
            return None
        found = _digits(tokens, start)
        value, end = found or self._words(tokens, start)
        if value is None:
            return None
        while end < len(tokens) and (scale := self._scale(tokens, end)) is not None:
            value, end = value * scale, end + 1
            if found is None and scale > 100:
                rest, rest_end = self._words(tokens, end)
                value, end = (value + rest, rest_end) if rest is not None and rest < scale else (value, end)
        return Number(value, end, found is not None)

    def _words(self, tokens: Tokens, start: int) -> tuple[Decimal | None, int]:
        """Numerals that stand side by side, each smaller than the last one's zeros: 'двести двадцать пять'."""
        total, room, at = Decimal(0), 10_000, start
        while at < len(tokens) and (number := self._numeral(tokens[at])) is not None and 0 < number < room:
            total, at = total + number, at + 1
            room = _room(number)
            if at < len(tokens) and self._scale(tokens, at) == 100:
                total, room, at = total * 100, 100, at + 1
        return (total, at) if at > start else (None, start)

    def _numeral(self, token: Token) -> Decimal | None:
        if token.plural and token.norm.isascii():
            # 'The ones on WhatsApp' are none in number.
            return None
        own = first_of(self._numerals, token)
        number = first_of(self._numbers, token) if own is None else own
        return None if number is None else Decimal(number)

    def _scale(self, tokens: Tokens, at: int) -> int | None:
        """A single letter is a scale only where it is written to the number: '10k'."""
        token = tokens[at]
        glued = token.start == tokens[at - 1].end
        return first_of(self._scales, token) if glued or len(token.norm) > 1 else None


def _room(number: Decimal) -> int:
    """What a numeral beside this one must be less than to belong to it: 'twenty five', but not 'five twenty'."""
    return next((zeros for zeros in (1_000, 100, 10) if number % zeros == 0 and number > 10), 1)


def _digits(tokens: Tokens, start: int) -> tuple[Decimal, int] | None:
    """'5', '0.5', '0,5', '1,000', and '1 000' over two tokens; None for '1.000' and '05.10', which
    may mean another thing."""
    text = tokens[start].text
    if not text[0].isdigit() or not WRITTEN.fullmatch(text):
        return None
    if DECIMAL.fullmatch(text):
        return Decimal(text.replace(",", ".")), start + 1
    digits, end = NO_DIGIT.sub("", text), start + 1
    while end < len(tokens) and len(digits) < 10 and _continues(tokens, start, end):
        digits, end = digits + tokens[end].text, end + 1
    return Decimal(digits), end


def _continues(tokens: Tokens, start: int, at: int) -> bool:
    """Whether a group of three digits is the next of the number that began at `start`."""
    group, before = tokens[at], tokens[at - 1]
    begun = tokens[start].text
    grouped = len(group.text) == 3 and group.text.isdigit() and begun.isdigit() and 1 <= len(begun) <= 3
    return grouped and begun[0] != "0" and group.start == before.end + 1 and not group.after_comma


def first_of(known: Mapping[str, T], token: Token) -> T | None:
    if token.norm in known:
        return known[token.norm]
    return next((known[lemma] for lemma in token.lemmas if lemma in known), None)


def by_lemma(known: Iterable[tuple[str, T]], analyser: Analyser) -> Mapping[str, T]:
    """Meanings by dictionary form; a sign stands for itself."""
    return {lemma: meaning for word, meaning in known for lemma in analyser.forms(word)[0]}
