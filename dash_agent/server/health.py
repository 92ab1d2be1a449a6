"""Is it alive, is it ready, what is wrong. Open to all, so it names no server, role or error text."""

from __future__ import annotations

import time
from zoneinfo import ZoneInfo

from fastapi import APIRouter

from dash_agent import __version__
from dash_agent.bootstrap import Running
from dash_agent.context.freshness import by_doubt
from dash_agent.errors import DashError
from dash_agent.extensions import Extensions
from dash_agent.sending.looking import listeners, watch
from dash_agent.server.agents import Starting
from dash_agent.server.responses import Json
from dash_agent.settings import Settings
from dash_agent.warehouse.alerts import SqlAlerts

Body = dict[str, object]
OK: Body = {"status": "ok"}


def health_routes(running: Running, extensions: Extensions, agents: Starting | None, settings: Settings) -> APIRouter:
    router = APIRouter(tags=["health"])
    started = time.monotonic()

    def report(status: str, components: Body) -> Body:
        uptime = round(time.monotonic() - started, 1)
        return {"status": status, "version": __version__, "uptime_s": uptime, "components": components}

    @router.get("/health")
    def health() -> Json:
        """The process answers. Looks at nothing else."""
        return Json(report("ok", {}))

    @router.get("/health/ready")
    def ready() -> Json:
        """Questions can be answered now; 503 where not."""
        components = _components(running)
        fine = all(part == {"status": "ok"} for part in components.values())
        return Json(report("ok" if fine else "unavailable", dict(components)), 200 if fine else 503)

    @router.get("/health/detailed")
    def detailed() -> Json:
        """Each component, and what content is in service; 503 where one is down."""
        components = _components(running)
        fine = all(part == {"status": "ok"} for part in components.values())
        content: Body = {
            "status": "outdated" if running.content.problems else "ok",
            "version": running.catalog.version,
            "metrics": len(running.catalog.metrics),
            "problems": len(running.content.problems),
        }
        others: Body = {
            "content": content,
            "data": _data(running),
            "alerts": _alerts(running, settings),
            "extensions": _extensions(extensions),
        }
        if agents is not None:
            others["agents"] = {"status": agents.state}
        body = report("ok" if fine else "unavailable", {**components, **others})
        return Json(body, 200 if fine else 503)

    return router


def _extensions(extensions: Extensions) -> Body:
    """By name, with what each says of itself. One that is broken makes nothing here less ready."""
    built = extensions.built.items()
    found = {name: {probe: _state(look()) for probe, look in parts.health.items()} for name, parts in built}
    down = any(state != OK for states in found.values() for state in states.values())
    status = "degraded" if extensions.broken or down else "ok"
    return {"status": status, "loaded": list(found), "broken": list(extensions.broken), "health": found}


def _state(error: DashError | None) -> Body:
    return OK if error is None else {"status": "down", "code": error.code}


def _data(running: Running) -> Body:
    """How many tables are late, have stopped or hold rows twice. None of it makes the service less ready."""
    try:
        found = by_doubt(running.dash.preflight())
    except DashError as error:
        return {"status": "unknown", "code": error.code}
    return {"status": "doubtful" if any(found.values()) else "ok", **found}


def _alerts(running: Running, settings: Settings) -> Body:
    """Whether it is looked for what is unusual: 'late' where several looks did not take place, or failed."""
    rules, closed = running.catalog.alerts, {}
    if settings.telegram_token is None:
        closed["telegram"] = "no bot"
    try:
        told, _ = listeners(rules, settings.chats, closed)
        found = watch(
            SqlAlerts(running.parts["database"]), told, rules, running.clock.now(), ZoneInfo(settings.timezone)
        )
    except DashError as error:
        return {"status": "unknown", "code": error.code}
    status = "off" if not found.rules else "late" if found.late else "ok" if found.last_at else "not_begun"
    last = found.last_at.isoformat() if found.last_at else None
    return {"status": status, "rules": len(found.rules), "late": list(found.late), "last_look_at": last}


def _components(running: Running) -> dict[str, Body]:
    return {name: _state(error) for name, error in running.components().items()}
