"""Tables: joins that can't multiply rows, times that are moments, and columns that look personal."""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from dash_agent.check.rule import Found, Rule
from dash_agent.check.subject import Subject
from dash_agent.context.tables import Column

WHOLE = ("bigint", "integer", "smallint")
WRITTEN = ("text", "char")

PERSONAL_WORDS: Final = frozenset(
    """
    name surname fullname firstname lastname email mail phone mobile tel telephone fax address street zip postcode
    subject message body text content comment transcript ip token password secret birth birthday birthdate dob
    passport ssn iban card latitude longitude tracking signature
    """.split()
)


def joins_go_to_one_row(subject: Subject) -> Iterator[Found]:
    """A join goes to the other table's primary key, so that a row here has at most one there: else sums would grow."""
    for file, table in subject.tables:
        for index, join in enumerate(table.joins):
            other = subject.content.tables.get(join.table)
            if other is None or other.column(join.key) is None or other.primary_key == join.key:
                continue
            message = (
                f"'{join.key}' is not the primary key of '{other.table}', so a row here may have many there "
                f"and would be counted many times; "
            )
            if table.primary_key == join.column:
                message += f"declare the join in '{other.table}', the other way round"
            else:
                message += f"join to '{other.table}.{other.primary_key}'"
            yield Found(file, f"joins[{index}].to", message)


def joins_compare_like_with_like(subject: Subject) -> Iterator[Found]:
    """Both ends of a join are of one type."""
    for file, table in subject.tables:
        for index, join in enumerate(table.joins):
            other = subject.content.tables.get(join.table)
            here, there = table.column(join.column), other.column(join.key) if other else None
            if here is None or there is None or _family(here.type) == _family(there.type):
                continue
            if other is None or other.primary_key != join.key:
                continue
            said = f"'{join.column}' is {here.type} and '{join.to}' {there.type}; both ends are to be of one type"
            yield Found(file, f"joins[{index}]", said)


def one_way_leads_to_a_table(subject: Subject) -> Iterator[Found]:
    """One shortest way of joins leads from a table to another: of two, dimensions and row scopes would go by one."""
    ways = {table.table: [join.table for join in table.joins] for _, table in subject.tables}
    for file, table in subject.tables:
        told = set[tuple[int, int]]()
        for goal, (first, second) in _ties(table.table, ways):
            if (first, second) in told:
                continue  # what lies behind a table that was told is reached the same two ways
            told.add((first, second))
            here, there = table.joins[first], table.joins[second]
            if here.table == there.table:
                said = (
                    f"'{goal}' is joined here already, by '{here.column}', and dimensions and row scopes would go by "
                    "that one alone; leave one of the two out"
                )
            else:
                said = (
                    f"two ways as short as each other lead to '{goal}', over '{here.table}' and over '{there.table}', "
                    f"and dimensions and row scopes would go by the first alone; leave one out, or join '{goal}' here"
                )
            yield Found(file, f"joins[{second}].to", said)


def _ties(start: str, ways: Mapping[str, Sequence[str]]) -> Iterator[tuple[str, tuple[int, int]]]:
    """Tables to which several joins of `start` begin a shortest way, with the first two of these; the nearest first."""
    behind = [_steps(table, start, ways) for table in ways[start]]
    goals = {goal: min(steps[goal] for steps in behind if goal in steps) for steps in behind for goal in steps}
    for goal in sorted(goals, key=goals.__getitem__):
        nearest = [index for index, steps in enumerate(behind) if steps.get(goal) == goals[goal]]
        if len(nearest) > 1:
            yield goal, (nearest[0], nearest[1])


def _steps(start: str, without: str, ways: Mapping[str, Sequence[str]]) -> dict[str, int]:
    """How many joins away each table is, on ways that do not pass `without`."""
    found, queue = {start: 0}, deque([start])
    while queue:
        here = queue.popleft()
        for table in ways.get(here, ()):
            if table not in found and table != without:
                found[table] = found[here] + 1
                queue.append(table)
    return found


def _family(kind: str) -> str:
    return "a whole number" if kind in WHOLE else "text" if kind in WRITTEN else kind


def time_is_a_moment(subject: Subject) -> Iterator[Found]:
    """A table's `time` is a timestamptz column: days begin in the business time zone, and a date has none."""
    for file, table in subject.tables:
        column = table.column(table.time) if table.time is not None else None
        if column is not None and column.type != "timestamptz":
            yield Found(file, "time", f"'{column.name}' is of type {column.type}; a table's time is a timestamptz")


def looks_personal(subject: Subject) -> Iterator[Found]:
    """A column whose name or type suggests personal data says which: `personal` true, or explicitly false."""
    for file, table in subject.tables:
        for index, column in enumerate(table.columns):
            word = _personal_word(column)
            decided = "personal" in column.model_fields_set or column.identifies is not None
            if word and not decided and table.query is None:
                message = (
                    f'\'{column.name}\' looks personal ({word}); write "personal": true, or "personal": false '
                    "where nobody can be recognised by it"
                )
                yield Found(file, f"columns[{index}].name", message)


def _personal_word(column: Column) -> str:
    if column.type == "jsonb":
        return "JSON may hold anything"
    words = [word for word in re.split(r"[^a-z]+", column.name.lower()) if word in PERSONAL_WORDS]
    if words and (column.type in WRITTEN or words[0] in ("birth", "birthday", "birthdate", "dob")):
        return f"'{words[0]}'"
    return ""


def personal_columns_stay_inside(subject: Subject) -> Iterator[Found]:
    for file, table in subject.tables:
        for index, column in enumerate(table.columns):
            if column.personal and column.values == "live":
                said = f"'{column.name}' is personal, and its values are not to be learned from the database"
                yield Found(file, f"columns[{index}].values", said)
        for index, name in enumerate(table.show):
            shown = table.column(name)
            if shown is not None and shown.personal:
                yield Found(file, f"show[{index}]", f"'{name}' is personal, and analytics shows no personal column")


RULES = (
    Rule("join-multiplies", joins_go_to_one_row),
    Rule("join-types", joins_compare_like_with_like),
    Rule("join-ways", one_way_leads_to_a_table),
    Rule("time-column", time_is_a_moment),
    Rule("personal-unmarked", looks_personal, "warning"),
    Rule("personal-column", personal_columns_stay_inside),
)
