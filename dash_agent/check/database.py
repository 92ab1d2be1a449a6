"""The live database, as far as a check may look into it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from dash_agent.context.catalog import Catalog
from dash_agent.context.runtime import MANY_VALUES, live_values
from dash_agent.errors import DashError, QueryError, QueryFailed
from dash_agent.models.sql import SafeQuery
from dash_agent.ports import Introspection, LiveColumn, Warehouse

NO_RIGHT = "42501"


@dataclass(frozen=True, slots=True)
class Live:
    """columns: of the analysed tables; of every column where `whole`, else of what the reader sees.

    reader: looks as the reader. granted: the reader's rights are those that the files ask for: files with errors
    change no rights, so what it may not read then says nothing.
    """

    columns: Mapping[str, Sequence[LiveColumn]]
    whole: bool
    reader: Introspection
    warehouse: Warehouse
    granted: bool

    def values(self, catalog: Catalog) -> Mapping[str, tuple[str, ...]]:
        """Distinct values of the dimensions that are learned live, as far as the reader may see them."""
        try:
            return live_values(catalog, self.reader)
        except DashError:
            if self.granted:
                raise
            return {}

    def distinct(self, table: str, column: str) -> Sequence[str] | None:
        """None where there are many, or where they can't be seen."""
        try:
            return self.reader.distinct_values(table, column, MANY_VALUES)
        except DashError:
            return None

    def refusal(self, query: SafeQuery) -> QueryError | None:
        """What the database says against a statement; nothing runs. Raises WarehouseUnavailable."""
        try:
            self.warehouse.explain(query)
        except QueryFailed as error:
            return error if self.granted or error.sqlstate != NO_RIGHT else None
        except QueryError as error:
            return error
        return None
