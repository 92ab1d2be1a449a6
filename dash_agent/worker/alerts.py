"""The jobs of alerts, what they work with, and where presses of buttons come in."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from threading import Event
from typing import Final

import structlog

from dash_agent.adapters.telegram import Telegram
from dash_agent.bootstrap import Running
from dash_agent.context.alerts import Alert as Rule
from dash_agent.errors import DashError, InDoubt, Throttled
from dash_agent.models.job import JobKind, Schedule
from dash_agent.reports.alerts.look import look
from dash_agent.sending.alarms import Alarms
from dash_agent.sending.dispatch import Dispatch
from dash_agent.sending.looking import HEARTBEAT, LOOK, SAY, SCHEDULE, TELL, UPDATE
from dash_agent.sending.presses import Presses
from dash_agent.sending.telling import Tellings
from dash_agent.settings import Settings
from dash_agent.warehouse.alerts import SqlAlerts
from dash_agent.warehouse.bot_updates import SqlUpdates, polling, take
from dash_agent.warehouse.connections import Connections
from dash_agent.warehouse.deliveries import SqlDeliveries
from dash_agent.warehouse.digests import SqlDigests
from dash_agent.warehouse.jobs import SqlJobs, put
from dash_agent.worker.loop import Pace, Worker
from dash_agent.worker.schedules import checked_cron

logger = structlog.get_logger(__name__)

SCHEDULES: Final = (
    Schedule("schedule-alerts", SCHEDULE, "*/5 * * * *"),
    Schedule("alerts-heartbeat", HEARTBEAT, "0 9 * * *"),
)
WAIT_S: Final = 25
"""For which one call for presses waits."""
PAUSE_S: Final = 5.0
"""Before the next try, where a call failed or another process asks."""


def alarms_of(running: Running, dispatch: Dispatch) -> Alarms:
    """By the ways that digests go out."""
    telegram = dispatch.messengers.get("telegram")
    return Alarms(
        dash=dispatch.dash,
        alerts=SqlAlerts(running.parts["database"]),
        seen=look,
        messengers=dispatch.messengers,
        closed=dispatch.closed,
        chats=dispatch.chats,
        replies=telegram if isinstance(telegram, Telegram) else None,
        put=put,
        clock=dispatch.clock,
        zone=dispatch.zone,
        link=dispatch.link,
    )


def alert_kinds(alarms: Alarms, running: Running) -> Mapping[str, JobKind]:
    tellings = Tellings(alarms)
    return {
        SCHEDULE: JobKind(lambda _: schedule(running), attempts=3),
        # The next look comes soon enough.
        LOOK: JobKind(alarms.look, attempts=3),
        # Where Telegram is away, it is tried for most of a day; what is no longer so by then is not sent.
        TELL: JobKind(tellings.tell, attempts=30),
        SAY: JobKind(tellings.say, attempts=8),
        HEARTBEAT: JobKind(tellings.heartbeat, attempts=3),
        UPDATE: JobKind(Presses(alarms).handle, attempts=8),
    }


def schedule(running: Running) -> None:
    """Brings the schedules of looks to what the rules say now: one for each time table, with all that go by it."""
    by_cron: dict[str, list[str]] = {}
    for rule in running.catalog.alerts.values():
        cron = _cron(rule)
        if cron is not None:
            by_cron.setdefault(cron, []).append(rule.name)
    found = [
        Schedule(f"alerts {cron}", LOOK, cron, {"rules": [*names], "cron": cron}) for cron, names in by_cron.items()
    ]
    SqlDigests(running.parts["database"]).schedule(LOOK, found)


def _cron(rule: Rule) -> str | None:
    """None of one that is no time table, which is told."""
    try:
        return " ".join(checked_cron(rule.look).split())
    except DashError as error:
        logger.error("alert without a schedule", name=rule.name, reason=str(error))
        return None


def work_now(alarms: Alarms, running: Running, name: str) -> None:
    """Runs what is due of alerts' jobs in this process, as a worker does."""
    state: Connections = running.parts["database"]
    kinds = {kind: one for kind, one in alert_kinds(alarms, running).items() if kind in (LOOK, TELL, SAY)}
    worker = Worker(SqlJobs(state), SqlDeliveries(state), kinds, name=name, pace=Pace(slots=1), chance=lambda: 0.0)
    worker.run(Event(), drain=True)


# What people press


def listening(running: Running, settings: Settings) -> Sequence[Callable[[Event], None]]:
    """What runs beside the jobs so that presses come in: until the event is set. Raises WrongUse."""
    webhook = settings.webhook
    if settings.telegram_token is None:
        return ()
    telegram = Telegram(settings.telegram_token.get_secret_value(), settings.telegram_base)
    if webhook is not None:
        return (lambda stop: have_sent(telegram, *webhook, stop),)
    return (lambda stop: poll(telegram, running.parts["database"], stop),)


def have_sent(telegram: Telegram, url: str, secret: str, stop: Event) -> None:
    """Tells Telegram where to send presses, until it has heard."""
    while not stop.is_set():
        try:
            telegram.have_sent(url, secret)
        except DashError as error:
            logger.warning("no webhook could be set", reason=str(error))
            stop.wait(PAUSE_S)
            continue
        return


def poll(telegram: Telegram, state: Connections, stop: Event, seconds: int = WAIT_S) -> None:
    """Asks for presses while no other process does, until `stop`."""
    while not stop.is_set():
        pause = PAUSE_S
        try:
            with polling(state.url, telegram.bot) as still:
                while still is not None and not stop.is_set():
                    still()
                    ask(telegram, state, seconds)
        except Throttled as error:
            pause = error.seconds
        except InDoubt as error:
            logger.info("presses are asked for again", reason=str(error))
        except DashError as error:
            logger.warning("presses can't be asked for", reason=str(error))
        stop.wait(pause)


def ask(telegram: Telegram, state: Connections, seconds: int) -> int:
    """One call; how many presses it brought. They are forgotten there only once they are kept here."""
    first = SqlUpdates(state, telegram.bot).next_id()
    return take(telegram.bot, state, telegram.updates(first, seconds))
