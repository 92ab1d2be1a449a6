"""The only wiring of the support agent: settings and a host become a `Desk` and what stands around it."""

from __future__ import annotations

import logging
import os
import secrets
from base64 import b64encode
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import cached_property
from pathlib import Path
from threading import Lock
from typing import Final
from uuid import uuid4
from zoneinfo import ZoneInfo

from pydantic import SecretStr

from dash_agent.adapters.ids import UlidIds
from dash_agent.adapters.post import Outbox, Post, Smtp, SmtpServer
from dash_agent.adapters.shelf import FolderShelf
from dash_agent.context.documents import Document, read_documents
from dash_agent.models.usage import Usage
from dash_agent.ports import Clock, Embedder, Shelf, Vector
from dash_agent.settings import Settings
from dash_agent.warehouse.connections import Connections
from support_agent.adapters.cancellations import SqlCancellations
from support_agent.adapters.codes import SqlCodes
from support_agent.adapters.customers import SqlCustomers
from support_agent.adapters.dialogues import SqlDialogues
from support_agent.adapters.drafts import SqlDrafts
from support_agent.adapters.knowledge import PagesForCustomers
from support_agent.adapters.limits import SqlLimits, SqlRepeats
from support_agent.adapters.mail import SENDER, PlainMail
from support_agent.adapters.near_examples import NearExamples
from support_agent.adapters.prompts import SqlPrompts, SqlReadiness
from support_agent.adapters.records import SqlPasses, SqlRatings, SqlRecords
from support_agent.adapters.tasks import SqlTasks
from support_agent.approvals import Approvals
from support_agent.cancel_links import CancelLinks, Keys
from support_agent.categories import Categories, CategoryEntry, load_categories
from support_agent.channels.office import Office
from support_agent.conversation.bench import Shop
from support_agent.conversation.checks import Checks
from support_agent.conversation.finishing import Finish
from support_agent.conversation.kit import Kit
from support_agent.conversation.turn import Turn
from support_agent.desk import Desk, Parts
from support_agent.gate import read_gate_rules
from support_agent.identification import Identification
from support_agent.models import Route, Said
from support_agent.ports import Brain, Mail
from support_agent.router import CategoryPage, LexicalRouter
from support_agent.router.readers.conversing import Conversing
from support_agent.settings import SupportSettings
from support_agent.tools import TOOLS

log = logging.getLogger(__name__)

SHELF: Final = "cache"
OUTBOX: Final = "outbox"
KEY_FILE: Final = Path("secrets") / "cancel-links"
MAILERS: Final = 4
"""Mails that are sent at a time beside the answers."""


@dataclass(frozen=True, slots=True)
class World:
    """What the desk stands on. embedder: None leaves everything to words."""

    state: Connections
    clock: Clock
    embedder: Embedder | None
    data_dir: Path
    settings: Settings
    support: SupportSettings


def open_office(world: World) -> Office:
    """Everything that the doors need. Raises WrongUse and ContentError for files and settings that are wrong."""
    state, clock, zone = world.state, world.clock, ZoneInfo(world.settings.timezone)
    content = world.settings.content_dir
    customers, tasks = SqlCustomers(state), SqlTasks(state)
    approvals = Approvals(tasks, {name: tool for name, tool in TOOLS.items() if tool.check}, zone)
    dialogues, limits = SqlDialogues(state, clock, uuid4), SqlLimits(state)
    categories = load_categories(content, frozenset(TOOLS), world.support.preset)
    documents = read_documents(content)[0]
    shelf = FolderShelf(world.data_dir / SHELF)
    gentle = None if world.embedder is None else OneByOne(world.embedder)
    pages = PagesForCustomers(documents, gentle, shelf)
    known = _category_pages(documents, categories)
    router = Routing(known, gentle, shelf)
    links = CancelLinks(_LinkKeys(world), f"{world.support.public_url}/cancel")
    checks = Checks(customers, SqlReadiness(state, clock, categories.is_opened), read_gate_rules(content))
    kit = Kit(
        Shop(TOOLS, approvals, customers, tasks, pages, zone),
        categories,
        Identification(SqlCodes(state), customers, _mail(world), limits, _later()),
        tasks,
        links,
        Conversing(router.subtype),
        SqlPrompts(state),
        checks,
        NearExamples(known, gentle),
    )
    finish = Finish(dialogues, kit, checks.look_over, checks.let_through, _summary)
    parts = Parts(dialogues, router, clock, kit, finish, router.language_of, _brain(world, categories))

    def warm() -> None:
        if router.is_first():
            router.learn()
            pages.warm()

    return Office(
        Desk(parts),
        clock,
        dialogues,
        tasks,
        approvals,
        SqlDrafts(state, clock),
        limits,
        SqlRepeats(state),
        SqlPasses(state),
        SqlRecords(state),
        SqlRatings(state),
        links,
        SqlCancellations(state),
        customers,
        world.support,
        world.data_dir,
        warm,
    )


@dataclass(frozen=True, slots=True)
class OneByOne:
    """Port `Embedder` that lets others in between: questions are asked while hundreds of texts are learned."""

    embedder: Embedder

    def embed(self, texts: Sequence[str]) -> tuple[Vector, ...]:
        return tuple(vector for text in texts for vector in self.embedder.embed((text,)))


class Routing:
    """Port `Router`, by words at first, and with what the examples mean once that is learned beside the answers."""

    def __init__(self, pages: Sequence[CategoryPage], embedder: Embedder | None, shelf: Shelf) -> None:
        self._pages = pages
        self._embedder = embedder
        self._shelf = shelf
        self._router = LexicalRouter(pages)
        self._asked = Lock()

    def learn(self) -> None:
        """Takes half a minute once; the shelf keeps it."""
        if self._embedder is not None:
            self._router = LexicalRouter(self._pages, self._embedder, self._shelf)

    def route(self, text: str, history: Sequence[Said], language: str | None) -> Route:
        return self._router.route(text, history, language)

    def is_first(self) -> bool:
        """True once."""
        return self._asked.acquire(blocking=False)

    def subtype(self, category: str, text: str, language: str | None) -> str | None:
        return self._router.subtype(category, text, language)

    def language_of(self, text: str, told: str | None) -> str:
        return self._router.language_of(text, told)


def _category_pages(documents: Sequence[Document], categories: Categories) -> Sequence[CategoryPage]:
    """Of the preset's categories; one whose page is missing is known by its name alone."""
    fronts = {document.front.category: document.front for document in documents if document.front.kind == "category"}
    found = []
    for name in categories.by_name:
        front = fronts.get(name)
        examples: Mapping[str, Sequence[str]] = front.examples if front is not None else categories[name].examples
        found.append(CategoryPage(name, front.title if front is not None else name.replace("_", " "), examples))
    return found


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


class _LinkKeys:
    """The keys of cancel links; those that are kept in a file are read, or made, when a link is."""

    def __init__(self, world: World) -> None:
        given = world.support.cancel_link_keys
        self._given = Keys.read(given.get_secret_value()) if given is not None else None
        self._file = world.data_dir / KEY_FILE

    @cached_property
    def by_id(self) -> Mapping[int, bytes]:
        return (self._given or Keys.read(_kept_key(self._file))).by_id


def _kept_key(file: Path) -> str:
    """The key of this installation, made the first time; of two processes at once the first one's holds."""
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    part = file.with_name(f".{file.name}.{secrets.token_hex(8)}")
    descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    with os.fdopen(descriptor, "w") as written:
        written.write(f"1:{b64encode(secrets.token_bytes(32)).decode()}")
    try:
        os.link(part, file)
    except FileExistsError:
        pass
    finally:
        part.unlink()
    return file.read_text()


def _brain(world: World, categories: Categories) -> Brain | None:
    """A model's, where one is configured."""
    settings = world.settings
    if not settings.models:
        return None
    from dash_agent.adapters.agno_planner.models import Access, Choice, Models
    from support_agent.adapters.agno_brain import AgnoBrain

    access = Access(
        _secret(settings.openai_api_key),
        settings.openai_base_url,
        _secret(settings.anthropic_api_key),
        timeout_s=settings.model_timeout,
    )
    usual = tuple(Choice(provider, name) for provider, name in settings.models)
    reachable = {choice.provider for choice in usual}

    def models(entry: CategoryEntry) -> Models:
        provider, _, name = (entry.model or "").partition(":")
        own = (Choice(provider, name),) if provider in reachable and settings.model is None else ()
        return Models((*own, *(choice for choice in usual if choice not in own)), access, entry.effort)

    common = Models(usual, access)
    by_category = {name: models(entry) for name, entry in categories.by_name.items()}
    return AgnoBrain(lambda category: by_category.get(category, common), _costs(world))


def _costs(world: World) -> Callable[[Usage], Decimal]:
    from dash_agent.context.files import read_json
    from dash_agent.context.prices import PRICES, PricesFile, priced

    found = read_json(world.settings.content_dir, PRICES, PricesFile)
    prices = found.value.prices if found.value is not None else []
    zone = ZoneInfo(world.settings.timezone)

    def cost(usage: Usage) -> Decimal:
        plain = replace(usage, model=usage.model.partition(":")[2] or usage.model) if usage.model else usage
        return priced(prices, plain, world.clock.now().astimezone(zone).date()).cost_usd

    return cost


def _secret(given: SecretStr | None) -> str | None:
    return given.get_secret_value() if given is not None else None
