"""Tells of each HTTP request how it ended."""

from __future__ import annotations

import time
from collections.abc import Callable

from starlette.types import ASGIApp, Message, Receive, Scope, Send

Told = Callable[[Scope, int, float], None]


class Watched:
    """Calls each of `told` with scope, status (500 where none was sent) and seconds, after the response."""

    def __init__(self, app: ASGIApp, *told: Told) -> None:
        self._app = app
        self._told = told

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        began, status = time.perf_counter(), 500

        async def watch(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self._app(scope, receive, watch)
        finally:
            for told in self._told:
                told(scope, status, time.perf_counter() - began)
