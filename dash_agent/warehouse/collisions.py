"""Starts that change the same roles at once: roles are the server's, and no lock of one database covers them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, TypeVar

import psycopg
from psycopg import Connection, errors

from dash_agent.errors import WarehouseUnavailable
from dash_agent.warehouse.connections import where

# Each collision means that another start has come through, so this is how many starts at once it takes to fail one.
TRIES: Final = 12

Result = TypeVar("Result")


def with_collisions(url: str, connection: Connection, change: Callable[[], Result]) -> Result:
    """Runs `change` in a transaction of its own, and again where it met another's change of the same roles.

    Whoever collides has waited for the other to commit: nothing is gained by waiting longer. The whole is done
    again, since what it read of roles may be gone. Raises WarehouseUnavailable after TRIES.
    """
    for left in reversed(range(TRIES)):
        try:
            with connection.transaction():
                return change()
        except psycopg.Error as error:
            if not _is_collision(error):
                raise
            if not left:
                raise WarehouseUnavailable(
                    f"the roles of {where(url)} could not be set: {error.diag.message_primary}",
                    "if others are starting on this server, wait for them, then start again",
                ) from error
    raise AssertionError("the last try returns or raises")


def _is_collision(error: psycopg.Error) -> bool:
    """UndefinedObject: a role that another dropped between our look and our change."""
    if isinstance(error, errors.InternalError_):
        return "tuple concurrently" in str(error)
    return isinstance(
        error, (errors.UniqueViolation, errors.DuplicateObject, errors.UndefinedObject, errors.DeadlockDetected)
    )
