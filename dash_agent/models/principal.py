"""Who asks."""

from __future__ import annotations

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
