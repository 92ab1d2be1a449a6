"""The support agent as an extension of the server and the worker: its routes, its agent, its jobs, its health."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from threading import Thread
from typing import Final

from dash_agent.errors import DashError, Unavailable, WrongUse
from dash_agent.extensions import ASGIApp, Host, Parts, nobody
from dash_agent.models.job import JobKind, Work
from dash_agent.settings import load_settings
from dash_agent.warehouse.reach import SqlReach
from support_agent.adapters.pruning import prune
from support_agent.channels import files
from support_agent.channels.door import Door
from support_agent.channels.http import PATHS, create_app
from support_agent.channels.office import Office
from support_agent.desk import Desk
from support_agent.guardrails import ReplyContext, incoming, outgoing
from support_agent.ports import RESUME
from support_agent.settings import load_support_settings
from support_agent.wiring import World, open_office

EXPIRE: Final = "support.expire"
PRUNE: Final = "support.prune"
ROUND_A_FILE: Final = 64 * 1024
"""Bytes of a form beside its file."""

log = logging.getLogger(__name__)


class SupportExtension:
    def build(self, host: Host) -> Parts:
        """Raises WrongUse and ContentError for settings and files that are wrong; the host then goes on without us."""
        settings = load_settings()
        support = load_support_settings()
        world = World(host.state, host.clock, host.embedder, host.data_dir, settings, support, learns_apart=True)
        office = open_office(world)
        return parts_of(office, host, is_open=not settings.has_credentials)


def parts_of(office: Office, host: Host, *, is_open: bool) -> Parts:
    """is_open: there are no credentials of staff, and whoever reaches this machine is staff."""
    Thread(target=lambda: _ready(office, host), name="support-ready", daemon=True).start()
    reach = SqlReach(host.state, lambda: host.dash().catalog)
    app = create_app(office, Door(office, host.staff, reach, is_open=is_open))
    routes: Mapping[str, ASGIApp] = dict.fromkeys(PATHS, app)
    return Parts(
        agents=(_agent(office.desk),),
        asgi_routes=routes,
        jobs=jobs_of(office),
        health={"desk": _probe(office)},
        large_bodies={f"{PATHS[0]}/*/files": files.LARGEST + ROUND_A_FILE},
    )


def _ready(office: Office, host: Host) -> None:
    """What takes seconds, before the first customer comes: the guards' rules, and what examples and pages mean."""
    incoming("hello")
    outgoing("Hello.", ReplyContext("en"))
    try:
        # Not in the worker, where nobody talks.
        if host.staff is not nobody:
            office.warm()
    except Exception:  # the desk reads words without it
        log.exception("examples and pages could not be embedded")


def jobs_of(office: Office) -> Mapping[str, JobKind]:
    return {
        RESUME: JobKind(lambda work: _resume(office, work)),
        EXPIRE: JobKind(lambda work: _expire(office, work), cron="*/10 * * * *"),
        PRUNE: JobKind(lambda work: _prune(office, work), cron="50 3 * * *"),
    }


def _resume(office: Office, work: Work) -> None:
    """Tells the customer how an action ended; it may run again, and tells once."""
    task_id = work.job.payload.get("task_id")
    if not isinstance(task_id, int):
        raise WrongUse(f"the payload of job {work.job.job_id} has no task_id")
    office.desk.resume(task_id)


def _expire(office: Office, work: Work) -> None:
    del work
    log.info("%d actions have waited for too long", office.approvals.expire(office.clock.now()))


def _prune(office: Office, work: Work) -> None:
    with work.finishing() as connection:
        gone = prune(connection, office.clock.now())
    log.info("pruned: %s", dict(gone))


def _probe(office: Office) -> Callable[[], DashError | None]:
    def probe() -> DashError | None:
        try:
            office.tasks.waiting()
        except DashError as error:
            return error if isinstance(error, Unavailable) else Unavailable("the support agent's tables can't be read")
        return None

    return probe


def _agent(desk: Desk) -> object:
    """Agno takes a second to import, and only a server serves it."""
    from support_agent.adapters.staff_agent import staff_agent

    return staff_agent(desk.handle)
