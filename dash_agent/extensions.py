"""The plug-in interface: what an installed package may add to the server. docs/extensions.md tells it to others."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from dataclasses import dataclass, field
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path
from typing import Any, Final, Protocol

from dash_agent.ask import Dash
from dash_agent.errors import DashError, WrongUse
from dash_agent.models.job import JobKind
from dash_agent.models.principal import Principal
from dash_agent.ports import Clock, Embedder, Jobs
from dash_agent.warehouse.connections import Connections

GROUP: Final = "dash_agent.extensions"
"""Entry-point group. What an installed package names here is built when the server starts."""

AGENT: Final = "dash"
"""The id of our own agent."""

OURS: Final = (
    *(f"api/v1/{name}" for name in ("ask", "answers", "health", "learnings", "openapi.json")),
    *("metrics", "agents", "teams", "workflows", "sessions", "traces", "config", "info", "health", "mcp", "registry"),
)
"""Addresses that no extension may take."""

OUR_JOBS: Final = (
    *("learnings.expire", "state.prune", "folders.prune", "changes.compact", "documents.index", "values.refresh"),
    *("digest.schedule", "digest.send", "digest.deliver"),
    *("alert.schedule", "alert.look", "alert.tell", "alert.say", "alert.heartbeat", "telegram.update"),
)
"""Kinds of jobs that no extension may take."""

Message = MutableMapping[str, Any]
ASGIApp = Callable[[Message, Callable[[], Awaitable[Message]], Callable[[Message], Awaitable[None]]], Awaitable[None]]
Probe = Callable[[], DashError | None]


class NotStaff(DashError):
    """Whoever calls is not known as staff (status 401), or may not do this (403)."""

    code = "not_staff"

    def __init__(self, status: int, message: str, hint: str = "") -> None:
        super().__init__(message, hint)
        self.status = status


def nobody(headers: Mapping[str, str]) -> Principal:  # noqa: ARG001
    """Where nobody calls over HTTP, as in the worker."""
    raise NotStaff(401, "nobody is staff here")


@dataclass(frozen=True, slots=True)
class Host:
    """What an extension works with.

    dash: gives the one in service; ask for it each time, for content files change. state: connections as the app
    role, which writes our state and the support tables; an extension keeps its own tables in a schema of its own.
    data_dir: for files. jobs: the queue that the worker runs. staff: who of the staff calls, by the headers of a
    request (names in lower case) and the server's own credentials; raises NotStaff.
    """

    dash: Callable[[], Dash]
    clock: Clock
    embedder: Embedder
    state: Connections
    data_dir: Path
    jobs: Jobs
    staff: Callable[[Mapping[str, str]], Principal] = nobody


@dataclass(frozen=True, slots=True)
class Parts:
    """What an extension adds; all of it may be empty.

    agents: of Agno, served by AgentOS beside ours, behind the same credentials. asgi_routes: applications by path; each
    gets what comes at its path and below, with the whole path, authenticates its own callers, and has no lifespan.
    jobs: what the worker runs, by kind. suites: files of evaluation cases. health: probes by name; one returns None
    where all is well. large_bodies: bytes that a body may have, by pattern of path (`/webhooks/*/files`), where the
    server's own limit is too little.
    """

    agents: tuple[object, ...] = ()
    asgi_routes: Mapping[str, ASGIApp] = field(default_factory=dict)
    jobs: Mapping[str, JobKind] = field(default_factory=dict)
    suites: tuple[Path, ...] = ()
    health: Mapping[str, Probe] = field(default_factory=dict)
    large_bodies: Mapping[str, int] = field(default_factory=dict)


class Extension(Protocol):
    def build(self, host: Host) -> Parts:
        """Called once, when the server or the worker starts. Opens nothing that must be closed."""
        ...


@dataclass(frozen=True, slots=True)
class Extensions:
    """What was built, by the extension's name, and why another could not be."""

    built: Mapping[str, Parts] = field(default_factory=dict)
    broken: Mapping[str, str] = field(default_factory=dict)

    @property
    def agents(self) -> tuple[object, ...]:
        return tuple(agent for parts in self.built.values() for agent in parts.agents)

    @property
    def large_bodies(self) -> Mapping[str, int]:
        return {pattern: most for parts in self.built.values() for pattern, most in parts.large_bodies.items()}

    @property
    def routes(self) -> tuple[tuple[str, ASGIApp], ...]:
        return tuple(route for parts in self.built.values() for route in parts.asgi_routes.items())


def build_extensions(host: Host) -> Extensions:
    """The installed extensions, by name. One that is broken is told and left out: questions can be answered without."""
    built: dict[str, Parts] = {}
    broken: dict[str, str] = {}
    for entry in sorted(entry_points(group=GROUP), key=lambda entry: entry.name):
        try:
            parts = _built(entry, host)
            _check(parts, built)
        except Exception as error:  # whatever somebody else's code raises
            broken[entry.name] = f"{type(error).__name__}: {error}"
            logging.getLogger(__name__).exception("the extension '%s' (%s) is left out", entry.name, entry.value)
        else:
            built[entry.name] = parts
    return Extensions(built, broken)


def _built(entry: EntryPoint, host: Host) -> Parts:
    named = entry.load()
    parts = (named() if isinstance(named, type) else named).build(host)
    if not isinstance(parts, Parts):
        raise WrongUse(f"build() of {entry.value} gave {type(parts).__name__}, not Parts")
    return parts


def _check(parts: Parts, built: Mapping[str, Parts]) -> None:
    """Raises WrongUse for a path, agent or job that is somebody else's."""
    for path in parts.asgi_routes:
        plain = path.strip("/")
        if not path.startswith("/") or not plain:
            raise WrongUse(f"the path '{path}' can't be mounted", "write it like /webhooks/example")
        if any(_within(plain, other) or _within(other, plain) for other in OURS):
            raise WrongUse(f"the path '{path}' is taken by the server itself", "choose another")
        for name, others in built.items():
            if any(
                _within(plain, other.strip("/")) or _within(other.strip("/"), plain) for other in others.asgi_routes
            ):
                raise WrongUse(f"the path '{path}' is taken by the extension '{name}'", "choose another")
    for agent in parts.agents:
        named = getattr(agent, "id", None)
        theirs = [getattr(other, "id", None) for others in built.values() for other in others.agents]
        if not named or named == AGENT or named in theirs:
            raise WrongUse(f"the agent id '{named}' is none, or somebody else's", "choose another")
    for kind in parts.jobs:
        if kind in OUR_JOBS:
            raise WrongUse(f"jobs of kind '{kind}' are run by the worker itself", "choose another name")
        taken = next((name for name, others in built.items() if kind in others.jobs), None)
        if taken is not None:
            raise WrongUse(f"jobs of kind '{kind}' are run by the extension '{taken}'", "choose another name")


def _within(path: str, other: str) -> bool:
    return path == other or path.startswith(f"{other}/")
