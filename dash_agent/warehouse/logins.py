"""Logins whose passwords come from the app's: every process that has DATABASE_URL knows them, nothing is stored, and
nobody gets from one of them to the app's."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Mapping
from dataclasses import dataclass

from psycopg import Connection, sql
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from dash_agent.errors import WrongUse
from dash_agent.models.principal import ScopeFilter

LONGEST_NAME = 63  # bytes: PostgreSQL cuts what is longer, and two names would become one

Scope = tuple[ScopeFilter, ...]


@dataclass(frozen=True, slots=True)
class ScopedReader:
    """A reader of one row scope. url: of its login, with the password: never print it.

    conditions: table → which of its rows it sees, as SQL; tables that are not named are closed to it.
    lookups: name → SELECT of the keys that the conditions read, by that name in the schema of lookups.
    """

    url: str
    conditions: Mapping[str, str]
    lookups: Mapping[str, str]

    @property
    def name(self) -> str:
        return str(conninfo_to_dict(self.url)["user"])


def scope_key(scope: Scope) -> str:
    """Eight hexadecimal digits, the same for the same filters in any order."""
    filters = sorted((narrowed.dimension, sorted(set(narrowed.values))) for narrowed in scope)
    return hashlib.sha256(json.dumps(filters).encode()).hexdigest()[:8]


def scoped_url(app_url: str, reader: str, scope: Scope) -> str:
    """The URL of a scope's login beside the reader's. Raises WrongUse."""
    key = scope_key(scope)
    return derived_url(app_url, f"{reader}_{key}", f"dash-agent reader {key}")


def derived_url(app_url: str, name: str, label: str) -> str:
    """The app's URL with another login, its password derived by HMAC; none where the app's URL has none."""
    if len(name.encode()) > LONGEST_NAME:
        raise WrongUse(f"the role '{name}' has a name longer than {LONGEST_NAME} bytes", "give the app a shorter one")
    changed = {"user": name}
    password = conninfo_to_dict(app_url).get("password")
    if password:
        digest = hmac.digest(str(password).encode(), label.encode(), "sha256")
        changed["password"] = base64.urlsafe_b64encode(digest).decode().rstrip("=")
    return make_conninfo(app_url, **changed)


def make_login(connection: Connection, url: str) -> None:
    """Makes the role of a URL, or gives the one there its password. Raises psycopg's InsufficientPrivilege.

    Only the password's hash goes to the server, so that no log of its own ever holds it.
    """
    found = conninfo_to_dict(url)
    name, password = str(found["user"]), str(found.get("password") or "")
    exists = connection.execute("SELECT FROM pg_catalog.pg_roles WHERE rolname = %s", (name,)).fetchone()
    verb = sql.SQL("CREATE ROLE {} LOGIN" if exists is None else "ALTER ROLE {} LOGIN").format(sql.Identifier(name))
    if password:
        scrambled = connection.pgconn.encrypt_password(password.encode(), name.encode(), b"scram-sha-256").decode()
        verb = sql.SQL("{} PASSWORD {}").format(verb, sql.Literal(scrambled))
    connection.execute(verb)
