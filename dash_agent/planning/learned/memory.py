"""The learnings of each person, read once and again when their version changes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from threading import Lock
from typing import Final

from dash_agent.models.learning import Correction, Gotcha, Habit, Learning, Preference, Reach, Synonym
from dash_agent.models.principal import Principal
from dash_agent.planning.learned.same import look
from dash_agent.planning.learned.words import TaughtWords, could_stand, taught_words
from dash_agent.planning.parser import Parser
from dash_agent.planning.phrases import Phrase
from dash_agent.ports import Clock, Learnings

NEAREST: Final = {Reach.USER: 0, Reach.TEAM: 1, Reach.ALL: 2}
"""Whose word counts first: a person's own, then the team's."""

Words = Mapping[Phrase, TaughtWords]


@dataclass(frozen=True, slots=True)
class Theirs:
    """What holds for one person. until: the moment when the first of it expires, None where nothing does.

    rereadings: corrections that say what a question means, by its look. mended: those that tell of a plan that failed.
    """

    synonyms: tuple[Learning, ...] = ()
    rereadings: Mapping[tuple[str, ...], Learning] = field(default_factory=dict)
    gotchas: tuple[tuple[Learning, Gotcha], ...] = ()
    preferences: tuple[tuple[Learning, Preference], ...] = ()
    all: tuple[Learning, ...] = ()
    mended: tuple[Correction, ...] = ()
    until: datetime | None = None

    @property
    def language(self) -> tuple[Learning, str] | None:
        spoken = ((one, its.words) for one, its in self.preferences if its.habit is Habit.LANGUAGE)
        return next(spoken, None)


NONE: Final = Theirs()


class Memory:
    """Thread-safe. Its price is one look at a version where nothing changed."""

    def __init__(self, learnings: Learnings | None) -> None:
        self._learnings = learnings
        self._lock = Lock()
        self._version: int | None = None
        self._alive: Sequence[Learning] = ()
        self._theirs: dict[tuple[str, str], Theirs] = {}
        self._words: dict[tuple[int, tuple[str, ...], bool], tuple[Parser, Words]] = {}

    def theirs(self, principal: Principal, clock: Clock) -> Theirs:
        if self._learnings is None:
            return NONE
        now = clock.now()
        version = self._learnings.version()
        with self._lock:
            if version != self._version:
                self._alive, self._version = self._learnings.alive(), version
                self._theirs, self._words = {}, {}
            key = (principal.user, principal.team)
            found = self._theirs.get(key)
            if found is None or (found.until is not None and found.until <= now):
                found = self._theirs[key] = _theirs(self._alive, principal, now)
            return found

    def parser(self, theirs: Theirs, base: Parser, *, cyrillic: bool) -> tuple[Parser, Words]:
        """A parser that knows a person's words, and which learning each of its phrases is of.

        cyrillic: false for a question that has no such letters, which needs no Russian words, nor their dictionary.
        """
        if not theirs.synonyms:
            return base, {}
        key = (id(base), tuple(one.learning_id for one in theirs.synonyms), cyrillic)
        with self._lock:
            found = self._words.get(key)
            if found is None:
                found = self._words[key] = _parser(theirs.synonyms, base, cyrillic=cyrillic)
            return found


def _parser(synonyms: Sequence[Learning], base: Parser, *, cyrillic: bool) -> tuple[Parser, Words]:
    words: dict[Phrase, TaughtWords] = {}
    taken = set[tuple[str, ...]]()
    for taught in taught_words((one for one in synonyms if cyrillic or not _is_cyrillic(one)), base):
        for phrase in taught.phrases:
            # The same words taught twice: the nearest reach came first.
            if phrase.norms not in taken and could_stand(phrase, cyrillic):
                taken.add(phrase.norms)
                words[phrase] = taught
    return (base.with_taught(tuple(words)), words) if words else (base, {})


def _is_cyrillic(learning: Learning) -> bool:
    said = learning.payload.phrasings if isinstance(learning.payload, Synonym) else ()
    return all(any("а" <= letter <= "ё" for letter in words.lower()) for words in said)


def _theirs(alive: Iterable[Learning], principal: Principal, now: datetime) -> Theirs:
    found = [one for one in alive if one.is_for(principal, now)]
    # Of one reach, what was learned last says more.
    found.sort(key=lambda one: (NEAREST[one.reach] if one.status == "active" else 0, -one.created.timestamp()))
    rereadings: dict[tuple[str, ...], Learning] = {}
    habits = set[tuple[Habit, str]]()
    preferences = []
    gotchas = []
    for one in found:
        match one.payload:
            case Correction(question=question, meant=meant) if meant:
                rereadings.setdefault(look(question), one)
            case Gotcha():
                gotchas.append((one, one.payload))
            case Preference(habit=habit, name=name):
                place = (habit, name if habit is Habit.FILTER else "")
                if place not in habits:
                    habits.add(place)
                    preferences.append((one, one.payload))
            case _:
                pass
    synonyms = tuple(one for one in found if isinstance(one.payload, Synonym))
    ends = [one.expires for one in found if one.expires is not None]
    until = min(ends) if ends else None
    mended = tuple(one.payload for one in found if isinstance(one.payload, Correction) and one.payload.mended)
    return Theirs(synonyms, rereadings, tuple(gotchas), tuple(preferences), tuple(found), mended, until)
