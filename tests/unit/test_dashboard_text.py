"""Text of people and databases on pages: it reads as it stands, and does nothing."""

from __future__ import annotations

import io
from datetime import date
from decimal import Decimal

import pandas as pd
import pytest

from dash_agent.context.catalog import Catalog
from dash_agent.insight.wording import Wording
from dash_agent.models.answer import Answer, AnswerColumn, ColumnRole, Status
from dash_agent.models.plan import SqlPlan
from dashboard.components.table import csv_of, frame, xlsx_of
from dashboard.components.text import JOINER, label, paragraphs, plain, sentence
from tests.conftest import NOW, ZONE

TEXT = [
    ("**bold** _it_ `c`", r"\*\*bold\*\* \_it\_ \`c\`"),
    ("<b>x</b> &amp;", r"\<b\>x\</b\> \&amp;"),
    ("[a](b) ![c](d)", r"\[a\](b) \!\[c\](d)"),
    ("$x$ costs $5", r"\$x\$ costs \$5"),
    (":red[x]", r"\:red\[x\]"),
    (":material/home:", f"\\:{JOINER}material/home:"),
    (":smile:", f"\\:{JOINER}smile:"),
    ("https://example.com", f"https\\:{JOINER}//example.com"),
    ("www.example.com", f"www{JOINER}.example.com"),
    ("a@example.com", f"a@{JOINER}example.com"),
    ("a -> b", f"a -{JOINER}\\> b"),
    ("1. one", "1\\. one"),
    ("- one", "\\- one"),
    ("# one", "\\# one"),
    ("> one", "\\> one"),
    ("---", f"-{JOINER}-{JOINER}-"),
    ("a\x00b\u202ec", "a b c"),
    ("Тикеты: 5, 14:30", "Тикеты: 5, 14\\:30"),
]


@pytest.mark.parametrize(("text", "shown"), TEXT)
def test_what_means_something_to_markdown_is_only_text(text: str, shown: str) -> None:
    assert plain(text) == shown


@pytest.mark.parametrize(
    ("text", "shown"),
    [("чат 77 закрыт", "Чат 77 закрыт."), ("Late.", "Late."), ("/x is full", "/x is full."), ("why?", "Why?")],
)
def test_a_reason_stands_as_a_sentence(text: str, shown: str) -> None:
    assert sentence(text) == shown


def test_lines_and_labels() -> None:
    assert paragraphs("a\nb") == "a  \nb"
    assert label("a\n  b") == "a b"
    assert label("x" * 300, 10) == "x" * 9 + "…"


COLUMNS = (
    AnswerColumn("channel", ColumnRole.DIMENSION, "text", None, "Channel"),
    AnswerColumn("month", ColumnRole.DIMENSION, "date", None, "Month"),
    AnswerColumn("rate", ColumnRole.METRIC, "number", "percent", "Rate"),
    AnswerColumn("tickets", ColumnRole.METRIC, "integer", "count", "Tickets"),
)
ROWS = (
    ("whatsapp", date(2026, 10, 1), Decimal("73.2"), 5),
    ("=HYPERLINK(1)", date(2026, 11, 1), None, 0),
    (None, date(2026, 11, 1), Decimal("-1.5"), None),
)


@pytest.fixture
def wording(home: Catalog) -> Wording:
    return Wording(home, "en", ZONE)


@pytest.fixture
def answer() -> Answer:
    return Answer("1", None, None, "en", NOW, Status.ANSWERED, "", SqlPlan("SELECT 1"), columns=COLUMNS, rows=ROWS)


def test_numbers_are_numbers(answer: Answer, wording: Wording) -> None:
    found = frame(answer, wording)
    assert list(found.columns) == ["Channel", "Month", "Rate, %", "Tickets"]
    assert found["Rate, %"].dtype.kind == "f"
    assert found["Rate, %"].tolist()[0] == 73.2
    assert found["Channel"].tolist()[0] == "WhatsApp"


def test_a_workbook_holds_numbers_and_no_formulas(answer: Answer, wording: Wording) -> None:
    import zipfile

    with zipfile.ZipFile(io.BytesIO(xlsx_of(answer, wording))) as book:
        sheet = book.read("xl/worksheets/sheet1.xml").decode()
        strings = book.read("xl/sharedStrings.xml").decode()
    assert "<f>" not in sheet
    assert "<v>73.2</v>" in sheet
    assert "=HYPERLINK(1)" in strings


def test_a_csv_begins_no_formula(answer: Answer, wording: Wording) -> None:
    made = csv_of(answer, wording)
    assert made.startswith(b"\xef\xbb\xbf")
    read = pd.read_csv(io.BytesIO(made))
    assert read["Channel"].tolist()[1] == "'=HYPERLINK(1)"
    assert read["Rate, %"].tolist()[2] == -1.5
    assert read["Month"].tolist()[0] == "2026-10-01"
