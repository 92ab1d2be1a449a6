"""Rules over ideas: which ideas near each other mean what, and why. The rules are the same in every language."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations, pairwise, product
from typing import Final

from support_agent.guardrails.lexicon import Hit, Lexicon, read_data, words_of

MOST_PLACES: Final = 8
"""Places of one idea that a rule looks at; a text that repeats a word more often gains nothing by it."""


@dataclass(frozen=True, slots=True)
class Rule:
    """finds: the name of a finding. needs: ideas, alternatives with `|`. within: words from the first to the last.

    unless: ideas that take the meaning away where they stand in reach (`within` words around). ordered: in this order.
    why: for the people who read the rules.
    """

    finds: str
    needs: tuple[tuple[str, ...], ...]
    within: int
    why: str
    ordered: bool = False
    unless: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Finding:
    finds: str
    words: str
    why: str


class Rulebook:
    """The rules of one side with its lexicon."""

    def __init__(self, side: str) -> None:
        self.lexicon = Lexicon(side)
        rules = read_data(side, "rules")["rules"]
        assert isinstance(rules, list)
        self._rules = tuple(_rule(entry) for entry in rules)

    def ideas(self, folded: str) -> frozenset[str]:
        """The names of all ideas in a folded text."""
        return frozenset(hit.idea for hit in self.lexicon.hits(words_of(folded), hidden=False))

    def findings(self, folded: str, *, hidden: bool) -> Iterator[Finding]:
        """What the rules find in a folded text, a finding once for each rule."""
        words = words_of(folded)
        places: dict[str, list[Hit]] = defaultdict(list)
        for hit in self.lexicon.hits(words, hidden=hidden):
            places[hit.idea].append(hit)
        for rule in self._rules:
            span = _place(rule, places)
            if span is not None:
                yield Finding(rule.finds, " ".join(words[span[0] : span[1] + 1]), rule.why)


def _rule(entry: dict[str, object]) -> Rule:
    needs = entry["needs"]
    unless = entry.get("unless", [])
    assert isinstance(needs, list)
    assert isinstance(unless, list)
    return Rule(
        finds=str(entry["finds"]),
        needs=tuple(tuple(str(need).split("|")) for need in needs),
        within=int(str(entry.get("within", 1))),
        why=str(entry["why"]),
        ordered=bool(entry.get("ordered", False)),
        unless=tuple(map(str, unless)),
    )


def _place(rule: Rule, places: dict[str, list[Hit]]) -> tuple[int, int] | None:
    sought: list[list[Hit]] = []
    for need in rule.needs:
        found = [hit for idea in need for hit in places.get(idea, ())]
        if not found:
            return None
        sought.append(found[:MOST_PLACES])
    for hits in product(*sought):
        if _together(rule, hits):
            first, last = min(hit.first for hit in hits), max(hit.last for hit in hits)
            if not _taken_back(rule, places, first, last):
                return first, last
    return None


def _together(rule: Rule, hits: Sequence[Hit]) -> bool:
    span = max(hit.last for hit in hits) - min(hit.first for hit in hits)
    if len(hits) > 1 and span > rule.within:
        return False
    if rule.ordered and any(one.first > two.first for one, two in pairwise(hits)):
        return False
    if any(_half_shared(one, two) for one, two in combinations(hits, 2)):
        return False
    spoken = [hit.languages for hit in hits]
    return bool(frozenset.intersection(*spoken)) or len({_script(languages) for languages in spoken}) > 1


def _half_shared(one: Hit, two: Hit) -> bool:
    """A word of a longer phrase is no second idea; words glued into one are."""
    apart = one.last < two.first or two.last < one.first
    return not apart and (one.first, one.last) != (two.first, two.last)


def _script(languages: frozenset[str]) -> str:
    """Words of two scripts belong together: who mixes them means both. Latin words of two languages are chance."""
    return min(languages) if languages <= {"ru", "he"} else "latin"


def _taken_back(rule: Rule, places: dict[str, list[Hit]], first: int, last: int) -> bool:
    reach = range(first - rule.within, last + rule.within + 1)
    return any(hit.first in reach for idea in rule.unless for hit in places.get(idea, ()))
