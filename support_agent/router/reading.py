"""A message as it is read: the customer's own words, the language, and the word families in them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from support_agent.router.cleaning import Cleaner
from support_agent.router.families import Families, Hit, languages
from support_agent.router.language import Detected, Detector, of_script
from support_agent.router.romanised import cyrillic
from support_agent.router.rules import Rules, rules, spans
from support_agent.router.words import Token, split_at, tokens

LONGEST: Final = 6_000
"""Characters of a message that are read."""


@dataclass(frozen=True, slots=True)
class Read:
    """own: without what was quoted and the signature. words: with their clauses. hits: families in the words."""

    own: str
    words: tuple[Token, ...]
    hits: Sequence[Hit]
    language: Detected

    def clauses(self, inside: frozenset[int]) -> Read:
        """Some of its clauses as a message of their own; places of words in the text are those of the whole."""
        kept = {at: place for place, at in enumerate(i for i, w in enumerate(self.words) if w.clause in inside)}
        hits = [
            Hit(hit.family, kept[hit.start], kept[hit.start] + hit.end - hit.start, hit.denied)
            for hit in self.hits
            if all(at in kept for at in range(hit.start, hit.end))
        ]
        words = tuple(self.words[at] for at in kept)
        return Read(self.own[words[0].start : words[-1].end], words, hits, self.language)


class Reader:
    """Made once: it compiles the word families of every language."""

    def __init__(self) -> None:
        self.rules: Rules = rules()
        self._languages: Mapping[str, Families] = languages()
        self._detector = Detector(self._languages)
        self._cleaner = Cleaner(families.data for families in self._languages.values())

    def read(self, text: str, told: str | None) -> Read:
        """told: the language that the channel says; it decides where the text does not."""
        own = self._cleaner.own_words(text[:LONGEST])
        words = tokens(own)
        return self._read(own, words, self._detector.detect(own, words, told))

    def example(self, text: str, language: str) -> Read | None:
        """A text whose language is known; None where it is none of ours."""
        return self._read(text, tokens(text), Detected(language, True)) if language in self._languages else None

    def language_of(self, text: str, told: str | None) -> str:
        own = self._cleaner.own_words(text[:LONGEST])
        return self._detector.detect(own, tokens(own), told).code

    @property
    def codes(self) -> frozenset[str]:
        return frozenset(self._languages)

    def content(self, read: Read) -> int:
        """Words beside the commonest of the language."""
        return sum(word.text not in self._languages[read.language.code].function for word in read.words)

    def _read(self, own: str, words: tuple[Token, ...], detected: Detected) -> Read:
        families = self._languages[detected.code]
        if detected.latin:
            words = tuple(Token(cyrillic(w.text), w.start, w.end, w.sentence, w.clause) for w in words)
        words = split_at(words, families.joiners)
        hits = [
            hit
            for spoken in (families, *self._mixed_in(words, detected))
            for hit in spoken.hits(words, self.rules.polar, self.rules.covers)
        ]
        return Read(own, words, [*hits, *spans(words, hits)], detected)

    def _mixed_in(self, words: Sequence[Token], detected: Detected) -> list[Families]:
        """Languages that some words are in as well: by their script, or English beside a script of its own."""
        mixed = [f for code, f in self._languages.items() if code != detected.code and of_script(words, code)]
        latin = sum(word.text.isascii() and word.text.isalpha() for word in words)
        if of_script(words, detected.code) and latin >= 1:
            mixed.append(self._languages["en"])
        return mixed
