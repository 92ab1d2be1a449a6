"""What the files stand for, as statements: they pass the guard."""

from __future__ import annotations

from collections.abc import Iterator

from dash_agent.check.rule import Found, Rule
from dash_agent.check.subject import Subject


def the_guard_lets_it_through(subject: Subject) -> Iterator[Found]:
    """What a metric, a pattern or a derived table compiles to passes the guard, which every statement has to. A pattern
    does so with all that a question may narrow it by, and without.
    """
    for compiled in subject.compiled:
        if compiled.safe is None:
            yield Found(compiled.file, compiled.place, compiled.told(compiled.refused), compiled.line)


RULES = (Rule("guard", the_guard_lets_it_through),)
