"""Runs what the guard let through, and nothing else."""

from __future__ import annotations

from dash_agent.models.sql import ResultSet, SafeQuery
from dash_agent.ports import Warehouse


def run(query: SafeQuery, warehouse: Warehouse) -> ResultSet:
    """Rows of a checked statement.

    Raises QueryTimeout, QueryTooExpensive, QueryFailed, WarehouseUnavailable; TypeError for anything that the guard
    did not make.
    """
    if type(query) is not SafeQuery:
        raise TypeError("only what the guard let through may run")
    return warehouse.execute(query)
