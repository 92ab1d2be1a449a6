"""What speaks against a statement that a model wrote, before it runs and once its rows are there."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from dash_agent.context.catalog import Catalog
from dash_agent.context.runtime import MANY_VALUES
from dash_agent.errors import DoubtfulSql, QueryError
from dash_agent.models.sql import ResultSet
from dash_agent.ports import Introspection
from dash_agent.semantic.generated.doubt import Doubt
from dash_agent.semantic.generated.fan_out import fan_out
from dash_agent.semantic.generated.figures import strange_figures
from dash_agent.semantic.generated.reading import levels, tables_of
from dash_agent.semantic.generated.relations import Level
from dash_agent.semantic.generated.values import strange_values
from dash_agent.semantic.generated.zones import other_clocks

TEXTS = ("text", "char")


@dataclass(frozen=True, slots=True)
class Checked:
    """A statement that was read. doubts: those that the statement alone shows."""

    levels: tuple[Level, ...]
    doubts: tuple[Doubt, ...]


class Checks:
    """Of one catalogue and database. Thread-safe."""

    def __init__(self, catalog: Catalog, introspection: Introspection, zone: ZoneInfo) -> None:
        self._catalog = catalog
        self._introspection = introspection
        self._zone = zone

    @staticmethod
    def refuse(doubts: Iterable[Doubt]) -> None:
        """Raises DoubtfulSql for the first that refuses."""
        for doubt in doubts:
            if doubt.refuses:
                raise DoubtfulSql(doubt.message, doubt.hint, doubt.kind, doubt.about)

    def tables(self, sql: str) -> tuple[str, ...]:
        """Those of the catalogue that a statement reads."""
        return tables_of(sql, self._catalog)

    def statement(self, sql: str) -> Checked:
        """sql: as the guard printed it, before any row scope. Raises Unavailable."""
        found = levels(sql, self._catalog)
        doubts = (
            *fan_out(found),
            *strange_values(found, self._catalog, self._values),
            *other_clocks(found, self._catalog, self._zone),
        )
        return Checked(found, tuple(dict.fromkeys(doubts)))

    def rows(self, checked: Checked, result: ResultSet) -> tuple[Doubt, ...]:
        """Doubts that the rows show."""
        empty = () if any(cell is not None for row in result.rows for cell in row) else (EMPTY,)
        return (*strange_figures(result, checked.levels, self._catalog), *empty)

    def _values(self, table: str, column: str) -> Sequence[str] | None:
        """Of columns that hold few, and that a look does not take long at; those of derived tables are not known."""
        declared = self._catalog.tables[table].column(column)
        if declared is None or declared.personal or declared.type not in TEXTS:
            return None
        if self._catalog.tables[table].query is not None:
            return None
        try:
            return self._introspection.distinct_values(table, column, MANY_VALUES)
        except QueryError:
            return None


EMPTY = Doubt(
    "empty",
    "the statement gives no value at all",
    "look whether its conditions can hold together, or say in the plan that there is nothing",
    refuses=False,
)
