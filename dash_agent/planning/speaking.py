"""Says what is asked next as a question, in a language."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal

from dash_agent.context.business import CountMetric, Metric, Value
from dash_agent.models.query import Filter, Op, Period, Scalar
from dash_agent.planning.candidates import lowered
from dash_agent.planning.inflection import Agreeing, Name, noun_of
from dash_agent.planning.next_questions import Form, Next
from dash_agent.planning.next_words import NEXT_WORDS
from dash_agent.planning.parser import Parser
from dash_agent.planning.spoken_periods import spoken
from dash_agent.planning.terms import FillerTerm, MetricTerm, Term, ValueTerm
from dash_agent.semantic.time import Calendar

MOST_METRIC_WORDS = 3
"""In the name of a metric that is taken from its synonyms."""


@dataclass(frozen=True, slots=True)
class Saying:
    """kind: the same for sayings of one question that differ in nothing but their dates."""

    kind: str
    text: str


class Unspeakable(Exception):
    """A condition that no words are known for."""


class Speaker:
    """Knows the names of a catalogue in one language, which is among NEXT_WORDS."""

    def __init__(self, parser: Parser, language: str) -> None:
        self._parser, self._language = parser, language
        self._catalog = parser.model.catalog
        self._words = NEXT_WORDS[language]
        self._value_words: dict[tuple[str, tuple[str, ...]], str | None] = {}
        self._nouns: dict[str, str | None] = {}

    def sayings(self, asked: Next, calendar: Calendar) -> Iterator[Saying]:
        """Ways to ask it, the shortest first; none where something in it has no words."""
        try:
            rest = self._conditions(asked.filters) + self._lasting(asked)
            among = self._among(asked)
            names = self._names(asked)
        except Unspeakable:
            return
        for kind, period in self._periods(asked.period, calendar):
            for against_kind, other in self._periods(asked.compare, calendar, other=True):
                against = self._words.against.format(period=other.strip()) if other else ""
                for number, name in enumerate(names):
                    text = self._said(asked, name, among, rest, period, against)
                    yield Saying(f"{kind}/{against_kind}/{number}", text[:1].upper() + text[1:])

    def _periods(self, period: Period | None, calendar: Calendar, *, other: bool = False) -> Iterator[tuple[str, str]]:
        if period is None or other:
            yield "", ""
        if period is None:
            return
        for said in spoken(period, calendar, self._words):
            yield said.kind, f" {said.text}"

    def _said(self, asked: Next, name: str, among: str, rest: str, period: str, against: str) -> str:
        if asked.form is Form.PATTERN:
            return f"{name}{rest}{period}"
        dimensions = [self._dimension(one) for one in asked.dimensions]
        by = "".join(self._words.by.format(dimension=one) for one in dimensions)
        template: str = getattr(self._words, asked.form.value)
        if asked.form is Form.COMPARED and against:
            template = template.replace(self._words.before, "")
        ending = "?" if template.endswith("?") else ""
        made = template.removesuffix("?").format(
            metric=Name(name),
            changed=self._changed(name),
            dimension=dimensions[0] if dimensions else "",
            by=by,
            grain=self._words.grains[asked.grain] if asked.grain is not None else "",
            among=among,
            rest=rest,
            period=period,
        )
        return made + against + ending

    # Names

    def _names(self, asked: Next) -> Sequence[str]:
        if asked.form is not Form.PATTERN:
            return [self._measured(self._metric_name(asked.metric), asked)]
        header = self._catalog.patterns[asked.name].header
        phrases = header.phrases.get(self._language, ())
        label = header.label.get(self._language)
        return tuple(text for text in (label, *phrases[:1]) if text)

    def _measured(self, name: str, asked: Next) -> str:
        """Which percentile of it, or its average."""
        parameters = dict(asked.parameters)
        share = parameters.get("percentile")
        if isinstance(share, Decimal):
            return self._words.percentile.format(metric=Name(name), share=f"{share * 100:f}".rstrip("0").rstrip("."))
        if "aggregate" in parameters:
            return self._words.average.format(metric=name, average=Agreeing(self._words.adjective, name))
        return name

    def _metric_name(self, name: str) -> str:
        """What can be counted and shown by that name ('escalations'), else the label ('Escalated'), else any word."""
        if name not in self._nouns:
            metric = self._catalog.metrics[name]
            label = lowered(self._label(metric))
            texts = [label, *metric.synonyms.get(self._language, ())]
            short = [text for text in texts if len(text.split()) <= MOST_METRIC_WORDS]
            best = sorted(short, key=self._words.awkward) if isinstance(metric, CountMetric) else []
            known = (text for text in (*best, *texts) if self._terms(text) == [MetricTerm(name)])
            self._nouns[name] = next((_spelled_like(label, text) for text in known), None)
        found = self._nouns[name]
        if found is None:
            raise Unspeakable(name)
        return found

    def _label(self, metric: Metric) -> str:
        return metric.label.get(self._language) or metric.label.get("en") or metric.name

    def _dimension(self, name: str) -> Name:
        return Name(lowered(self._parser.dimension_label(name, self._language)))

    def _changed(self, name: str) -> str:
        tag = noun_of(name) if self._words.changed else None
        if tag is None:
            return self._words.changed.get("thing", "").format(name=name)
        return self._words.changed.get("plur" if tag.number == "plur" else str(tag.gender), "")

    # Conditions

    def _conditions(self, filters: Sequence[Filter]) -> str:
        kept = [one for one in filters if one.op is Op.IN]
        said = [self._values(one) for one in kept]
        first = self._words.conditions[Op.IN].format(values=", ".join(said)) if said else ""
        return first + "".join(self._condition(one) for one in filters if one not in kept)

    def _condition(self, narrowing: Filter) -> str:
        if narrowing.dimension not in self._catalog.dimensions:
            raise Unspeakable(narrowing.dimension)
        template = self._words.conditions[narrowing.op]
        return template.format(values=self._values(narrowing), dimension=self._dimension(narrowing.dimension))

    def _values(self, narrowing: Filter) -> str:
        *some, last = self._grouped(narrowing) or self._one_by_one(narrowing)
        return self._words.joined.format(", ".join(some), last) if some else last

    def _grouped(self, narrowing: Filter) -> list[str]:
        """One word for several values, such as 'Retention'."""
        for entry in self._catalog.values:
            if entry.dimension == narrowing.dimension and entry.values and {*entry.values} == {*narrowing.values}:
                words = self._understood_value(narrowing.dimension, tuple(entry.values), self._words_of(entry))
                return [] if words is None else [words]
        return []

    def _one_by_one(self, narrowing: Filter) -> list[str]:
        """The values' words; where one of them has none, nothing can be said of any."""
        said = [self._value(narrowing.dimension, value) for value in narrowing.values]
        return said or [""]

    def _value(self, dimension: str, value: Scalar) -> str:
        """As answers call it; by another of its words, or beside the dimension's name, where that is not understood."""
        if value is None or dimension not in self._catalog.dimensions:
            raise Unspeakable(dimension)
        if isinstance(value, int | Decimal):
            return str(value)
        dimensions = (dimension, self._catalog.dimensions[dimension].values_of)
        entries = (e for e in self._catalog.values if e.dimension in dimensions and e.value == value)
        texts = [text for entry in entries for text in self._words_of(entry)]
        words = self._understood_value(dimension, (str(value),), [*texts, str(value)])
        if words is None:
            raise Unspeakable(dimension)
        return words

    def _words_of(self, entry: Value) -> list[str]:
        label = entry.label.get(self._language) or entry.label.get("en")
        return [text for text in (label, *entry.synonyms.get(self._language, ())) if text]

    def _understood_value(self, dimension: str, values: tuple[str, ...], texts: Sequence[str]) -> str | None:
        """The first of the texts that means the values, alone or beside the dimension's name."""
        key = (dimension, values)
        if key not in self._value_words:
            ways = (way for text in texts for way in (text, f"{self._dimension(dimension)} {text}"))
            self._value_words[key] = next((way for way in ways if self._means_values(way, *key)), None)
        return self._value_words[key]

    def _means_values(self, text: str, dimension: str, values: tuple[str, ...]) -> bool:
        terms = self._terms(text)
        choices = terms[0].choices if len(terms) == 1 and isinstance(terms[0], ValueTerm) else ()
        return [(name, {*stored}) for name, stored in choices] == [(dimension, {*values})]

    def _terms(self, text: str) -> list[Term]:
        return [span.term for span in self._parser.parse(text).spans if not isinstance(span.term, FillerTerm)]

    def _among(self, asked: Next) -> str:
        """The rows that a number is of, each by a name that stands for things."""
        made = ""
        for among in asked.among:
            template = self._words.among if among.counts else self._words.not_among
            made += template.format(metric=Name(self._metric_name(among.metric)))
        return made

    def _lasting(self, asked: Next) -> str:
        """A length of time that takes the place of the definitions'."""
        hours = {name for name, known in self._catalog.constants.items() if known.unit == "hours"}
        return "".join(self._words.lasting.format(hours=value) for name, value in asked.parameters if name in hours)


def _spelled_like(label: str, text: str) -> str:
    """'ai wins' with the capitals of 'AI better or equal'."""
    capitals = {word.lower(): word for word in label.split() if word.isupper()}
    return " ".join(capitals.get(word, word) for word in text.split())
