"""What reading finds: files by themselves, names, SQL. What tells it stands elsewhere; here it gets its meaning."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

from dash_agent.check.rule import Found, Rule
from dash_agent.check.subject import Subject


def _told(code: str, meaning: str, severity: Literal["error", "warning"] = "error") -> Rule[Subject]:
    def find(subject: Subject) -> Iterator[Found]:
        for problem in subject.told:
            if problem.rule == code:
                yield Found(problem.file, problem.place, problem.message, problem.line)

    find.__doc__ = meaning
    return Rule(code, find, severity)


RULES = (
    _told("missing-file", "`tables/` and the four files of `business/` are there."),
    _told("encoding", "A file can be read and is UTF-8 text."),
    _told("syntax", "JSON is JSON and YAML is YAML; headers and front matter stand where they belong."),
    _told("duplicate-key", "An object has each key once: of two, the first would be lost without a word."),
    _told("unknown-key", "Every key is one that the file's schema knows."),
    _told("missing-key", "Every key that must be there is there."),
    _told("wrong-value", "A value is of the right kind, and one of the allowed ones."),
    _told("file-name", "The name inside of a file is the file's own, and a document lies in its kind's folder."),
    _told("unread-file", "Every file of `tables/`, `business/` and `queries/` is one that is read.", "warning"),
    _told("access-name", "The access file has its name: without it nobody's rows are narrowed, and no start is made."),
    _told(
        "duplicate-name",
        "A name is given once: of tables, columns, metrics, dimensions, constants, bundles and topics, and of users.",
    ),
    _told("unknown-name", "Tables, columns, metrics, dimensions, constants and topics that are named are there."),
    _told("ratio-of-ratios", "Both parts of a ratio are counted: rates of rates are no rates."),
    _told("value-or-values", "An entry of values.json is for one stored value or for a group of them."),
    _told("personal-column", "No personal column is read, shown, split by, or learned from the database."),
    _told("sql-syntax", "SQL is PostgreSQL's."),
    _told("row-expression", "A metric's expression is a value of one row: no aggregate, no SELECT, no window."),
    _told("one-select", "A pattern and a derived table are one SELECT that names its columns."),
    _told("email", "Users are named by e-mail address."),
)
