"""Our own content folders, beyond what the linter asks of anybody's: tables are the contract's, patterns well shown.

That they are sound, in both languages, without words that mean two things and with examples that go where they say,
is for the linter: tests/unit/test_check.py.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlglot
from sqlglot import exp

from dash_agent.context.catalog import Catalog, load_catalog
from dash_agent.context.patterns import Pattern
from dash_agent.models.plan import PatternPlan
from dash_agent.planning.parser import Parser
from dash_agent.semantic.time import Calendar
from tests.conftest import ROOT

CONTRACT = ROOT / "tests" / "e2e" / "data" / "support_schema.sql"
FOLDERS = {"home": ROOT, "twitter": ROOT / "tests" / "content" / "twitter"}
CATALOGS = {name: load_catalog(path) for name, path in FOLDERS.items()}

PATTERNS = [
    pytest.param(pattern, id=f"{folder}-{name}")
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


def test_tables_are_the_contract_s_with_every_column_and_its_type(home: Catalog) -> None:
    documented = {
        name: {column.name: (column.type, column.nullable) for column in table.columns}
        for name, table in home.tables.items()
        if table.query is None
    }
    assert documented == {table: dict(columns) for table, columns in _contract(CONTRACT)}


def test_personal_columns_are_marked(home: Catalog) -> None:
    marked = {
        name: {column.name for column in table.columns if column.personal}
        for name, table in home.tables.items()
        if table.query is None
    }
    assert marked == PERSONAL


@pytest.mark.parametrize("pattern", PATTERNS)
def test_a_pattern_has_three_questions_in_each_language(pattern: Pattern) -> None:
    assert all(len(questions) >= 3 for questions in pattern.header.questions.values())


def test_example_questions_lead_to_their_pattern_on_the_demo_desk(
    parser: Parser, calendar: Calendar, home: Catalog
) -> None:
    """The linter without a database leaves out questions with words that only the database knows."""
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
