"""What a metric means, gathered from the files that say it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from dash_agent.context.business import Constant, Counted, Metric
from dash_agent.context.catalog import Catalog
from dash_agent.context.tables import Table
from dash_agent.errors import UnknownName
from dash_agent.preview.names import nearest_of
from dash_agent.semantic.model import SemanticModel
from dash_agent.semantic.resolve import applies

EXPRESSIONS: Final = ("value", "distinct", "where", "time", "enters", "leaves")
"""Keys of a counted metric that hold SQL."""

_NAMED: Final = re.compile(r"(?<!:):([a-z_]\w*)")


@dataclass(frozen=True, slots=True)
class Definition:
    """parts: what is counted, the metric itself or a ratio's two. tables: where, each once, in their order.

    constants: those that the SQL names. dimensions: names of those that it can be split by.
    state: it is of now, and takes no period by itself.
    """

    metric: Metric
    parts: tuple[Counted, ...]
    tables: tuple[Table, ...]
    constants: tuple[Constant, ...]
    dimensions: tuple[str, ...]
    state: bool

    def time_of(self, part: Counted) -> str | None:
        """SQL for the moment that a period goes by, None where the rows have none."""
        return part.time or next(table.time for table in self.tables if table.table == part.table)


def defined(model: SemanticModel, name: str) -> Definition:
    """Raises UnknownName with the nearest metrics, by name and by what they are called in either language."""
    catalog = model.catalog
    metric = catalog.metrics.get(name)
    if metric is None:
        raise UnknownName("metric", name, nearest_of(name, catalog.metrics.values()))
    parts = catalog.counted(metric)
    tables = tuple(catalog.tables[table] for table in dict.fromkeys(part.table for part in parts))
    return Definition(
        metric=metric,
        parts=parts,
        tables=tables,
        constants=tuple(_constants(catalog, parts, tables)),
        dimensions=tuple(dimension for dimension in catalog.dimensions if applies(model, name, dimension)),
        state=catalog.is_state(metric),
    )


def _constants(catalog: Catalog, parts: Sequence[Counted], tables: Sequence[Table]) -> Iterator[Constant]:
    written = [sql for part in parts for sql in expressions(part).values()]
    written += [table.query for table in tables if table.query is not None]
    named = {name for sql in written for name in _NAMED.findall(sql)}
    yield from (constant for name, constant in catalog.constants.items() if name in named)


def expressions(part: Counted) -> dict[str, str]:
    """The SQL that a counted metric declares, by key."""
    given = ((key, getattr(part, key, None)) for key in EXPRESSIONS)
    return {key: sql for key, sql in given if isinstance(sql, str)}
