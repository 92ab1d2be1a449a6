"""The application: routes, their limits, and one error shape."""

from __future__ import annotations

from collections.abc import Mapping

from fastapi import FastAPI

from dash_agent import __version__
from dash_agent.bootstrap import Running
from dash_agent.server.auth import Staff
from dash_agent.server.failures import add_handlers
from dash_agent.server.health import health_routes
from dash_agent.server.limits import BodyLimit
from dash_agent.server.questions import question_routes
from dash_agent.server.requestlog import RequestLog
from dash_agent.server.responses import Json

MAX_BODY = 256 * 1024  # bytes


def create_app(
    running: Running, *, timezone: str, security_key: str | None, extensions: Mapping[str, object] | None = None
) -> FastAPI:
    """The server on a `Dash` that is open; closing it stays with the caller.

    timezone: the business's, for moments without an offset. security_key: what staff send as a bearer; without one
    the staff routes are open to whoever reaches this machine by its own name.
    """
    app = FastAPI(
        title="dash-agent",
        version=__version__,
        docs_url=None,
        redoc_url=None,
        openapi_url="/api/v1/openapi.json",
        default_response_class=Json,
        telemetry={"tracing": False},
    )
    add_handlers(app)
    app.include_router(health_routes(running, tuple(extensions or ())), prefix="/api/v1")
    app.include_router(question_routes(running, Staff(security_key), timezone), prefix="/api/v1")
    app.add_middleware(BodyLimit, limit=MAX_BODY)
    app.add_middleware(RequestLog)
    return app
