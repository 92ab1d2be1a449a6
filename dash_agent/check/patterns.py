"""Patterns: header and SQL agree."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from sqlglot import exp

from dash_agent.check.rule import Found, Rule
from dash_agent.check.statements import Statement
from dash_agent.check.subject import Subject
from dash_agent.context.files import nearest
from dash_agent.context.patterns import Parameter, Pattern
from dash_agent.semantic.expressions import NAME
from dash_agent.semantic.pattern import LEFT_TO_THE_GUARD

ENDS: Final = ("period.start", "period.end")
TYPES: Final = {
    "period.start": ("timestamptz",),
    "period.end": ("timestamptz",),
    "dimension": ("text[]", "text"),
    "constant": ("numeric", "integer"),
    "target": ("numeric",),
}
"""What fills a parameter → the types that it may have."""

SAME: Final = {"int": "integer", "int[]": "integer[]", "decimal": "numeric", "varchar": "text", "varchar[]": "text[]"}


def output_is_declared(subject: Subject) -> Iterator[Found]:
    """A pattern's header declares the columns that its SELECT gives, by name and in order."""
    for pattern, statement in _patterns(subject):
        declared, given = list(pattern.header.columns), list(statement.output)
        if statement.select is None or statement.select.is_star or declared == given:
            continue
        missing = [name for name in given if name not in declared]
        for name in declared:
            if name not in given:
                said = f"the SELECT gives no column '{name}'{nearest(name, missing or given)}"
                yield Found(pattern.file, f"columns.{name}", said)
        for name in missing:
            shown = f"'{name}'" if name else "a column without a name"
            yield Found(pattern.file, "columns", f"the SELECT gives {shown}, which the header does not declare")
        if sorted(declared) == sorted(given):
            said = f"the SELECT gives its columns in another order: {', '.join(given)}"
            yield Found(pattern.file, "columns", said)


def parameters_are_used(subject: Subject) -> Iterator[Found]:
    """A pattern declares every `:parameter` of its SQL but `:now` and `:tz`, and uses every one that it declares."""
    for pattern, statement in _patterns(subject):
        declared = pattern.header.parameters
        used = dict.fromkeys(placeholder.name for placeholder in _placeholders(statement))
        if statement.select is None:
            continue
        unused = [name for name in declared if name not in used]
        for name in unused:
            yield Found(pattern.file, f"parameters.{name}", f"the SQL does not use ':{name}'")
        for name in used:
            if name not in declared and name not in LEFT_TO_THE_GUARD:
                said = f"the SQL uses ':{name}', which is not declared{nearest(name, unused or list(declared))}"
                yield Found(pattern.file, "parameters", said)


def parameters_are_typed(subject: Subject) -> Iterator[Found]:
    """A parameter's type fits what fills it, and the casts of the SQL (`:name::type`) agree with it."""
    for pattern, statement in _patterns(subject):
        for name, parameter in pattern.header.parameters.items():
            allowed = TYPES.get(parameter.fills) or TYPES.get(parameter.fills.partition(":")[0], ())
            if allowed and parameter.type not in allowed:
                said = f"what '{parameter.fills}' fills is {' or '.join(allowed)}, and '{parameter.type}' is declared"
                yield Found(pattern.file, f"parameters.{name}.type", said)
        yield from _casts(pattern, statement)


def _casts(pattern: Pattern, statement: Statement) -> Iterator[Found]:
    for placeholder in _placeholders(statement):
        parameter = pattern.header.parameters.get(placeholder.name)
        cast = placeholder.parent
        if parameter is None or not isinstance(cast, exp.Cast):
            continue
        written = cast.to.sql(NAME).lower()
        if not _same(parameter, SAME.get(written, written)):
            said = f"it is declared as {parameter.type}, and the SQL casts it to {written}"
            yield Found(pattern.file, f"parameters.{placeholder.name}.type", said)


def _same(parameter: Parameter, written: str) -> bool:
    numbers = ("integer", "numeric", "bigint", "double precision")
    return parameter.type == written or (parameter.type in numbers and written in numbers)


def a_period_has_both_ends(subject: Subject) -> Iterator[Found]:
    """`period.start` and `period.end` fill parameters together, and then `period: default` says so."""
    for pattern in subject.content.patterns.values():
        header = pattern.header
        ends = [parameter.fills for parameter in header.parameters.values() if parameter.fills in ENDS]
        for end in ENDS:
            if ends and end not in ends:
                other = ENDS[1 - ENDS.index(end)]
                yield Found(pattern.file, "parameters", f"'{other}' fills a parameter, and '{end}' none")
        if ends and header.period == "none":
            said = "a period fills parameters; write 'period: default', which takes one where a question gives none"
            yield Found(pattern.file, "period", said)
        if header.period == "default" and not ends:
            yield Found(pattern.file, "period", "no parameter is filled with 'period.start' and 'period.end'")


def metrics_have_units(subject: Subject) -> Iterator[Found]:
    """A pattern's metric columns have a unit, and its other columns none."""
    for pattern in subject.content.patterns.values():
        for name, column in pattern.header.columns.items():
            if column.role == "metric" and column.unit is None:
                yield Found(pattern.file, f"columns.{name}", "a metric column has a unit, such as 'unit: count'")
            elif column.role != "metric" and column.unit is not None:
                said = f"a {column.role} column has no unit; is this 'role: metric'?"
                yield Found(pattern.file, f"columns.{name}.unit", said)


def _patterns(subject: Subject) -> Iterator[tuple[Pattern, Statement]]:
    for name, pattern in subject.content.patterns.items():
        yield pattern, subject.statements[name]


def _placeholders(statement: Statement) -> Iterator[exp.Placeholder]:
    if statement.select is not None:
        yield from statement.select.find_all(exp.Placeholder)


RULES = (
    Rule("output-columns", output_is_declared),
    Rule("parameters", parameters_are_used),
    Rule("parameter-type", parameters_are_typed),
    Rule("period-ends", a_period_has_both_ends),
    Rule("column-unit", metrics_have_units),
)
