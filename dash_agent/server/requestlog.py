"""A line for each request: what was asked for and how it went, never what it said."""

from __future__ import annotations

import structlog
from starlette.types import Scope

logger = structlog.get_logger("dash_agent.http")


def log_request(scope: Scope, status: int, seconds: float) -> None:
    """Method, path, status and milliseconds."""
    # Health probes come every few seconds and would bury the rest.
    write = logger.debug if "/health" in scope["path"] and status < 400 else logger.info
    write("request", method=scope["method"], path=scope["path"], status=status, ms=round(seconds * 1000, 1))
