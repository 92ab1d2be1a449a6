"""What the content says, entry by entry: to be read, searched and asked about."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from dash_agent.ask import Dash
from dash_agent.context.business import Dimension, Metric
from dash_agent.context.catalog import DIMENSIONS, METRICS, Catalog
from dash_agent.context.content import RULES, VALUES, table_file
from dash_agent.context.documents import Document
from dash_agent.context.files import LocalText, LocalWords
from dash_agent.context.passages import formula
from dash_agent.context.patterns import Pattern
from dash_agent.context.tables import Table
from dash_agent.models.plan import MetricPlan
from dash_agent.planning.next_questions import Form, Next
from dash_agent.planning.next_words import NEXT_WORDS
from dash_agent.planning.speaking import Speaker

LAYERS = ("metric", "dimension", "table", "pattern", "value", "rule", "document")
"""In the order in which they are shown. The names are those of `Source.layer`, but for documents."""


@dataclass(frozen=True, slots=True)
class Part:
    """A column of a table. personal: no answer ever reads it."""

    name: str
    type: str
    meaning: str
    personal: bool


@dataclass(frozen=True, slots=True)
class Entry:
    """meaning: in the files' own words. words: what people call it, by language. sql: how it is counted, '' for most.

    questions: that lead to it, by language, as the files give them. body: of a document, its Markdown.
    """

    layer: str
    name: str
    label: str
    meaning: str
    file: str
    words: Mapping[str, Sequence[str]]
    sql: str = ""
    parts: tuple[Part, ...] = ()
    questions: Mapping[str, Sequence[str]] | None = None
    body: str = ""

    @property
    def text(self) -> str:
        """All that a search looks through."""
        said = [word for words in self.words.values() for word in words]
        asked = [one for few in (self.questions or {}).values() for one in few]
        columns = [part.name for part in self.parts]
        return _plain(" ".join((self.name, self.label, self.meaning, self.file, *said, *asked, *columns, self.body)))


def entries(catalog: Catalog, documents: Iterable[Document], language: str) -> tuple[Entry, ...]:
    """By layer, in the order of the files. language: of the labels, English where a text has no other."""
    return (
        *(_metric(one, language) for one in catalog.metrics.values()),
        *(
            Entry(
                "dimension", one.name, _label(one.label, one.name, language), one.description, DIMENSIONS, one.synonyms
            )
            for one in catalog.dimensions.values()
        ),
        *(_table(one, language) for one in catalog.tables.values()),
        *(_pattern(one, language) for one in catalog.patterns.values()),
        *_values(catalog, language),
        *_rules(catalog, language),
        *(_document(one) for one in documents),
    )


def found(known: Sequence[Entry], words: str) -> tuple[Entry, ...]:
    """Entries that hold every word, in any case; all of them where there is none."""
    wanted = _plain(words).split()
    return tuple(one for one in known if all(word in one.text for word in wanted))


def example(dash: Dash, entry: Entry, now: datetime, language: str) -> str:
    """A question that is read as this entry, '' where none is known."""
    given = (entry.questions or {}).get(language, ())
    if given:
        return given[0]
    calendar, code = dash.calendar(now), language if language in NEXT_WORDS else "en"
    said: list[str] = []
    if entry.layer == "metric":
        said = [entry.label, *entry.words.get(code, ())[:3]]
    elif entry.layer == "dimension":
        counted = dash.catalog.dimensions[entry.name].counts or dash.catalog.rules.primary_metric
        split = Next(Form.SPLIT, counted, (entry.name,))
        said = [one.text for one in Speaker(dash.parser, code).sayings(split, calendar)]
    for text in said:
        plan = dash.parser.plan(text, calendar)
        if isinstance(plan, MetricPlan) and entry.name in (*plan.query.metrics, *plan.query.dimensions):
            return text[:1].upper() + text[1:]
    return ""


def _metric(metric: Metric, language: str) -> Entry:
    label = _label(metric.label, metric.name, language)
    return Entry("metric", metric.name, label, metric.description, METRICS, metric.synonyms, formula(metric))


def _dimension(one: Dimension, language: str) -> Entry:
    label = _label(one.label, one.name, language)
    return Entry("dimension", one.name, label, one.description, DIMENSIONS, one.synonyms)


def _table(table: Table, language: str) -> Entry:
    parts = tuple(Part(one.name, one.type, one.description, bool(one.personal)) for one in table.columns)
    meaning = " ".join((table.description, *table.notes))
    label = _label(table.label, table.table, language)
    return Entry(
        "table", table.table, label, meaning, table_file(table.table), table.synonyms, table.query or "", parts
    )


def _pattern(pattern: Pattern, language: str) -> Entry:
    header = pattern.header
    label = _label(header.label, header.name, language)
    return Entry(
        "pattern",
        header.name,
        label,
        header.description,
        pattern.file,
        header.phrases,
        pattern.sql,
        questions=header.questions,
    )


def _values(catalog: Catalog, language: str) -> Iterator[Entry]:
    for value in catalog.values:
        name = value.name or str(value.value)
        dimension = catalog.dimensions[value.dimension]
        stored = ", ".join(value.stored)
        meaning = f"{_label(dimension.label, dimension.name, language)}: {stored}"
        label = _label(value.label, name, language)
        yield Entry("value", f"{value.dimension}={name}", label, meaning, VALUES, value.synonyms)


def _rules(catalog: Catalog, language: str) -> Iterator[Entry]:
    for constant in catalog.rules.constants:
        told = f"{constant.description} ({constant.value} {constant.unit})"
        yield Entry("rule", constant.name, constant.name, told, RULES, {})
    for bundle in catalog.rules.bundles:
        label = _label(bundle.label, bundle.name, language)
        yield Entry("rule", bundle.name, label, ", ".join(bundle.metrics), RULES, bundle.synonyms)


def _document(document: Document) -> Entry:
    front = document.front
    name = document.file.removeprefix("knowledge/").removesuffix(".md")
    words: LocalWords = {"": list(front.tags)} if front.tags else {}
    return Entry("document", name, front.title, front.summary, document.file, words, body=document.text)


def _label(texts: LocalText, name: str, language: str) -> str:
    return texts.get(language) or texts.get("en") or name


def _plain(text: str) -> str:
    return text.casefold().replace("ё", "е")
