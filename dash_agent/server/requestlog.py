"""A line for each request: what was asked for and how it went, never what it said."""

from __future__ import annotations

import time

import structlog
from starlette.types import ASGIApp, Message, Receive, Scope, Send

logger = structlog.get_logger("dash_agent.http")


class RequestLog:
    """Logs method, path, status and milliseconds."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

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
            spent = round((time.perf_counter() - began) * 1000, 1)
            # Health probes come every few seconds and would bury the rest.
            write = logger.debug if "/health" in scope["path"] and status < 400 else logger.info
            write("request", method=scope["method"], path=scope["path"], status=status, ms=spent)
