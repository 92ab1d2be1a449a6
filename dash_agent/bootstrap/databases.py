"""Our own database and the analysed tables: started or reached, migrated and granted."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

from pydantic import SecretStr

from dash_agent.context.access import load_principals
from dash_agent.context.catalog import Catalog
from dash_agent.context.digests import Addressed, readers, scope_of
from dash_agent.errors import ContentError, WrongUse
from dash_agent.models.principal import Principal, ScopeFilter
from dash_agent.semantic.scope import policies, row_rules, scope_problems
from dash_agent.settings import Settings
from dash_agent.warehouse.connections import libpq_url
from dash_agent.warehouse.embedded import EmbeddedPostgres
from dash_agent.warehouse.logins import ScopedReader, scoped_url
from dash_agent.warehouse.migrate import check_current
from dash_agent.warehouse.preparation import check_reachable, derived_reader, prepare, same_database, user_of
from dash_agent.warehouse.readonly import assert_read_only
from dash_agent.warehouse.roles import EMBEDDED, RoleNames
from dash_agent.warehouse.row_security import LOOKUPS

OnProgress = Callable[[str], None]


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
    """A reader for each distinct scope of the access file, of digests and of alerts. Raises ContentError."""
    if catalog is None:
        return ()
    found: dict[str, ScopedReader] = {}
    scopes = [principal.scope for principal in known_principals(settings, catalog).values()]
    told: tuple[Addressed, ...] = (*catalog.digests.values(), *catalog.alerts.values())
    scopes += [scope_of(one) for addressed in told for _, one in readers(addressed)]
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


def known_principals(settings: Settings, catalog: Catalog) -> Mapping[str, Principal]:
    """Who may ask, by e-mail in lower case. Raises ContentError, also for a row scope that can't be held."""
    principals = load_principals(settings.content_dir)
    problems = list(scope_problems(catalog, principals.values()))
    if problems:
        raise ContentError(problems)
    return principals
