"""`dash-agent db`: the database on its own."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from dash_agent.cli.options import NowOption, moment
from dash_agent.cli.terminal import progress_line, say
from dash_agent.errors import WrongUse

if TYPE_CHECKING:
    from dash_agent.settings import Settings
    from dash_agent.warehouse.embedded import EmbeddedPostgres

database = typer.Typer(name="db", help="The database on its own.", no_args_is_help=False)


class RoleChoice(StrEnum):
    OWNER = "owner"
    APP = "app"
    READER = "reader"


@database.command()
def start() -> int:
    """Starts the embedded database, leaves it running, and prints its owner's URL."""
    from dash_agent.settings import load_settings

    server = _embedded(load_settings())
    with server:
        server.keep()
        print(server.url("owner"))
    return 0


@database.command()
def stop() -> int:
    """Stops the embedded database, or lets the last process that uses it stop it."""
    from dash_agent.settings import load_settings

    if not _embedded(load_settings()).stop():
        say("other processes still use the database; it stops with the last of them")
    return 0


@database.command()
def url(role: Annotated[RoleChoice, typer.Option("--role", help="Whose URL.")] = RoleChoice.OWNER) -> int:
    """Prints a role's URL, with its password, for psql and other tools."""
    from dash_agent.settings import load_settings

    settings = load_settings()
    if settings.database_url is None:
        print(_embedded(settings).url(role.value))
        return 0
    print(_server_url(settings, settings.database_url.get_secret_value(), role))
    return 0


def _server_url(settings: Settings, app: str, role: RoleChoice) -> str:
    from dash_agent.warehouse.preparation import derived_reader, uri_of

    match role:
        case RoleChoice.APP:
            return app
        case RoleChoice.READER if settings.warehouse_url is None:
            return uri_of(derived_reader(app))
        case RoleChoice.READER:
            given = settings.warehouse_url
        case RoleChoice.OWNER:
            given = settings.owner_url
    if given is None:
        raise WrongUse(f"DATABASE_URL names a server, and nothing its {role}", "set DASH_OWNER_URL")
    return given.get_secret_value()


@database.command()
def migrate() -> int:
    """Brings tables, roles and rights to this version."""
    from dash_agent.bootstrap import open_database
    from dash_agent.context.catalog import load_catalog
    from dash_agent.settings import load_settings
    from dash_agent.warehouse.migrate import HEADS

    settings = load_settings()
    catalog = load_catalog(settings.content_dir)
    if settings.database_url is not None and settings.owner_url is None:
        raise WrongUse("DASH_OWNER_URL is not set", "name the owner of DATABASE_URL's database in it")
    with open_database(settings, catalog, on_progress=progress_line):
        print(f"The database is at {', '.join(sorted(HEADS))}.")
    return 0


@database.command()
def seed(
    tickets: Annotated[int, typer.Option("--tickets", min=1, metavar="N", help="How many.")] = 100_000,
    months: Annotated[int, typer.Option("--months", min=1, max=36, metavar="M", help="Over how long.")] = 12,
    random_seed: Annotated[
        int, typer.Option("--seed", min=0, metavar="S", help="The same seed and --now give the same data.")
    ] = 42,
    now: NowOption = None,
    reset: Annotated[bool, typer.Option("--reset", help="Empties the support tables first.")] = False,
) -> int:
    """Fills the support tables with a demo desk."""
    from dash_agent.bootstrap import open_clock, open_database
    from dash_agent.cli.demo import fill
    from dash_agent.context.catalog import load_catalog
    from dash_agent.settings import load_settings
    from dash_agent.warehouse.demo import DemoOptions

    settings = load_settings()
    options = DemoOptions(
        now=moment(now, settings) or open_clock(settings).now(),
        incidents_file=settings.data_dir / "demo" / "incidents.json",
        tickets=tickets,
        months=months,
        seed=random_seed,
        timezone=settings.timezone,
    )
    with open_database(settings, load_catalog(settings.content_dir), on_progress=progress_line) as opened:
        fill(opened, options, empty_first=reset)
    return 0


def _embedded(settings: Settings) -> EmbeddedPostgres:
    from dash_agent.warehouse.embedded import EmbeddedPostgres

    if settings.database_url is not None:
        raise WrongUse("DATABASE_URL names a server, so there is no embedded database to handle", "unset it")
    return EmbeddedPostgres(settings.data_dir, progress_line)
