"""The door to AgentOS: whoever our credentials know comes in, as a user with scopes that AgentOS enforces.

AgentOS has one kind of credential at a time and its own idea of who a token is for; here both kinds work, and a
principal is the same as on our own routes. Inside, every request carries a token of this process, valid for seconds.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from datetime import timedelta
from typing import Final

import jwt
from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from dash_agent.adapters.clock import SystemClock
from dash_agent.ports import Clock
from dash_agent.server.auth import Credentials, Identity
from dash_agent.server.failures import Refused, refusal
from dash_agent.server.rights import RUN, RUN_DASH, allows

OPEN: Final = ("/health", "/info", "/mcp/server-card")
"""Addresses of AgentOS that say what it is and whether it is up, and nothing else."""
SECONDS: Final = timedelta(seconds=60)
AUDIENCE: Final = "agentos-inside"


class Gate:
    """Lets nothing through that has no principal, and no WebSocket at all: what AgentOS has them for is not here."""

    def __init__(self, app: ASGIApp, credentials: Credentials, secret: str, clock: Clock | None = None) -> None:
        self._app = app
        self._credentials = credentials
        self._secret = secret
        # Tokens inside are about the real time, whatever now was frozen to.
        self._clock = clock or SystemClock()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1008})
            return
        if scope["type"] != "http":
            return
        path = scope["path"].rstrip("/") or "/"
        try:
            token = None if path in OPEN else self._token(path, Headers(scope=scope))
        except Refused as error:
            await refusal(error)(scope, receive, send)
            return
        await self._app({**scope, "headers": list(_inside(scope["headers"], token))}, receive, send)

    def _token(self, path: str, headers: Headers) -> str:
        identity = self._credentials.identity(headers)
        if path.startswith("/mcp") and not allows(identity.scopes, RUN, RUN_DASH):
            # AgentOS asks for scopes on its own tools alone, and `ask` is ours.
            raise Refused(403, "the scopes of this token leave out asking")
        return self._signed(identity)

    def _signed(self, identity: Identity) -> str:
        now = self._clock.now()
        claims = {
            "sub": identity.principal.user,
            "scopes": sorted(identity.scopes),
            "aud": AUDIENCE,
            "iat": now,
            "exp": now + SECONDS,
        }
        return jwt.encode(claims, self._secret, algorithm="HS256")


def new_secret() -> str:
    return secrets.token_urlsafe(48)


def _inside(headers: Iterable[tuple[bytes, bytes]], token: str | None) -> Iterable[tuple[bytes, bytes]]:
    """Without what the gate has dealt with: the caller's credentials, and the origin of a page."""
    for name, value in headers:
        if name.lower() not in (b"authorization", b"cookie", b"origin", b"x-forwarded-host"):
            yield name, value
    if token is not None:
        yield b"authorization", f"Bearer {token}".encode()
