"""Roles as scopes, and what a token leaves of them."""

from __future__ import annotations

import pytest

from dash_agent.models.principal import Role
from dash_agent.server.rights import EVERYTHING, RUN, RUN_DASH, allows, narrowed, scopes_of


@pytest.mark.parametrize("role", Role)
def test_everyone_may_ask(role: Role) -> None:
    assert allows(scopes_of(role), RUN, RUN_DASH)


def test_only_the_admin_may_all() -> None:
    assert [role for role in Role if EVERYTHING in scopes_of(role)] == [Role.ADMIN]


@pytest.mark.parametrize(
    ("role", "claimed", "left"),
    [
        (Role.VIEWER, None, scopes_of(Role.VIEWER)),
        (Role.VIEWER, [EVERYTHING], scopes_of(Role.VIEWER)),
        (Role.VIEWER, [], frozenset()),
        (Role.VIEWER, 7, frozenset()),
        (Role.VIEWER, ["traces:read", "sessions:read"], {"sessions:read"}),
        (Role.VIEWER, ["agents:dash:run", "agents:*:read", "evals:*:run"], {"agents:dash:run", "agents:*:read"}),
        (Role.ANALYST, "traces:read sessions:read", {"traces:read", "sessions:read"}),
        (Role.ADMIN, ["traces:read"], {"traces:read"}),
        (Role.ADMIN, [EVERYTHING], {EVERYTHING}),
    ],
)
def test_a_claim_narrows_and_never_adds(role: Role, claimed: object, left: set[str]) -> None:
    assert narrowed(scopes_of(role), claimed) == left


@pytest.mark.parametrize(
    ("scopes", "allowed"),
    [
        ({EVERYTHING}, True),
        ({RUN}, True),
        ({RUN_DASH}, True),
        ({"agents:*:run"}, True),
        ({"agents:other:run"}, False),
        ({"agents:read"}, False),
        (set(), False),
    ],
)
def test_who_may_run_dash(scopes: set[str], allowed: bool) -> None:
    assert allows(frozenset(scopes), RUN, RUN_DASH) is allowed
