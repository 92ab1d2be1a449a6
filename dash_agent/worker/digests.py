"""The jobs of digests, and what they work with: the messengers that the settings give."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import closing
from threading import Event
from typing import Final
from zoneinfo import ZoneInfo

import structlog

from dash_agent.adapters.mail import SENDER, Folders, Mail
from dash_agent.adapters.pictures import TELEPHONE, Pictures
from dash_agent.adapters.post import Outbox, Post, Smtp, SmtpServer
from dash_agent.bootstrap import Running
from dash_agent.errors import DashError, NoPictures
from dash_agent.models.answer import Chart, ChartKind
from dash_agent.models.job import JobKind, Schedule
from dash_agent.models.principal import Principal
from dash_agent.models.reason import Reason
from dash_agent.ports import Clock, Messenger
from dash_agent.replay.replay import replay
from dash_agent.reports.digest import Drawing
from dash_agent.sending.dispatch import Dispatch
from dash_agent.sending.orders import DELIVER, SEND, known
from dash_agent.settings import Settings
from dash_agent.warehouse.connections import Connections
from dash_agent.warehouse.deliveries import SqlDeliveries
from dash_agent.warehouse.digests import SqlDigests
from dash_agent.warehouse.jobs import SqlJobs, put
from dash_agent.worker.loop import Pace, Worker
from dash_agent.worker.schedules import checked_cron

logger = structlog.get_logger(__name__)

SCHEDULE: Final = "digest.schedule"
SCHEDULES: Final = (Schedule("schedule-digests", SCHEDULE, "*/5 * * * *"),)
PREFIX: Final = "digest-"
"""Begins the name of a digest's own schedule."""

OUTBOX, FOLDER = "outbox", "digests"
SHORT, HIGH = 340, 560
"""Points, of a picture as wide as a telephone."""
SCALE: Final = 3


def dispatch_of(running: Running, settings: Settings, clock: Clock | None = None) -> Dispatch:
    """clock: the process's own where it is None."""
    state = running.parts["database"]
    messengers, closed = _messengers(settings, clock or running.clock)
    return Dispatch(
        dash=lambda: running.dash,
        digests=SqlDigests(state),
        messengers=messengers,
        closed=closed,
        chats=settings.chats,
        draw=lambda drawings: drawn(drawings, settings),
        moved=lambda answer, principal: _moved(running, answer, principal),
        put=put,
        clock=clock or running.clock,
        zone=ZoneInfo(settings.timezone),
        link=settings.dashboard_url,
    )


def digest_kinds(dispatch: Dispatch, running: Running) -> Mapping[str, JobKind]:
    return {
        SCHEDULE: JobKind(lambda _: schedule(running), attempts=3),
        SEND: JobKind(dispatch.send),
        # Where Telegram is away, it is tried for most of a day.
        DELIVER: JobKind(dispatch.deliver, attempts=30),
    }


def schedule(running: Running) -> None:
    """Brings the schedules of digests to what they say now. One that is no time table is left out, and told."""
    found = []
    for digest in known(running.catalog, SqlDigests(running.parts["database"])).values():
        try:
            cron = checked_cron(digest.schedule)
        except DashError as error:
            logger.error("digest without a schedule", name=digest.name, reason=str(error))
            continue
        found.append(Schedule(f"{PREFIX}{digest.name}", SEND, cron, {"digest": digest.name, "cron": cron}))
    SqlDigests(running.parts["database"]).schedule(SEND, found)


def deliver_now(dispatch: Dispatch, state: Connections, name: str) -> None:
    """Delivers what is ordered and due, in this process, as a worker does."""
    jobs = SqlJobs(state)
    kinds = {DELIVER: JobKind(dispatch.deliver, attempts=30)}
    worker = Worker(jobs, SqlDeliveries(state), kinds, name=name, pace=Pace(slots=1), chance=lambda: 0.0)
    worker.run(Event(), drain=True)


def _messengers(settings: Settings, clock: Clock) -> tuple[Mapping[str, Messenger], Mapping[str, str]]:
    """By channel, and why there is none for the others."""
    sender, post = SENDER, None
    if settings.smtp_url is not None:
        server = SmtpServer.read(settings.smtp_url.get_secret_value(), SENDER)
        sender, post = server.sender, Smtp(server)
    taken: Post = post or Outbox(settings.data_dir / OUTBOX)
    found: dict[str, Messenger] = {
        "mail": Mail(taken, clock, sender),
        "file": Folders(settings.data_dir / FOLDER),
    }
    if settings.telegram_token is None:
        return found, {"telegram": "TELEGRAM_BOT_TOKEN is not set"}
    from dash_agent.adapters.telegram import Telegram

    found["telegram"] = Telegram(settings.telegram_token.get_secret_value(), settings.telegram_base)
    return found, {}


def drawn(drawings: Sequence[Drawing], settings: Settings) -> tuple[Mapping[str, bytes], str]:
    """As wide as a telephone. All of them or none."""
    try:
        with closing(Pictures(settings.browser)) as pictures:
            made = {
                one.name: pictures.png(one.chart, width=TELEPHONE, height=_height(one), scale=SCALE) for one in drawings
            }
    except NoPictures as error:
        logger.warning("a digest goes without its charts", reason=str(error))
        return {}, Reason(error.reason or error.code, error.message, error.values).kept
    return made, ""


def _height(drawing: Drawing) -> int:
    return HIGH if drawing.chart.kind in (ChartKind.MULTIPLES, ChartKind.HEATMAP) or _rows(drawing.chart) > 8 else SHORT


def _rows(chart: Chart) -> int:
    """Bars beside each other."""
    if chart.kind not in (ChartKind.BAR, ChartKind.GROUPED):
        return 0
    return max((len(found) for trace in chart.data if isinstance(found := trace.get("y"), list | tuple)), default=0)


def _moved(running: Running, answer: str, principal: Principal) -> Sequence[str]:
    try:
        return replay(running.dash, running.answers, running.contents, answer, principal).causes
    except DashError as error:
        logger.info("an answer can't be asked again", answer=answer, reason=str(error))
        return ()
