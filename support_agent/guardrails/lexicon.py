"""Words and phrases of six languages for the ideas that rules are made of, and where they stand in a text.

A phrase of the data files: words with spaces; `*` ends a stem, `~` stands for up to two other words. Files: one a
language, `ideas` (name → phrases) and `masks` (phrases whose words do not count: figures of speech and the like).
"""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources
from typing import Final

from support_agent.guardrails.folding import fold

LANGUAGES: Final = ("en", "ru", "he", "es", "fr", "de")
ANY_LANGUAGE: Final = frozenset(LANGUAGES)
_WORD: Final = re.compile(r"[^\W_]+")
WORDS_KEPT: Final = 1 << 15
"""Words whose meaning is remembered, so that the common ones are looked up once."""
_GLUED: Final = 13
"""A longer word that is not known may be several without spaces."""
LEAST_SLIP: Final = 5
"""Letters of a word that is known misspelled, too."""
_SPELLED: Final = 4
"""So many single letters in a row are words spelled out."""


@dataclass(frozen=True, slots=True)
class Hit:
    """An idea found. first, last: numbers of words in the text, both included."""

    idea: str
    first: int
    last: int
    languages: frozenset[str]


@dataclass(frozen=True, slots=True)
class _Phrase:
    idea: str
    words: tuple[str, ...]
    languages: frozenset[str]


class Lexicon:
    """The data files of one side (`arriving`, `leaving`), compiled once. Not changed after; any thread may read."""

    def __init__(self, side: str) -> None:
        self._exact: dict[str, list[_Phrase]] = defaultdict(list)
        self._stems: dict[str, list[_Phrase]] = defaultdict(list)
        self._slips: dict[str, list[_Phrase]] = defaultdict(list)
        self._prefixes = ""
        for language in LANGUAGES:
            self._add(language, read_data(side, language))
        self._shortest = min(map(len, self._stems))
        alone = {phrase.words[0].rstrip("*") for kept in (self._exact, self._stems) for phrase in _all(kept)}
        known = sorted((word for word in alone if len(word) > 2), key=len, reverse=True)
        self._inside = re.compile(f"(?=({'|'.join(map(re.escape, known))}))")
        self._beginning = lru_cache(WORDS_KEPT)(self._find_beginning)
        self._single = lru_cache(WORDS_KEPT)(self._find_single)
        self._slipped = lru_cache(WORDS_KEPT)(self._find_slipped)

    def hits(self, words: Sequence[str], *, hidden: bool) -> list[Hit]:
        """All ideas in the words of a folded text. hidden: also words split, glued, spelled out or misspelled."""
        found = [hit for at in range(len(words)) for hit in self._at(words, at)]
        masked = {at for hit in found if hit.idea == MASK for at in range(hit.first, hit.last + 1)}
        if hidden:
            found += self._joined(words)
            found += self._spelled(words)
        kept = (hit for hit in found if hit.idea != MASK)
        return [hit for hit in kept if not masked.intersection(range(hit.first, hit.last + 1))]

    def _add(self, language: str, data: Mapping[str, object]) -> None:
        ideas = data["ideas"]
        assert isinstance(ideas, dict)
        self._prefixes += str(data.get("prefixes", ""))
        for idea, phrases in (*ideas.items(), (MASK, data.get("masks", []))):
            for phrase in phrases:
                words = tuple(_pattern(phrase))
                entry = _Phrase(idea, words, frozenset({language}))
                head = words[0]
                kept = self._stems if head.endswith("*") else self._exact
                kept[head.rstrip("*")].append(entry)
                if len(words) == 1 and len(head.rstrip("*")) >= LEAST_SLIP:
                    for slip in _slips(head.rstrip("*"), open_ended=head.endswith("*")):
                        self._slips[slip].append(entry)

    def _at(self, words: Sequence[str], at: int) -> Iterator[Hit]:
        for phrase in self._beginning(words[at]):
            last = self._ends(phrase.words, words, at)
            if last is not None:
                yield Hit(phrase.idea, at, last, phrase.languages)

    def _ends(self, pattern: tuple[str, ...], words: Sequence[str], at: int) -> int | None:
        """The number of the last word of a phrase that begins at a word, None where it is not all there."""
        place = at + 1
        gap = 0
        for part in pattern[1:]:
            if part == "~":
                gap = 2
                continue
            near = range(place, min(place + gap + 1, len(words)))
            fits = next((there for there in near if self._fits(part, words[there])), None)
            if fits is None:
                return None
            place, gap = fits + 1, 0
        return place - 1

    def _fits(self, part: str, word: str) -> bool:
        return any(form.startswith(part[:-1]) if part.endswith("*") else form == part for form in self._bare(word))

    def _find_beginning(self, word: str) -> tuple[_Phrase, ...]:
        found: list[_Phrase] = []
        for form in self._bare(word):
            found += self._exact.get(form, ())
            for length in range(self._shortest, len(form) + 1):
                found += self._stems.get(form[:length], ())
        return tuple(found)

    def _bare(self, word: str) -> Iterator[str]:
        """The word, and without the small words that a language writes together with it."""
        yield word
        for cut in (1, 2):
            if len(word) > cut + 2 and all(letter in self._prefixes for letter in word[:cut]):
                yield word[cut:]

    def _joined(self, words: Sequence[str]) -> Iterator[Hit]:
        for at, word in enumerate(words):
            for count in (2, 3, 4):
                whole = "".join(words[at : at + count])
                if at + count > len(words) or len(whole) > 18:
                    break
                for phrase in self._single(whole, len(word)):
                    yield Hit(phrase.idea, at, at + count - 1, phrase.languages)
            for phrase in self._slipped(word):
                yield Hit(phrase.idea, at, at, phrase.languages)
            if len(word) > _GLUED:
                yield from self._within(word, at)

    def _find_single(self, whole: str, longer_than: int) -> tuple[_Phrase, ...]:
        if len(whole) < 5:
            return ()
        found = list(self._exact.get(whole, ()))
        for length in range(max(longer_than + 1, 5), len(whole) + 1):
            found += self._stems.get(whole[:length], ())
        return tuple(phrase for phrase in found if len(phrase.words) == 1)

    def _find_slipped(self, word: str) -> tuple[_Phrase, ...]:
        found: list[_Phrase] = []
        for length in range(LEAST_SLIP, len(word) + 1):
            slips = self._slips.get(word[:length], ())
            found += (phrase for phrase in slips if length == len(word) or phrase.words[0].endswith("*"))
        return tuple(found)

    def _spelled(self, words: Sequence[str]) -> Iterator[Hit]:
        start = 0
        for at in range(len(words) + 1):
            if at < len(words) and len(words[at]) == 1 and not words[at].isdigit():
                continue
            if at - start >= _SPELLED:
                # Words such as 'all' are too short to be found in such a run; who spells means all of it.
                yield Hit("given", start, start, ANY_LANGUAGE)
                yield from self._within("".join(words[start:at]), start)
            start = at + 1

    def _within(self, word: str, at: int) -> Iterator[Hit]:
        """Known words inside a word. They count as standing side by side, so that the distances of rules hold."""
        for place in self._inside.finditer(word):
            for phrase in self._find_beginning(place.group(1)):
                if len(phrase.words) == 1:
                    yield Hit(phrase.idea, at, at, phrase.languages)


MASK: Final = "(mask)"


def _all(kept: Mapping[str, Sequence[_Phrase]]) -> Iterator[_Phrase]:
    return (phrase for phrases in kept.values() for phrase in phrases if len(phrase.words) == 1)


def words_of(folded: str) -> list[str]:
    return _WORD.findall(folded)


def read_data(side: str, name: str) -> Mapping[str, object]:
    file = resources.files("support_agent.guardrails") / "data" / side / f"{name}.json"
    data: Mapping[str, object] = json.loads(file.read_text("utf-8"))
    return data


def _pattern(phrase: str) -> Iterator[str]:
    for part in phrase.split():
        if part == "~":
            yield part
            continue
        star = part.endswith("*")
        pieces = words_of(fold(part.rstrip("*")))
        yield from pieces[:-1]
        yield pieces[-1] + "*" * star


def _slips(word: str, *, open_ended: bool) -> Iterator[str]:
    """The word with two neighbours the other way round, or one letter gone where it is long; the first letter stays.

    open_ended: a stem. Without its last letter it would be another.
    """
    if len(word) > LEAST_SLIP:
        for at in range(1, len(word) - open_ended):
            yield word[:at] + word[at + 1 :]
    for at in range(1, len(word) - 1):
        if word[at] != word[at + 1]:
            yield word[:at] + word[at + 1] + word[at] + word[at + 2 :]
