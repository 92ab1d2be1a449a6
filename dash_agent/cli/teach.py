"""`dash-agent teach`: something to be learned, in a sentence."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import typer

from dash_agent.cli.options import principal
from dash_agent.cli.terminal import open_console, printable, progress_line


class Scope(StrEnum):
    USER = "user"
    TEAM = "team"
    ALL = "all"


ScopeOption = Annotated[
    Scope, typer.Option("--scope", help="Whose answers it changes. For others than yourself it is reviewed first.")
]
ExpiresOption = Annotated[
    str | None, typer.Option("--expires", metavar="ISO", help="The moment from which it does not hold any more.")
]
ByOption = Annotated[
    str | None,
    typer.Option("--as", metavar="EMAIL", help="Acts as this user of business/access.json; as the admin otherwise."),
]


def teach(
    sentence: Annotated[str, typer.Argument(help='Such as: "boots" means WhatsApp.', show_default=False)],
    scope: ScopeOption = Scope.ALL,
    expires: ExpiresOption = None,
    user: ByOption = None,
) -> None:
    """Teaches a word, a rule, what a question means, or what you prefer."""
    from dash_agent.bootstrap import open_dash
    from dash_agent.insight.learned import payload_told
    from dash_agent.learning.intake import follows_up
    from dash_agent.models.learning import Reach
    from dash_agent.planning.tokens import language_of
    from dash_agent.settings import load_settings, parse_moment

    settings = load_settings()
    teacher = principal(user, settings)
    until = parse_moment(expires, settings.timezone) if expires is not None else None
    with open_dash(settings, on_progress=progress_line) as running:
        learning = running.lessons.teach(sentence, teacher, Reach(scope.value), until)
        told = payload_told(learning, running.dash.wording(language_of(sentence, teacher.language)))
    console = open_console()
    console.print(printable(f"Learned: {told}"), markup=False, highlight=False)
    rest = follows_up(learning.kind, learning.status)
    state = f"{learning.learning_id} is {learning.status}" + (f": {rest}" if rest else "")
    console.print(printable(state), markup=False, highlight=False)
