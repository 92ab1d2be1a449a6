"""What the fixtures of this folder give."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import psycopg

PERSONAL = {
    *("full_name", "email", "shipping_address", "tracking_number", "thread_key", "customer_email", "subject"),
    *("error_message", "message", "ai_answer", "human_answer", "arguments"),
}


@dataclass(frozen=True)
class Database:
    """URLs of one database, one a role. readable: what the reader was granted."""

    owner: str
    app: str
    reader: str
    readable: Mapping[str, Sequence[str]]


def columns_not_personal(owner_url: str) -> Mapping[str, Sequence[str]]:
    found: dict[str, list[str]] = {}
    with psycopg.connect(owner_url) as connection:
        rows = connection.execute(
            "SELECT table_name, column_name FROM information_schema.columns JOIN pg_tables"
            " ON schemaname = table_schema AND tablename = table_name WHERE table_schema = 'public'"
            " ORDER BY table_name, ordinal_position"
        )
        for table, column in rows:
            if column not in PERSONAL:
                found.setdefault(table, []).append(column)
    return found
