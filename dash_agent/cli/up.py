"""`dash-agent up`: everything that exists, until Ctrl-C."""

from __future__ import annotations

import errno
import ipaddress
import shutil
import socket
import sys
from collections.abc import Sequence
from contextlib import nullcontext
from typing import TYPE_CHECKING, Annotated

import typer

from dash_agent.cli.beside import beside
from dash_agent.cli.terminal import progress_line
from dash_agent.errors import Unavailable, WrongUse

if TYPE_CHECKING:
    from dash_agent.bootstrap import Database
    from dash_agent.settings import Settings

BACKLOG = 128


def up(
    no_dashboard: Annotated[bool, typer.Option("--no-dashboard", help="Leaves the dashboard out.")] = False,
    no_demo: Annotated[bool, typer.Option("--no-demo", help="Never fills an empty database with a demo desk.")] = False,
    no_worker: Annotated[bool, typer.Option("--no-worker", help="Leaves the worker out.")] = False,
    host: Annotated[str, typer.Option("--host", metavar="H", help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option("--port", metavar="P", min=0, max=65535, help="0 takes a free one.")] = 7777,
) -> int:
    """Starts the database, fills it with a demo desk the first time, serves HTTP and runs the worker, until Ctrl-C."""
    from dash_agent.bootstrap import extension_host, open_database, open_on
    from dash_agent.context.catalog import load_catalog
    from dash_agent.extensions import build_extensions
    from dash_agent.in_service import stamp_of, watched
    from dash_agent.server import create_app, serve
    from dash_agent.settings import load_settings

    del no_dashboard  # there is no dashboard to leave out yet
    settings = load_settings()
    _check_exposure(host, settings)
    read = stamp_of(settings.content_dir)
    catalog = load_catalog(settings.content_dir)
    with listen(host, port) as listener, open_database(settings, catalog, on_progress=progress_line) as database:
        if not (no_demo or database.foreign or database.owner is None):
            _seed_first(database, settings)
        with open_on(database, catalog, settings, read) as running:
            running.dash.warm_up()
            examples = [text for texts in catalog.rules.examples.values() for text in texts[:2]]
            extensions = build_extensions(extension_host(running, settings))
            for name, reason in extensions.broken.items():
                progress_line(f"The extension '{name}' is left out: {reason}")
            app = create_app(running, settings, extensions=extensions)
            worker = nullcontext() if no_worker else beside("worker", "worker", "--with-parent")
            with watched(running.content, progress_line), worker:
                serve(app, listener, on_ready=lambda: _announce(listener, examples))
    progress_line("Stopped.")
    return 0


def _check_exposure(host: str, settings: Settings) -> None:
    """Raises WrongUse where everybody on the network could ask."""
    if not settings.has_credentials and not is_loopback(host):
        raise WrongUse(
            f"--host {host} opens this machine to others, and OS_SECURITY_KEY is not set",
            "set it, or JWT_VERIFICATION_KEY, first",
        )


def is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def listen(host: str, port: int) -> socket.socket:
    """A socket that is ours from now on: requests wait in it until the server runs.

    Raises Unavailable where another process has the port, WrongUse where the address is not one of this machine.
    """
    try:
        family, _, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        listener = socket.socket(family, socket.SOCK_STREAM)
    except OSError as error:
        raise WrongUse(
            f"--host {host}: {error.strerror}", "give an address of this machine, such as 127.0.0.1"
        ) from None
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind(address)
        # Two sockets may be bound to one port while neither listens.
        listener.listen(BACKLOG)
    except OSError as error:
        listener.close()
        if error.errno == errno.EADDRINUSE:
            raise Unavailable(f"port {port} on {host} is taken by another process", "name another by --port") from None
        raise WrongUse(f"--host {host} --port {port}: {error.strerror}", "choose others") from None
    return listener


def _seed_first(database: Database, settings: Settings) -> None:
    from dash_agent.bootstrap import open_clock
    from dash_agent.cli.demo import fill_once
    from dash_agent.warehouse.demo import DemoOptions

    incidents = settings.data_dir / "demo" / "incidents.json"
    now = open_clock(settings).now()
    fill_once(database, DemoOptions(now=now, incidents_file=incidents, timezone=settings.timezone))


def _announce(listener: socket.socket, examples: Sequence[str]) -> None:
    host, port = listener.getsockname()[:2]
    shown = f"[{host}]" if ":" in host else host
    lines = [
        f"HTTP server  http://{shown}:{port}/api/v1/ask   (health: /api/v1/health)",
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
