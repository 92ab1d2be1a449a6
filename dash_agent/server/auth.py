"""Who asks over HTTP. Never taken from a body."""

from __future__ import annotations

import hmac
import ipaddress

from fastapi import Request

from dash_agent.models.principal import Principal, Role
from dash_agent.server.failures import Refused

ADMIN = Principal(user="admin", role=Role.ADMIN)


class Staff:
    """A dependency: the principal of a staff request.

    With a key, whoever sends it as a bearer is the admin. Without one the server listens on this machine alone, and
    whoever names it so is: a page on the web that a browser here was lured to sends another Host or an Origin.
    """

    def __init__(self, security_key: str | None) -> None:
        self._key = security_key.encode() if security_key else None

    def __call__(self, request: Request) -> Principal:
        """Raises Refused."""
        if self._key is None:
            self._check_local(request)
            return ADMIN
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        sent = token.strip().encode("utf-8", "surrogateescape")
        if scheme.lower() != "bearer" or not hmac.compare_digest(sent, self._key):
            raise Refused(401, "this is for staff", {"WWW-Authenticate": "Bearer"})
        return ADMIN

    def _check_local(self, request: Request) -> None:
        origin = request.headers.get("origin", "")
        named = [request.headers.get("host", ""), *([origin.partition("://")[2]] if origin else [])]
        if not all(_is_local(host) for host in named):
            raise Refused(403, "without a staff key only this machine may ask, by the name localhost")


def _is_local(host: str) -> bool:
    name = host.rpartition(":")[0] if not host.endswith("]") and ":" in host else host
    try:
        return ipaddress.ip_address(name.strip("[]")).is_loopback
    except ValueError:
        return name.lower() == "localhost"
