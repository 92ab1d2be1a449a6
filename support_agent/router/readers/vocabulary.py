"""The words of answers in every language together: somebody asked in German may answer in English."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import Final

import yaml
from babel.dates import get_month_names

from support_agent.router.families import phrases_of
from support_agent.router.words import normalised, tokens

WORDS: Final = ("numbers", "ordinals")
PREFIXES: Final = "והבלמשכ"
"""Hebrew letters that are written together with a word."""

ALSO_WORDS: Final = frozenset({"mar", "may", "set", "ago", "mai", "jul", "abr", "lug", "mer"})
"""Short names of months that are words of another language."""


@dataclass(frozen=True, slots=True)
class Found:
    """A phrase of a kind over the words from start to end (exclusive)."""

    start: int
    end: int


class Vocabulary:
    """Phrases by kind, over all languages."""

    def __init__(
        self, listed: Mapping[str, str], values: Mapping[str, Mapping[str, int]], months: Mapping[str, int]
    ) -> None:
        self._phrases = {kind: _Phrases(phrases_of(text)) for kind, text in listed.items()}
        self.numbers = values["numbers"]
        self.ordinals = values["ordinals"]
        self._months = months

    def find(self, kind: str, words: Sequence[str]) -> list[Found]:
        """Every place of every phrase of a kind."""
        phrases = self._phrases.get(kind)
        return [] if phrases is None else phrases.find(words)

    def has(self, kind: str, words: Sequence[str]) -> bool:
        return bool(self.find(kind, words))

    def month(self, word: str) -> int | None:
        """1 to 12: 'марта', 'мартовская', 'Märzbox', 'במרץ'."""
        for form in forms(word):
            if form in self._months:
                return self._months[form]
            for name, number in self._months.items():
                if (
                    len(name) >= 4
                    and form.startswith(name[:-1] if name[-1] in "аьяи" else name)
                    and len(form) < len(name) + 6
                ):
                    return number
        return None

    def number(self, word: str) -> int | None:
        if word.isdecimal() and len(word) < 5:
            return int(word)
        return next((self.numbers[form] for form in forms(word) if form in self.numbers), None)

    def ordinal(self, word: str) -> int | None:
        return next((self.ordinals[form] for form in forms(word) if form in self.ordinals), None)


class _Phrases:
    """Phrases of one kind, by the word that they begin with: a message is looked through once, not once for each."""

    def __init__(self, phrases: Iterable[Sequence[str]]) -> None:
        self._phrases = tuple(phrases)
        self._by_word: dict[str, list[int]] = {}
        self._by_part: list[int] = []
        for at, phrase in enumerate(self._phrases):
            if "*" in phrase[0]:
                self._by_part.append(at)
            else:
                self._by_word.setdefault(phrase[0], []).append(at)

    def find(self, words: Sequence[str]) -> list[Found]:
        """In the order of the phrases, then of the words."""
        places = [(at, start) for start, word in enumerate(words) for at in self._begun(word)]
        return [
            Found(start, start + len(self._phrases[at]))
            for at, start in sorted(places)
            if start + len(self._phrases[at]) <= len(words)
            if all(_is(words[start + i], part) for i, part in enumerate(self._phrases[at]))
        ]

    def _begun(self, word: str) -> Iterator[int]:
        """Phrases that may begin with a word."""
        for form in dict.fromkeys(forms(word)):
            yield from self._by_word.get(form, ())
        yield from self._by_part


@cache
def vocabulary() -> Vocabulary:
    """Read once a process: the files are part of the package."""
    listed: dict[str, list[str]] = {}
    values: dict[str, dict[str, int]] = {kind: {} for kind in WORDS}
    months: dict[str, int] = {}
    folder = files("support_agent.router.readers") / "words"
    for file in sorted(folder.iterdir(), key=lambda entry: entry.name):
        if file.name.endswith(".yaml"):
            for kind, content in yaml.safe_load(file.read_text("utf-8")).items():
                if kind in WORDS:
                    values[kind] |= {normalised(str(word)): value for word, value in content.items()}
                else:
                    listed.setdefault(str(kind), []).append(str(content))
            months |= dict(_months(file.name.removesuffix(".yaml")))
    return Vocabulary({kind: ", ".join(texts) for kind, texts in listed.items()}, MappingProxyType(values), months)


def spoken(text: str) -> list[str]:
    return [token.text for token in tokens(text)]


def forms(word: str) -> list[str]:
    """The word, and without the letters that Hebrew writes before it."""
    out = [word]
    while len(out[-1]) > 2 and out[-1][0] in PREFIXES and len(out) < 3:
        out.append(out[-1][1:])
    return out


def _is(word: str, part: str) -> bool:
    bare = part.strip("*")
    if part.startswith("*"):
        return word.endswith(bare)
    if part.endswith("*"):
        return any(form.startswith(bare) for form in forms(word))
    return part in forms(word)


def _months(code: str) -> Iterator[tuple[str, int]]:
    for width in ("wide", "abbreviated"):
        for context in ("format", "stand-alone"):
            for number, name in get_month_names(width, context, code).items():
                plain = normalised(name).strip(".")
                if width == "wide" or (len(plain) > 2 and plain not in ALSO_WORDS):
                    yield plain, number
