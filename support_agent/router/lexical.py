"""The deterministic router: word families and rules, with the examples' nearness beside them. No model, no network."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Final

from dash_agent.ports import Embedder, Shelf
from support_agent.models import Intent, Mood, Route, Said
from support_agent.router.cleaning import Cleaner
from support_agent.router.confidence import ASK_BELOW, Reading, confidence
from support_agent.router.evidence import Evidence, said_in, separate, subtype, weigh
from support_agent.router.examples import CategoryPage, Examples
from support_agent.router.families import Families, Hit, languages
from support_agent.router.language import Detected, Detector, of_script
from support_agent.router.romanised import cyrillic
from support_agent.router.rules import Board, Rules, rules, spans
from support_agent.router.signals import mood, story, urgency
from support_agent.router.words import Token, split_at, tokens

LONGEST: Final = 6_000
"""Characters of a message that are read."""

SECOND: Final = 2.5
"""The least that the words must say for another matter of the same message."""

AS_STRONG: Final = 0.8
"""From this part of the strongest on, the matter that is said first is the main one."""

CONTENT: Final = 2
"""Words beside the commonest that a message must have to be read by its meaning alone: a greeting is not."""

NOISE: Final = 0.6
"""The least for a category at all, words and nearness together."""

EMBEDDED: Final = frozenset({"en", "ru", "es", "fr", "de"})
"""Languages of the local embedder; Hebrew is read by its words alone."""

EMAIL: Final = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
WEAK: Final = "other"


class LexicalRouter:
    """Port `Router`. Made once: it compiles the word families and takes the examples' vectors from the shelf."""

    def __init__(
        self,
        pages: Sequence[CategoryPage],
        embedder: Embedder | None = None,
        shelf: Shelf | None = None,
        embedded: frozenset[str] = EMBEDDED,
    ) -> None:
        self._pages = {page.name: page for page in pages}
        self._languages = languages()
        self._rules: Rules = rules()
        self._detector = Detector(self._languages)
        self._cleaner = Cleaner(families.data for families in self._languages.values())
        self._examples = Examples(pages, embedded, embedder, shelf) if embedder else None

    def route(self, text: str, history: Sequence[Said], language: str | None) -> Route:  # noqa: ARG002
        """Of this message alone; history is for routers that read it."""
        own = self._cleaner.own_words(text[:LONGEST])
        words = tokens(own)
        detected = self._detector.detect(own, words, language)
        words, hits = self._read(words, detected)
        board = Board(words, hits)
        intents = self._intents(own, words, board, detected)
        feeling = mood(own, board, self._rules)
        pressing = urgency(board, self._rules)
        addresses = {address.casefold() for address in EMAIL.findall(own)}
        return Route(
            intents=intents,
            language=detected.code,
            urgency=pressing,
            mood=feeling,
            summary=self._summary(intents, feeling),
            email=addresses.pop() if len(addresses) == 1 else None,
            outstanding=story(board, self._rules) or not intents or intents[0].confidence < ASK_BELOW / 2,
        )

    def language_of(self, text: str, told: str | None) -> str:
        """The language of a text; what was told where the text does not say it."""
        own = self._cleaner.own_words(text[:LONGEST])
        return self._detector.detect(own, tokens(own), told).code

    def subtype(self, category: str, text: str, language: str | None) -> str | None:
        """What a text says of a category's finer kind, such as the reason to leave; None where it says none."""
        own = self._cleaner.own_words(text[:LONGEST])
        words = tokens(own)
        words, hits = self._read(words, self._detector.detect(own, words, language))
        return subtype(category, Board(words, hits), self._rules)

    def _read(self, words: tuple[Token, ...], detected: Detected) -> tuple[tuple[Token, ...], list[Hit]]:
        """The words with their clauses, and the families in them: of the message's language and of one mixed in."""
        families = self._languages[detected.code]
        if detected.latin:
            words = tuple(Token(cyrillic(w.text), w.start, w.end, w.sentence, w.clause) for w in words)
        words = split_at(words, families.joiners)
        hits = [
            hit
            for spoken in (families, *self._mixed_in(words, detected))
            for hit in spoken.hits(words, self._rules.polar, self._rules.covers)
        ]
        return words, [*hits, *spans(words, hits)]

    def _mixed_in(self, words: Sequence[Token], detected: Detected) -> list[Families]:
        """Languages that some words are in as well: by their script, or English beside a script of its own."""
        mixed = [f for code, f in self._languages.items() if code != detected.code and of_script(words, code)]
        latin = sum(word.text.isascii() and word.text.isalpha() for word in words)
        if of_script(words, detected.code) and latin >= 1:
            mixed.append(self._languages["en"])
        return mixed

    def _intents(self, own: str, words: Sequence[Token], board: Board, detected: Detected) -> tuple[Intent, ...]:
        found = weigh(board, self._rules, self._pages)
        reading = Reading({name: e.strength for name, e in found.items()}, self._nearness(own, detected))
        scores = reading.scores()
        if not scores or max(scores.values()) < NOISE:
            return ()
        if not found and sum(word.text not in self._languages[detected.code].function for word in words) < CONTENT:
            return ()
        top = max(scores, key=lambda name: scores[name])
        chosen = self._in_order([top, *self._others(top, found, words)], found)
        main = chosen[0]
        sure = {name: confidence(reading.words, name, chosen) for name in chosen} | {
            main: confidence(scores, main, chosen)
        }
        return tuple(
            self._intent(name, sure[name], found.get(name), words, own, board)
            for name in chosen
            if name == main or sure[name] >= ASK_BELOW
        )

    def _nearness(self, own: str, detected: Detected) -> Mapping[str, float]:
        if self._examples is None or detected.latin or detected.code not in self._examples.languages or not own:
            return {}
        return self._examples.nearness(own)

    def _in_order(self, chosen: list[str], found: Mapping[str, Evidence]) -> list[str]:
        """Of several that are about as strong, the one that is said first is the main one."""
        strengths = {name: found[name].strength if name in found else 0.0 for name in chosen}
        strong = [name for name in chosen if strengths[name] >= AS_STRONG * max(strengths.values())]
        first = min(strong, key=lambda name: found[name].first if name in found else 0)
        return [first, *(name for name in chosen if name not in (first, WEAK))]

    def _others(self, main: str, found: Mapping[str, Evidence], words: Sequence[Token]) -> list[str]:
        if main not in found:
            return []
        apart = [
            name
            for name, evidence in found.items()
            if name not in (main, WEAK) and evidence.strength >= SECOND and separate(evidence, found[main], words)
        ]
        return sorted(apart, key=lambda name: found[name].first)

    def _intent(
        self,
        name: str,
        sure: float,
        evidence: Evidence | None,
        words: Sequence[Token],
        own: str,
        board: Board,
    ) -> Intent:
        said = said_in(evidence, words, own) if evidence else own[:200]
        return Intent(name, round(sure, 3), said, subtype(name, board, self._rules))

    def _summary(self, intents: Sequence[Intent], feeling: Mood) -> str:
        """Titles and kinds only: no word of the customer's."""
        if not intents:
            return "Not understood."
        named = [
            self._pages[intent.category].title + (f" ({intent.subtype.replace('_', ' ')})" if intent.subtype else "")
            for intent in intents
        ]
        felt = "" if feeling is Mood.CALM else f" The customer sounds {feeling}."
        return "; also: ".join(named) + "." + felt
