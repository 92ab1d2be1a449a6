"""`business/access.json`: who may ask, in which role, and about which rows."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final, Literal

from pydantic import Field

from dash_agent.context.files import FileModel, Read, read_json
from dash_agent.context.strays import ACCESS as ACCESS
from dash_agent.context.strays import nearest_name
from dash_agent.errors import ContentError, Problem
from dash_agent.models.principal import Principal, Role, ScopeFilter

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
    team: str = ""
    """Colleagues who share what they teach; nobody else's words are theirs."""
    scope: list[Scope] = []
    """All of these hold on every table that is read; a table that does not have the dimension is out of reach."""

    @property
    def principal(self) -> Principal:
        scope = tuple(sorted((ScopeFilter(s.dimension, tuple(sorted(s.values))) for s in self.scope), key=repr))
        return Principal(self.email.strip().lower(), Role(self.role), self.language, scope, self.team)


class AccessFile(FileModel):
    """Who may ask, in which role, and about which rows."""

    schema_: str | None = Field(default=None, alias="$schema")
    """The file's JSON Schema, for editors."""
    users: list[User] = []
    """In any order."""


def read_access(root: Path) -> Read[AccessFile]:
    """The file, empty where there is none and none was meant, with every problem that it has by itself."""
    path = root / ACCESS
    if not path.is_file():
        return Read(AccessFile(), tuple(map(_misspelt, meant_as_access(root))))
    read = read_json(path, ACCESS, AccessFile)
    return read if read.value is None else read.also(list(_problems(read.value)))


def load_principals(root: Path) -> Mapping[str, Principal]:
    """Principals by e-mail in lower case. Raises ContentError."""
    read = read_access(root)
    if read.problems or read.value is None:
        raise ContentError(read.problems)
    return {user.principal.user: user.principal for user in read.value.users}


def meant_as_access(root: Path) -> list[str]:
    """Files that look like the access file and do not lie or are not called so, while it is not there."""
    if (root / ACCESS).is_file():
        return []
    paths = [root / "access.json", *(root / "business").rglob("*")]
    found = [path.relative_to(root).as_posix() for path in paths if path.is_file()]
    return sorted(file for file in found if nearest_name(file) == ACCESS)


def _misspelt(file: str) -> Problem:
    message = f"nothing reads this file, and without '{ACCESS}' nobody's rows are narrowed; call it that"
    return Problem(file, "", message, rule="access-name")


def _problems(file: AccessFile) -> Iterator[Problem]:
    seen = set[str]()
    for index, user in enumerate(file.users):
        place, email = f"users[{index}].email", user.email.strip().lower()
        if not EMAIL.fullmatch(email):
            yield Problem(ACCESS, place, f"'{user.email}' is not an e-mail address", rule="email")
        if email in seen:
            yield Problem(ACCESS, place, f"'{email}' is there twice", rule="duplicate-name")
        seen.add(email)
