"""The content folders: whole, in two languages, without words that mean two things, with patterns that hold."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlglot
from sqlglot import exp

from dash_agent.context.catalog import Catalog, load_catalog
from dash_agent.context.patterns import Pattern
from dash_agent.models.plan import PatternPlan
from dash_agent.planning.parser import Parser
from dash_agent.planning.tokens import Analyser, normal
from dash_agent.semantic.model import SemanticModel
from dash_agent.semantic.time import Calendar
from tests.conftest import ROOT

TWITTER = ROOT / "tests" / "content" / "twitter"
CONTRACT = ROOT / "tests" / "e2e" / "data" / "support_schema.sql"
FOLDERS = {"home": ROOT, "twitter": TWITTER}
CATALOGS = {name: load_catalog(path) for name, path in FOLDERS.items()}
LANGUAGES = {"en", "ru"}
LEFT_TO_THE_GUARD = {"now", "tz"}

PATTERNS = [
    pytest.param(CATALOGS[folder], pattern, id=f"{folder}-{name}")
    for folder in FOLDERS
    for name, pattern in CATALOGS[folder].patterns.items()
]

PERSONAL = {
    "customers": {"full_name", "email"},
    "subscriptions": {"shipping_address"},
    "shipments": {"tracking_number"},
    "support_threads_data": {"thread_key", "customer_email", "subject", "error_message"},
    "support_dialogs": {"message"},
    "ai_human_comparison": {"ai_answer", "human_answer"},
    "ai_agent_tasks": {"arguments", "error_message"},
    "ai_answerer_instructions": set(),
}

# Meanings that may share a phrase, each for a reason. Anything else is a mistake.
SHARED = (
    # An action and a category have one name: the metric's own table decides.
    {"value request_type", "value task_type"},
    # "Cancellations" are subscriptions, "cancellation requests" the category; stems do not tell them apart.
    {"metric cancellations", "metric cancelled_subscriptions", "value request_type"},
)


@pytest.mark.parametrize("folder", FOLDERS)
def test_the_folder_loads_and_its_expressions_fit_their_tables(folder: str) -> None:
    SemanticModel(CATALOGS[folder])


def test_tables_are_the_contract_s_with_every_column_and_its_type() -> None:
    documented = {
        name: {column.name: (column.type, column.nullable) for column in table.columns}
        for name, table in CATALOGS["home"].tables.items()
    }
    assert documented == {table: dict(columns) for table, columns in _contract(CONTRACT)}


def test_personal_columns_are_marked() -> None:
    marked = {
        name: {column.name for column in table.columns if column.personal}
        for name, table in CATALOGS["home"].tables.items()
    }
    assert marked == PERSONAL


@pytest.mark.parametrize("folder", FOLDERS)
def test_labels_are_in_both_languages(folder: str) -> None:
    catalog = CATALOGS[folder]
    things = [*catalog.tables.values(), *catalog.metrics.values(), *catalog.dimensions.values(), *catalog.values]
    things += [*catalog.bundles.values(), *(pattern.header for pattern in catalog.patterns.values())]
    assert [thing for thing in things if set(thing.label) != LANGUAGES or not all(thing.label.values())] == []


@pytest.mark.parametrize("folder", FOLDERS)
def test_what_has_words_has_them_in_both_languages(folder: str) -> None:
    catalog = CATALOGS[folder]
    worded = [m for m in catalog.metrics.values() if m.synonyms]
    worded += [*catalog.dimensions.values(), *catalog.bundles.values(), *catalog.tables.values()]
    assert [thing for thing in worded if not all(thing.synonyms.get(language) for language in LANGUAGES)] == []


@pytest.mark.parametrize("folder", FOLDERS)
def test_no_phrase_means_two_things_as_it_stands(folder: str) -> None:
    meanings: dict[tuple[str, str], set[str]] = defaultdict(set)
    for language, phrase, meaning in _phrases(CATALOGS[folder]):
        meanings[language, " ".join(normal(phrase).replace("-", " ").split())].add(meaning)
    assert {phrase: found for phrase, found in meanings.items() if len(found) > 1 and not _shared(found)} == {}


@pytest.mark.parametrize("folder", FOLDERS)
def test_no_phrase_means_two_things_by_dictionary_form(folder: str) -> None:
    """Words side by side match in any order, so a phrase is the set of its words' first dictionary forms.

    English words count as they stand: of two that differ in form alone, the one that the question has wins.
    """
    analyser = Analyser()
    meanings: dict[tuple[str, ...], dict[str, str]] = defaultdict(dict)
    for _, phrase, meaning in _phrases(CATALOGS[folder]):
        norms = (token.norm for token in analyser.tokens(phrase))
        key = tuple(sorted(norm if norm.isascii() else _form(analyser, norm) for norm in norms))
        meanings[key].setdefault(meaning, phrase)
    assert [found for found in meanings.values() if len(found) > 1 and not _shared(set(found))] == []


@pytest.mark.parametrize(("catalog", "pattern"), PATTERNS)
def test_a_pattern_is_one_select_with_the_columns_that_it_declares(catalog: Catalog, pattern: Pattern) -> None:
    trees = sqlglot.parse(pattern.sql, dialect="postgres")
    assert len(trees) == 1
    tree = trees[0]
    assert isinstance(tree, exp.Select)
    assert tree.named_selects == list(pattern.header.columns)
    personal = catalog.personal_columns()
    assert [column.sql() for column in tree.find_all(exp.Column) if column.name in personal] == []
    assert not any(select.is_star for select in tree.find_all(exp.Select))


@pytest.mark.parametrize(("catalog", "pattern"), PATTERNS)
def test_a_pattern_uses_what_it_declares_and_declares_what_it_uses(catalog: Catalog, pattern: Pattern) -> None:
    tree = sqlglot.parse_one(pattern.sql, dialect="postgres")
    used = {placeholder.name for placeholder in tree.find_all(exp.Placeholder)} - LEFT_TO_THE_GUARD
    assert used == set(pattern.header.parameters)
    period = {p.fills for p in pattern.header.parameters.values() if p.fills.startswith("period.")}
    assert period in (set(), {"period.start", "period.end"})
    assert (pattern.header.period == "default") is bool(period)


@pytest.mark.parametrize(("catalog", "pattern"), PATTERNS)
def test_a_pattern_says_what_it_shows(catalog: Catalog, pattern: Pattern) -> None:
    header = pattern.header
    assert set(header.phrases) == set(header.questions) == LANGUAGES
    assert header.metric is not None or all(header.phrases.values())
    assert all(len(questions) >= 3 for questions in header.questions.values())
    for column in header.columns.values():
        assert set(column.label) == LANGUAGES
        assert (column.unit is not None) is (column.role == "metric")


def test_example_questions_lead_to_their_pattern(parser: Parser, calendar: Calendar, home: Catalog) -> None:
    astray = {}
    for name, pattern in home.patterns.items():
        for question in (q for questions in pattern.header.questions.values() for q in questions):
            plan = parser.plan(question, calendar)
            if not (isinstance(plan, PatternPlan) and plan.name == name):
                astray[question] = plan
    assert astray == {}


def _contract(path: Path) -> Iterator[tuple[str, list[tuple[str, tuple[str, bool]]]]]:
    for statement in sqlglot.parse(path.read_text(encoding="utf-8"), dialect="postgres"):
        if isinstance(statement, exp.Create):
            columns = [(d.name, (_type(d), _nullable(d))) for d in statement.find_all(exp.ColumnDef)]
            yield statement.this.this.name, columns


def _type(column: exp.ColumnDef) -> str:
    word = column.kind.sql(dialect="postgres").lower().partition("(")[0] if column.kind else ""
    return {"int": "integer", "decimal": "numeric"}.get(word, word)


def _nullable(column: exp.ColumnDef) -> bool:
    held = (exp.NotNullColumnConstraint, exp.PrimaryKeyColumnConstraint)
    return not any(isinstance(constraint.kind, held) for constraint in column.constraints)


def _phrases(catalog: Catalog) -> Iterator[tuple[str, str, str]]:
    """Language, phrase and what it means."""
    for metric in catalog.metrics.values():
        if metric.synonyms:
            yield "en", metric.name.replace("_", " "), f"metric {metric.name}"
        for language, phrases in metric.synonyms.items():
            yield from ((language, phrase, f"metric {metric.name}") for phrase in phrases)
    for dimension in catalog.dimensions.values():
        yield "en", dimension.name.replace("_", " "), f"dimension {dimension.name}"
        for language, phrases in dimension.synonyms.items():
            yield from ((language, phrase, f"dimension {dimension.name}") for phrase in phrases)
    for value in catalog.values:
        for language, phrases in value.synonyms.items():
            yield from ((language, phrase, f"value {value.dimension} {value.stored}") for phrase in phrases)
    for bundle in catalog.bundles.values():
        for language, phrases in bundle.synonyms.items():
            yield from ((language, phrase, f"bundle {bundle.name}") for phrase in phrases)
    for pattern in catalog.patterns.values():
        # A list is meant only where a question asks to see rows, so it may share its words with the count.
        if pattern.header.kind == "report":
            for language, phrases in pattern.header.phrases.items():
                yield from ((language, phrase, f"pattern {pattern.header.name}") for phrase in phrases)
    for language, phrases in catalog.rules.unavailable.items():
        yield from ((language, phrase, "unavailable") for phrase in phrases)


def _shared(meanings: set[str]) -> bool:
    kinds = {" ".join(meaning.split()[:2]) for meaning in meanings}
    return len(kinds) == len(meanings) and any(kinds <= shared for shared in SHARED)


def _form(analyser: Analyser, word: str) -> str:
    """The shortest form: that of the stem, and for Russian the dictionary's nearest."""
    return min(analyser.forms(word)[0], key=lambda form: (len(form), form))
