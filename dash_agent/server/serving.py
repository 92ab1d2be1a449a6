"""Running the application on a socket until it is told to stop."""

from __future__ import annotations

import socket
from collections.abc import Callable

import uvicorn
from starlette.types import ASGIApp

from dash_agent.logs import configure_logging

GRACE = 5  # seconds that requests under way are given


class _Server(uvicorn.Server):
    def __init__(self, config: uvicorn.Config, on_ready: Callable[[], None]) -> None:
        super().__init__(config)
        self._on_ready = on_ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self._on_ready()


def serve(app: ASGIApp, listener: socket.socket, *, on_ready: Callable[[], None]) -> None:
    """Returns after SIGINT or SIGTERM, when the requests under way are done or GRACE is over."""
    configure_logging()
    config = uvicorn.Config(
        app, log_config=None, access_log=False, lifespan="on", timeout_graceful_shutdown=GRACE, server_header=False
    )
    server = _Server(config, on_ready)
    try:
        server.run(sockets=[listener])
    except (KeyboardInterrupt, SystemExit):
        # uvicorn raises the signal that stopped it again, once everything is closed.
        if not server.should_exit:
            raise
