"""What each role may do, in the scopes of AgentOS."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from dash_agent.models.principal import Role

EVERYTHING: Final = "agent_os:admin"
RUN: Final = "agents:run"
RUN_DASH: Final = "agents:dash:run"

ASKING: Final = frozenset(
    {
        RUN,
        "agents:read",
        "teams:read",
        "workflows:read",
        "config:read",
        "sessions:read",
        "sessions:write",
        "sessions:delete",
    }
)
# Traces hold the SQL that a model tried, so they are for those who see SQL.
LOOKING_INSIDE: Final = frozenset({"traces:read", "registry:read", "metrics:read"})

SCOPES: Final[Mapping[Role, frozenset[str]]] = {
    Role.VIEWER: ASKING,
    Role.MANAGER: ASKING,
    Role.ANALYST: ASKING | LOOKING_INSIDE,
    Role.ADMIN: frozenset({EVERYTHING}),
}


def scopes_of(role: Role) -> frozenset[str]:
    return SCOPES[role]


def narrowed(scopes: frozenset[str], claimed: object) -> frozenset[str]:
    """What a token's claim `scopes` leaves of a role's. None leaves all; a claim never adds to them.

    A claim for one agent (`agents:dash:run`) is kept where the role has the right for all.
    """
    if claimed is None:
        return scopes
    texts = claimed.split() if isinstance(claimed, str) else claimed if isinstance(claimed, list) else []
    wanted = frozenset(map(str, texts))
    if EVERYTHING in wanted:
        return scopes
    if EVERYTHING in scopes:
        return wanted
    return frozenset(scope for scope in wanted if scope in scopes or _general(scope) in scopes)


def allows(scopes: frozenset[str], *any_of: str) -> bool:
    return EVERYTHING in scopes or not frozenset(map(_widest, scopes)).isdisjoint(any_of)


def _general(scope: str) -> str:
    """`agents:dash:run` is a case of `agents:run`."""
    parts = scope.split(":")
    return f"{parts[0]}:{parts[-1]}"


def _widest(scope: str) -> str:
    """`agents:*:run` is the same as `agents:run`; a scope for one agent stays one."""
    return _general(scope) if scope.split(":")[1:-1] == ["*"] else scope
