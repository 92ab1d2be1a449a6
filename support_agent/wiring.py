"""The only wiring of the support agent: settings and a host become a `Desk` and what stands around it."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from threading import Lock
from typing import Final
from uuid import uuid4
from zoneinfo import ZoneInfo

from dash_agent.adapters.ids import UlidIds
from dash_agent.adapters.post import Outbox, Post, Smtp, SmtpServer
from dash_agent.ports import Clock, Embedder
from dash_agent.settings import Settings
from dash_agent.warehouse.connections import Connections
from support_agent.adapters.cancellations import SqlCancellations
from support_agent.adapters.codes import SqlCodes
from support_agent.adapters.customers import SqlCustomers
from support_agent.adapters.dialogues import SqlDialogues
from support_agent.adapters.drafts import SqlDrafts
from support_agent.adapters.limits import SqlLimits, SqlRepeats
from support_agent.adapters.link_keys import LinkKeys
from support_agent.adapters.mail import SENDER, PlainMail
from support_agent.adapters.models import modelled_brain
from support_agent.adapters.prompts import SqlPrompts, SqlReadiness
from support_agent.adapters.records import SqlPasses, SqlRatings, SqlRecords
from support_agent.adapters.tasks import SqlTasks
from support_agent.approvals import Approvals
from support_agent.cancel_links import CancelLinks
from support_agent.channels.office import Office
from support_agent.conversation.bench import Shop
from support_agent.conversation.checks import Checks
from support_agent.conversation.finishing import Finish
from support_agent.conversation.kit import Kit
from support_agent.conversation.turn import Turn
from support_agent.desk import Desk, Parts
from support_agent.gate import read_gate_rules
from support_agent.identification import Identification
from support_agent.knowing import Known, learn, learn_apart, read_known
from support_agent.ports import Mail
from support_agent.router.readers.conversing import Conversing
from support_agent.settings import SupportSettings
from support_agent.tools import TOOLS

OUTBOX: Final = "outbox"
MAILERS: Final = 4
"""Mails that are sent at a time beside the answers."""


@dataclass(frozen=True, slots=True)
class World:
    """What the desk stands on. embedder: None leaves everything to words. learns_apart: in a process of its own."""

    state: Connections
    clock: Clock
    embedder: Embedder | None
    data_dir: Path
    settings: Settings
    support: SupportSettings
    learns_apart: bool = False


@dataclass(frozen=True, slots=True)
class _Stores:
    """What several parts share."""

    dialogues: SqlDialogues
    customers: SqlCustomers
    tasks: SqlTasks
    limits: SqlLimits

    @classmethod
    def on(cls, state: Connections, clock: Clock) -> _Stores:
        return cls(SqlDialogues(state, clock, uuid4), SqlCustomers(state), SqlTasks(state), SqlLimits(state))


def open_office(world: World) -> Office:
    """Everything that the doors need. Raises WrongUse and ContentError for files and settings that are wrong."""
    state, clock, zone = world.state, world.clock, ZoneInfo(world.settings.timezone)
    stores = _Stores.on(state, clock)
    read = read_known(world.settings, world.support, world.embedder, world.data_dir)
    approvals = Approvals(stores.tasks, {name: tool for name, tool in TOOLS.items() if tool.check}, zone)
    keys = LinkKeys(world.support.cancel_link_keys, world.data_dir)
    links = CancelLinks(keys, f"{world.support.public_url}/cancel")
    kit = _kit(world, read, stores, approvals, links)
    return Office(
        _desk(world, read, stores, kit),
        clock,
        stores.dialogues,
        stores.tasks,
        approvals,
        SqlDrafts(state, clock),
        stores.limits,
        SqlRepeats(state),
        SqlPasses(state),
        SqlRecords(state),
        SqlRatings(state),
        links,
        SqlCancellations(state),
        stores.customers,
        world.support,
        world.data_dir,
        Once(lambda: _learn(world, read)),
    )


def _kit(world: World, read: Known, stores: _Stores, approvals: Approvals, links: CancelLinks) -> Kit:
    state, zone = world.state, ZoneInfo(world.settings.timezone)
    customers, categories = stores.customers, read.categories
    readiness = SqlReadiness(state, world.clock, categories.is_opened)
    return Kit(
        Shop(TOOLS, approvals, customers, stores.tasks, read.pages, zone),
        categories,
        Identification(SqlCodes(state), customers, _mail(world), stores.limits, _later()),
        stores.tasks,
        links,
        Conversing(read.routing.subtype),
        SqlPrompts(state),
        Checks(customers, readiness, read_gate_rules(world.settings.content_dir), read.bad_replies),
        read.near,
    )


def _desk(world: World, read: Known, stores: _Stores, kit: Kit) -> Desk:
    finish = Finish(stores.dialogues, kit, kit.checks.look_over, kit.checks.let_through, _summary)
    brain = modelled_brain(world.settings, read.categories, world.clock)
    routing = read.routing
    return Desk(Parts(stores.dialogues, routing, world.clock, kit, finish, routing.language_of, brain, read.likeness))


def _learn(world: World, known: Known) -> None:
    if world.embedder is None:
        return
    # Loaded before anything relies on it: no customer waits for that.
    world.embedder.embed(("",))
    known.likeness.of("where is my box please")
    if world.learns_apart:
        learn_apart(known, world.settings, world.support, world.data_dir)
    else:
        learn(known)


class Once:
    """Does something the first time that it is called; who calls meanwhile or later does not wait."""

    def __init__(self, work: Callable[[], None]) -> None:
        self._work = work
        self._begun = Lock()

    def __call__(self) -> None:
        if self._begun.acquire(blocking=False):
            self._work()


def _summary(turn: Turn) -> str:
    """For staff: what it is about and where it stands, without a word of the customer's."""
    waiting = ", ".join(intent.category for intent in turn.state.queue)
    about = turn.routed.summary if turn.routed is not None else waiting or "Nothing was understood yet."
    return f"{about} Prepared: {turn.state.tool}." if turn.state.tool else about


def _later() -> Callable[[Callable[[], None]], object]:
    return ThreadPoolExecutor(MAILERS, thread_name_prefix="support-mail").submit


def _mail(world: World) -> Mail:
    url, sender = world.support.smtp_url, SENDER
    post: Post = Outbox(world.data_dir / OUTBOX)
    if url is not None:
        server = SmtpServer.read(url.get_secret_value(), SENDER)
        post, sender = Smtp(server), server.sender
    return PlainMail(post, world.clock, UlidIds(), sender)
