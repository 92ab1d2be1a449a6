"""The only wiring: settings become a database, ports and a `Dash`.

What a question without a model does not need is imported where it is made: a process of its own answers in a second.
"""

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
from dash_agent.check.database import Live
from dash_agent.context.access import load_principals
from dash_agent.context.catalog import Catalog, load_catalog
from dash_agent.context.digests import readers, scope_of
from dash_agent.context.runtime import check_live
from dash_agent.errors import ContentError, DashError, WrongUse
from dash_agent.in_service import InService, Serving, Stamp, stamp_of
from dash_agent.learning.lessons import Lessons
from dash_agent.models.principal import Principal, ScopeFilter
from dash_agent.ports import (
    Answers,
    Clock,
    Contents,
    Conversations,
    Ids,
    Jobs,
    Operations,
    Pins,
    Planner,
    Preferences,
    Questions,
    Sessions,
)
from dash_agent.semantic.model import SemanticModel
from dash_agent.semantic.scope import policies, row_rules, scope_problems
from dash_agent.settings import Settings
from dash_agent.warehouse.connections import Connections, libpq_url, where
from dash_agent.warehouse.conversations import SqlConversations
from dash_agent.warehouse.documents import SqlDocuments
from dash_agent.warehouse.embedded import EmbeddedPostgres
from dash_agent.warehouse.execute import PostgresWarehouse
from dash_agent.warehouse.introspect import PostgresIntrospection
from dash_agent.warehouse.jobs import SqlJobs
from dash_agent.warehouse.kept_values import KeptValues
from dash_agent.warehouse.learnings import SqlLearnings
from dash_agent.warehouse.logins import ScopedReader, scoped_url
from dash_agent.warehouse.migrate import check_current
from dash_agent.warehouse.operations import SqlOperations, SqlPreferences
from dash_agent.warehouse.preflight import PostgresPreflight
from dash_agent.warehouse.preparation import check_reachable, derived_reader, prepare, same_database, user_of
from dash_agent.warehouse.questions import SqlQuestions
from dash_agent.warehouse.readonly import assert_read_only
from dash_agent.warehouse.reuse import SqlReuse
from dash_agent.warehouse.roles import EMBEDDED, RoleNames
from dash_agent.warehouse.row_security import LOOKUPS
from dash_agent.warehouse.sessions import SqlPins, SqlSessions
from dash_agent.warehouse.spending import SqlSpending
from dash_agent.warehouse.state import SqlAnswers, SqlContents, SqlTurns

if TYPE_CHECKING:
    from dash_agent.context.documents import Document
    from dash_agent.extensions import Host

OnProgress = Callable[[str], None]

WATERMARK_S: Final = 0.25
"""Seconds that an answer waits for what its receipt says of the data, at most."""

SHELF: Final = "cache"
"""Folder of DASH_DATA_DIR for what can be made again."""


@dataclass(frozen=True, slots=True)
class Database:
    """Where our state and the analysed tables are. URLs hold passwords: never print one.

    owner: None where only reading and writing was allowed to us. foreign: the analysed tables are somebody
    else's: never migrated, granted or seeded. grant: sets the readers' rights for other content, where we may.
    """

    owner: str | None
    app: str
    reader: str
    foreign: bool
    grant: Callable[[Catalog], None]

    def login_of(self, scope: tuple[ScopeFilter, ...]) -> str:
        """Whose login reads the rows of a scope. A foreign warehouse has one reader, and the guard alone narrows it."""
        return self.reader if self.foreign else scoped_url(self.app, user_of(self.reader), scope)


@dataclass(frozen=True, slots=True)
class Running:
    """What commands and the server work with. Ask for `dash`, `catalog` and `principals` each time: files change.

    conversations: None where the tickets are in somebody else's database, which only its reader looks into.
    """

    content: InService
    answers: Answers
    clock: Clock
    ids: Ids
    parts: Mapping[str, Connections]
    contents: Contents | None = None
    ports: Ports | None = None
    learning: Lessons | None = None
    questions: Questions | None = None
    conversations: Conversations | None = None
    sessions: Sessions | None = None
    pins: Pins | None = None
    jobs: Jobs | None = None
    operations: Operations | None = None
    preferences: Preferences | None = None

    @property
    def dash(self) -> Dash:
        return self.content.serving.dash

    @property
    def lessons(self) -> Lessons:
        """Raises WrongUse where nothing is learned."""
        if self.learning is None:
            raise WrongUse("this process keeps no learnings", "give it a database of its own")
        return self.learning

    @property
    def catalog(self) -> Catalog:
        return self.content.serving.catalog

    @property
    def principals(self) -> Mapping[str, Principal]:
        """The known ones, by e-mail in lower case."""
        return self.content.serving.principals

    def components(self) -> Mapping[str, DashError | None]:
        """Each part that must answer, and its error where it does not."""
        return {name: _probe(connections) for name, connections in self.parts.items()}


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
    state, reader = Connections(database.app), Connections(database.reader)
    shelf = FolderShelf(settings.data_dir / SHELF)
    introspection = KeptValues(PostgresIntrospection(reader), shelf, where(database.reader))
    warehouse = PostgresWarehouse(
        database.reader,
        timezone=settings.timezone,
        timeout_s=settings.statement_timeout,
        login_of=database.login_of,
    )
    marks = warehouse.within(min(WATERMARK_S, settings.statement_timeout))
    try:
        clock, ids, answers, contents = open_clock(settings), UlidIds(), SqlAnswers(state), SqlContents(state)
        encoder = SentenceEncoder(settings.data_dir / SHELF)
        watched = PostgresPreflight(reader if database.foreign else state, timezone=settings.timezone)
        learnings = SqlLearnings(state)
        ports = Ports(
            warehouse,
            introspection,
            answers,
            SqlTurns(state),
            clock,
            ids,
            encoder,
            marks,
            contents,
            watched,
            shelf,
            documents=SqlDocuments(state, encoder),
            planner=open_planner(settings),
            spending=SqlSpending(state, timezone=settings.timezone, usual=settings.budget),
            reuse=SqlReuse(state) if settings.answer_cache and not database.foreign else None,
            learnings=learnings,
        )
        lookups = None if database.foreign else LOOKUPS

        def serving(catalog: Catalog) -> Serving:
            problems = check_live(catalog, introspection)
            if problems:
                raise ContentError(problems)
            principals = known_principals(settings, catalog)
            dash = Dash(
                ports,
                catalog,
                timezone=settings.timezone,
                row_cap=settings.row_cap,
                lookups=lookups,
                double_check=settings.double_check,
                knowledge=lambda: _knowledge(settings),
            )
            dash.listen(lambda answer, principal: lessons.heard(answer, principal))
            dash.listen_mended(lambda mended, principal: lessons.mended(mended, principal))
            return Serving(dash, catalog, principals)

        def changed() -> Serving:
            made = load_catalog(settings.content_dir)
            SemanticModel(made)
            known_principals(settings, made)
            # As the app, who sees all columns of our own tables: rights change only for files that hold.
            problems = check_live(made, introspection if database.foreign else PostgresIntrospection(state))
            if problems:
                raise ContentError(problems)
            database.grant(made)
            try:
                new = serving(made)
                new.dash.warm_up()
            except DashError:
                database.grant(content.serving.catalog)
                raise
            return new

        lessons = Lessons(learnings, clock, ids, lambda: content.serving.dash)
        content = InService(serving(catalog), read, lambda: stamp_of(settings.content_dir), changed)
        parts = {"database": state, "warehouse": reader}
        texts = None if database.foreign else SqlConversations(state, lambda: content.serving.catalog)
        asked = SqlQuestions(state)
        yield Running(
            content,
            answers,
            clock,
            ids,
            parts,
            contents,
            ports,
            lessons,
            questions=asked,
            conversations=texts,
            sessions=SqlSessions(state),
            pins=SqlPins(state),
            jobs=SqlJobs(state),
            operations=SqlOperations(state, timezone=settings.timezone),
            preferences=SqlPreferences(state),
        )
    finally:
        warehouse.close()
        state.close()
        reader.close()


@contextmanager
def open_database(
    settings: Settings, catalog: Catalog | None, *, on_progress: OnProgress, keep: bool = False
) -> Iterator[Database]:
    """Our own database, started where it is embedded, migrated and granted where we have its owner.

    catalog: None leaves the reader's grants as they are. keep: the embedded server stays up afterwards.
    Raises ContentError for an access file that asks for a row scope that can't be held.
    """
    if settings.database_url is not None:
        yield _on_server(settings, settings.database_url, catalog, on_progress)
        return
    with EmbeddedPostgres(settings.data_dir, on_progress) as server:
        owner, app = server.url("owner"), server.url("app")
        named = _named_warehouse(settings)
        foreign = named is not None and not same_database(named, app)

        def grant(catalog: Catalog | None) -> None:
            tables = None if foreign or catalog is None else catalog.readable
            scoped = _scoped(settings, catalog, app, EMBEDDED.reader)
            prepare(owner, tables, EMBEDDED, on_progress, scoped=() if foreign else scoped)

        grant(catalog)
        if named is not None:
            assert_read_only(named)
        if keep:
            server.keep()
        yield Database(owner, app, named or server.url("reader"), foreign, grant)


def _on_server(settings: Settings, given: SecretStr, catalog: Catalog | None, on_progress: OnProgress) -> Database:
    app = libpq_url(given.get_secret_value(), "DATABASE_URL")
    named = _named_warehouse(settings)
    foreign = named is not None and not same_database(named, app)
    login = derived_reader(app) if named is None or foreign else None
    owner = None if settings.owner_url is None else libpq_url(settings.owner_url.get_secret_value(), "DASH_OWNER_URL")
    check_reachable(app)

    def grant(catalog: Catalog | None) -> None:
        if owner is None:
            return
        tables = None if foreign or catalog is None else catalog.readable
        roles = _roles(owner, app, login or named or "")
        scoped = _scoped(settings, catalog, app, roles.reader)
        prepare(owner, tables, roles, on_progress, login=login, scoped=() if foreign else scoped)

    if owner is None:
        check_current(app)
    grant(catalog)
    if named is not None:
        assert_read_only(named)
    return Database(owner, app, named or login or "", foreign, grant)


def _roles(owner: str, app: str, reader: str) -> RoleNames:
    names = RoleNames(user_of(owner), user_of(app), user_of(reader))
    if len({names.owner, names.app, names.reader}) < 3:
        raise WrongUse(
            f"the database's owner, app and reader must be three roles, not {names.owner}, {names.app}, {names.reader}",
            "give DATABASE_URL, DASH_OWNER_URL and DASH_WAREHOUSE_URL roles of their own",
        )
    return names


def _scoped(settings: Settings, catalog: Catalog | None, app: str, reader: str) -> tuple[ScopedReader, ...]:
    """A reader for each distinct scope of the access file and of digests. Raises ContentError."""
    if catalog is None:
        return ()
    found: dict[str, ScopedReader] = {}
    scopes = [principal.scope for principal in known_principals(settings, catalog).values()]
    scopes += [scope_of(one) for digest in catalog.digests.values() for _, one in readers(digest)]
    for scope in scopes:
        if scope:
            ruled = policies(row_rules(catalog, scope), LOOKUPS)
            url = scoped_url(app, reader, scope)
            found.setdefault(url, ScopedReader(url, ruled.conditions, ruled.lookups))
    return tuple(found.values())


def _named_warehouse(settings: Settings) -> str | None:
    if settings.warehouse_url is None:
        return None
    return libpq_url(settings.warehouse_url.get_secret_value(), "DASH_WAREHOUSE_URL")


@contextmanager
def open_live(settings: Settings, *, on_progress: OnProgress) -> Iterator[Live]:
    """The database for a check of the files. On a server nothing is changed, whoever's owner is known: a check of a
    branch is no deployment. An embedded one that no question has been asked yet is made ready as for one.

    Raises ContentError where there is no content folder, WrongUse, WarehouseUnavailable, DiskFull, WrongSchema.
    """
    looking = settings.model_copy(update={"owner_url": None})
    with open_database(looking, None, on_progress=on_progress) as database:
        state, reader = Connections(database.app), Connections(database.reader)
        warehouse = PostgresWarehouse(database.reader, timezone=settings.timezone, timeout_s=settings.statement_timeout)
        looks = PostgresIntrospection(reader)
        try:
            # The app's role sees every column of our own tables, the personal ones among them.
            columns = looks.columns() if database.foreign else PostgresIntrospection(state).columns()
            catalog = _clean(settings)
            fresh = catalog is not None and database.owner is not None and not looks.columns()
            if fresh and catalog is not None:
                database.grant(catalog)
            granted = fresh or database.foreign
            yield Live(columns, not database.foreign, looks, warehouse, granted)
        finally:
            warehouse.close()
            state.close()
            reader.close()


def live_of(running: Running) -> Live:
    """The database for a check of the files by a process that has it open. Raises WarehouseUnavailable, WrongUse."""
    if running.ports is None:
        raise WrongUse("this process has no database to check against", "check the files alone")
    looks, foreign = PostgresIntrospection(running.parts["warehouse"]), running.conversations is None
    columns = looks.columns() if foreign else PostgresIntrospection(running.parts["database"]).columns()
    return Live(columns, not foreign, looks, running.ports.warehouse, granted=not running.content.problems)


def _clean(settings: Settings) -> Catalog | None:
    """The catalogue, None where the files have errors that would stop a start."""
    try:
        catalog = load_catalog(settings.content_dir)
        known_principals(settings, catalog)
        SemanticModel(catalog)
    except ContentError:
        return None
    return catalog


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


def known_principals(settings: Settings, catalog: Catalog) -> Mapping[str, Principal]:
    """Who may ask, by e-mail in lower case. Raises ContentError, also for a row scope that can't be held."""
    principals = load_principals(settings.content_dir)
    problems = list(scope_problems(catalog, principals.values()))
    if problems:
        raise ContentError(problems)
    return principals


def extension_host(
    running: Running, settings: Settings, staff: Callable[[Mapping[str, str]], Principal] | None = None
) -> Host:
    """What extensions of this process work with. staff: who of the staff calls, None where nobody calls over HTTP."""
    from dash_agent.extensions import Host, nobody

    state = running.parts["database"]
    jobs = SqlJobs(state)
    return Host(lambda: running.dash, running.clock, SentenceEncoder(), state, settings.data_dir, jobs, staff or nobody)


def _knowledge(settings: Settings) -> Sequence[Document]:
    from dash_agent.context.documents import read_documents

    return read_documents(settings.content_dir)[0]


def _probe(connections: Connections) -> DashError | None:
    try:
        with connections.transaction() as connection:
            connection.execute("SELECT 1")
    except DashError as error:
        return error
    return None
