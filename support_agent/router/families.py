"""Word families of one language: which of them stand where in a message, and whether they are denied."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from importlib.resources import files
from typing import Final, NamedTuple

import yaml
from babel.dates import get_month_names
from pydantic import BaseModel, ConfigDict
from rapidfuzz.distance import OSA

from support_agent.router.words import Token, normalised

GAP: Final = ".."
FURTHEST: Final = 3
"""Words that '..' in a phrase may stand for."""

TYPED: Final = 6
"""Letters that a stem must have before a slip of the keyboard in it is forgiven."""


class Negation(BaseModel):
    """before, after: how many words a denial reaches to its right and to its left, within its clause."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    before: int
    words: str
    after: int = 0
    after_words: str = ""
    """Those of the words that may follow what they deny."""


class LanguageFile(BaseModel):
    """languages/<code>.yaml. Lists are texts with commas; `stem*` is a family, `*part` may stand inside a word."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    function: str
    """Words that tell the language."""
    letters: str = ""
    """Letters and signs that no other language here has."""
    latin: str = ""
    """The same, written in Latin letters."""
    prefixes: str = ""
    """Letters that are written together with a word and are not of it."""
    respell: dict[str, str] = {}
    """Other spellings: what is typed → what is meant."""
    negation: Negation
    joiners: str
    quoted: list[str]
    """Beginnings of what was quoted, as regular expressions of a line."""
    signoffs: str
    families: dict[str, str]


class Hit(NamedTuple):
    """A family at words start to end (exclusive)."""

    family: str
    start: int
    end: int
    denied: bool


@dataclass(frozen=True, slots=True)
class _Pattern:
    family: str
    parts: tuple[str, ...]


@dataclass(slots=True)
class _Index:
    exact: dict[str, list[_Pattern]] = field(default_factory=lambda: defaultdict(list))
    stems: dict[str, list[_Pattern]] = field(default_factory=lambda: defaultdict(list))
    inside: list[tuple[str, _Pattern]] = field(default_factory=list)
    slips: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    longest: int = 0


class Families:
    """The word families of a language, compiled. Months come from the CLDR, by Babel."""

    def __init__(self, code: str, data: LanguageFile) -> None:
        self.code = code
        self.data = data
        self.function = frozenset(words_of(data.function))
        self.latin = frozenset(words_of(data.latin))
        self.joiners = frozenset(words_of(data.joiners))
        self._denials = frozenset(words_of(data.negation.words))
        self._late_denials = frozenset(words_of(data.negation.after_words))
        self._index = _Index()
        for pattern in self._patterns():
            self._add(pattern)
        self._variants = lru_cache(maxsize=20_000)(self._uncached_variants)
        self._beginning = lru_cache(maxsize=20_000)(self._uncached_beginning)

    def hits(self, words: Sequence[Token], polar: frozenset[str], covers: frozenset[str]) -> list[Hit]:
        """Every family in the words. polar: those that can be denied. covers: those that hide what is inside them."""
        found = {
            (pattern.family, start, end)
            for start in range(len(words))
            for pattern in self._beginning(words[start].text)
            if (end := self._reaches(pattern, words, start)) is not None
        }
        denials = self._denied_by(words)
        longest = _longest(hit for hit in found if hit[0] in covers)
        return [
            Hit(family, start, end, family in polar and _denied(denials, start, end))
            for family, start, end in sorted(found, key=lambda hit: (hit[1], hit[2], hit[0]))
            if not _covered(start, end, longest)
        ]

    def knows(self, word: str) -> bool:
        """Whether a word belongs to a family, or begins a phrase of one, as it is written."""
        return any(True for _ in self._at(word))

    def _patterns(self) -> Iterator[_Pattern]:
        for family, listed in self.data.families.items():
            for phrase in phrases_of(listed):
                yield _Pattern(family, phrase)
        for month in months(self.code):
            yield _Pattern("monthname", (month,))
        for phrase in phrases_of(self.data.negation.words):
            if len(phrase) > 1:
                yield _Pattern("denial", phrase)

    def _add(self, pattern: _Pattern) -> None:
        head, index = pattern.parts[0], self._index
        if head.startswith("*"):
            index.inside.append((head.strip("*"), pattern))
            return
        stem = head.rstrip("*")
        (index.stems if head.endswith("*") else index.exact)[stem].append(pattern)
        index.longest = max(index.longest, len(stem))
        if len(stem) >= TYPED:
            for slip in _slips(stem):
                index.slips[slip].add(stem)

    def _uncached_beginning(self, word: str) -> tuple[_Pattern, ...]:
        """Phrases that a word may begin."""
        return tuple(pattern for variant in self._variants(word) for pattern in self._at(variant))

    def _at(self, word: str) -> Iterator[_Pattern]:
        yield from self._index.exact.get(word, ())
        for length in range(2, min(len(word), self._index.longest) + 1):
            yield from self._index.stems.get(word[:length], ())
        for part, pattern in self._index.inside:
            if part in word:
                yield pattern

    def _uncached_variants(self, word: str) -> tuple[str, ...]:
        """The word, its other spellings, without prefixed letters, and what it is a slip of, if it is nothing else."""
        variants = [word]
        for typed, meant in self.data.respell.items():
            if typed in word:
                variants.append(word.replace(typed, meant))
        bare = word
        while self.data.prefixes and len(bare) > 3 and bare[0] in self.data.prefixes and len(word) - len(bare) < 3:
            bare = bare[1:]
            variants.append(bare)
        if len(word) >= TYPED - 1 and word not in self.function and not any(any(self._at(v)) for v in variants):
            variants.extend(self._meant(word))
        return tuple(dict.fromkeys(variants))

    def _meant(self, word: str) -> Iterator[str]:
        """Stems that the word begins with but for one slip; never another first letter."""
        near: set[str] = set()
        for length in range(TYPED - 1, min(len(word), 12) + 1):
            for slip in _slips(word[:length]):
                near |= self._index.slips.get(slip, set())
        for stem in sorted(near):
            if stem[0] == word[0] and len(word) - len(stem) <= 4 and _one_slip(word, stem):
                yield stem

    def _reaches(self, pattern: _Pattern, words: Sequence[Token], start: int) -> int | None:
        """Where the phrase ends that begins at a word, None where it does not go on."""
        at, parts = start + 1, pattern.parts[1:]
        while parts:
            if parts[0] == GAP:
                parts = parts[1:]
                steps = range(at, min(at + FURTHEST + 1, len(words)))
                at = next((i for i in steps if self._is(words[i].text, parts[0])), -1)
                if at < 0:
                    return None
            elif at >= len(words) or not self._is(words[at].text, parts[0]):
                return None
            if words[at].sentence != words[start].sentence:
                return None
            at, parts = at + 1, parts[1:]
        return at

    def _is(self, word: str, part: str) -> bool:
        if part.startswith("*"):
            return part.strip("*") in word
        variants = self._variants(word)
        return any(v.startswith(part[:-1]) for v in variants) if part.endswith("*") else part in variants

    def _denied_by(self, words: Sequence[Token]) -> list[set[int]]:
        """For each word, where the denials stand that reach it."""
        denied: list[set[int]] = [set() for _ in words]
        reach = self.data.negation
        for at, word in enumerate(words):
            phrase = any(
                p.family == "denial" and self._reaches(p, words, at) for p in self._index.exact.get(word.text, ())
            )
            if word.text not in self._denials and not phrase:
                continue
            back = reach.after if word.text in self._late_denials else 0
            for other in range(max(0, at - back), min(len(words), at + reach.before + 1)):
                if words[other].clause == word.clause and other != at:
                    denied[other].add(at)
        return denied


def languages() -> Mapping[str, Families]:
    """Every language of languages/, by its ISO 639-1 code."""
    folder = files("support_agent.router") / "languages"
    found = {}
    for file in sorted(folder.iterdir(), key=lambda entry: entry.name):
        if file.name.endswith(".yaml"):
            code = file.name.removesuffix(".yaml")
            data = yaml.load(file.read_text("utf-8"), Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))  # noqa: S506
            found[code] = Families(code, LanguageFile.model_validate(data))
    return found


def months(code: str) -> frozenset[str]:
    """The names of the months, alone and in a date."""
    names = (*get_month_names("wide", "format", code).values(), *get_month_names("wide", "stand-alone", code).values())
    return frozenset(normalised(name) for name in names)


def phrases_of(listed: str) -> Iterator[tuple[str, ...]]:
    for phrase in listed.split(","):
        parts = tuple(part if part == GAP else normalised(part) for part in phrase.replace("'", "").split())
        if parts:
            yield parts


def words_of(listed: str) -> Iterable[str]:
    return (part for phrase in phrases_of(listed) for part in (phrase if "," not in listed else (" ".join(phrase),)))


def _slips(word: str) -> Iterator[str]:
    yield word
    for at in range(1, len(word)):
        yield word[:at] + word[at + 1 :]


def _one_slip(word: str, stem: str) -> bool:
    return any(OSA.distance(word[: len(stem) + more], stem) == 1 for more in (0, 1, -1))


def _denied(denials: Sequence[set[int]], start: int, end: int) -> bool:
    """By a word outside: a phrase that holds its own 'not' is not turned round by it."""
    return any(by < start or by >= end for at in range(start, end) for by in denials[at])


def _longest(found: Iterable[tuple[str, int, int]]) -> list[tuple[int, int]]:
    return sorted({(start, end) for _, start, end in found if end - start > 1})


def _covered(start: int, end: int, longer: Sequence[tuple[int, int]]) -> bool:
    return any(s <= start and end <= e and e - s > end - start for s, e in longer)
