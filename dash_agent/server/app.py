"""The application: our routes, what extensions mount, AgentOS last; their limits, and one error shape."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

from fastapi import FastAPI
from starlette.middleware.cors import CORSMiddleware

from dash_agent import __version__
from dash_agent.bootstrap import Running
from dash_agent.extensions import Extensions
from dash_agent.server.agents import Starting, make_agents
from dash_agent.server.asking import Asking
from dash_agent.server.auth import Credentials, Staff
from dash_agent.server.beyond import Beyond
from dash_agent.server.failures import add_handlers
from dash_agent.server.health import health_routes
from dash_agent.server.limits import BodyLimit
from dash_agent.server.metrics import Metrics, metrics_routes
from dash_agent.server.questions import question_routes
from dash_agent.server.requestlog import log_request
from dash_agent.server.responses import Json
from dash_agent.server.telegram import telegram_routes
from dash_agent.server.watched import Watched
from dash_agent.settings import Settings

MAX_BODY = 256 * 1024  # bytes


def create_app(
    running: Running, settings: Settings, *, extensions: Extensions | None = None, agents: bool = True
) -> FastAPI:
    """The server on a `Dash` that is open; closing it stays with the caller. Its lifespan must run.

    Whoever may ask is of `settings`: without credentials there the staff routes are open to whoever reaches this
    machine by its own name. agents: whether AgentOS is served, too.
    """
    found = extensions or Extensions()
    credentials = Credentials.of(settings, lambda: running.principals)
    metrics = Metrics(running.parts)
    asking = Asking(running, metrics)
    served = Starting(lambda: make_agents(running, asking, credentials, settings, found)) if agents else None

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        del app
        async with AsyncExitStack() as stack:
            if served is not None:
                await stack.enter_async_context(served.running())
            yield

    app = FastAPI(
        title="dash-agent",
        version=__version__,
        docs_url=None,
        redoc_url=None,
        openapi_url="/api/v1/openapi.json",
        default_response_class=Json,
        telemetry={"tracing": False},
        lifespan=lifespan,
        redirect_slashes=False,
    )
    add_handlers(app)
    app.include_router(health_routes(running, found, served, settings), prefix="/api/v1")
    app.include_router(question_routes(running, asking, Staff(credentials), settings.timezone), prefix="/api/v1")
    app.include_router(telegram_routes(running, settings), prefix="/api/v1")
    app.include_router(metrics_routes(metrics))
    # In place of the answer that there is nothing here: a wrong method on our own routes stays one.
    app.router.default = Beyond(found.routes, served or app.router.default)
    app.add_middleware(BodyLimit, limit=MAX_BODY, larger=found.large_bodies)
    app.add_middleware(
        CORSMiddleware,
        allow_origins=settings.allowed_origins,
        allow_methods=["*"],
        allow_headers=["*"],
        allow_credentials=True,
        expose_headers=["*"],
        # A page of os.agno.com that calls a server on the same machine.
        allow_private_network=True,
    )
    app.add_middleware(Watched, metrics.requested, log_request)
    return app
