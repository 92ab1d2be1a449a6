"""A `Dash` on a database, with its ports; and what a process works with besides."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from pydantic import SecretStr

from dash_agent.adapters.clock import FrozenClock, SystemClock
from dash_agent.adapters.embeddings import SentenceEncoder
from dash_agent.adapters.ids import UlidIds
from dash_agent.adapters.shelf import FolderShelf
from dash_agent.ask import Dash, Ports
from dash_agent.bootstrap.databases import Database, OnProgress, known_principals, open_database
from dash_agent.bootstrap.running import Running
from dash_agent.context.catalog import Catalog, load_catalog
from dash_agent.context.runtime import check_live
from dash_agent.errors import ContentError, DashError
from dash_agent.in_service import InService, Serving, Stamp, stamp_of
from dash_agent.learning.lessons import Lessons
from dash_agent.models.principal import Principal
from dash_agent.ports import Clock, Learnings, Planner
from dash_agent.semantic.model import SemanticModel
from dash_agent.settings import Settings
from dash_agent.warehouse.connections import Connections, where
from dash_agent.warehouse.conversations import SqlConversations
from dash_agent.warehouse.documents import SqlDocuments
from dash_agent.warehouse.execute import PostgresWarehouse
from dash_agent.warehouse.introspect import PostgresIntrospection
from dash_agent.warehouse.jobs import SqlJobs
from dash_agent.warehouse.kept_values import KeptValues
from dash_agent.warehouse.learnings import SqlLearnings
from dash_agent.warehouse.operations import SqlOperations, SqlPreferences
from dash_agent.warehouse.preflight import PostgresPreflight
from dash_agent.warehouse.questions import SqlQuestions
from dash_agent.warehouse.reuse import SqlReuse
from dash_agent.warehouse.row_security import LOOKUPS
from dash_agent.warehouse.sessions import SqlPins, SqlSessions
from dash_agent.warehouse.spending import SqlSpending
from dash_agent.warehouse.state import SqlAnswers, SqlContents, SqlTurns

if TYPE_CHECKING:
    from dash_agent.context.documents import Document
    from dash_agent.extensions import Host

WATERMARK_S: Final = 0.25
"""Seconds that an answer waits for what its receipt says of the data, at most."""

SHELF: Final = "cache"
"""Folder of DASH_DATA_DIR for what can be made again."""

KEPT_OPEN: Final = 16
"""Connections of our state that stay open while nobody uses them: a turn of the support agent takes two, and several
are worked on at a time.
"""


@contextmanager
def open_dash(settings: Settings, *, on_progress: OnProgress) -> Iterator[Running]:
    """Everything a question needs, ready, and closed again afterwards.

    Raises ContentError, WrongUse, WarehouseUnavailable, DiskFull, WrongSchema.
    """
    read = stamp_of(settings.content_dir)
    catalog = load_catalog(settings.content_dir)
    with (
        open_database(settings, catalog, on_progress=on_progress) as database,
        open_on(database, catalog, settings, read) as it,
    ):
        yield it


@contextmanager
def open_on(database: Database, catalog: Catalog, settings: Settings, read: Stamp = ()) -> Iterator[Running]:
    """A `Dash` on a database that is ready. Raises ContentError where it has not what the catalogue names.

    read: the stamp of the files that the catalogue was read from, where changes to them are to be seen.
    """
    state, reader = Connections(database.app, KEPT_OPEN), Connections(database.reader)
    warehouse = PostgresWarehouse(
        database.reader,
        timezone=settings.timezone,
        timeout_s=settings.statement_timeout,
        login_of=database.login_of,
    )
    try:
        learnings = SqlLearnings(state)
        ports = _ports(database, settings, warehouse, state, reader, learnings)
        lessons = Lessons(learnings, ports.clock, ports.ids, lambda: content.serving.dash)
        made = _Made(database, settings, ports, state, lessons)
        content = InService(
            made.serving(catalog),
            read,
            lambda: stamp_of(settings.content_dir),
            lambda: made.changed(content.serving.catalog),
        )
        yield _running(database, settings, ports, state, reader, content, lessons)
    finally:
        warehouse.close()
        state.close()
        reader.close()


def _ports(
    database: Database,
    settings: Settings,
    warehouse: PostgresWarehouse,
    state: Connections,
    reader: Connections,
    learnings: Learnings,
) -> Ports:
    shelf = FolderShelf(settings.data_dir / SHELF)
    encoder = SentenceEncoder(settings.data_dir / SHELF)
    return Ports(
        warehouse,
        KeptValues(PostgresIntrospection(reader), shelf, where(database.reader)),
        SqlAnswers(state),
        SqlTurns(state),
        open_clock(settings),
        UlidIds(),
        encoder,
        watermarks=warehouse.within(min(WATERMARK_S, settings.statement_timeout)),
        contents=SqlContents(state),
        preflight=PostgresPreflight(reader if database.foreign else state, timezone=settings.timezone),
        shelf=shelf,
        documents=SqlDocuments(state, encoder),
        planner=open_planner(settings),
        spending=SqlSpending(state, timezone=settings.timezone, usual=settings.budget),
        reuse=SqlReuse(state) if settings.answer_cache and not database.foreign else None,
        learnings=learnings,
    )


def _running(
    database: Database,
    settings: Settings,
    ports: Ports,
    state: Connections,
    reader: Connections,
    content: InService,
    lessons: Lessons,
) -> Running:
    return Running(
        content,
        ports.answers,
        ports.clock,
        ports.ids,
        {"database": state, "warehouse": reader},
        ports.contents,
        ports,
        lessons,
        questions=SqlQuestions(state),
        conversations=None if database.foreign else SqlConversations(state, lambda: content.serving.catalog),
        sessions=SqlSessions(state),
        pins=SqlPins(state),
        jobs=SqlJobs(state),
        operations=SqlOperations(state, timezone=settings.timezone),
        preferences=SqlPreferences(state),
    )


@dataclass(frozen=True, slots=True)
class _Made:
    """Makes a `Dash` of the content files: at the start, and when they change."""

    database: Database
    settings: Settings
    ports: Ports
    state: Connections
    lessons: Lessons

    def serving(self, catalog: Catalog) -> Serving:
        """Raises ContentError."""
        problems = check_live(catalog, self.ports.introspection)
        if problems:
            raise ContentError(problems)
        principals = known_principals(self.settings, catalog)
        dash = Dash(
            self.ports,
            catalog,
            timezone=self.settings.timezone,
            row_cap=self.settings.row_cap,
            lookups=None if self.database.foreign else LOOKUPS,
            double_check=self.settings.double_check,
            knowledge=lambda: _knowledge(self.settings),
        )
        dash.listen(self.lessons.heard)
        dash.listen_mended(self.lessons.mended)
        return Serving(dash, catalog, principals)

    def changed(self, before: Catalog) -> Serving:
        """Of the files as they are now; the reader's rights are of `before` again where they don't hold.

        Raises ContentError and what else a start raises.
        """
        made = load_catalog(self.settings.content_dir)
        SemanticModel(made)
        known_principals(self.settings, made)
        # As the app, who sees all columns of our own tables: rights change only for files that hold.
        seen = self.ports.introspection if self.database.foreign else PostgresIntrospection(self.state)
        problems = check_live(made, seen)
        if problems:
            raise ContentError(problems)
        self.database.grant(made)
        try:
            new = self.serving(made)
            new.dash.warm_up()
        except DashError:
            self.database.grant(before)
            raise
        return new


def _knowledge(settings: Settings) -> Sequence[Document]:
    from dash_agent.context.documents import read_documents

    return read_documents(settings.content_dir)[0]


def open_clock(settings: Settings) -> Clock:
    return FrozenClock(settings.now) if settings.now is not None else SystemClock()


def open_planner(settings: Settings) -> Planner | None:
    """The models that are configured, None where there are none. Nothing is called yet."""
    if not settings.models:
        return None
    from dash_agent.adapters.agno_planner import Access, AgnoPlanner, Choice

    def secret(given: SecretStr | None) -> str | None:
        return given.get_secret_value() if given is not None else None

    access = Access(
        secret(settings.openai_api_key),
        settings.openai_base_url,
        secret(settings.anthropic_api_key),
        timeout_s=settings.model_timeout,
    )
    return AgnoPlanner([Choice(provider, name) for provider, name in settings.models], access)


def extension_host(
    running: Running, settings: Settings, staff: Callable[[Mapping[str, str]], Principal] | None = None
) -> Host:
    """What extensions of this process work with. staff: who of the staff calls, None where nobody calls over HTTP."""
    from dash_agent.extensions import Host, nobody

    state = running.parts["database"]
    jobs = SqlJobs(state)
    encoder = SentenceEncoder(settings.data_dir / SHELF)
    return Host(lambda: running.dash, running.clock, encoder, state, settings.data_dir, jobs, staff or nobody)
