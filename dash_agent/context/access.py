"""`business/access.json`: who may ask, in which role, and about which rows."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final, Literal

from pydantic import Field

from dash_agent.context.files import FileModel, Read, read_json
from dash_agent.errors import ContentError, Problem
from dash_agent.models.principal import Principal, Role, ScopeFilter

ACCESS = "business/access.json"
EMAIL: Final = re.compile(r"[^@\s]+@[^@\s]+")


class Scope(FileModel):
    """Rows whose `dimension` has one of `values`."""

    dimension: str
    """A name of dimensions.json."""
    values: list[str] = Field(min_length=1)
    """As they are stored."""


class User(FileModel):
    """Somebody who may ask."""

    email: str
    """Compared without letter case."""
    role: Literal["viewer", "manager", "analyst", "admin"]
    """What the user may do."""
    language: Literal["en", "ru"] = "en"
    """Of answers where a question does not show its own."""
    scope: list[Scope] = []
    """All of these hold on every table that is read; a table that does not have the dimension is out of reach."""

    @property
    def principal(self) -> Principal:
        scope = tuple(sorted((ScopeFilter(s.dimension, tuple(sorted(s.values))) for s in self.scope), key=repr))
        return Principal(self.email.strip().lower(), Role(self.role), self.language, scope)


class AccessFile(FileModel):
    """Who may ask, in which role, and about which rows."""

    schema_: str | None = Field(default=None, alias="$schema")
    """The file's JSON Schema, for editors."""
    users: list[User] = []
    """In any order."""


def read_access(root: Path) -> Read[AccessFile]:
    """The file, empty where there is none, with every problem that it has by itself."""
    path = root / ACCESS
    if not path.is_file():
        return Read(AccessFile())
    read = read_json(path, ACCESS, AccessFile)
    return read if read.value is None else read.also(list(_problems(read.value)))


def load_principals(root: Path) -> Mapping[str, Principal]:
    """Principals by e-mail in lower case. Raises ContentError."""
    read = read_access(root)
    if read.problems or read.value is None:
        raise ContentError(read.problems)
    return {user.principal.user: user.principal for user in read.value.users}


def _problems(file: AccessFile) -> Iterator[Problem]:
    seen = set[str]()
    for index, user in enumerate(file.users):
        place, email = f"users[{index}].email", user.email.strip().lower()
        if not EMAIL.fullmatch(email):
            yield Problem(ACCESS, place, f"'{user.email}' is not an e-mail address", rule="email")
        if email in seen:
            yield Problem(ACCESS, place, f"'{email}' is there twice", rule="duplicate-name")
        seen.add(email)
