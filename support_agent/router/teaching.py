"""From examples to weights: read, learned once, and kept on the shelf until a word of any of it changes."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256
from importlib.resources import files
from typing import Final

import numpy as np

from dash_agent.ports import Embedder, Shelf
from support_agent.router.examples import STORY, CategoryPage, Example, Letters, examples
from support_agent.router.reading import Read, Reader
from support_agent.router.signs import KINDS, signs
from support_agent.teaching import EMBEDDED, Floats, Learned, Lesson, Meanings

VECTORS: Final = "router-vectors"

MEANING: Final = 1.5
"""What the vector counts beside the families. From half to twice as much changed little."""

RIDGE: Final = 2.0
"""Of 0.3 to 3 the best, by a little."""

BY_WORDS: Final = "router-words"
BY_MEANING: Final = "router-meaning"


@dataclass(frozen=True, slots=True)
class Taught:
    """by_words: for every language. by_meaning: with the vectors, for the embedder's languages; None without one."""

    by_words: Learned
    by_meaning: Learned | None
    meanings: Meanings | None
    languages: frozenset[str]

    def scores(self, read: Read) -> Mapping[str, float]:
        """By category, of a whole message: there is a matter in it."""
        return {name: score for name, score in self.of_part(read).items() if name != STORY}

    def story(self, read: Read) -> float:
        """How much it is like what is told around a matter."""
        return self.of_part(read).get(STORY, 0.0)

    def of_part(self, read: Read) -> Mapping[str, float]:
        """By category and for STORY, of a part of a message."""
        return self.of_parts([read])[0]

    def of_parts(self, parts: Sequence[Read]) -> list[Mapping[str, float]]:
        """The same for each part of one message."""
        shown = [signs(part.words, part.hits) for part in parts]
        if self.by_meaning is None or self.meanings is None or not all(map(self._is_embedded, parts)):
            return [self.by_words.scores(each, None) for each in shown]
        vectors = self.meanings.of_each([part.own for part in parts])
        return [self.by_meaning.scores(each, vector) for each, vector in zip(shown, vectors, strict=True)]

    def _is_embedded(self, read: Read) -> bool:
        return not read.language.latin and read.language.code in self.languages and bool(read.own)


def taught(
    pages: Sequence[CategoryPage],
    reader: Reader,
    embedder: Embedder | None,
    shelf: Shelf | None = None,
    languages: frozenset[str] = EMBEDDED,
    of_letters: Letters | None = None,
) -> Taught | None:
    """None where no page has an example. of_letters: instead of all of ours."""
    school = _School(_examples(pages, reader, of_letters), reader, shelf)
    if school.is_empty:
        return None
    meanings = Meanings(embedder, shelf, VECTORS) if embedder is not None else None
    return Taught(
        school.learned(BY_WORDS, None, languages),
        school.learned(BY_MEANING, meanings, languages) if meanings is not None else None,
        meanings,
        languages,
    )


def is_kept(
    pages: Sequence[CategoryPage],
    reader: Reader,
    embedder: Embedder,
    shelf: Shelf,
    languages: frozenset[str] = EMBEDDED,
) -> bool:
    """Whether `taught` would find on the shelf what it teaches."""
    school = _School(_examples(pages, reader), reader, shelf)
    meanings = Meanings(embedder, shelf, VECTORS)
    return school.is_empty or (
        school.has_kept(BY_WORDS, None, languages) and school.has_kept(BY_MEANING, meanings, languages)
    )


def _examples(pages: Sequence[CategoryPage], reader: Reader, of_letters: Letters | None = None) -> list[Example]:
    return [example for example in examples(pages, of_letters) if example.language in reader.codes]


class _School:
    """Reads the examples once, and only where the shelf does not have what they teach."""

    def __init__(self, listed: Sequence[Example], reader: Reader, shelf: Shelf | None) -> None:
        self._listed = listed
        self._reader = reader
        self._shelf = shelf

    @property
    def is_empty(self) -> bool:
        return all(example.category == STORY for example in self._listed)

    def has_kept(self, name: str, meanings: Meanings | None, languages: frozenset[str]) -> bool:
        return self._shelf is not None and self._shelf.get(name, self._key(meanings, languages)) is not None

    def learned(self, name: str, meanings: Meanings | None, languages: frozenset[str]) -> Learned:
        key = self._key(meanings, languages)
        kept = self._shelf.get(name, key) if self._shelf else None
        if kept is not None:
            return Learned.loaded(kept)
        vectors = self._vectors(meanings, languages) if meanings is not None else None
        found = self._lesson.learned(vectors, meaning=MEANING, ridge=RIDGE)
        if self._shelf is not None:
            self._shelf.put(name, key, found.dumped())
        return found

    @cached_property
    def _lesson(self) -> Lesson:
        names = list(dict.fromkeys(example.category for example in self._listed))
        owners = [names.index(example.category) for example in self._listed]
        read = [self._reader.example(example.text, example.language) for example in self._listed]
        return Lesson(names, owners, [signs(one.words, one.hits) for one in read if one is not None], KINDS)

    def _vectors(self, meanings: Meanings, languages: frozenset[str]) -> Floats:
        """Of each example, zeros for one in a language that the embedder does not know."""
        known = [at for at, example in enumerate(self._listed) if example.language in languages]
        found = meanings.of_all([self._listed[at].text for at in known])
        vectors: Floats = np.zeros((len(self._listed), found.shape[1] if known else 0), dtype=np.float32)
        if known:
            vectors[known] = found
        return vectors

    def _key(self, meanings: Meanings | None, languages: frozenset[str]) -> str:
        """Of everything that the weights come from."""
        listed = [[example.category, example.language, example.text] for example in self._listed]
        made = meanings.made_by if meanings is not None else ""
        digest = sha256(json.dumps([made, sorted(languages), listed]).encode())
        for name in (*sorted(f"languages/{code}.yaml" for code in self._reader.codes), "rules.yaml"):
            digest.update((files("support_agent.router") / name).read_bytes())
        return f"3 {digest.hexdigest()}"
