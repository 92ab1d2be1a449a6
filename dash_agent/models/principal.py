"""Who asks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum


class Role(StrEnum):
    VIEWER = "viewer"
    MANAGER = "manager"
    ANALYST = "analyst"
    ADMIN = "admin"


@dataclass(frozen=True, slots=True)
class ScopeFilter:
    """Rows that a principal may see: those whose `dimension` has one of `values`."""

    dimension: str
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Principal:
    """A known person or service. Never built from a request's body.

    language: the one they prefer ('en', 'ru'), used where a question does not show its own.
    scope: all of these filters hold on every relation; () sees every row. team: '' where they are in none.
    """

    user: str
    role: Role
    language: str = "en"
    scope: tuple[ScopeFilter, ...] = ()
    team: str = ""


def sees_texts(principal: Principal) -> bool:
    """What customers and agents wrote is personal, and the admins' to read."""
    return principal.role is Role.ADMIN


def sees_sql(principal: Principal) -> bool:
    """SQL, and plans that are SQL, are for those who work on the definitions."""
    return principal.role in (Role.ANALYST, Role.ADMIN)


def covers(scope: Sequence[ScopeFilter], rows: Sequence[ScopeFilter]) -> bool:
    """Whether who sees the rows of `scope` sees all that were counted among `rows`."""
    return all(
        any(kept.dimension == narrowed.dimension and set(kept.values) <= set(narrowed.values) for kept in rows)
        for narrowed in scope
    )
