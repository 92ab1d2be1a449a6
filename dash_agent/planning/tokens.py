"""Questions as words with their dictionary forms."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    import pymorphy3

Forms = Mapping[str, tuple[frozenset[str], bool]]
"""Lemmas of normalised words, and whether they are plurals."""

WORD = re.compile(
    r"\d{4}-\d{2}(?:-\d{2})?(?!\d)"  # 2026-10-01, 2026-10
    r"|\d{1,2}[./]\d{1,2}[./]\d{2,4}(?!\d)"  # 01.10.2026
    r"|\d{1,3}(?:[,\N{NO-BREAK SPACE}\N{NARROW NO-BREAK SPACE}]\d{3})+(?!\d)"  # 1,000
    r"|\d+(?:[.,]\d+)?"
    r"|[^\W\d_]+"
    r"|[%$€₽]|[<>]=?|[≥≤]"
    r"|(?<=[\d%])\+",  # 10+
)
CYRILLIC = re.compile(r"[а-яё]", re.IGNORECASE)
COMMAS = frozenset(",;")
STOPS = frozenset('.!?:\n"«“')
DASH = re.compile(r"[-\N{NON-BREAKING HYPHEN}\N{EN DASH}\N{EM DASH}\N{MINUS SIGN}]|\.\.|\N{HORIZONTAL ELLIPSIS}")
LATIN = re.compile(r"[a-z]", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Token:
    """A word of a question.

    text: as it stood. norm: lower case, ё as е. lemmas: every dictionary form that it may be of.
    plural: it may stand in the plural. start, end: characters of the question. after_comma: a comma stands before it.
    after_dash: a dash or two dots do. after_stop: it opens the question or a sentence of it. participle: a Russian one
    behind a comma, which may open a clause ("тикеты, эскалированные в октябре").
    """

    text: str
    norm: str
    lemmas: frozenset[str]
    plural: bool
    start: int
    end: int
    after_comma: bool = False
    after_dash: bool = False
    after_stop: bool = False
    participle: bool = False


class Analyser:
    """Finds dictionary forms: by pymorphy3 for Cyrillic words, by English inflection for Latin ones."""

    def __init__(self, known: Forms | None = None) -> None:
        """known: forms that were found before, by another analyser."""
        self._known = dict(known or ())
        self._learns = True

    def settle(self) -> Forms:
        """Every form that was asked for so far stays known; those of questions to come don't pile up."""
        self._learns = False
        return self._known

    def tokens(self, text: str) -> tuple[Token, ...]:
        return tuple(self._tokens(text))

    def _tokens(self, text: str) -> Iterator[Token]:
        after = 0
        for found in WORD.finditer(text):
            norm = normal(found.group())
            lemmas, plural = self.forms(norm)
            between = text[after : found.start()]
            comma, dash = not COMMAS.isdisjoint(between), DASH.search(between) is not None
            stop = after == 0 or not STOPS.isdisjoint(between)
            clause = comma and _is_participle(norm)
            yield Token(found.group(), norm, lemmas, plural, found.start(), found.end(), comma, dash, stop, clause)
            after = found.end()

    def forms(self, norm: str) -> tuple[frozenset[str], bool]:
        """Lemmas of a normalised word, and whether it is a plural."""
        found = self._known.get(norm)
        if found is None:
            found = _forms(norm)
            if self._learns:
                self._known[norm] = found
        return found

    def words(self, text: str) -> tuple[tuple[str, frozenset[str]], ...]:
        """What `tokens` finds, as norms and lemmas alone: for the thousands of phrases of a lexicon."""
        norms = map(normal, WORD.findall(text))
        return tuple((norm, self.forms(norm)[0]) for norm in norms)


def _russian(norm: str) -> tuple[frozenset[str], bool]:
    parses = morphology().parse(norm)
    plural = any(parse.tag.number == "plur" for parse in parses)
    return frozenset(normal(parse.normal_form) for parse in parses) | {norm}, plural


@lru_cache(maxsize=2_000)
def _is_participle(norm: str) -> bool:
    return bool(CYRILLIC.search(norm)) and any(parse.tag.POS == "PRTF" for parse in morphology().parse(norm))


def _english(norm: str) -> tuple[frozenset[str], bool]:
    plural = len(norm) > 3 and norm.endswith("s") and not norm.endswith(("ss", "us", "is"))
    return frozenset((norm, *_uninflected(norm, plural=plural))), plural


HISSED: Final = ("ses", "xes", "zes", "ches", "shes", "oes")
"""Plurals that an 'es' makes."""


def _uninflected(word: str, *, plural: bool) -> Iterator[str]:
    """What an English word may be a plural, a past or an -ing form of; some of it is no word, which harms nothing.

    A stemmer is too coarse here: it makes one word of 'customers' and 'customs', of 'cancel' and 'cancellation'.
    """
    if plural:
        yield word[:-1]
        if word.endswith("ies"):
            yield word[:-3] + "y"
        elif word.endswith(HISSED):
            yield word[:-2]
    for ending in ("ed", "ing"):
        base = word.removesuffix(ending)
        if base == word or len(base) < 3:
            continue
        yield base
        yield base + "e"
        if base[-1] == base[-2]:
            yield base[:-1]


@lru_cache(maxsize=1)
def morphology() -> pymorphy3.MorphAnalyzer:
    """The Russian dictionary, loaded once for all that need it, and not before: most questions are in words whose forms
    are known.
    """
    import pymorphy3

    return pymorphy3.MorphAnalyzer(lang="ru")


def inflected(word: str) -> Iterator[str]:
    """Every form of a Russian word, of its likeliest reading; nothing for others."""
    if CYRILLIC.search(word):
        yield from {normal(form.word) for form in morphology().parse(word)[0].lexeme}


@lru_cache(maxsize=20_000)
def _forms(norm: str) -> tuple[frozenset[str], bool]:
    if CYRILLIC.search(norm):
        return _russian(norm)
    if LATIN.search(norm):
        return _english(norm)
    return frozenset((norm,)), False


def normal(word: str) -> str:
    return word.lower().replace("ё", "е")


def language_of(text: str, otherwise: str) -> str:
    """'ru' where Cyrillic letters are there at all in a fair share, 'en' for Latin, else the asker's own."""
    cyrillic, latin = len(CYRILLIC.findall(text)), len(LATIN.findall(text))
    if cyrillic == latin == 0:
        return otherwise
    return "ru" if cyrillic * 4 >= latin else "en"
