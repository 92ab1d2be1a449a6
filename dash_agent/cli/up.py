"""`dash-agent up`: everything that exists, until Ctrl-C."""

from __future__ import annotations

import shutil
import socket
import sys
from collections.abc import Sequence
from contextlib import ExitStack
from importlib.util import find_spec
from typing import TYPE_CHECKING, Annotated, Final

import typer

from dash_agent.cli.beside import beside
from dash_agent.cli.listening import is_loopback, listen, url_of
from dash_agent.cli.terminal import progress_line
from dash_agent.errors import DashError, WrongUse

if TYPE_CHECKING:
    from dash_agent.bootstrap import Database
    from dash_agent.settings import Settings

LOCALHOST: Final = "127.0.0.1"
DASHBOARD_PORT: Final = "--dashboard-port"


def up(
    no_dashboard: Annotated[bool, typer.Option("--no-dashboard", help="Leaves the dashboard out.")] = False,
    no_demo: Annotated[bool, typer.Option("--no-demo", help="Never fills an empty database with a demo desk.")] = False,
    no_worker: Annotated[bool, typer.Option("--no-worker", help="Leaves the worker out.")] = False,
    host: Annotated[str, typer.Option("--host", metavar="H", help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option("--port", metavar="P", min=0, max=65535, help="0 takes a free one.")] = 7777,
    dashboard_port: Annotated[
        int, typer.Option(DASHBOARD_PORT, metavar="P", min=0, max=65535, help="0 takes a free one.")
    ] = 8501,
) -> int:
    """Starts the database, fills it with a demo desk the first time, and runs the HTTP server, the dashboard and the
    worker, until Ctrl-C."""
    from dash_agent.bootstrap import extension_host, open_database, open_on
    from dash_agent.context.catalog import load_catalog
    from dash_agent.extensions import build_extensions
    from dash_agent.in_service import stamp_of, watched
    from dash_agent.server import create_app, serve, staff_of
    from dash_agent.settings import load_settings

    settings = load_settings()
    _check_exposure(host, settings)
    read = stamp_of(settings.content_dir)
    catalog = load_catalog(settings.content_dir)
    with ExitStack() as stack:
        listener = stack.enter_context(listen(host, port))
        pages = None if no_dashboard else _dashboard_listener(host, dashboard_port, settings, stack)
        database = stack.enter_context(open_database(settings, catalog, on_progress=progress_line))
        if not (no_demo or database.foreign or database.owner is None):
            _seed_first(database, settings)
        running = stack.enter_context(open_on(database, catalog, settings, read))
        running.dash.warm_up()
        examples = [text for texts in catalog.rules.examples.values() for text in texts[:2]]
        extensions = build_extensions(extension_host(running, settings, staff_of(settings, lambda: running.principals)))
        for name, reason in extensions.broken.items():
            progress_line(f"The extension '{name}' is left out: {reason}")
        app = create_app(running, settings, extensions=extensions)
        stack.enter_context(watched(running.content, progress_line))
        if not no_worker:
            stack.enter_context(beside("worker", "dash_agent", "worker", "--with-parent"))
        if pages is not None:
            there = str(pages.fileno())
            stack.enter_context(
                beside("dashboard", "dashboard", "--with-parent", "--listener", there, files=[pages.fileno()])
            )
        serve(app, listener, on_ready=lambda: _announce(listener, pages, examples))
    progress_line("Stopped.")
    return 0


def _check_exposure(host: str, settings: Settings) -> None:
    """Raises WrongUse where everybody on the network could ask."""
    if not settings.has_credentials and not is_loopback(host):
        raise WrongUse(
            f"--host {host} opens this machine to others, and OS_SECURITY_KEY is not set",
            "set it, or JWT_VERIFICATION_KEY, first",
        )


def _dashboard_listener(host: str, port: int, settings: Settings, stack: ExitStack) -> socket.socket | None:
    """What the dashboard will listen on; None, said in a line, where there can be none: all else runs without it.

    It is on this machine alone where nobody could sign in to it. Raises WrongUse for OIDC that is set in part.
    """
    if find_spec("streamlit") is None or find_spec("dashboard") is None:
        progress_line("The dashboard is left out: it is not installed; pip install 'dash-agent[dashboard]'.")
        return None
    try:
        return stack.enter_context(listen(host if settings.has_sign_in else LOCALHOST, port, DASHBOARD_PORT))
    except WrongUse:
        raise
    except DashError as error:
        progress_line(f"The dashboard is left out: {error}.")
        return None


def _seed_first(database: Database, settings: Settings) -> None:
    from dash_agent.bootstrap import open_clock
    from dash_agent.cli.demo import fill_once
    from dash_agent.warehouse.demo import DemoOptions

    incidents = settings.data_dir / "demo" / "incidents.json"
    now = open_clock(settings).now()
    fill_once(database, DemoOptions(now=now, incidents_file=incidents, timezone=settings.timezone))


def _announce(listener: socket.socket, pages: socket.socket | None, examples: Sequence[str]) -> None:
    lines = [
        *([f"Dashboard    {url_of(pages)}"] if pages is not None else []),
        f"HTTP server  {url_of(listener)}/api/v1/ask   (health: /api/v1/health)",
        "Ask in another terminal:",
        *(f'  {_command()} ask "{question}"' for question in examples),
        "Ctrl-C stops everything.",
    ]
    print("\n".join(lines), flush=True)


def _command() -> str:
    """What to type here for the console command: in a virtual environment it may not be on the PATH."""
    if shutil.which("dash-agent"):
        return "dash-agent"
    return sys.argv[0] if sys.argv[0].endswith("dash-agent") else "python -m dash_agent"
