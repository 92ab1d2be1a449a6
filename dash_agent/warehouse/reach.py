"""Whose rows are whose: the conditions of a row scope, and which tickets are within it.

They are those that the guard and row-level security are made of.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from typing import Final

from dash_agent.context.catalog import Catalog
from dash_agent.models.principal import Principal, ScopeFilter
from dash_agent.semantic.scope import row_rules
from dash_agent.warehouse.connections import Connections

TICKETS: Final = "support_threads_data"
MESSAGES: Final = "support_dialogs"
COMPARISONS: Final = "ai_human_comparison"
ACTIONS: Final = "ai_agent_tasks"

WITHIN: Final = """
    SELECT ticket_id FROM public.support_threads_data WHERE ticket_id = ANY(%(tickets)s) AND {support_threads_data}
"""


class SqlReach:
    """Port `Reach`. catalog: the one in service. Raises WarehouseUnavailable, DiskFull, WrongSchema."""

    def __init__(self, connections: Connections, catalog: Callable[[], Catalog]) -> None:
        self._connections = connections
        self._catalog = catalog

    def __call__(self, tickets: Collection[int], principal: Principal) -> frozenset[int]:
        """Those of the tickets that are among the principal's rows."""
        if not principal.scope or not tickets:
            return frozenset(tickets)
        statement = filled(WITHIN, conditions(self._catalog(), principal.scope))
        with self._connections.transaction() as connection:
            return frozenset(row[0] for row in connection.execute(statement, {"tickets": list(tickets)}))


def conditions(catalog: Catalog, scope: tuple[ScopeFilter, ...]) -> Mapping[str, str]:
    """By table, which of its rows are seen; of one that the scope does not reach, none."""
    if not scope:
        return dict.fromkeys((TICKETS, MESSAGES, COMPARISONS, ACTIONS), "true")
    made = row_rules(catalog, scope).conditions
    return {
        table: f"({made[table].sql('postgres')})" if table in made else "false"
        for table in (TICKETS, MESSAGES, COMPARISONS, ACTIONS)
    }


def filled(statement: str, within: Mapping[str, str]) -> bytes:
    """With the conditions in their places; a value of a scope may hold the driver's own sign."""
    return statement.format(**{table: condition.replace("%", "%%") for table, condition in within.items()}).encode()
