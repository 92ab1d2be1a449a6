"""The files against the live database: names, types, values, and whether PostgreSQL takes the SQL."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from difflib import get_close_matches

from dash_agent.check.rule import Found, Rule
from dash_agent.check.subject import Subject
from dash_agent.context.content import VALUES
from dash_agent.context.runtime import live_problems


def names_are_live(subject: Subject) -> Iterator[Found]:
    """Documented tables and columns are in the database, and the reader may read those that are not personal."""
    yield from _told(subject, "live-name")


def types_are_live(subject: Subject) -> Iterator[Found]:
    """A column's documented type is the database's."""
    yield from _told(subject, "live-type")


def _told(subject: Subject, code: str) -> Iterator[Found]:
    if subject.live is None:
        return
    for file, table in subject.tables:
        for problem in live_problems(file, table, subject.live.columns, personal=subject.live.whole):
            if problem.rule == code:
                yield Found(file, problem.place, problem.message)


def nulls_are_documented(subject: Subject) -> Iterator[Found]:
    """A column that may be null in the database says so: its null group would come as a surprise."""
    for file, table in subject.tables if subject.live is not None else ():
        live = subject.live.columns.get(table.table, ()) if subject.live is not None and table.query is None else ()
        nullable = {column.name for column in live if column.nullable}
        for index, column in enumerate(table.columns):
            if column.name in nullable and not column.nullable:
                said = f"'{column.name}' may be null in the database; write \"nullable\": true"
                yield Found(file, f"columns[{index}].nullable", said)


def values_are_live(subject: Subject) -> Iterator[Found]:
    """A stored value in values.json is written as the database has it.

    One that no row has may still come; one beside a value that is nearly the same, and has no words, is a slip.
    """
    worded = _worded(subject)
    for index, value in enumerate(subject.content.values):
        known = _distinct(subject, value.dimension)
        free = {_plain(live): live for live in known - worded[value.dimension]}
        for position, stored in enumerate(value.stored):
            close = get_close_matches(_plain(stored), list(free), n=1, cutoff=0.8) if stored not in known else []
            if close:
                place = f"values[{index}].value" if value.value is not None else f"values[{index}].values[{position}]"
                said = f"no row has '{stored}' as its {value.dimension}; did you mean '{free[close[0]]}'?"
                yield Found(VALUES, place, said)


def _plain(value: str) -> str:
    return "".join(character for character in value.casefold() if character.isalnum())


def _worded(subject: Subject) -> Mapping[str, set[str]]:
    """Stored values of values.json by dimension."""
    found: dict[str, set[str]] = {}
    for value in subject.content.values:
        found.setdefault(value.dimension, set()).update(value.stored)
    return found


def values_have_words(subject: Subject) -> Iterator[Found]:
    """Where most values of a dimension have words in values.json, a value in the database has them, too."""
    for name, worded in _worded(subject).items():
        known = _distinct(subject, name)
        without = sorted(known - worded)
        if without and len(without) < len(known & worded):
            shown = ", ".join(f"'{value}'" for value in without)
            yield Found(VALUES, "values", f"the database has values of '{name}' that have no words here: {shown}")


def _distinct(subject: Subject, dimension: str) -> set[str]:
    """Distinct values in the dimension's own column, empty where they are many or not to be seen."""
    found = subject.model.catalog.dimensions.get(dimension) if subject.model is not None else None
    if subject.live is None or found is None:
        return set()
    if dimension in subject.live_values:
        return set(subject.live_values[dimension])
    table, _, column = found.column.partition(".")
    if subject.content.tables[table].query is not None:
        return set()
    return {value.strip() for value in subject.live.distinct(table, column) or ()}


def the_database_takes_it(subject: Subject) -> Iterator[Found]:
    """PostgreSQL can plan (EXPLAIN) what a metric, a pattern or a derived table compiles to. Nothing runs."""
    said = set[tuple[str, str, str]]()
    for compiled in subject.compiled if subject.live is not None else ():
        refusal = subject.live.refusal(compiled.safe) if subject.live is not None and compiled.safe else None
        told = (compiled.file, compiled.place, refusal.message if refusal is not None else "")
        if refusal is not None and told not in said:
            said.add(told)
            yield Found(compiled.file, compiled.place, compiled.told(refusal.message), compiled.line)


RULES = (
    Rule("live-name", names_are_live),
    Rule("live-type", types_are_live),
    Rule("live-null", nulls_are_documented, "warning"),
    Rule("value-unknown", values_are_live, "warning"),
    Rule("value-unworded", values_have_words, "warning"),
    Rule("plan", the_database_takes_it),
)
