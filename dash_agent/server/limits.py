"""How much a request may send."""

from __future__ import annotations

from collections.abc import Mapping
from fnmatch import fnmatchcase
from typing import Final

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from dash_agent.server.responses import Json, error_body

DROPPED: Final = 16 * 1024 * 1024
"""Bytes of a body that is too large which are read all the same: who is cut off while sending never sees the answer."""


class BodyLimit:
    """Answers 413 to a body over `limit` bytes, declared or sent, before anyone reads it.

    larger: patterns of paths (`*` is any part) that may get more, and how much.
    """

    def __init__(self, app: ASGIApp, limit: int, larger: Mapping[str, int] | None = None) -> None:
        self._app = app
        self._limit = limit
        self._larger = larger or {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        limit = self._limit_of(scope["path"])
        messages = await self._body(scope, receive, limit)
        if messages is None:
            hint = f"send at most {limit // 1024} kB"
            response = Json(
                error_body("too_large", "the body is too large", hint), 413, headers={"Connection": "close"}
            )
            await response(scope, receive, send)
            return

        async def replay() -> Message:
            return messages.pop(0) if messages else await receive()

        await self._app(scope, replay, send)

    def _limit_of(self, path: str) -> int:
        return next((most for pattern, most in self._larger.items() if fnmatchcase(path, pattern)), self._limit)

    async def _body(self, scope: Scope, receive: Receive, limit: int) -> list[Message] | None:
        """The body's messages, None where there is too much of it. It is small, so it is read whole."""
        declared = dict(scope["headers"]).get(b"content-length", b"0")
        if not declared.isdigit() or int(declared) > limit:
            await _dropped(receive)
            return None
        messages: list[Message] = []
        size = 0
        while True:
            message = await receive()
            messages.append(message)
            size += len(message.get("body", b""))
            if size > limit:
                if message.get("more_body", False):
                    await _dropped(receive)
                return None
            if message["type"] != "http.request" or not message.get("more_body", False):
                return messages


async def _dropped(receive: Receive) -> None:
    size = 0
    while size < DROPPED:
        message = await receive()
        size += len(message.get("body", b""))
        if message["type"] != "http.request" or not message.get("more_body", False):
            return
