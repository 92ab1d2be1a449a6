"""The database's errors as the product's, without values from rows.

PostgreSQL quotes the offending value in messages about data: `invalid input syntax for type integer: "a@example.com"`.
A statement could be written to make it do so.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

import psycopg
from psycopg import errors

from dash_agent.errors import QueryError, QueryFailed, QueryTimeout, QueryTooExpensive
from dash_agent.warehouse.connections import unavailable

_QUOTED: Final = re.compile(r"\"[^\"]*\"|'[^']*'|\([^)]*\)=\([^)]*\)")
# Classes whose messages name parts of the statement, not values: syntax and names, privileges, features.
_ABOUT_THE_STATEMENT: Final = ("42", "0A")
_OUT_OF_RESOURCES: Final = ("53", "54")


@contextmanager
def explaining_query(url: str, timeout_s: float) -> Iterator[None]:
    """Raises QueryTimeout, QueryTooExpensive, QueryFailed or WarehouseUnavailable in place of psycopg's errors."""
    try:
        yield
    except errors.QueryCanceled as error:
        raise QueryTimeout(
            f"the query ran longer than {timeout_s:g} seconds and was stopped", "ask for a shorter period"
        ) from error
    except psycopg.Error as error:
        if error.sqlstate is None and isinstance(error, psycopg.OperationalError):
            raise unavailable(url, error) from None
        # 08P01, a broken rule of the protocol, is what a statement with $1 in it gets.
        if (error.sqlstate or "").startswith(("08", "57P")) and error.sqlstate != "08P01":
            raise unavailable(url, error) from None
        # `from None`: a traceback in a log would repeat the message that was scrubbed here.
        raise _query_error(error) from None


def _query_error(error: psycopg.Error) -> QueryError:
    state = error.sqlstate or ""
    message = error.diag.message_primary or "the database gave no rows"
    if state.startswith(_OUT_OF_RESOURCES):
        return QueryTooExpensive(f"the query needs too much: {_scrubbed(message)}", "ask for a shorter period")
    if not state.startswith(_ABOUT_THE_STATEMENT):
        message = _scrubbed(message)
    return QueryFailed(f"the database reported: {message}", sqlstate=state)


def _scrubbed(message: str) -> str:
    return _QUOTED.sub("…", message.partition(": ")[0] if ": " in message else message)
