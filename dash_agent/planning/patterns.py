"""Which verified pattern a question means: the one that explains it, and of several the one whose words are nearest."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from copy import copy
from dataclasses import dataclass
from typing import Final

from dash_agent.context.catalog import Catalog
from dash_agent.context.files import LocalWords
from dash_agent.context.patterns import Pattern, PatternHeader
from dash_agent.models.plan import AskBack, Clarification, Option, PatternPlan, Plan, Refusal, RefusalReason
from dash_agent.planning import pattern_plans
from dash_agent.planning.cover import Cover
from dash_agent.planning.lexicon import Lexicon
from dash_agent.planning.terms import (
    FillerTerm,
    NumberTerm,
    OperatorTerm,
    PatternTerm,
    Span,
    ThresholdTerm,
    TimeTerm,
    ValueTerm,
)
from dash_agent.planning.tokens import Analyser, Token, language_of
from dash_agent.ports import Embedder, Vector
from dash_agent.semantic.time import Calendar

MARGIN: Final = 0.25
"""How much nearer the nearest pattern's examples must lie than the next one's. ADR 10 has the measurements."""

MOST_OPTIONS: Final = 4

Tokens = Sequence[Token]
Spans = Sequence[Span]
Rank = tuple[bool, int, int, int]


@dataclass(frozen=True, slots=True)
class Candidate:
    """A pattern that explains the whole question. covered: what each of its words means then."""

    pattern: Pattern
    plan: PatternPlan
    covered: tuple[Span, ...]

    @property
    def name(self) -> str:
        return self.pattern.header.name


class Patterns:
    """The verified patterns of a catalogue. Without an embedder, what the words leave level is asked back."""

    def __init__(
        self, catalog: Catalog, lexicon: Lexicon, cover: Cover, analyser: Analyser, embedder: Embedder | None
    ) -> None:
        self._catalog = catalog
        self._lexicon = lexicon
        self._cover = cover
        self._analyser = analyser
        self._embedder = embedder
        self._vectors: dict[str, tuple[Vector, ...]] = {}

    def over(self, lexicon: Lexicon, cover: Cover) -> Patterns:
        """The same by other words."""
        made = copy(self)
        made._lexicon, made._cover = lexicon, cover
        return made

    def plan(self, tokens: Tokens, spans: Spans, calendar: Calendar) -> Plan | None:
        """The plan of the pattern that is meant; a question back where two are; None where no pattern explains it.

        spans: the question's cover by anything that words can mean.
        """
        meant = self._meant(tokens, spans, calendar)
        if len(meant) < 2:
            return meant[0].plan if meant else None
        named = (span for span in spans if isinstance(span.term, PatternTerm))
        words = tuple(" ".join(token.text for token in tokens[span.start : span.end]) for span in named)
        options = tuple(self._options(meant, _language(tokens), calendar))
        if len(options) < 2:
            return Refusal(RefusalReason.NOT_SUPPORTED, words)
        return Clarification(AskBack.AMBIGUOUS, words[:1], options[:MOST_OPTIONS])

    def _meant(self, tokens: Tokens, spans: Spans, calendar: Calendar) -> Sequence[Candidate]:
        """The candidates that nothing tells apart, the nearest first: one where the words or the meaning settle it."""
        found = list(self._candidates(tokens, spans, calendar))
        if len(found) < 2:
            return found
        ranks = [self._rank(candidate, tokens) for candidate in found]
        level = [candidate for candidate, rank in zip(found, ranks, strict=True) if rank == max(ranks)]
        return level if len(level) < 2 else self._nearest(level, tokens)

    # By words

    def _candidates(self, tokens: Tokens, spans: Spans, calendar: Calendar) -> Iterator[Candidate]:
        """Patterns that the question names, each with all words explained as it needs them."""
        if not any(isinstance(span.term, PatternTerm) for span in spans):
            return
        terms = (span.term for span in self._lexicon.spans(tokens))
        names = dict.fromkeys(term.name for term in terms if isinstance(term, PatternTerm))
        for name in names:
            covered = tuple(spans) if len(names) == 1 else self._cover.spans(tokens, patterns=(name,))
            if not any(isinstance(span.term, PatternTerm) for span in covered) or _besides(name, spans, covered):
                continue
            pattern = self._catalog.patterns[name]
            plan = pattern_plans.plan(self._catalog, pattern, tokens, covered, calendar)
            if plan is not None:
                yield Candidate(pattern, plan, covered)

    def _rank(self, candidate: Candidate, tokens: Tokens) -> Rank:
        """Whether the question is an example of the pattern's own; how many content words its phrases explain, and
        how many of them stand as the phrases write them; how many content words its header has, too.
        """
        header, explained, written = candidate.pattern.header, 0, 0
        for span in candidate.covered:
            if isinstance(span.term, PatternTerm):
                inside = zip(tokens[span.start : span.end], span.phrase, strict=True)
                stand = [self._stands(token, word) for token, word in inside if not self._cover.is_filler(token)]
                explained, written = explained + len(stand), written + sum(stand)
        asked = tuple(token.norm for token in tokens)
        examples = map(self._analyser.tokens, _texts(header.questions))
        is_example = any(asked == tuple(token.norm for token in example) for example in examples)
        known = {lemma for token in self._analyser.tokens(_words(header)) for lemma in token.lemmas}
        common = sum(not known.isdisjoint(token.lemmas) for token in _content(tokens, candidate.covered))
        return is_example, explained, written, common

    def _stands(self, token: Token, written: str) -> bool:
        """Whether a phrase has this word at this place; only English words have to be in the same form."""
        same = token.norm == written
        return same or (not token.norm.isascii() and not token.lemmas.isdisjoint(self._analyser.forms(written)[0]))

    # By meaning

    def _nearest(self, level: Sequence[Candidate], tokens: Tokens) -> Sequence[Candidate]:
        """Of those that the words leave level: the ones whose examples lie near to what is asked, within the margin."""
        if self._embedder is None:
            return level
        (asked,) = self._embedder.embed([_gist(tokens, level[0].covered)])
        near = [max(map(asked.similarity, self._examples(c.pattern, self._embedder)), default=0.0) for c in level]
        ordered = sorted(zip(near, level, strict=True), key=lambda pair: -pair[0])
        return [candidate for nearness, candidate in ordered if nearness > ordered[0][0] - MARGIN]

    def _examples(self, pattern: Pattern, embedder: Embedder) -> tuple[Vector, ...]:
        """The pattern's example questions in all languages, embedded once."""
        name = pattern.header.name
        if name not in self._vectors:
            examples = [self._analyser.tokens(text) for text in _texts(pattern.header.questions)]
            gists = [_gist(tokens, self._cover.spans(tokens)) for tokens in examples]
            self._vectors[name] = embedder.embed(gists)
        return self._vectors[name]

    # Asking back

    def _options(self, level: Sequence[Candidate], language: str, calendar: Calendar) -> Iterator[Option]:
        """For each pattern an example of its own that leads to it."""
        for candidate in level:
            header = candidate.pattern.header
            for text in dict.fromkeys((*header.questions.get(language, ()), *header.questions.get("en", ()))):
                tokens = self._analyser.tokens(text)
                meant = self._meant(tokens, self._cover.spans(tokens), calendar)
                if [found.name for found in meant] == [candidate.name]:
                    yield Option(header.label.get(language) or header.label.get("en") or header.name, text)
                    break


def _besides(name: str, spans: Spans, covered: Spans) -> bool:
    """Whether the question names another pattern, too, with words that this one's phrases don't have."""
    own = {at for span in covered if isinstance(span.term, PatternTerm) for at in range(span.start, span.end)}
    others = (span for span in spans if isinstance(span.term, PatternTerm) and span.term.name != name)
    return any(own.isdisjoint(range(span.start, span.end)) for span in others)


def _content(tokens: Tokens, covered: Spans) -> Iterator[Token]:
    """Words that say what is asked for: no fillers and operators, no values and periods."""
    for span in covered:
        if not isinstance(span.term, FillerTerm | OperatorTerm | TimeTerm | ValueTerm | NumberTerm | ThresholdTerm):
            yield from tokens[span.start : span.end]


def _gist(tokens: Tokens, covered: Spans) -> str:
    """A question's content words alone: the same period or the same 'show me' brings strangers near."""
    return " ".join(token.text for token in _content(tokens, covered))


def _texts(words: LocalWords) -> list[str]:
    return [text for texts in words.values() for text in texts]


def _words(header: PatternHeader) -> str:
    told = (header.name.replace("_", " "), header.description, *header.label.values(), *_texts(header.questions))
    return " ".join(told)


def _language(tokens: Tokens) -> str:
    return language_of(" ".join(token.text for token in tokens), "en")
