"""`python -m dashboard`: serves the dashboard until Ctrl-C."""

from __future__ import annotations

import argparse
import os
import signal
import socket
import sys
from collections.abc import Sequence

from dash_agent.cli.beside import when_parent_ends
from dash_agent.cli.listening import is_loopback, listen, url_of
from dash_agent.cli.terminal import say
from dash_agent.errors import DashError, WrongUse
from dash_agent.settings import Settings, load_settings


def main(arguments: Sequence[str]) -> int:
    """Exit codes as of `dash-agent`: 2 wrong use, 3 where the port is taken or something can't be reached."""
    given = _parser().parse_args(arguments)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    if given.with_parent:
        when_parent_ends(lambda: os.kill(os.getpid(), signal.SIGTERM))
    try:
        settings = load_settings()
        check_exposure(given.host, settings)
        with _listener(given) as listener:
            from dashboard.server import run

            run(settings, listener, on_ready=lambda: _announce(listener, given))
    except DashError as error:
        say(str(error))
        return error.exit_code
    except KeyboardInterrupt:
        return 130
    return 0


def check_exposure(host: str, settings: Settings) -> None:
    """Raises WrongUse where everybody on the network would be the administrator."""
    if not settings.has_sign_in and not is_loopback(host):
        raise WrongUse(
            f"--host {host} opens the dashboard to others, and nobody can sign in to it",
            "set DASH_ADMIN_PASSWORD or OIDC_* first",
        )


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m dashboard", description="Serves the dashboard until Ctrl-C.")
    parser.add_argument("--host", default="127.0.0.1", metavar="H", help="address to listen on (default 127.0.0.1)")
    parser.add_argument("--port", default=8501, type=int, metavar="P", help="default 8501; 0 takes a free one")
    # For `dash-agent up`, which has the port already, so that it is said at once where it is taken.
    parser.add_argument("--listener", type=int, help=argparse.SUPPRESS)
    parser.add_argument("--with-parent", action="store_true", help=argparse.SUPPRESS)
    return parser


def _listener(given: argparse.Namespace) -> socket.socket:
    if given.listener is None:
        return listen(given.host, given.port)
    return socket.socket(fileno=given.listener)


def _announce(listener: socket.socket, given: argparse.Namespace) -> None:
    if given.listener is None:
        print(f"Dashboard  {url_of(listener)}\nCtrl-C stops it.", flush=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
