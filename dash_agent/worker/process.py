"""The worker as a process: its threads, and how it ends."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from functools import partial
from pathlib import Path
from random import random
from signal import SIGINT, SIGTERM, signal
from threading import Event, Thread
from time import monotonic
from typing import Final
from zoneinfo import ZoneInfo

import structlog

from dash_agent.adapters.ids import UlidIds
from dash_agent.adapters.pruning import prune_folders
from dash_agent.bootstrap import Running, extension_host
from dash_agent.cli.beside import when_parent_ends
from dash_agent.context.runtime import live_values
from dash_agent.errors import DashError
from dash_agent.extensions import build_extensions
from dash_agent.models.job import JobKind, Schedule
from dash_agent.settings import Settings
from dash_agent.warehouse.connections import Connections
from dash_agent.warehouse.deliveries import SqlDeliveries
from dash_agent.warehouse.housekeeping import Keeping
from dash_agent.warehouse.jobs import SqlJobs
from dash_agent.warehouse.schedules import SqlSchedules, notices
from dash_agent.worker.alerts import alarms_of, alert_kinds
from dash_agent.worker.digests import FOLDER, digest_kinds, dispatch_of
from dash_agent.worker.housekeeping import housekeeping
from dash_agent.worker.loop import OUTAGE_PAUSE_S, Bell, Pace, Worker
from dash_agent.worker.schedules import lead

logger = structlog.get_logger(__name__)

SIGN: Final = "worker.alive"
"""In DASH_DATA_DIR: how old it is tells whether a worker there lives."""

SIGN_S: Final = 5.0

NOTICE_S: Final = 1.0
"""Between two looks whether to stop, while no notice comes."""


def run_worker(
    state: Connections,
    kinds: Mapping[str, JobKind],
    schedules: tuple[Schedule, ...],
    *,
    zone: ZoneInfo,
    pace: Pace,
    stop: Event,
    drain: bool = False,
    sign: Path | None = None,
    beside: Sequence[Callable[[Event], None]] = (),
) -> None:
    """Runs jobs of these kinds until `stop`, or with `drain` until none is due. Raises Unavailable at its start.

    sign: a file that is touched every few seconds, for whoever watches over the process. beside: what else runs until
    the event is set, but where it only drains.
    """
    own = (Schedule(name, name, kind.cron) for name, kind in kinds.items() if kind.cron is not None)
    SqlSchedules(state).add((*schedules, *own))
    worker = Worker(
        SqlJobs(state),
        SqlDeliveries(state),
        kinds,
        name=UlidIds().new(),
        pace=pace,
        chance=random,
        alive=_touching(sign),
    )
    if not drain:
        targets: list[Callable[[], object]] = [
            lambda: lead(state.url, zone, stop),
            lambda: _listen(state.url, worker.bell, stop),
            *(partial(work, stop) for work in beside),
        ]
        for target in targets:
            Thread(target=target, name="dash-worker", daemon=True).start()
    logger.info("worker ready", kinds=sorted(kinds), slots=pace.slots)
    worker.run(stop, drain=drain)
    stop.set()
    logger.info("worker stopped")


def _touching(sign: Path | None) -> Callable[[], None]:
    last = float("-inf")

    def touch() -> None:
        nonlocal last
        if sign is not None and monotonic() - last > SIGN_S:
            last = monotonic()
            try:
                sign.parent.mkdir(parents=True, exist_ok=True)
                sign.touch()
            except OSError as error:
                logger.warning("no sign of life can be given", file=str(sign), reason=str(error))

    return touch


def _listen(url: str, bell: Bell, stop: Event) -> None:
    """Rings for each notice. Without one the worker looks by itself, so an outage only delays."""
    while not stop.is_set():
        try:
            with closing(notices(url, NOTICE_S)) as heard:
                for is_notice in heard:
                    if is_notice:
                        bell.ring()
                    if stop.is_set():
                        return
        except DashError as error:
            logger.warning("no notices of new jobs", reason=str(error))
        stop.wait(OUTAGE_PAUSE_S)


@contextmanager
def until_told(*, with_parent: bool) -> Iterator[Event]:
    """Set at SIGTERM or Ctrl-C; with_parent: also when standard input ends, as it does with who started us."""
    stop = Event()
    before = {number: signal(number, lambda *_: stop.set()) for number in (SIGTERM, SIGINT)}
    if with_parent:
        when_parent_ends(stop.set)
    try:
        yield stop
    finally:
        for number, handler in before.items():
            signal(number, handler)


def kinds_of(running: Running, settings: Settings) -> Mapping[str, JobKind]:
    """Our own kinds of jobs and the extensions'. One that is broken is left out and told, as by the server."""
    digests = settings.keep_digests_days
    keeping = Keeping(settings.keep_answers_days, settings.keep_turns_days, settings.keep_jobs_days, digests)
    clear = partial(prune_folders, settings.data_dir / FOLDER, digests)
    kinds = dict(housekeeping(keeping, lambda: _index(running), lambda: _refresh(running), clear))
    dispatch = dispatch_of(running, settings)
    kinds.update(digest_kinds(dispatch, running))
    kinds.update(alert_kinds(alarms_of(running, dispatch), running))
    extensions = build_extensions(extension_host(running, settings))
    for parts in extensions.built.values():
        kinds.update(parts.jobs)
    return kinds


def _index(running: Running) -> None:
    """Only models look things up: without one there is nothing to embed hundreds of texts for."""
    if running.ports is not None and running.ports.planner is not None:
        running.dash.library.index()


def _refresh(running: Running) -> None:
    """Keeps what the next process would look up."""
    if running.ports is not None:
        live_values(running.catalog, running.ports.introspection)
