"""The check of a content folder: every rule over every file, in one run."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Final

from dash_agent.check import families, places
from dash_agent.check.database import Live
from dash_agent.check.subject import Subject, read_subject
from dash_agent.context.business import RatioMetric
from dash_agent.context.content import METRICS
from dash_agent.errors import Problem
from dash_agent.semantic.time import Calendar

ON_WHAT_WAS_READ: Final = tuple(chain.from_iterable(families.ON_WHAT_WAS_READ.values()))

RULES: Final = (*families.READING, *ON_WHAT_WAS_READ)

Done = Callable[[float], None]

CONSEQUENCES: Final = ("guard", "plan")
"""Rules about what is made of several things: they say nothing new where one of those has an error already."""


@dataclass(frozen=True, slots=True)
class Report:
    """problems: by file, then by line. files: how many were looked at."""

    problems: tuple[Problem, ...]
    files: int

    @property
    def errors(self) -> int:
        return sum(problem.severity == "error" for problem in self.problems)

    @property
    def warnings(self) -> int:
        return len(self.problems) - self.errors


def check(root: Path, calendar: Calendar, live: Live | None = None, done: Done = lambda _: None) -> Report:
    """Every problem of the content folders under `root`. live: None for a look at the files alone.

    done: called after each rule with the part of all rules that was looked at, up to 1.
    Raises ContentError where there is no content folder, WarehouseUnavailable where the database goes away.
    """
    subject = read_subject(root, calendar, live)
    found: list[Problem] = []
    for number, rule in enumerate(RULES, 1):
        problems = rule.problems(subject)
        found += problems if number <= len(families.READING) else map(subject.content.placed, problems)
        done(number / len(RULES))
    kept = list(_without_consequences(found, subject))
    return Report(tuple(_in_order(places.with_lines(kept, root))), subject.files)


def _in_order(problems: Iterable[Problem]) -> Iterator[Problem]:
    """By file and line, none twice: what is said of one place in the same words is one problem."""
    seen = set()
    for problem in sorted(problems, key=lambda p: (p.file, p.line or 0, p.place)):
        said = (problem.file, problem.place, problem.message)
        if said not in seen:
            seen.add(said)
            yield problem


def _without_consequences(problems: list[Problem], subject: Subject) -> Iterator[Problem]:
    wrong = {_thing(p) for p in problems if p.severity == "error" and p.rule not in CONSEQUENCES}
    for problem in problems:
        if problem.rule not in CONSEQUENCES or not (_grounds(problem, subject) & wrong):
            yield problem


def _thing(problem: Problem) -> str:
    """What a problem is of: a metric, or a file."""
    return f"{METRICS} {problem.place.partition('.')[0]}" if problem.file == METRICS else problem.file


def _grounds(problem: Problem, subject: Subject) -> set[str]:
    """What a statement is made of: the thing itself, and the tables and parts that it rests on."""
    files = subject.content.table_files
    if problem.file == METRICS:
        own = {_in_file(subject, index): index for index in range(len(subject.content.metrics))}
        return set(_metric_grounds(own[_thing(problem)], subject))
    statements = [*subject.statements.values(), *subject.derived.values()]
    read = [name for statement in statements if statement.file == problem.file for name in statement.tables]
    return {problem.file, *(files[name] for name in read if name in files)}


def _in_file(subject: Subject, index: int) -> str:
    """What a problem of a metric is of, by the metric's position among those that could be read."""
    return _thing(subject.content.placed(Problem(METRICS, f"metrics[{index}]", "")))


def _metric_grounds(index: int, subject: Subject) -> Iterator[str]:
    metrics, files = subject.content.metrics, subject.content.table_files
    metric = metrics[index]
    yield _in_file(subject, index)
    if isinstance(metric, RatioMetric):
        for position, part in enumerate(metrics):
            if part.name in (metric.numerator, metric.denominator) and not isinstance(part, RatioMetric):
                yield from _metric_grounds(position, subject)
    elif metric.table in files:
        yield files[metric.table]
        derived = subject.derived.get(metric.table)
        yield from (files[name] for name in (derived.tables if derived else ()) if name in files)
