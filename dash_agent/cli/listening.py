"""Sockets to listen on, with what can be wrong about them in one line."""

from __future__ import annotations

import errno
import ipaddress
import socket
from typing import Final

from dash_agent.errors import Unavailable, WrongUse

BACKLOG: Final = 128


def is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def listen(host: str, port: int, option: str = "--port") -> socket.socket:
    """A socket that is ours from now on: requests wait in it until the server runs.

    option: what sets the port. Raises Unavailable where another process has the port, WrongUse where the address is
    not one of this machine.
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
            taken = f"port {port} on {host} is taken by another process"
            raise Unavailable(taken, f"name another by {option}") from None
        raise WrongUse(f"--host {host} {option} {port}: {error.strerror}", "choose others") from None
    return listener


def url_of(listener: socket.socket) -> str:
    """Where a browser on this machine finds it."""
    host, port = listener.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
