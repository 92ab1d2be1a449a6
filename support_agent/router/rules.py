"""What word families mean together: rules.yaml, read and compiled."""

from __future__ import annotations

import itertools
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files
from typing import Final

import yaml
from pydantic import BaseModel, ConfigDict

from support_agent.router.families import Hit
from support_agent.router.words import Token

NEAR: Final = 11
"""Words between two families that still belong together, in one sentence without clauses."""

ACROSS: Final = 0.7
"""What evidence counts where its parts stand in two sentences that follow each other."""

BETWEEN: Final = 0.88
"""What it counts where they stand in two clauses of one sentence."""


@dataclass(frozen=True, slots=True)
class Term:
    """families: one of them. denied: it is said that it is not so. absent: none of them may stand near."""

    families: tuple[str, ...]
    denied: bool
    absent: bool


@dataclass(frozen=True, slots=True)
class Expression:
    """together: all within one clause."""

    terms: tuple[Term, ...]
    together: bool = False


@dataclass(frozen=True, slots=True)
class Match:
    """strength: 1, or less across sentences. words: the places of the words that it rests on. spread: from first to
    last.
    """

    strength: float
    words: frozenset[int]

    @property
    def spread(self) -> int:
        return max(self.words) - min(self.words)


class RulesFile(BaseModel):
    """rules.yaml as it stands."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    polar: list[str]
    covers: list[str]
    intents: dict[str, dict[str, float]]
    subtypes: dict[str, dict[str, list[str]]]
    absorbs: list[Absorption]
    asks_by_itself: str
    threats: list[str]
    urgency: dict[str, dict[str, float]]
    mood: dict[str, dict[str, float]]
    story: list[str]


class Absorption(BaseModel):
    """Where `when` holds and both were found, only `keep` stays."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    keep: str
    drop: str
    when: str


@dataclass(frozen=True, slots=True)
class Rules:
    polar: frozenset[str]
    covers: frozenset[str]
    intents: Mapping[str, Sequence[tuple[Expression, float]]]
    subtypes: Mapping[str, Sequence[tuple[str, Sequence[Expression]]]]
    absorbs: Sequence[tuple[str, str, Expression]]
    asks_by_itself: Expression
    threats: Sequence[Expression]
    urgency: Mapping[str, Sequence[tuple[Expression, float]]]
    mood: Mapping[str, Sequence[tuple[Expression, float]]]
    story: Sequence[Expression]


class Board:
    """The families of one message by name, for expressions to be held against."""

    def __init__(self, words: Sequence[Token], hits: Iterable[Hit]) -> None:
        self.words = words
        self._by: Mapping[str, list[Hit]] = defaultdict(list)
        for hit in hits:
            self._by[hit.family].append(hit)

    def holds(self, expression: Expression) -> bool:
        return self.match(expression) is not None

    def match(self, expression: Expression) -> Match | None:
        """The nearest that its terms stand together, None where they do not."""
        present: list[list[Hit]] = []
        for term in expression.terms:
            if term.absent:
                continue
            hits = self._of(term)
            if not hits:
                return None
            present.append(hits)
        best: Match | None = None
        for first in present[0]:
            chosen = self._around(first, present[1:])
            if chosen is None or any(self._of_absent(term, first) for term in expression.terms if term.absent):
                continue
            clauses = {self.words[hit.start].clause for hit in chosen}
            if expression.together and len(clauses) > 1:
                continue
            sentences = {self.words[hit.start].sentence for hit in chosen}
            strength = 1.0 if len(clauses) == 1 else BETWEEN if len(sentences) == 1 else ACROSS
            found = Match(strength, frozenset(at for hit in chosen for at in range(*hit[1:3])))
            if best is None or (found.strength, -found.spread) > (best.strength, -best.spread):
                best = found
        return best

    def _of(self, term: Term) -> list[Hit]:
        if self._by.keys().isdisjoint(term.families):
            return []
        return [hit for name in term.families for hit in self._by.get(name, ()) if hit.denied == term.denied]

    def _of_absent(self, term: Term, near: Hit) -> bool:
        return any(self._near(near, hit) for hit in self._of(term))

    def _around(self, first: Hit, others: Sequence[Sequence[Hit]]) -> list[Hit] | None:
        chosen = [first]
        for hits in others:
            free = [h for h in hits if self._near(first, h) and all(_apart(h, c) for c in chosen)]
            if not free:
                return None
            chosen.append(min(free, key=lambda h: self._far(first, h)))
        return chosen

    def _near(self, one: Hit, other: Hit) -> bool:
        a, b = self.words[one.start], self.words[other.start]
        if a.clause == b.clause:
            return abs(one.start - other.start) <= 2 * NEAR
        return abs(a.sentence - b.sentence) <= 1 and abs(one.start - other.start) <= NEAR

    def _far(self, one: Hit, other: Hit) -> tuple[int, int]:
        a, b = self.words[one.start], self.words[other.start]
        return abs(a.sentence - b.sentence), abs(one.start - other.start)


def spans(words: Sequence[Token], hits: Iterable[Hit]) -> list[Hit]:
    """Family 'span': two months named side by side, 'June and July', 'from June to August'."""
    named = [hit for hit in hits if hit.family == "monthname"]
    return [
        Hit("span", one.start, other.end, False)
        for one, other in itertools.pairwise(named)
        if other.start - one.end <= 2 and words[one.start].text != words[other.start].text
    ]


def rules() -> Rules:
    text = (files("support_agent.router") / "rules.yaml").read_text("utf-8")
    file = RulesFile.model_validate(yaml.safe_load(text))
    polar = frozenset(file.polar)
    return Rules(
        polar,
        frozenset(file.covers),
        {name: _weighted(listed) for name, listed in file.intents.items()},
        {
            name: [(kind, [expression(text) for text in listed]) for kind, listed in kinds.items()]
            for name, kinds in file.subtypes.items()
        },
        [(rule.keep, rule.drop, expression(rule.when)) for rule in file.absorbs],
        expression(file.asks_by_itself),
        [expression(text) for text in file.threats],
        {name: _weighted(listed) for name, listed in file.urgency.items()},
        {name: _weighted(listed) for name, listed in file.mood.items()},
        [expression(text) for text in file.story],
    )


def expression(text: str) -> Expression:
    """'~arrive & box|order & !customs'; with '= ' before it, all in one clause."""
    bare = text.removeprefix("= ")
    return Expression(tuple(_term(part.strip()) for part in bare.split("&")), bare != text)


def _term(text: str) -> Term:
    bare = text.lstrip("~!")
    return Term(tuple(name.strip(" ~!") for name in bare.split("|")), "~" in text[:2], "!" in text[:2])


def _weighted(listed: Mapping[str, float]) -> Sequence[tuple[Expression, float]]:
    return [(expression(text), weight) for text, weight in listed.items()]


def _apart(one: Hit, other: Hit) -> bool:
    return one.end <= other.start or other.end <= one.start
