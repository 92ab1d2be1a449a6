"""Layer 6, runtime context: what the live database really has."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from dash_agent.context.catalog import Catalog
from dash_agent.context.files import nearest
from dash_agent.errors import Problem, QueryTimeout
from dash_agent.ports import Introspection

MANY_VALUES: Final = 200
"""A column with more distinct values than this is not one whose values a question names."""

LIVE_TYPES: Final = {
    "timestamptz": ("timestamp with time zone",),
    "char": ("character",),
    "text": ("text", "character varying"),
    "numeric": ("numeric",),
}


def check_live(catalog: Catalog, introspection: Introspection) -> tuple[Problem, ...]:
    """Documented names and types that the database does not have, for the reader."""
    return tuple(_live_problems(catalog, introspection))


def _live_problems(catalog: Catalog, introspection: Introspection) -> Iterator[Problem]:
    live = introspection.columns()
    for table in catalog.tables.values():
        file = f"tables/{table.table}.json"
        if table.table not in live:
            close = nearest(table.table, list(live))
            yield Problem(file, "table", f"the database has no readable table '{table.table}'{close}")
            continue
        types = {column.name: column.type for column in live[table.table]}
        for index, column in enumerate(table.columns):
            place = f"columns[{index}]"
            if column.personal:
                continue
            if column.name not in types:
                message = f"the database has no readable column '{table.table}.{column.name}'"
                yield Problem(file, f"{place}.name", message + nearest(column.name, list(types)))
            elif not _agrees(column.type, types[column.name]):
                message = f"'{column.type}' is documented, the database has '{types[column.name]}'"
                yield Problem(file, f"{place}.type", message)


def _agrees(documented: str, live: str) -> bool:
    accepted = LIVE_TYPES.get(documented, (documented,))
    return live.partition("(")[0] in accepted


def live_values(catalog: Catalog, introspection: Introspection) -> Mapping[str, tuple[str, ...]]:
    """Distinct values by dimension, for dimensions whose column is marked `values: live` and holds few.

    A column that takes too long to look through is left out: its values are then unknown words, and are refused.
    """
    found: dict[str, tuple[str, ...]] = {}
    for dimension in catalog.dimensions.values():
        table_name, _, column_name = dimension.column.partition(".")
        column = catalog.tables[table_name].column(column_name)
        if column is None or column.values != "live":
            continue
        try:
            values = introspection.distinct_values(table_name, column_name, MANY_VALUES)
        except QueryTimeout:
            continue
        if values is not None:
            found[dimension.name] = tuple(value.strip() for value in values)
    return found
