"""The linter over files alone: whole reports of broken folders, read and kept as text; and what it never does.

To write a report anew: DASH_NOW=2026-11-20T12:00:00+00:00 DASH_CONTENT_DIR=tests/content/broken/NAME
dash-agent check --offline > tests/content/broken/NAME.txt. Then read it aloud.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from dash_agent.check import report
from dash_agent.check.database import Live
from dash_agent.check.linter import RULES, Report, check
from dash_agent.check.places import with_lines
from dash_agent.context.catalog import load_catalog
from dash_agent.errors import ContentError, Problem
from dash_agent.models.sql import ResultSet
from dash_agent.ports import LiveColumn
from dash_agent.semantic.time import Calendar
from tests.conftest import NOW, ROOT
from tests.fakes import FakeIntrospection, FakeWarehouse

CONTENT = ROOT / "tests" / "content"
BROKEN = sorted(path.name for path in (CONTENT / "broken").iterdir() if path.is_dir() and path.name != "live")
FOLDERS = {"home": ROOT, "twitter": CONTENT / "twitter", "small": CONTENT / "small"}

Change = Callable[[Any], None]

TICKET_COLUMNS = {
    **dict.fromkeys(("ticket_id", "customer_id"), "bigint"),
    **dict.fromkeys(("channel", "request_type", "status"), "text"),
    "csat": "smallint",
    **dict.fromkeys(("created_at", "sent_at", "updated_at"), "timestamp with time zone"),
}
CUSTOMER_COLUMNS = {"customer_id": "bigint", "country": "character(2)", "created_at": "timestamp with time zone"}


@pytest.fixture
def content(tmp_path: Path) -> Path:
    """The small folder, to spoil."""
    return Path(shutil.copytree(CONTENT / "small", tmp_path / "content"))


def change(content: Path, file: str, how: Change) -> None:
    path = content / file
    data = json.loads(path.read_text(encoding="utf-8"))
    how(data)
    path.write_text(json.dumps(data, ensure_ascii=False, indent=2), encoding="utf-8")


def swap(content: Path, file: str, old: str, new: str) -> None:
    path = content / file
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


def said(found: Report) -> list[tuple[str, str]]:
    return [(problem.file, problem.rule) for problem in found.problems]


def test_there_are_eleven_themes() -> None:
    assert len(BROKEN) == 11


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_folder_is_told_as_it_was_read_aloud(name: str, calendar: Calendar) -> None:
    found = check(CONTENT / "broken" / name, calendar)
    assert report.text(found) + "\n" == (CONTENT / "broken" / f"{name}.txt").read_text(encoding="utf-8")


@pytest.mark.parametrize("folder", FOLDERS)
def test_a_good_folder_has_no_problems(folder: str, calendar: Calendar) -> None:
    tomorrow = replace(calendar, now=NOW + timedelta(days=1))
    assert check(FOLDERS[folder], tomorrow).problems == ()


@pytest.mark.parametrize("name", ["keys", "meant", "names", "personal", "syntax"])
def test_all_that_stops_a_start_is_told_here(name: str, calendar: Calendar) -> None:
    with pytest.raises(ContentError) as raised:
        load_catalog(CONTENT / "broken" / name)
    told = {(problem.file, problem.message) for problem in check(CONTENT / "broken" / name, calendar).problems}
    assert {(problem.file, problem.message) for problem in raised.value.problems} <= told


def test_every_theme_is_told_in_one_run(content: Path, calendar: Calendar) -> None:
    (content / "tables" / "scribble.json").write_text("{", encoding="utf-8")
    change(content, "business/metrics.json", lambda d: d["metrics"][0].update(untis="count"))
    change(content, "business/dimensions.json", lambda d: d["dimensions"][2].update(column="customers.county"))
    change(content, "business/metrics.json", lambda d: d["metrics"][1].update(where="sent_at IS NOT"))
    change(content, "tables/support_threads_data.json", lambda d: d["joins"][0].update(to="customers.country"))
    change(content, "business/metrics.json", lambda d: d["metrics"][2]["synonyms"]["en"].append("category"))
    swap(content, "queries/queue_by_channel.sql", "AS stuck", "AS stucked")
    change(content, "tables/customers.json", lambda d: d["columns"][1].pop("personal"))
    swap(content, "knowledge/categories/payment_issue.md", "category: payment_issue", "category: payments")
    change(content, "business/access.json", lambda d: d["users"][0].update(email="anna"))
    assert set(said(check(content, calendar))) == {
        ("business/access.json", "email"),
        ("business/dimensions.json", "unknown-name"),
        ("business/dimensions.json", "words-clash"),
        ("business/metrics.json", "sql-syntax"),
        ("business/metrics.json", "unknown-key"),
        ("business/values.json", "category-page"),
        ("knowledge/categories/payment_issue.md", "document-category"),
        ("queries/queue_by_channel.sql", "output-columns"),
        ("tables/customers.json", "personal-unmarked"),
        ("tables/scribble.json", "syntax"),
        ("tables/support_threads_data.json", "join-multiplies"),
    }


@pytest.mark.parametrize(
    "file",
    [
        "business/metrics.json",
        "business/dimensions.json",
        "business/values.json",
        "business/rules.json",
        "tables/support_threads_data.json",
        "tables/customers.json",
    ],
)
def test_a_file_that_can_not_be_read_is_the_only_problem(file: str, content: Path, calendar: Calendar) -> None:
    """What rests on it may be right: nothing is said to be missing."""
    (content / file).write_text("{", encoding="utf-8")
    assert said(check(content, calendar)) == [(file, "syntax")]


def test_an_item_that_can_not_be_read_is_the_only_problem(content: Path, calendar: Calendar) -> None:
    """Others rest on it, and stand behind it: their places stay the file's."""
    change(content, "business/metrics.json", lambda d: d["metrics"][0].update(unit="tickets"))
    change(content, "business/metrics.json", lambda d: d["metrics"][3].update(value="cast"))
    change(content, "tables/support_threads_data.json", lambda d: d["columns"][1].update(type="int8"))
    found = check(content, calendar)
    assert [(problem.file, problem.place) for problem in found.problems] == [
        ("business/metrics.json", "metrics[0].unit"),
        ("business/metrics.json", "metrics[3].value"),
        ("tables/support_threads_data.json", "columns[1].type"),
    ]


def test_a_guarded_statement_over_something_wrong_is_not_told_twice(content: Path, calendar: Calendar) -> None:
    swap(content, "queries/queue_by_channel.sql", "t.updated_at", "t.update_at")
    assert said(check(content, calendar)) == [("queries/queue_by_channel.sql", "unknown-name")]


def test_an_example_that_gets_no_answer_is_told(content: Path, calendar: Calendar) -> None:
    change(content, "business/rules.json", lambda d: d["examples"]["en"].append("Revenue by channel"))
    (found,) = check(content, calendar).problems
    assert (found.rule, found.place) == ("example-refused", "examples.en[2]")
    assert found.message == "'Revenue by channel' is refused for 'Revenue'"


def test_a_derived_table_with_an_unknown_constant_is_told(content: Path, calendar: Calendar) -> None:
    table = json.loads((CONTENT / "broken" / "sql" / "tables" / "two.json").read_text(encoding="utf-8"))
    table["query"] = "SELECT ticket_id FROM support_threads_data WHERE csat > :stuk_hours AND sent_at < :now"
    (content / "tables" / "two.json").write_text(json.dumps(table), encoding="utf-8")
    (found,) = check(content, calendar).problems
    assert (found.rule, found.place) == ("derived-constants", "query")
    assert found.message.endswith("did you mean 'stuck_hours'?")


def test_names_in_capitals_are_those_of_the_database(content: Path, calendar: Calendar) -> None:
    swap(content, "queries/queue_by_channel.sql", "t.updated_at", "T.Updated_At")
    change(content, "business/metrics.json", lambda d: d["metrics"][1].update(where="SENT_AT IS NOT NULL"))
    assert check(content, calendar).problems == ()


def test_live_values_without_words_are_told_where_others_have_them(content: Path, calendar: Calendar) -> None:
    columns = {
        "support_threads_data": [LiveColumn(name, kind, True) for name, kind in TICKET_COLUMNS.items()],
        "customers": [LiveColumn(name, kind, False) for name, kind in CUSTOMER_COLUMNS.items()],
    }
    looks = FakeIntrospection({("support_threads_data", "channel"): ("chat", "e-mail", "fax")}, columns)
    warehouse = FakeWarehouse(ResultSet((), (), False, 0.0))
    found = check(content, calendar, Live(columns, False, looks, warehouse, granted=True))
    told = {problem.message for problem in found.problems if problem.rule in ("value-unworded", "value-unknown")}
    assert told == {"no row has 'email' as its channel; did you mean 'e-mail'?"}
    assert len(warehouse.explained) == 6  # the pattern, narrowed and not
    looks.values = {("support_threads_data", "channel"): ("chat", "email", "fax")}
    found = check(content, calendar, Live(columns, False, looks, warehouse, granted=True))
    told = {problem.message for problem in found.problems if problem.rule in ("value-unworded", "value-unknown")}
    assert told == {"the database has values of 'channel' that have no words here: 'fax'"}


def test_a_document_is_due_the_day_after(content: Path, calendar: Calendar) -> None:
    swap(content, "knowledge/categories/payment_issue.md", "review_by: 2027-03-01", "review_by: 2026-11-20")
    assert check(content, calendar).problems == ()
    found = check(content, replace(calendar, now=NOW + timedelta(days=1)))
    assert (found.errors, found.warnings) == (0, 1)
    assert found.problems[0].message == "the review was due on 2026-11-20, 1 day ago; ask Support"


def test_a_byte_order_mark_and_tabs_are_no_problem(content: Path, calendar: Calendar) -> None:
    path = content / "business" / "rules.json"
    text = path.read_text(encoding="utf-8").replace("  ", "\t").replace('"tickets"', '"ticket"')
    path.write_text(f"\N{ZERO WIDTH NO-BREAK SPACE}{text}", encoding="utf-8")
    (found,) = check(content, calendar).problems
    assert (found.line, found.place) == (3, "primary_metric")


def test_every_rule_has_a_meaning_and_every_problem_a_rule(calendar: Calendar) -> None:
    codes = {rule.code for rule in RULES}
    found = [problem for name in BROKEN for problem in check(CONTENT / "broken" / name, calendar).problems]
    assert {problem.rule for problem in found} <= codes
    first = {rule.code: rule for rule in reversed(RULES)}
    assert [code for code, rule in first.items() if not rule.meaning.endswith(".")] == []


def _paths(data: Any, place: str = "") -> Iterator[str]:
    if isinstance(data, dict):
        for key, value in data.items():
            inner = f"{place}.{key}" if place else key
            yield inner
            yield from _paths(value, inner)
    elif isinstance(data, list):
        for index, value in enumerate(data):
            yield f"{place}[{index}]"
            yield from _paths(value, f"{place}[{index}]")


@pytest.mark.parametrize("file", sorted((ROOT / "business").glob("*.json")), ids=lambda path: path.name)
def test_every_place_of_a_json_file_has_its_line(file: Path, tmp_path: Path) -> None:
    """Spread over lines by json itself, one key or item a line, so that its place tells what the line holds."""
    data = json.loads(file.read_text(encoding="utf-8"))
    lines = json.dumps(data, ensure_ascii=False, indent=1).splitlines()
    (tmp_path / "x.json").write_text("\n".join(lines), encoding="utf-8")
    found = with_lines([Problem("x.json", place, "") for place in _paths(data)], tmp_path)
    for problem in found:
        key = problem.place.rpartition(".")[2]
        assert problem.line is not None
        held = lines[problem.line - 1].strip()
        assert held.startswith(f'"{key}":') if "[" not in key else not held.startswith(("}", "]")), problem


PROBLEMS = (
    Problem("business/metrics.json", "metrics[3].where", "100% wrong,\nreally: yes", "error", "sql-syntax", 12),
    Problem("knowledge/a,b:c.md", "", "late", "warning", "review-due", None),
)


def test_json_says_all_of_it() -> None:
    assert json.loads(report.as_json(Report(PROBLEMS, 5))) == {
        "problems": [
            {
                "file": "business/metrics.json",
                "place": "metrics[3].where",
                "line": 12,
                "severity": "error",
                "rule": "sql-syntax",
                "message": "100% wrong,\nreally: yes",
            },
            {
                "file": "knowledge/a,b:c.md",
                "place": "",
                "line": None,
                "severity": "warning",
                "rule": "review-due",
                "message": "late",
            },
        ],
        "errors": 1,
        "warnings": 1,
        "files": 5,
    }


def test_annotations_are_escaped() -> None:
    assert report.github(Report(PROBLEMS, 5), "content/").splitlines() == [
        "::error file=content/business/metrics.json,line=12,title=sql-syntax"
        "::metrics[3].where: 100%25 wrong,%0Areally: yes",
        "::warning file=content/knowledge/a%2Cb%3Ac.md,line=1,title=review-due::late",
    ]


@pytest.mark.parametrize(
    ("problems", "told"),
    [
        ((), "48 files, no problems"),
        (PROBLEMS, "1 error, 1 warning in 2 of 48 files"),
        (PROBLEMS[:1] * 3, "3 errors in 1 of 48 files"),
    ],
)
def test_the_summary_counts(problems: tuple[Problem, ...], told: str) -> None:
    assert report.summary(Report(problems, 48)) == told


@pytest.mark.parametrize(
    ("answers", "place"),
    [
        ("answers: {en: Yes., it: Sì.}", "answers.it"),
        ("answers: {ru: Да.}", "answers.en"),
        (f"answers: {{en: {'word ' * 91}}}", "answers.en"),
        ("section_answers: {Refunds: {en: Yes.}}", "section_answers.Refunds"),
    ],
)
def test_answers_for_customers_can_be_given(content: Path, calendar: Calendar, answers: str, place: str) -> None:
    page = content / "knowledge" / "faq" / "answered.md"
    page.parent.mkdir(exist_ok=True)
    dates = "reviewed: 2026-09-01\nreview_by: 2027-03-01"
    front = f"title: Page\nkind: faq\nsummary: It.\naudience: customers\nowner: Us\n{dates}"
    page.write_text(f"---\n{front}\n{answers}\n---\n\n# Page\n\nText.\n\n## Money\n\nText.\n", encoding="utf-8")
    found = [one for one in check(content, calendar).problems if one.rule == "customer-answer"]
    assert [one.place for one in found] == [place]
