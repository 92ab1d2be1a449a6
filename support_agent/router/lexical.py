"""The deterministic router: word families and rules, with the examples' nearness beside them. No model, no network."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from copy import copy
from typing import Final

from dash_agent.ports import Embedder, Shelf
from support_agent.models import Intent, Mood, Route, Said
from support_agent.router.confidence import ASK_BELOW, Reading
from support_agent.router.evidence import LEAVING, Evidence, said_in, separate, subtype, weigh
from support_agent.router.examples import CategoryPage
from support_agent.router.matters import beside, likely, sure, tell
from support_agent.router.reading import Read, Reader
from support_agent.router.rules import Board
from support_agent.router.signals import mood, story, urgency
from support_agent.router.teaching import Taught, is_kept, taught
from support_agent.router.words import Token
from support_agent.teaching import EMBEDDED

SECOND: Final = 2.5
"""The least that the words must say for another matter of the same message."""

AS_STRONG: Final = 0.7
"""From this part of the strongest on, the matter that is said first is the main one,"""

AS_LIKELY: Final = 0.8
"""or, where examples were learned, from this part of the largest likelihood on."""

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
        if self._taught is None:
            return self._by_rules(found, read, board)
        return self._by_examples(found, self._taught, read, board)

    def _by_rules(self, found: Mapping[str, Evidence], read: Read, board: Board) -> tuple[Intent, ...]:
        """Before anything was learned."""
        said = {name: evidence.strength for name, evidence in found.items()}
        reading = Reading(said, {})
        top = reading.top()
        if top is None:
            return ()
        others = self._others(top, found, read.words)
        certain = {name: reading.sure(name, (top, name)) for name in others}
        kept = [name for name in others if certain[name] >= ASK_BELOW]
        strong = [top, *(name for name in kept if said[name] >= AS_STRONG * said[top])]
        order = self._ordered([top, *kept], strong, {name: found[name].first for name in (top, *kept)}, board, top)
        certain |= {name: reading.sure(name, order) for name in {top, order[0]}}
        texts = {name: said_in(found[name], read.words, read.own) for name in order}
        return tuple(self._intent(name, certain[name], texts[name], board) for name in order)

    def _by_examples(
        self, found: Mapping[str, Evidence], taught: Taught, read: Read, board: Board
    ) -> tuple[Intent, ...]:
        told = tell(read, found, taught, self._rules, self._pages)
        if len(read.words) <= FEW and taught.story(read) > max(told.whole.values()):
            return ()
        shares = likely(told)
        top = max(shares, key=lambda name: shares[name])
        others = beside(told, top, shares)
        strong = [top, *(name for name in others if shares[name] >= AS_LIKELY * shares[top])]
        apart = {name: told.clearest(name) for name in (top, *others)}
        order = self._ordered([top, *others], strong, {name: part.place for name, part in apart.items()}, board, top)
        certain = {**others, **{name: sure(shares, name, order) for name in {top, order[0]}}}
        texts = {name: part.text for name, part in apart.items()}
        texts |= {name: said_in(found[name], read.words, read.own) for name in order if name in found}
        return tuple(self._intent(name, certain[name], texts[name], board) for name in order)

    def _ordered(
        self, chosen: Sequence[str], strong: Collection[str], places: Mapping[str, int], board: Board, top: str
    ) -> list[str]:
        """All matters, the main one first: of those that are strong, the one said first."""
        leading = set(strong)
        if any(board.holds(expression) for expression in self._rules.threats):
            leading -= {LEAVING} - {top}
        order = sorted(chosen, key=lambda name: places[name])
        main = next(name for name in order if name in leading)
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

    def _intent(self, name: str, sure: float, text: str, board: Board) -> Intent:
        return Intent(name, round(sure, 3), text, subtype(name, board, self._rules))

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
