"""Tells of each HTTP request how it ended; one that the end of the server cuts off gets an error."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from typing import Final

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from dash_agent.server.responses import Json, error_body

ENDING: Final = error_body("unavailable", "the server is ending", "ask again in a moment")

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
        began, status, begun = time.perf_counter(), 500, False

        async def watch(message: Message) -> None:
            nonlocal status, begun
            if message["type"] == "http.response.start":
                status, begun = message["status"], True
            await send(message)

        try:
            await self._app(scope, receive, watch)
        except asyncio.CancelledError:
            # Only a server that ends cancels a request. What has begun is cut off; what has not is told.
            if not begun:
                await Json(ENDING, 503)(scope, receive, watch)
        finally:
            for told in self._told:
                told(scope, status, time.perf_counter() - began)
