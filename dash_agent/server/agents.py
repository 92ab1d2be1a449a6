"""AgentOS on our server. It takes seconds to import and start, so it does that beside the server, which answers."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import ExitStack, asynccontextmanager, suppress
from dataclasses import dataclass
from itertools import zip_longest
from typing import TYPE_CHECKING, Literal

import structlog
from fastapi import FastAPI
from starlette.types import ASGIApp, Receive, Scope, Send

from dash_agent import __version__
from dash_agent.adapters.daemon_threads import in_daemon_thread
from dash_agent.adapters.loading import AGNO
from dash_agent.bootstrap import Running
from dash_agent.extensions import Extensions
from dash_agent.server.asking import Asking
from dash_agent.server.auth import Credentials
from dash_agent.server.failures import add_handlers
from dash_agent.server.gate import AUDIENCE, Gate, new_secret
from dash_agent.server.inner_errors import InnerErrors
from dash_agent.server.responses import Json, error_body
from dash_agent.settings import Settings

if TYPE_CHECKING:
    from dash_agent.adapters.agentos.database import AgnoDatabase
    from dash_agent.adapters.agentos.drawing import Drawing
    from dash_agent.adapters.agentos.system import AuthMode

logger = structlog.get_logger(__name__)

State = Literal["starting", "ok", "down"]


@dataclass(frozen=True, slots=True)
class Agents:
    """app: AgentOS behind the gate."""

    app: ASGIApp
    inner: FastAPI
    database: AgnoDatabase
    drawing: Drawing
    settings: Settings

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """AgentOS's own life: its tables, MCP sessions, traces, and the browser that draws."""
        from dash_agent.adapters.agentos.tracing import traced

        with ExitStack() as stack:
            stack.callback(self.drawing.close)
            stack.callback(self.database.close)
            stack.enter_context(traced(self.database.db, self.settings))
            async with self.inner.router.lifespan_context(self.inner):
                yield


class Starting:
    """An application that is made while the server runs. Its requests wait; where it fails to start they get 503."""

    def __init__(self, make: Callable[[], Agents]) -> None:
        self.state: State = "starting"
        self._make = make
        self._settled, self._over = asyncio.Event(), asyncio.Event()
        self._app: ASGIApp | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self._settled.wait()
        if self._app is not None:
            await self._app(scope, receive, send)
        elif scope["type"] == "http":
            body = error_body("unavailable", "AgentOS did not start here", "the server's log says why")
            await Json(body, 503)(scope, receive, send)

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        # Entered and left in one task, as AgentOS's task groups want it.
        life = asyncio.create_task(self._live())
        try:
            yield
        finally:
            self._over.set()
            if not self._settled.is_set():
                # What is still imported is not waited for.
                life.cancel()
            with suppress(asyncio.CancelledError):
                await life

    async def _live(self) -> None:
        try:
            agents = await in_daemon_thread(self._make)
            async with agents.running():
                self._app, self.state = agents.app, "ok"
                self._settled.set()
                await self._over.wait()
        except Exception as error:  # the edge of a task: the rest of the server goes on
            self._app, self.state = None, "down"
            logger.error("AgentOS did not start", exc_info=error)
        finally:
            self._settled.set()


def make_agents(
    running: Running, asking: Asking, credentials: Credentials, settings: Settings, extensions: Extensions
) -> Agents:
    # Here, since only a server needs Agno.
    with AGNO:
        from agno.utils.log import configure_agno_logging

        from dash_agent.adapters.agentos.database import AgnoDatabase
        from dash_agent.adapters.agentos.drawing import Drawing
        from dash_agent.adapters.agentos.system import Inside, agent_os

    # Its own logger writes to standard output, and goes back to telling everything at every run.
    quiet = logging.getLogger("dash_agent.agno")
    quiet.setLevel(logging.WARNING)
    configure_agno_logging(custom_default_logger=quiet, custom_agent_logger=quiet)
    secret = new_secret()
    database = AgnoDatabase(running.parts["database"].url)
    drawing = Drawing(settings.browser)
    base = FastAPI(
        title="Dash on AgentOS",
        default_response_class=Json,
        docs_url=None,
        redoc_url=None,
        # Its own spans would be a trace for every request and hide those of the agents.
        telemetry={"tracing": False},
    )
    add_handlers(base)
    with ExitStack() as undo:
        # AgentOS looks into its database while it is being made.
        undo.callback(drawing.close)
        undo.callback(database.close)
        inner = agent_os(
            asking,
            database.db,
            base,
            inside=Inside(secret, AUDIENCE),
            auth_mode=_auth_mode(settings),
            drawing=drawing,
            prompts=_prompts(running),
            extensions=extensions.agents,
            version=__version__,
        )
        undo.pop_all()
    return Agents(Gate(InnerErrors(inner), credentials, secret), inner, database, drawing, settings)


def _auth_mode(settings: Settings) -> AuthMode:
    if settings.jwt_key is not None:
        return "jwt"
    return "security_key" if settings.security_key is not None else "none"


def _prompts(running: Running) -> Sequence[str]:
    """Examples of the content files, in turn by language."""
    examples = running.catalog.rules.examples.values()
    return [text for turn in zip_longest(*examples) for text in turn if text is not None]
