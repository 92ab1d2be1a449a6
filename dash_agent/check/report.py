"""A report as text, as JSON, or as annotations of a pull request."""

from __future__ import annotations

import json
from collections.abc import Iterator
from itertools import groupby

from dash_agent.check.linter import Report
from dash_agent.errors import Problem


def where(problem: Problem) -> str:
    """Line and place, as far as they are known: '12: columns[3].type', 'line 4, column 9', ''."""
    if problem.line is None or problem.place.startswith("line "):
        return problem.place
    return f"line {problem.line}: {problem.place}" if problem.place else f"line {problem.line}"


def summary(report: Report) -> str:
    """'3 errors, 1 warning in 2 of 48 files', '48 files, no problems'."""
    files = _count(report.files, "file")
    if not report.problems:
        return f"{files}, no problems"
    counts = [_count(n, word) for n, word in ((report.errors, "error"), (report.warnings, "warning")) if n]
    broken = len({problem.file for problem in report.problems})
    return f"{', '.join(counts)} in {broken} of {files}"


def _count(number: int, word: str) -> str:
    return f"{number} {word}{'' if number == 1 else 's'}"


def by_file(report: Report) -> Iterator[tuple[str, list[Problem]]]:
    for file, problems in groupby(report.problems, lambda problem: problem.file):
        yield file, list(problems)


def text(report: Report) -> str:
    """Grouped by file, a problem on two lines: where and by which rule, then what."""
    lines = []
    for file, problems in by_file(report):
        lines.append(file)
        for problem in problems:
            lines.append(f"  {' '.join(filter(None, (where(problem), f'{problem.severity}[{problem.rule}]')))}")
            lines.append(f"    {problem.message}")
        lines.append("")
    return "\n".join([*lines, summary(report)])


def as_json(report: Report) -> str:
    """One object on one line."""
    problems = [
        {
            "file": problem.file,
            "place": problem.place,
            "line": problem.line,
            "severity": problem.severity,
            "rule": problem.rule,
            "message": problem.message,
        }
        for problem in report.problems
    ]
    counts = {"errors": report.errors, "warnings": report.warnings, "files": report.files}
    return json.dumps({"problems": problems, **counts}, ensure_ascii=False)


def github(report: Report, prefix: str = "") -> str:
    """A workflow command a line. prefix: the content folder as the repository names it, '' for its root."""
    return "\n".join(_annotation(problem, prefix) for problem in report.problems)


def _annotation(problem: Problem, prefix: str) -> str:
    properties = {"file": prefix + problem.file, "line": str(problem.line or 1), "title": problem.rule}
    given = ",".join(f"{name}={_property(value)}" for name, value in properties.items())
    said = f"{problem.place}: {problem.message}" if problem.place else problem.message
    return f"::{problem.severity} {given}::{_data(said)}"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
