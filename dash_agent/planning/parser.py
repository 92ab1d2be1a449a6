"""The semantic parser: a question to a whole Plan with no model, or to an honest no."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from copy import copy
from dataclasses import dataclass, replace
from typing import Final

from dash_agent.context.catalog import Catalog
from dash_agent.models.plan import (
    TYPO_OF,
    Assumption,
    ListPlan,
    MetricPlan,
    PatternPlan,
    Plan,
    Reading,
    Refusal,
    RefusalReason,
)
from dash_agent.models.query import MetricQuery
from dash_agent.planning import pattern_plans
from dash_agent.planning.assembly import following
from dash_agent.planning.assembly.assemble import assemble
from dash_agent.planning.compiled import KeptLexicon
from dash_agent.planning.cover import Cover
from dash_agent.planning.favourites import favourites
from dash_agent.planning.introductions import introduction, is_said_again, stories
from dash_agent.planning.languages import LANGUAGES
from dash_agent.planning.lexicon import Lexicon, compiled
from dash_agent.planning.lists import as_values
from dash_agent.planning.parted import joined
from dash_agent.planning.patterns import Patterns
from dash_agent.planning.periods.grammar import PeriodGrammar
from dash_agent.planning.phrases import Phrase
from dash_agent.planning.sentence import LINKS, Sentence, Thing
from dash_agent.planning.spelling import is_a_word, meant_word
from dash_agent.planning.terms import (
    FillerTerm,
    GrainTerm,
    MetricTerm,
    OperatorTerm,
    OrderTerm,
    PatternTerm,
    PersonalTerm,
    Span,
    SubjectTerm,
    Term,
    UnavailableTerm,
    UnknownTerm,
    ValueTerm,
)
from dash_agent.planning.tokens import Analyser, Token, normal
from dash_agent.ports import Embedder, Shelf
from dash_agent.semantic.model import SemanticModel
from dash_agent.semantic.time import Calendar

SHORTEST_LITTLE: Final = 6
NOT_UNDERSTOOD: Final = (RefusalReason.NO_SUCH_DATA, RefusalReason.NOT_SUPPORTED)


@dataclass(frozen=True, slots=True)
class Parsed:
    """A question's tokens (typos mended) and the spans that explain them."""

    tokens: tuple[Token, ...]
    spans: tuple[Span, ...]

    def words(self, span: Span) -> str:
        return " ".join(token.text for token in self.tokens[span.start : span.end])


class Parser:
    """Holds the compiled lexicon. One instance serves many questions, from many threads."""

    def __init__(
        self,
        model: SemanticModel,
        values: Mapping[str, Sequence[str]],
        embedder: Embedder | None = None,
        shelf: Shelf | None = None,
    ) -> None:
        """embedder: settles which of two patterns is meant; without it they are asked back. shelf: keeps the compiled
        lexicon for the next process.
        """
        self._model = model
        self._catalog: Catalog = model.catalog
        self._writes = frozenset(normal(word) for language in LANGUAGES for word in language.writes)
        kept = None if shelf is None else KeptLexicon(shelf, self._catalog.version, values)
        made = kept.lexicon() if kept is not None else None
        self._analyser = Analyser(made.forms if made is not None else {})
        periods = PeriodGrammar(self._analyser)
        fresh = made or compiled(self._catalog, values, self._analyser, periods.words)
        self._lexicon = Lexicon(fresh, self._analyser, kept)
        self._cover = Cover(self._lexicon, periods, self._analyser)
        self._patterns = Patterns(self._catalog, self._lexicon, self._cover, self._analyser, embedder)
        self.favourites = fresh.favourites or favourites(self._catalog, self._terms)
        """What is offered first where a question can't be planned."""
        forms = self._analyser.settle()
        if kept is not None and made is None:
            kept.keep_lexicon(replace(fresh, forms=forms, favourites=self.favourites))

    def with_taught(self, taught: Sequence[Phrase]) -> Parser:
        """A parser that knows phrases of no file, too. It shares everything else with this one."""
        made = copy(self)
        made._lexicon = self._lexicon.with_taught(taught)
        made._cover = self._cover.over(made._lexicon)
        made._patterns = self._patterns.over(made._lexicon, made._cover)
        return made

    def plan(self, question: str, calendar: Calendar, previous: Plan | None = None) -> Plan:
        """A plan in which every content word of the question has its part.

        previous: the plan of the turn before, which a follow-up changes.
        """
        parsed = self.parse(question)
        plan = self._planned(question, parsed, calendar, previous)
        if isinstance(plan, Refusal) and plan.reason in NOT_UNDERSTOOD:
            plan = self._joined(question, parsed, calendar, previous) or plan
        slips = tuple(Reading(t.text, TYPO_OF + t.norm) for t in parsed.tokens if normal(t.text) != t.norm)
        if not slips or not isinstance(plan, MetricPlan | ListPlan | PatternPlan):
            return plan
        return replace(plan, reading=(*slips, *(r for r in plan.reading if r not in slips)))

    def _joined(self, question: str, parsed: Parsed, calendar: Calendar, previous: Plan | None) -> Plan | None:
        """The plan of the question in which no value parts a name, where there is one."""
        for tokens in joined(parsed.tokens, self._lexicon):
            plan = self._planned(question, Parsed(tokens, self._cover.spans(tokens)), calendar, previous)
            if isinstance(plan, MetricPlan | ListPlan):
                return plan
        return None

    def _planned(self, question: str, parsed: Parsed, calendar: Calendar, previous: Plan | None) -> Plan:
        refusal = self._refusal(parsed)
        if refusal is not None:
            strange = refusal.reason is RefusalReason.NO_SUCH_DATA
            return (strange and self._behind_introduction(question, parsed, calendar, previous)) or refusal
        if isinstance(previous, PatternPlan) and not _of_kinds(parsed, PatternTerm):
            pattern = self._catalog.patterns.get(previous.name)
            again = pattern and pattern_plans.follow(
                self._catalog, pattern, previous, parsed.tokens, parsed.spans, calendar
            )
            if again:
                return again
        if _of_kinds(parsed, PatternTerm):
            followed = self._followed(parsed, calendar, previous)
            by_pattern = followed or self._patterns.plan(parsed.tokens, parsed.spans, calendar)
            if by_pattern is not None:
                return by_pattern
            parsed = Parsed(parsed.tokens, self._cover.spans(parsed.tokens, patterns=()))
            refusal = self._refusal(parsed)
            if refusal is not None:
                return refusal
        return self._assembled(parsed, calendar, previous)

    def _behind_introduction(
        self, question: str, parsed: Parsed, calendar: Calendar, previous: Plan | None
    ) -> Plan | None:
        """The plan of what stands behind an opening that only leads up to it, where that is all that is strange.

        The answer says that the opening was left aside.
        """
        end = introduction(parsed.tokens, parsed.spans)
        plan = self._leaving_aside(end, question, parsed, calendar, previous) if end is not None else None
        for end in () if plan is not None else stories(parsed.tokens, parsed.spans):
            proper = self.parse(question[parsed.tokens[end].start :])
            story = [span for span in parsed.spans if span.start < end]
            if is_said_again(story, proper.spans):
                plan = plan or self._leaving_aside(end, question, parsed, calendar, None)
        return plan

    def _leaving_aside(
        self, end: int, question: str, parsed: Parsed, calendar: Calendar, previous: Plan | None
    ) -> Plan | None:
        first = parsed.tokens[end]
        plan = self.plan(question[first.start :], calendar, previous)
        if not isinstance(plan, MetricPlan | ListPlan | PatternPlan):
            return None
        aside = Reading(question[: first.start].strip(), "left aside")
        assumptions = (*plan.assumptions, Assumption.LEFT_ASIDE)
        return replace(plan, reading=(aside, *plan.reading), assumptions=assumptions)

    def _followed(self, parsed: Parsed, calendar: Calendar, previous: Plan | None) -> Plan | None:
        """What words of a pattern mean as a follow-up, where they do: 'what kinds of mistakes?' keeps the period."""
        before = following.query_of(previous)
        if before is None:
            return None
        parsed = Parsed(parsed.tokens, self._cover.spans(parsed.tokens, patterns=()))
        sentence = Sentence(parsed.tokens, parsed.spans, ())
        if self._refusal(parsed) is not None or not following.goes_on(sentence, before):
            return None
        plan = self._assembled(parsed, calendar, previous)
        return plan if isinstance(plan, MetricPlan | ListPlan) else None

    def _assembled(self, parsed: Parsed, calendar: Calendar, previous: Plan | None) -> Plan:
        parsed = self._listed(self._narrowed(parsed, following.query_of(previous)))
        sentence = Sentence(parsed.tokens, parsed.spans, tuple(self._things(parsed)))
        return assemble(self._model, sentence, calendar, previous)

    def _things(self, parsed: Parsed) -> Iterator[Thing]:
        """Words for rows, with where the metric begins that they stand in ("escalated tickets").

        In 'ticket volume' the word is part of a number's name, and names no rows.
        """
        primary = MetricTerm(self._catalog.rules.primary_metric)
        metrics = [span for span in parsed.spans if isinstance(span.term, MetricTerm)]
        for thing in self._lexicon.spans(parsed.tokens):
            if not isinstance(thing.term, SubjectTerm):
                continue
            around = [span for span in metrics if span.start <= thing.start < span.end]
            if all(span.term != primary or span.end == thing.end for span in around):
                begins = min(span.start for span in (thing, *around))
                yield Thing(thing.term.tables, thing.start, thing.end, begins)

    def _narrowed(self, parsed: Parsed, before: MetricQuery | None) -> Parsed:
        """Beside a metric of another table, words that name a metric and a value mean the value.

        'Resolution rate of cancellation requests' narrows the rate; it does not ask for two numbers. Nor does 'stuck
        on AI Answered', where a state is named.
        """
        named = [span for span in parsed.spans if isinstance(span.term, MetricTerm)]
        tables = [self._tables(span) for span in named]
        if before is not None and len(named) == 1:
            tables += [self._tables_of(name) for name in before.metrics]
        kept = before.metrics if before is not None else ()
        states = [
            *(self._is_state(span) for span in named),
            *(self._catalog.is_state(self._catalog.metrics[m]) for m in kept),
        ]
        state = len(states) > 1 and any(states)
        if not state and all(found == tables[0] for found in tables):
            return parsed
        values = {(s.start, s.end): s for s in self._lexicon.spans(parsed.tokens) if isinstance(s.term, ValueTerm)}
        doubtful = [span for span in named if (span.start, span.end) in values]
        if state:
            doubtful = [span for span in doubtful if not self._is_state(span)]
        if not doubtful or (len(doubtful) == len(named) and len(tables) == len(named)):
            return parsed
        spans = (values[s.start, s.end] if s in doubtful else s for s in parsed.spans)
        return Parsed(parsed.tokens, tuple(spans))

    def _listed(self, parsed: Parsed) -> Parsed:
        if not any(isinstance(span.term, GrainTerm) for span in parsed.spans):
            return parsed
        values = [span for span in self._lexicon.spans(parsed.tokens) if isinstance(span.term, ValueTerm)]
        return Parsed(parsed.tokens, as_values(parsed.tokens, parsed.spans, values))

    def _is_state(self, span: Span) -> bool:
        name = span.term.name if isinstance(span.term, MetricTerm) else ""
        return self._catalog.is_state(self._catalog.metrics[name])

    def _tables(self, span: Span) -> frozenset[str]:
        return self._tables_of(span.term.name if isinstance(span.term, MetricTerm) else "")

    def _tables_of(self, name: str) -> frozenset[str]:
        return frozenset(part.table for part in self._catalog.counted(self._catalog.metrics[name]))

    @property
    def model(self) -> SemanticModel:
        return self._model

    @property
    def analyser(self) -> Analyser:
        return self._analyser

    @property
    def phrases(self) -> Iterable[Phrase]:
        """Every phrase of the files and languages."""
        return self._lexicon.phrases

    def tokens(self, text: str) -> tuple[Token, ...]:
        return self._analyser.tokens(text)

    def covered(self, tokens: Sequence[Token]) -> tuple[Span, ...]:
        """What explains each of the words as they are written, slips left as they are."""
        return self._cover.spans(tokens)

    def _terms(self, question: str) -> Iterator[Term]:
        return (span.term for span in self.parse(question).spans)

    def nearest(self, word: str) -> tuple[tuple[str, Term], ...]:
        """Phrases that look like an unknown word, with what they mean, the likest first."""
        return self._lexicon.nearest(word)

    def dimension_label(self, name: str, language: str) -> str:
        labels = self._catalog.dimensions[name].label
        return labels.get(language) or labels.get("en") or name

    @property
    def examples(self) -> Mapping[str, Sequence[str]]:
        """Questions that the content files name as good ones, by language."""
        return self._catalog.rules.examples

    def parse(self, question: str) -> Parsed:
        tokens = self._analyser.tokens(question)
        spans = self._cover.spans(tokens)
        mended = self._mended(tokens, spans)
        return Parsed(tokens, spans) if mended is None else Parsed(mended, self._cover.spans(mended))

    def _mended(self, tokens: Sequence[Token], spans: Sequence[Span]) -> tuple[Token, ...] | None:
        """Tokens with words that nothing explains replaced by the known word they are a typo of."""
        mended = list(tokens)
        for span in spans:
            if not isinstance(span.term, UnknownTerm):
                continue
            token = tokens[span.start]
            if token.norm in self._writes:
                continue
            if is_a_word(token.norm):
                continue
            known = self._lexicon.corrected(token.norm) or self._little_word(token)
            if known is not None:
                lemmas, plural = self._analyser.forms(known)
                mended[span.start] = replace(token, norm=known, lemmas=lemmas, plural=plural)
        return tuple(mended) if mended != list(tokens) else None

    def _little_word(self, token: Token) -> str | None:
        """'Recieved' carries no more than 'received' does. The dictionary must be sure, for the word is gone then."""
        meant = meant_word(token.norm) if len(token.norm) >= SHORTEST_LITTLE else None
        if meant is None:
            return None
        lemmas, plural = self._analyser.forms(meant)
        return meant if self._cover.is_filler(replace(token, norm=meant, lemmas=lemmas, plural=plural)) else None

    def _refusal(self, parsed: Parsed) -> Refusal | None:
        if not parsed.tokens:
            return Refusal(RefusalReason.EMPTY)
        found = _of_kinds(parsed, OrderTerm)
        if found:
            return Refusal(RefusalReason.INSTRUCTION, found)
        found = self._commands(parsed)
        if found:
            return Refusal(RefusalReason.WRITE, found)
        found = _of_kinds(parsed, PersonalTerm)
        if found:
            return Refusal(RefusalReason.PERSONAL, found)
        found = _of_kinds(parsed, UnavailableTerm) or _of_kinds(parsed, UnknownTerm)
        return Refusal(RefusalReason.NO_SUCH_DATA, found) if found else None

    def _commands(self, parsed: Parsed) -> tuple[str, ...]:
        """Imperatives that change data: one that opens the question, or one that nothing else explains."""
        content = [span for span in parsed.spans if not isinstance(span.term, FillerTerm)]
        loose = [span for span in parsed.spans if isinstance(span.term, UnknownTerm | FillerTerm)]
        opening = content[:1] if not _is_set_against(content) else []
        suspects = [*opening, *(span for span in loose if span.end - span.start == 1)]
        found = (parsed.tokens[s.start] for s in suspects if self._commands_at(parsed, s))
        return tuple(dict.fromkeys(token.text for token in found))

    def _commands_at(self, parsed: Parsed, span: Span) -> bool:
        """'Cancel subscription' may name a category; 'закрой тикеты' is no form of 'закрытые тикеты' but an order."""
        norm = parsed.tokens[span.start].norm
        return norm in self._writes and (span.end - span.start == 1 or norm not in span.phrase)


def _is_set_against(content: Sequence[Span]) -> bool:
    """'Email vs WhatsApp': what opens the question is one of two things, and orders nothing."""
    if len(content) < 3 or not isinstance(content[0].term, ValueTerm):
        return False
    link, other = content[1].term, content[2].term
    return isinstance(link, OperatorTerm) and link.operator in LINKS and isinstance(other, ValueTerm)


def _of_kinds(parsed: Parsed, kind: type) -> tuple[str, ...]:
    return tuple(parsed.words(span) for span in parsed.spans if isinstance(span.term, kind))
