"""The deterministic router: word families and rules, with the examples' nearness beside them. No model, no network."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from copy import copy
from typing import Final

from dash_agent.ports import Embedder, Shelf
from support_agent.models import Intent, Mood, Route, Said
from support_agent.router.beside import beside
from support_agent.router.confidence import ASK_BELOW, Reading
from support_agent.router.evidence import LEAVING, Evidence, said_in, separate, subtype, weigh
from support_agent.router.examples import CategoryPage
from support_agent.router.parts import Matter, matters
from support_agent.router.reading import Read, Reader
from support_agent.router.rules import Board
from support_agent.router.signals import mood, story, urgency
from support_agent.router.teaching import is_kept, taught
from support_agent.router.words import Token
from support_agent.teaching import EMBEDDED

SECOND: Final = 2.5
"""The least that the words must say for another matter of the same message."""

AS_STRONG: Final = 0.7
"""From this part of the strongest on, the matter that is said first is the main one,"""

PLAIN: Final = 0.7
"""or from this lead of its own part of the message on."""

PLAINLY: Final = 4.0
"""What the rules must say for another matter that no part of the message shows clearly,"""

KNOWN: Final = 0.3
"""and what the whole must score for it."""

CONTENT: Final = 2
"""Words beside the commonest that a message must have to be read by its meaning alone: a greeting is not."""

FEW: Final = 6
"""Words of a message that may be no matter at all; a longer one tells a story around one."""

EMAIL: Final = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
WEAK: Final = "other"


class LexicalRouter:
    """Port `Router`. Made once: it compiles the word families and learns from the examples, or takes it from the shelf.

    Without an embedder it knows the rules alone.
    """

    def __init__(
        self,
        pages: Sequence[CategoryPage],
        embedder: Embedder | None = None,
        shelf: Shelf | None = None,
        embedded: frozenset[str] = EMBEDDED,
    ) -> None:
        self._pages = {page.name: page for page in pages}
        self._reader = Reader()
        self._rules = self._reader.rules
        self._taught = taught(pages, self._reader, embedder, shelf, embedded) if embedder else None

    def learned(
        self, embedder: Embedder | None, shelf: Shelf | None = None, embedded: frozenset[str] = EMBEDDED
    ) -> LexicalRouter:
        """This one, knowing what the examples mean; the word families are not compiled again.

        embedder: None learns from their words alone, which is quicker, and less sure.
        """
        made = copy(self)
        made._taught = taught(tuple(self._pages.values()), self._reader, embedder, shelf, embedded)
        return made

    def is_kept(self, embedder: Embedder, shelf: Shelf, embedded: frozenset[str] = EMBEDDED) -> bool:
        """Whether `learned` finds on the shelf what it would learn."""
        return is_kept(tuple(self._pages.values()), self._reader, embedder, shelf, embedded)

    def route(self, text: str, history: Sequence[Said], language: str | None) -> Route:  # noqa: ARG002
        """Of this message alone; history is for routers that read it."""
        read = self._reader.read(text, language)
        board = Board(read.words, read.hits)
        intents = self._intents(read, board)
        feeling = mood(read.own, board, self._rules)
        addresses = {address.casefold() for address in EMAIL.findall(read.own)}
        return Route(
            intents=intents,
            language=read.language.code,
            urgency=urgency(board, self._rules),
            mood=feeling,
            summary=self._summary(intents, feeling),
            email=addresses.pop() if len(addresses) == 1 else None,
            outstanding=story(board, self._rules) or not intents or intents[0].confidence < ASK_BELOW / 2,
        )

    def language_of(self, text: str, told: str | None) -> str:
        """The language of a text; what was told where the text does not say it."""
        return self._reader.language_of(text, told)

    def subtype(self, category: str, text: str, language: str | None) -> str | None:
        """What a text says of a category's finer kind, such as the reason to leave; None where it says none."""
        read = self._reader.read(text, language)
        return subtype(category, Board(read.words, read.hits), self._rules)

    def _intents(self, read: Read, board: Board) -> tuple[Intent, ...]:
        found = weigh(board, self._rules, self._pages)
        if not found and (self._taught is None or self._reader.content(read) < CONTENT):
            return ()
        reading = Reading(
            {name: evidence.strength for name, evidence in found.items()},
            self._taught.scores(read) if self._taught is not None else {},
        )
        top = reading.top()
        if top is None or self._is_story(read, reading.scores()[top]):
            return ()
        apart = matters(read, self._taught, self._rules, self._pages) if self._taught is not None else []
        sure = self._beside(top, reading, found, apart, read)
        order = self._ordered(top, reading, found, apart, board, sure)
        sure |= {name: reading.sure(name, order, alone=True) for name in {top, order[0]}}
        return tuple(self._intent(name, sure[name], found.get(name), read, board) for name in order)

    def _is_story(self, read: Read, top: float) -> bool:
        """Whether a message of a few words is thanks or a greeting, more than any matter."""
        if self._taught is None or len(read.words) > FEW:
            return False
        return self._taught.story(read) > top

    def _beside(
        self, top: str, reading: Reading, found: Mapping[str, Evidence], apart: Sequence[Matter], read: Read
    ) -> dict[str, float]:
        """How sure other matters of the message are; before anything was learned, by the rules."""
        said = {name: reading.sure(name, (top, name), alone=False) for name in self._others(top, found, read.words)}
        if self._taught is None:
            return {name: share for name, share in said.items() if share >= ASK_BELOW}
        scores = reading.scores()
        plain = {name for name in said if found[name].strength >= PLAINLY and scores.get(name, 0.0) >= KNOWN}
        return {**{name: said[name] for name in plain}, **beside(apart, top, scores)}

    def _ordered(
        self,
        top: str,
        reading: Reading,
        found: Mapping[str, Evidence],
        apart: Sequence[Matter],
        board: Board,
        others: Collection[str],
    ) -> list[str]:
        """All matters, the main one first: of several that are about as strong, the one said first."""
        said = {name: evidence.first for name, evidence in found.items()}
        said |= {matter.category: matter.place for matter in reversed(apart)}
        scores = reading.scores()
        strong = {top} | {name for name in others if scores.get(name, 0.0) >= AS_STRONG * scores[top]}
        strong |= {matter.category for matter in apart if matter.category in others and matter.lead >= PLAIN}
        if any(board.holds(expression) for expression in self._rules.threats):
            strong -= {LEAVING} - {top}
        order = sorted((top, *others), key=lambda name: said.get(name, 0))
        main = next(name for name in order if name in strong)
        return [main, *(name for name in order if name != main)]

    def _others(self, main: str, found: Mapping[str, Evidence], words: Sequence[Token]) -> list[str]:
        """What the rules find in a clause of its own."""
        if main not in found:
            return []
        return [
            name
            for name, evidence in found.items()
            if name not in (main, WEAK) and evidence.strength >= SECOND and separate(evidence, found[main], words)
        ]

    def _intent(
        self,
        name: str,
        sure: float,
        evidence: Evidence | None,
        read: Read,
        board: Board,
    ) -> Intent:
        said = said_in(evidence, read.words, read.own) if evidence else read.own[:200]
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
