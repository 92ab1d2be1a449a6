"""Layer 6, runtime context: what the live database really has."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from dash_agent.context.catalog import Catalog
from dash_agent.context.content import table_file
from dash_agent.context.files import nearest
from dash_agent.context.tables import Table
from dash_agent.errors import Problem, QueryTimeout
from dash_agent.ports import Introspection, LiveColumn

MANY_VALUES: Final = 200
"""A column with more distinct values than this is not one whose values a question names."""

LIVE_TYPES: Final = {
    "timestamptz": ("timestamp with time zone",),
    "char": ("character",),
    "text": ("text", "character varying"),
    "numeric": ("numeric",),
}


Seen = Mapping[str, Sequence[LiveColumn]]


def check_live(catalog: Catalog, introspection: Introspection) -> tuple[Problem, ...]:
    """Documented names and types that the database does not have, for the reader."""
    live = introspection.columns()
    tables = ((table_file(name), table) for name, table in catalog.tables.items())
    return tuple(problem for file, table in tables for problem in live_problems(file, table, live))


def live_problems(file: str, table: Table, live: Seen, *, personal: bool = False) -> Iterator[Problem]:
    """A table of the files against what the database has. personal: whether `live` holds personal columns, too."""
    if table.query is not None:
        return
    if table.table not in live:
        message = f"the database has no readable table '{table.table}'{nearest(table.table, list(live))}"
        yield Problem(file, "table", message, rule="live-name")
        return
    found = {column.name: column for column in live[table.table]}
    for index, column in enumerate(table.columns):
        place = f"columns[{index}]"
        if column.personal and not personal:
            continue
        if column.name not in found:
            message = f"the database has no readable column '{table.table}.{column.name}'"
            yield Problem(file, f"{place}.name", message + nearest(column.name, list(found)), rule="live-name")
        elif not _agrees(column.type, found[column.name].type):
            message = f"'{column.type}' is documented, and the database has '{found[column.name].type}'"
            yield Problem(file, f"{place}.type", message, rule="live-type")


def _agrees(documented: str, live: str) -> bool:
    accepted = LIVE_TYPES.get(documented, (documented,))
    return live.partition("(")[0] in accepted


def live_values(catalog: Catalog, introspection: Introspection) -> Mapping[str, tuple[str, ...]]:
    """Distinct values by dimension, for dimensions whose column is marked `values: live` and holds few.

    A column that takes too long to look through is left out: its values are then unknown words, and are refused. So is
    one of a derived table, which the database does not have.
    """
    found: dict[str, tuple[str, ...]] = {}
    for dimension in catalog.dimensions.values():
        table_name, _, column_name = dimension.column.partition(".")
        table = catalog.tables[table_name]
        column = table.column(column_name)
        if column is None or column.values != "live" or table.query is not None:
            continue
        try:
            values = introspection.distinct_values(table_name, column_name, MANY_VALUES)
        except QueryTimeout:
            continue
        if values is not None:
            found[dimension.name] = tuple(value.strip() for value in values)
    return found
