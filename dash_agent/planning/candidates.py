"""Questions near one that could not be planned, the likeliest first. Whether they work, planning them tells."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import cycle, islice

from dash_agent.context.business import CohortMetric, CountMetric, Metric, SumMetric
from dash_agent.planning.choice_words import CHOICES
from dash_agent.planning.inflection import Agreeing, Name
from dash_agent.planning.languages.language import Operator
from dash_agent.planning.parser import Parser
from dash_agent.planning.rephrasing import JOINS, Piece, Said
from dash_agent.planning.terms import (
    DimensionTerm,
    FillerTerm,
    GrainTerm,
    MetricTerm,
    OperatorTerm,
    SubjectTerm,
    Term,
    ThresholdTerm,
    TimeTerm,
    UnknownTerm,
    ValueTerm,
)
from dash_agent.semantic.resolve import applies

TIMES = ("minutes", "hours", "days", "milliseconds")
"""Units whose extremes are long and short."""

MOST_METRICS = 4
"""That one question is offered about."""

MOST_DIMENSIONS = 2
"""That are offered where none was named."""

RANKING = (Operator.TOP, Operator.BOTTOM, Operator.MOST, Operator.LEAST)


@dataclass(frozen=True, slots=True)
class Candidate:
    """label: what tells it from the others. metric: what its plan must be of, '' for whatever it says."""

    label: str
    question: str
    metric: str = ""


class Candidates:
    """Composes questions of the words of one and the labels of the catalogue, in the asker's language."""

    def __init__(self, question: str, parser: Parser, language: str) -> None:
        self.language = language if language in CHOICES else "en"
        self._words = CHOICES[self.language]
        self._parser = parser
        self._model = parser.model
        self._catalog = parser.model.catalog
        self._question = question

    @cached_property
    def _said(self) -> Said:
        """Read at first use: a text that is no question is given examples without it."""
        parsed = self._parser.parse(self._question)
        return Said(self._question, parsed.tokens, parsed.spans, self._words)

    def examples(self) -> Iterator[Candidate]:
        """Questions of the content files, in English where a language has none."""
        examples = self._parser.examples
        for question in examples.get(self.language) or examples.get("en") or ():
            yield Candidate(question, question)

    def readings(self, word: str, meanings: Sequence[str]) -> Iterator[Candidate]:
        """The question once for each meaning of a word: with the value's dimension named, or the metric's own name."""
        for at in self._said.spans_of(word)[:1]:
            for name in dict.fromkeys(meanings):
                metric = self._catalog.metrics.get(name)
                label = self._parser.dimension_label(name, self.language) if metric is None else self._label(metric)
                words = f"{label.lower()} {word}" if metric is None else lowered(label)
                yield Candidate(label, self._said.replaced(at, words))

    def metrics(self) -> Iterator[Candidate]:
        """Numbers that what was said can be asked of."""
        if self._said.has(*RANKING):
            yield from self.subjects()
            return
        kept = self._rest(TimeTerm, ValueTerm, GrainTerm, ThresholdTerm)
        in_time = self._said.has(Operator.TREND) and not self._said.all(GrainTerm)
        template = self._words.trend if in_time else self._words.about
        for metric in self._fitting():
            label = self._label(metric)
            yield Candidate(label, template.format(metric=label, rest=kept), metric.name)

    def criteria(self) -> Iterator[Candidate]:
        """What 'best' or 'most' can go by."""
        kept = self._rest(TimeTerm, ValueTerm, split=False)
        dimensions = cycle(self._dimensions())
        for metric in self._fitting():
            if metric.direction == "neutral" or isinstance(metric, CountMetric | SumMetric | CohortMetric):
                continue
            dimension = next(d for d in dimensions)
            if applies(self._model, metric.name, dimension):
                yield self._superlative(metric, dimension, kept)

    def subjects(self) -> Iterator[Candidate]:
        """Two periods, two values or a ranking: what can be compared or put in order."""
        kept = self._rest(TimeTerm, split=False)
        ranked = self._said.has(*RANKING)
        named = dict.fromkeys(term.name for term in self._said.all(MetricTerm))
        for metric in [self._catalog.metrics[name] for name in named] or list(self._fitting())[:MOST_METRICS]:
            if len(self._said.all(TimeTerm)) > 1:
                question = self._words.about.format(metric=self._label(metric), rest=f" {self._said.through(TimeTerm)}")
                yield Candidate(self._label(metric), question, metric.name)
                continue
            if not ranked:
                yield from self._two_periods(metric)
                yield from self._two_values(metric, kept)
            yield from self._groups(metric, self._dimensions(), ranked=ranked)

    def nearest(self) -> Iterator[Candidate]:
        """The question with a known word in the place of one that is not."""
        for at, span in enumerate(self._said.spans):
            if not isinstance(span.term, UnknownTerm):
                continue
            word = self._said.tokens[span.start].norm
            case = self._words.cases.get(self._said.word_before(at), "")
            for phrase, term in self._parser.nearest(word):
                for label in (format(Name(self._named(term, phrase)), case), phrase):
                    yield Candidate(label, self._said.replaced(at, label))

    def remains(self, words: Sequence[str]) -> Iterator[Candidate]:
        """The question without what could not be placed, or its other words with a number that they fit."""
        lost = self._said.unplaced(words)
        left = [span.term for at, span in enumerate(self._said.spans) if at not in lost]
        metrics = [self._catalog.metrics[term.name] for term in left if isinstance(term, MetricTerm)]
        if lost and metrics and any(_tells(term) for term in left):
            rest = self._said.without(lost)
            yield Candidate(rest, rest)
        kept = self._rest(TimeTerm, split=False)
        for metric in metrics:
            if any(self._splits(at) for at in lost):
                yield from self._groups(metric, self._parser.favourites.dimensions, ranked=False)
            yield Candidate("", self._words.about.format(metric=self._label(metric), rest=kept), metric.name)
        if not metrics and any(isinstance(term, TimeTerm | ValueTerm | DimensionTerm) for term in left):
            yield from self.metrics()

    def _splits(self, at: int) -> bool:
        """'tickets by planet': a dimension was meant."""
        return self._said.word_before(at) == self._words.by.split()[0]

    # Parts

    def _rest(self, *kinds: type[Term], split: bool = True) -> str:
        """What was said, to stand behind a metric."""
        names = dict.fromkeys(term.name for term in self._said.all(DimensionTerm)) if split else ()
        found = self._said.pieces(*kinds)
        by = [self._words.by.format(dimension=self._dimension(name)) for name in names]
        pieces = [*by, *map(self._piece, found)]
        bare = bool(found) and not by and isinstance(found[0].term, ValueTerm) and not found[0].linked
        return (":" if bare else "") + "".join(f" {piece}" for piece in pieces)

    def _piece(self, piece: Piece) -> str:
        """A value that nothing leads to stands as answers call it, in no case of the grammar."""
        bare = isinstance(piece.term, ValueTerm) and not piece.linked
        return self._named(piece.term, piece.text) if bare else piece.text

    def _fitting(self) -> Iterator[Metric]:
        """Metrics that have words and apply to all that was named: of the rows named and of the examples first."""
        timed = bool(self._said.all(TimeTerm))
        tables = {table for term in self._said.all(SubjectTerm) for table in term.tables}
        metrics = [self._catalog.metrics[name] for name in self._parser.favourites.metrics]
        for metric in sorted(metrics, key=lambda metric: not self._counts(metric, tables)):
            if metric.synonyms and not (timed and self._catalog.is_state(metric)) and self._applies(metric):
                yield metric

    def _counts(self, metric: Metric, tables: set[str]) -> bool:
        return any(part.table in tables for part in self._catalog.counted(metric))

    def _applies(self, metric: Metric) -> bool:
        splits = (term.name for term in self._said.all(DimensionTerm))
        values = ([name for name, _ in term.choices] for term in self._said.all(ValueTerm))
        return all(applies(self._model, metric.name, name) for name in splits) and all(
            any(applies(self._model, metric.name, name) for name in names) for names in values
        )

    def _dimensions(self) -> list[str]:
        named = [term.name for term in self._said.all(DimensionTerm)]
        return list(dict.fromkeys(named)) or list(self._parser.favourites.dimensions[:MOST_DIMENSIONS])

    # Questions

    def _superlative(self, metric: Metric, dimension: str, rest: str) -> Candidate:
        label, name, words = lowered(self._label(metric)), self._dimension(dimension), self._words
        extremes = (words.longest, words.shortest) if metric.unit in TIMES else (words.highest, words.lowest)
        extreme = extremes[0] if self._most(metric) else extremes[1]
        question = words.superlative.format(
            metric=label,
            dimension=name,
            which=Agreeing(words.which, name.text),
            extreme=Agreeing(extreme, label),
            rest=rest,
        )
        return Candidate(self._label(metric), question, metric.name)

    def _most(self, metric: Metric) -> bool:
        if self._said.has(Operator.MOST, Operator.LEAST):
            return self._said.has(Operator.MOST)
        return (metric.direction == "up") is not self._said.has(Operator.WORST)

    def _two_periods(self, metric: Metric) -> Iterator[Candidate]:
        if not self._said.all(TimeTerm) and not self._catalog.is_state(metric):
            question = self._words.periods.format(metric=self._label(metric), rest=self._rest(ValueTerm))
            yield Candidate(question, question, metric.name)

    def _two_values(self, metric: Metric, rest: str) -> Iterator[Candidate]:
        """Those that were said, and where it is only one, another of its dimension."""
        said = self._said.all(ValueTerm)
        names = [choice[0] for term in said[:1] for choice in term.choices] or self._dimensions()
        for name in names:
            known = [value for value in self._values(name) if value not in self._said.texts(ValueTerm)]
            pair = [*self._said.texts(ValueTerm), *known][:2]
            if len(pair) == 2 and applies(self._model, metric.name, name):
                question = self._words.values.format(metric=self._label(metric), one=pair[0], other=pair[1], rest=rest)
                yield Candidate(question, question, metric.name)
                return

    def _groups(self, metric: Metric, dimensions: Sequence[str], *, ranked: bool) -> Iterator[Candidate]:
        """Two ways to split it, but by nothing that a value was said of."""
        rest = self._rest(ValueTerm, TimeTerm, split=False)
        said = {name for term in self._said.all(ValueTerm) for name, _ in term.choices}
        fitting = (name for name in dimensions if name not in said and applies(self._model, metric.name, name))
        for name in islice(fitting, MOST_DIMENSIONS):
            question = (self._words.ranked if ranked else self._words.split).format(
                metric=lowered(self._label(metric)) if ranked else self._label(metric),
                dimension=self._dimension(name),
                dimensions=self._plural(name),
                rest=rest,
            )
            yield Candidate(question, question, metric.name)

    # Names

    def _label(self, metric: Metric) -> str:
        return metric.label.get(self.language) or metric.label.get("en") or metric.name

    def _dimension(self, name: str) -> Name:
        return Name(lowered(self._parser.dimension_label(name, self.language)))

    def _plural(self, name: str) -> str:
        """The first of its words that is a plural."""
        found = self._catalog.dimensions.get(name)
        words = found.synonyms.get(self.language, ()) if found is not None else ()
        plurals = (text for text in words if self._parser.parse(text).tokens[-1].plural)
        return next(plurals, self._dimension(name).text)

    def _values(self, dimension: str) -> list[str]:
        """Labels of its values, in the files' order."""
        entries = (entry for entry in self._catalog.values if entry.dimension == dimension and entry.value)
        return [entry.label.get(self.language) or entry.value or "" for entry in entries]

    def _named(self, term: Term, phrase: str) -> str:
        """What answers call a term in the asker's language."""
        match term:
            case MetricTerm(name):
                return lowered(self._label(self._catalog.metrics[name]))
            case DimensionTerm(name):
                return self._dimension(name).text
            case ValueTerm(choices):
                entries = (e for e in self._catalog.values if (e.dimension, e.stored) == choices[0])
                return next((e.label.get(self.language, phrase) for e in entries), phrase)
            case _:
                return phrase


def _tells(term: Term) -> bool:
    """It says something that a metric and a period alone would not."""
    join = isinstance(term, OperatorTerm) and term.operator in JOINS
    return not join and not isinstance(term, MetricTerm | TimeTerm | FillerTerm)


def lowered(label: str) -> str:
    """A name within a sentence; one of several capitals ("CSAT") keeps them."""
    return label if label[:2].isupper() else label[:1].lower() + label[1:]
