"""What comes from questions and databases shows in Markdown as it is, and does nothing."""

from __future__ import annotations

import pytest

from dash_agent.adapters.agentos import markdown


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("100.0% of 1,234", "100.0% of 1,234"),
        ("-5 and +3", "-5 and +3"),
        ("two\n\nparagraphs", "two\n\nparagraphs"),
        ("cancel_subscription", r"cancel\_subscription"),
        ("*bold* `code` ~gone~", r"\*bold\* \`code\` \~gone\~"),
        ("[a](javascript:x)", r"\[a\](javascript:x)"),
        ("![a](https://evil.example/x.png)", r"!\[a\](https\://evil.example/x.png)"),
        ("<img src=x onerror=alert(1)>", r"\<img src=x onerror=alert(1)\>"),
        ("a&lt;b", r"a\&lt;b"),
        ("www.evil.example", r"www\.evil.example"),
        ("mail me@example.com", r"mail me\@example.com"),
        ("$4.50 and $3", r"\$4.50 and \$3"),
        ("back\\slash", r"back\\slash"),
        ("# heading", r"\# heading"),
        ("#1 of all", "#1 of all"),
        ("> quoted", r"\> quoted"),
        ("- item", r"\- item"),
        ("+ item", r"\+ item"),
        ("1. item", r"1\. item"),
        ("2026) item", r"2026\) item"),
        ("title\n===", "title\n\\==="),
        ("title\n---", "title\n\\---"),
        ("    code", "code"),
        ("a\x00b\u202ec", "a b c"),
    ],
)
def test_plain(text: str, shown: str) -> None:
    assert markdown.plain(text) == shown


def test_a_cell_cannot_end_its_row() -> None:
    made = markdown.table(["Name", "Tickets"], [False, True], [["a|b\n| c |", "1"], ["<b>", "2"]])
    assert made.splitlines() == ["| Name | Tickets |", "| --- | ---: |", r"| a\|b \| c \| | 1 |", r"| \<b\> | 2 |"]


def test_code_cannot_end_its_block() -> None:
    assert markdown.code("SELECT '```'", "sql") == "````sql\nSELECT '```'\n````"
    assert markdown.code("SELECT 1", "sql").splitlines()[0] == "```sql"
