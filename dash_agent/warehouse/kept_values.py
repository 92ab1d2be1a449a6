"""Distinct values of columns, kept from process to process for as long as their tables stay as they are."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from hashlib import sha256
from typing import Any, Final

from dash_agent.ports import LiveColumn, Shelf
from dash_agent.warehouse.introspect import PostgresIntrospection

VALUES: Final = "values.json"


class KeptValues:
    """The Introspection port over another one. place: names the database and the role that looks.

    What somebody wrote in the last ten seconds may be missed: PostgreSQL counts changes with that delay.
    """

    def __init__(self, looks: PostgresIntrospection, shelf: Shelf, place: str) -> None:
        self._looks = looks
        self._shelf = shelf
        self._key = sha256(place.encode()).hexdigest()[:32]

    def columns(self) -> Mapping[str, Sequence[LiveColumn]]:
        return self._looks.columns()

    def newest(self, table: str, column: str) -> datetime | None:
        return self._looks.newest(table, column)

    def distinct_values(self, table: str, column: str, limit: int) -> Sequence[str] | None:
        """As the port says. Raises WarehouseUnavailable, WrongSchema, QueryTimeout."""
        stamp = self._looks.stamp(table)
        if stamp is None:
            return self._looks.distinct_values(table, column, limit)
        name = f"{table}.{column} {limit}"
        kept = self._kept().get(name)
        if kept is not None and kept["stamp"] == stamp:
            return _values(kept)
        found = self._looks.distinct_values(table, column, limit)
        entry = {"stamp": stamp, "values": None if found is None else list(found)}
        self._shelf.put(VALUES, self._key, json.dumps({**self._kept(), name: entry}, ensure_ascii=False))
        return found

    def _kept(self) -> Mapping[str, Any]:
        return dict(json.loads(self._shelf.get(VALUES, self._key) or "{}"))


def _values(kept: Mapping[str, Any]) -> Sequence[str] | None:
    return None if kept["values"] is None else [str(value) for value in kept["values"]]
