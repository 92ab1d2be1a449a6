"""Who may ask, changed: a patch of the access file, for people to look at and put into git."""

from __future__ import annotations

from pathlib import Path

from dash_agent.context.access import ACCESS, EMAIL, User
from dash_agent.context.catalog import Catalog
from dash_agent.errors import UnknownName, WrongUse
from dash_agent.learning.json_text import Entry, with_entry, with_entry_instead
from dash_agent.learning.promotion import Patch
from dash_agent.semantic.scope import scope_problems

EMPTY = '{\n  "$schema": "../schemas/access.schema.json",\n  "users": []\n}\n'


def access_text(content_dir: Path) -> str:
    """The file as it stands; '' where there is none."""
    path = content_dir / ACCESS
    return path.read_text(encoding="utf-8") if path.is_file() else ""


def granted(text: str, user: User, catalog: Catalog) -> Patch:
    """Adds somebody, or puts this in place of what stands of them.

    Raises WrongUse for an address that is none, and for a scope that can't be held.
    """
    email = user.email.strip().lower()
    if not EMAIL.fullmatch(email):
        raise WrongUse(f"'{user.email}' is not an e-mail address", "write it like anna@example.com")
    problems = list(scope_problems(catalog, [user.principal]))
    if problems:
        raise WrongUse(problems[0].message, "choose other rows")
    entry: Entry = {**user.model_dump(exclude_defaults=True), "email": email, "role": user.role}
    entry["language"] = user.language
    try:
        after = with_entry_instead(text or EMPTY, "users", lambda one: _is(one, email), _ordered(entry))
    except KeyError:
        after = _added(text or EMPTY, _ordered(entry))
    return Patch(ACCESS, text, after)


def revoked(text: str, email: str) -> Patch:
    """Takes somebody out. Raises UnknownName where the file does not name them."""
    try:
        return Patch(ACCESS, text, with_entry_instead(text or EMPTY, "users", lambda one: _is(one, email), None))
    except KeyError:
        raise UnknownName("user", email) from None


def _added(text: str, entry: Entry) -> str:
    try:
        return with_entry(text, "users", entry)
    except IndexError:
        # Nobody is there to stand behind.
        return with_entry_instead(text.replace("[]", '[\n    {"email": ""}\n  ]', 1), "users", lambda _: True, entry)


def _ordered(entry: Entry) -> Entry:
    return {name: entry[name] for name in ("email", "role", "language", "team", "scope") if name in entry}


def _is(entry: Entry, email: str) -> bool:
    return str(entry.get("email", "")).strip().lower() == email.strip().lower()
