"""Options that several commands share, and what they become."""

from __future__ import annotations

from datetime import datetime
from difflib import get_close_matches
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from dash_agent.errors import UnknownName
from dash_agent.models.principal import Principal, Role

if TYPE_CHECKING:
    from dash_agent.settings import Settings


class EngineChoice(StrEnum):
    AUTO = "auto"
    GROUNDED = "grounded"
    LLM = "llm"


class Language(StrEnum):
    ENGLISH = "en"
    RUSSIAN = "ru"


NowOption = Annotated[
    str | None,
    typer.Option(
        "--now",
        metavar="ISO",
        help="Asks as if it were this moment, such as 2026-11-20T12:00:00+00:00. "
        "Without an offset it is in the business time zone.",
    ),
]
JsonOption = Annotated[bool, typer.Option("--json", help="Prints the answer object as one line of JSON.")]
LanguageOption = Annotated[
    Language | None, typer.Option("--lang", help="Language of the answer; the question's own otherwise.")
]
EngineOption = Annotated[EngineChoice, typer.Option("--engine", help="Who plans the answer.")]
UserOption = Annotated[
    str | None,
    typer.Option(
        "--as", metavar="EMAIL", help="Asks as this user of business/access.json; as the admin of all rows otherwise."
    ),
]


def moment(text: str | None, settings: Settings) -> datetime | None:
    """What `--now` says, None where it is not given. Raises WrongUse."""
    from dash_agent.settings import parse_moment

    return parse_moment(text, settings.timezone) if text is not None else None


def principal(email: str | None, settings: Settings) -> Principal:
    """Who asks on the command line: the admin, or a user of business/access.json. Raises UnknownName, ContentError."""
    if email is None:
        return Principal(user="admin", role=Role.ADMIN)
    from dash_agent.context.access import load_principals

    known = load_principals(settings.content_dir)
    found = known.get(email.strip().lower())
    if found is None:
        raise UnknownName("user", email, get_close_matches(email.strip().lower(), list(known), 3))
    return found
