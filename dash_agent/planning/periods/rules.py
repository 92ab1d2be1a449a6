"""How rules about periods are written, and how they are matched.

A rule is a row of items, each in its order:
- `of`, `of|in`: a word, or one of several, in just this form;
- `MONTH`: a word of a class, or what rules of that name have read; what it stands for goes to the rule's maker;
- `-`: a dash before the next word; `$`: the end of the text or of a part of it before a comma,
  over words that carry nothing;
- an item with `?` behind it may be missing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import product
from typing import Any

from dash_agent.planning.languages import LANGUAGES

Maker = Callable[..., Any]
"""Makes what a rule means of what its classes stand for; None where these make no sense together."""

DASH, END = "-", "$"
FILLERS = frozenset(word for language in LANGUAGES for word in language.fillers)


@dataclass(frozen=True, slots=True)
class Rule:
    """makes: the name of what is read. unless: a set of words of the language that must be nowhere in the question.

    after, not_after: what must, and must not, stand right before it.
    """

    makes: str
    pattern: str
    maker: Maker
    unless: str = ""
    after: frozenset[str] = frozenset()
    not_after: frozenset[str] = frozenset()


def rules(makes: str, maker: Maker, *patterns: str, **conditions: Any) -> tuple[Rule, ...]:
    return tuple(Rule(makes, pattern, maker, **conditions) for pattern in patterns)


@dataclass(slots=True)
class Node:
    """Where a row of items has come to: what may follow, and the rules that end here."""

    words: dict[str, Node] = field(default_factory=dict)
    names: dict[str, Node] = field(default_factory=dict)
    ends: list[Rule] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Grammar:
    """Rules in trees by what they make, so that only rules whose first words are there are looked at."""

    roots: Mapping[str, Node]
    firsts: Mapping[str, frozenset[str]]
    """What a word has to be so that rules of a name may begin with it."""

    @staticmethod
    def of(given: Iterable[Rule]) -> Grammar:
        rules = list(given)
        roots: dict[str, Node] = {rule.makes: Node() for rule in rules}
        for rule in rules:
            for row in _rows(rule.pattern):
                node = roots[rule.makes]
                for item in row:
                    following = node.names if item in roots else node.words
                    node = following.setdefault(item, Node())
                node.ends.append(rule)
        return Grammar(roots, {name: frozenset(_firsts(name, roots)) for name in roots})

    def literals(self) -> Iterable[str]:
        """Every word that rules name by itself."""
        nodes = list(self.roots.values())
        while nodes:
            node = nodes.pop()
            yield from node.words
            nodes.extend((*node.words.values(), *node.names.values()))


def _firsts(name: str, roots: Mapping[str, Node]) -> set[str]:
    found = set(roots[name].words)
    for other in roots[name].names:
        found |= _firsts(other, roots)
    return found


def _rows(pattern: str) -> Iterable[tuple[str, ...]]:
    """Every row of items that a pattern allows."""
    choices = []
    for item in pattern.split():
        options = item.removesuffix("?").split("|")
        choices.append([*((option,) for option in options), *([()] if item.endswith("?") else [])])
    return dict.fromkeys(tuple(item for part in row for item in part) for row in product(*choices))


@dataclass(frozen=True, slots=True)
class Word:
    """A word of a question. keys: itself and its classes, with what it stands for in each (None: nothing)."""

    norm: str
    keys: Mapping[str, Any]
    after_comma: bool
    after_dash: bool


class Reading:
    """One question being read."""

    def __init__(self, grammar: Grammar, words: Sequence[Word], said: frozenset[str]) -> None:
        """said: names of the sets of words that the question has some of."""
        self._grammar = grammar
        self._words = words
        self._said = said
        self._weighty = max((at + 1 for at, word in enumerate(words) if word.norm not in FILLERS), default=0)
        self._read: dict[tuple[str, int], list[tuple[int, Any]]] = {}

    def found(self, name: str, start: int) -> list[tuple[int, Any]]:
        """What rules of this name read from a place on: where it ends, and what it means."""
        known = self._read.get((name, start))
        if known is None:
            known = []
            self._follow(self._grammar.roots[name], start, start, (), known)
            self._read[name, start] = known
        return known

    def _follow(self, node: Node, start: int, at: int, values: tuple[Any, ...], found: list[tuple[int, Any]]) -> None:
        if node.ends:
            ended = (rule.maker(*values) for rule in node.ends if self._allowed(rule, start))
            found.extend((at, meant) for meant in ended if meant is not None)
        closes = at >= self._weighty or self._words[at].after_comma
        if closes and END in node.words:
            self._follow(node.words[END], start, at, values, found)
        if at == len(self._words):
            return
        word = self._words[at]
        if DASH in node.words and word.after_dash and at > start:
            self._follow(node.words[DASH], start, at, values, found)
        if word.after_comma and at > start and not word.keys.keys() & AFTER_COMMAS:
            return
        for key, value in word.keys.items():
            following = node.words.get(key)
            if following is not None:
                self._follow(following, start, at + 1, values if value is None else (*values, value), found)
        for name, following in node.names.items():
            if not self._grammar.firsts[name].isdisjoint(word.keys):
                for end, meant in self.found(name, at):
                    self._follow(following, start, end, (*values, meant), found)

    def _allowed(self, rule: Rule, start: int) -> bool:
        if rule.unless in self._said:
            return False
        if not rule.after and not rule.not_after:
            return True
        before = self._words[start - 1].norm if start else ""
        return (not rule.after or before in rule.after) and before not in rule.not_after


AFTER_COMMAS = frozenset({"YEARNO", "to", "until", "по", "до"})
"""Within one period only these stand behind a comma: 'October 5, 2026'."""
