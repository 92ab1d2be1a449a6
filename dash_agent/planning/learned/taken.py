"""A question's plan with all that was learned in it: words, corrections, preferences, rules."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from dash_agent.models.learning import Correction, How, Use
from dash_agent.models.plan import Clarification, Plan, Refusal
from dash_agent.models.planned import Passage
from dash_agent.models.principal import Principal
from dash_agent.models.wire import plan_text
from dash_agent.planning import chain
from dash_agent.planning.learned.habits import with_habits
from dash_agent.planning.learned.memory import Memory, Theirs, Words
from dash_agent.planning.learned.passages import passages
from dash_agent.planning.learned.rules import ruled
from dash_agent.planning.learned.same import look
from dash_agent.planning.learned.words import standing
from dash_agent.planning.parser import Parser
from dash_agent.planning.tokens import CYRILLIC, language_of, normal
from dash_agent.ports import Clock, Learnings
from dash_agent.semantic.model import SemanticModel
from dash_agent.semantic.time import Calendar


@dataclass(frozen=True, slots=True)
class Taken:
    """A plan, and every learning that it rests on."""

    plan: Plan
    uses: tuple[Use, ...] = ()


@dataclass(frozen=True, slots=True)
class _Asking:
    """What stays the same while one question is planned in several ways."""

    calendar: Calendar
    previous: Plan | None
    language: str


class Taking:
    """Plans by the parser and what was learned. Thread-safe."""

    def __init__(self, learnings: Learnings | None, clock: Clock, model: SemanticModel) -> None:
        """clock: by which learnings expire, whatever moment a question is asked as of."""
        self._learnings = learnings
        self._memory = Memory(learnings)
        self._clock = clock
        self._model = model

    def plan(
        self,
        question: str,
        parser: Parser,
        calendar: Calendar,
        previous: Plan | None,
        language: str,
        *,
        principal: Principal,
    ) -> Taken:
        """As `chain.plan`, with the learnings that are this person's."""
        theirs = self._theirs(principal)
        asking = _Asking(calendar, previous, language)
        if not theirs.all:
            return Taken(chain.plan(question, parser, calendar, previous, language))
        taken = self._reread(question, parser, asking, theirs) or self._read(question, parser, asking, theirs)
        uses = (*taken.uses, *_spoken(theirs, question, principal, language))
        return self._ruled(Taken(taken.plan, uses), theirs)

    def ruled(self, plan: Plan, principal: Principal) -> Taken:
        """A plan that did not come from the parser, with the rules that are about it."""
        theirs = self._theirs(principal)
        return self._ruled(Taken(plan, tuple(_mended(plan, theirs))), theirs)

    def failed_before(self, plan: Plan, principal: Principal) -> str:
        """What stood against this very plan when it was last tried, and what ran in its place; '' where nothing did."""
        if isinstance(plan, Clarification | Refusal):
            return ""
        text = _on_one_line(plan_text(plan))
        for one in self._theirs(principal).mended:
            if _on_one_line(one.failed) == text:
                return f"this plan failed before: {one.problem}; what ran in its place was: {one.mended}"
        return ""

    @staticmethod
    def meant(taken: Taken) -> str:
        """What the question was corrected to mean, '' where nobody did."""
        return next((use.words for use in taken.uses if use.how is How.REREAD), "")

    def language(self, question: str, principal: Principal) -> str:
        """Of the answer: as the person prefers, else as the question is."""
        spoken = self._theirs(principal).language
        return spoken[1] if spoken is not None else language_of(question, principal.language)

    def passages(self, principal: Principal) -> tuple[Passage, ...]:
        """What was learned for this person, for a model to read."""
        return passages(self._theirs(principal).all)

    def used(self, taken: Taken) -> None:
        """Counts a use of every learning that a plan rests on."""
        if self._learnings is not None and taken.uses:
            self._learnings.used([use.learning.learning_id for use in taken.uses], self._clock.now())

    def _theirs(self, principal: Principal) -> Theirs:
        return self._memory.theirs(principal, self._clock)

    def _ruled(self, taken: Taken, theirs: Theirs) -> Taken:
        if isinstance(taken.plan, Clarification | Refusal) or not theirs.gotchas:
            return taken
        plan, rules = ruled(taken.plan, theirs.gotchas, self._model)
        return Taken(plan, (*taken.uses, *rules))

    def _reread(self, question: str, parser: Parser, asking: _Asking, theirs: Theirs) -> Taken | None:
        """The plan of what the question was corrected to mean; None where nobody did, or it can't be planned now."""
        learning = theirs.rereadings.get(look(question)) if theirs.rereadings else None
        if learning is None or not isinstance(learning.payload, Correction):
            return None
        meant = learning.payload.meant
        # What was meant stands by itself, and follows up on nothing.
        taken = self._read(meant, parser, _Asking(asking.calendar, None, asking.language), theirs)
        if isinstance(taken.plan, Clarification | Refusal):
            return None
        return Taken(taken.plan, (Use(learning, How.REREAD, meant), *taken.uses))

    def _read(self, question: str, base: Parser, asking: _Asking, theirs: Theirs) -> Taken:
        cyrillic = CYRILLIC.search(question) is not None
        parser, words = self._memory.parser(theirs, base, cyrillic=cyrillic)
        said = tuple(_said(question, parser, words))
        if not said:
            parser = base
        plan = chain.plan(question, parser, asking.calendar, asking.previous, asking.language)
        if isinstance(plan, Clarification | Refusal):
            return Taken(plan, said)

        def replan(more: str) -> Plan:
            return parser.plan(f"{question.rstrip(' ?!.')} {more}", asking.calendar, asking.previous)

        plan, habits = with_habits(plan, theirs.preferences, self._model, replan)
        return Taken(plan, (*said, *habits))


def _mended(plan: Plan, theirs: Theirs) -> Iterator[Use]:
    """The errors that the plan is known to mend."""
    if isinstance(plan, Clarification | Refusal) or not theirs.mended:
        return
    text = _on_one_line(plan_text(plan))
    for one in theirs.all:
        if isinstance(one.payload, Correction) and _on_one_line(one.payload.mended) == text:
            yield Use(one, How.MENDED)


def _on_one_line(text: str) -> str:
    return " ".join(text.split())


def _spoken(theirs: Theirs, question: str, principal: Principal, language: str) -> tuple[Use, ...]:
    """The preference that made the answer's language another than the question's."""
    spoken = theirs.language
    own = language_of(question, principal.language)
    return (Use(spoken[0], How.PREFERRED),) if spoken is not None and spoken[1] == language != own else ()


def _said(question: str, parser: Parser, words: Words) -> Iterator[Use]:
    """The taught words that the question's own reading has in it."""
    if not words or chain.unfit(question) is not None:
        return
    tokens = parser.tokens(question)
    if not _could_be_said(words, {lemma for token in tokens for lemma in token.lemmas}):
        return
    found = standing(tokens, words, parser)
    for learning_id in dict.fromkeys(words[phrase].learning.learning_id for phrase in found):
        phrase = next(one for one in found if words[one].learning.learning_id == learning_id)
        yield Use(words[phrase].learning, How.READ, _as_written(phrase.norms, question))


def _could_be_said(words: Words, lemmas: set[str]) -> bool:
    return any(all(not word.isdisjoint(lemmas) for word in phrase.words) for phrase in words)


def _as_written(norms: tuple[str, ...], question: str) -> str:
    said = " ".join(norms)
    at = normal(question).find(said)
    return question[at : at + len(said)] if at >= 0 else said
