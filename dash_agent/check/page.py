"""`python -m dash_agent.check.page` prints docs/rules.md: every rule of the linter, from their docstrings."""

from __future__ import annotations

from collections.abc import Iterator

from dash_agent.check.families import FAMILIES
from dash_agent.check.rule import Rule
from dash_agent.check.subject import Subject

INTRODUCTION = """# Rules of `dash-agent check`

Every problem carries the name of the rule that it breaks. An error makes the command exit with 1; a warning is shown
and stops nothing. The rules of the last part, against the database, are left out with `--offline`. The files
themselves: [content.md](content.md).
"""


def page() -> str:
    return "\n".join([INTRODUCTION, *_tables()])


def _tables() -> Iterator[str]:
    seen: set[str] = set()
    for family, rules in FAMILIES.items():
        yield f"## {family}\n\n| rule | | what holds |\n| --- | --- | --- |"
        yield from _rows(rules, seen)
        yield ""


def _rows(rules: tuple[Rule[Subject], ...], seen: set[str]) -> Iterator[str]:
    """A rule that several families find things for is told where it comes first."""
    for rule in rules:
        if rule.code not in seen:
            seen.add(rule.code)
            yield f"| `{rule.code}` | {rule.severity} | {rule.meaning} |"


if __name__ == "__main__":
    print(page(), end="")
