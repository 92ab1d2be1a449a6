"""What lies beyond our own routes: applications of extensions, then AgentOS."""

from __future__ import annotations

from collections.abc import Sequence

from starlette.types import ASGIApp, Receive, Scope, Send

LABEL = "dash_agent.route"
"""Where an application's path is kept in the scope, for the figures."""


class Beyond:
    """Hands a request to the application whose path it is at or below, with the whole path, else to the last one."""

    def __init__(self, routes: Sequence[tuple[str, ASGIApp]], last: ASGIApp) -> None:
        self._routes = tuple((path.rstrip("/"), app) for path, app in routes)
        self._last = last

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        for path, app in self._routes:
            if scope["path"] == path or scope["path"].startswith(f"{path}/"):
                scope[LABEL] = path
                await app(scope, receive, send)
                return
        await self._last(scope, receive, send)
