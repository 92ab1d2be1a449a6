"""`dash-agent explain`: how a question would be answered."""

from __future__ import annotations

import json
from typing import Annotated

import typer

from dash_agent.cli.options import JsonOption, LanguageOption, NowOption, UserOption, moment, principal
from dash_agent.cli.terminal import open_console, progress_line


def explain(
    question: Annotated[str, typer.Argument(help="A question in English or Russian.", show_default=False)],
    as_json: JsonOption = False,
    session: Annotated[
        str | None, typer.Option("--session", metavar="ID", help="As a follow-up in this session.")
    ] = None,
    now: NowOption = None,
    language: LanguageOption = None,
    user: UserOption = None,
) -> int:
    """Shows the plan and the SQL of a question, and runs nothing."""
    from dash_agent.bootstrap import open_dash
    from dash_agent.cli.answer import print_plan
    from dash_agent.models.plan import Clarification, Refusal
    from dash_agent.models.wire import answer_json
    from dash_agent.settings import load_settings

    settings = load_settings()
    asker, at = principal(user, settings), moment(now, settings)
    with open_dash(settings, on_progress=progress_line) as running:
        answer = running.dash.explain(question, asker, session=session, now=at, language=language)
    if as_json:
        print(json.dumps(answer_json(answer), ensure_ascii=False))
    else:
        print_plan(answer, open_console())
    planned = answer.plan is not None and not isinstance(answer.plan, Clarification | Refusal)
    return 0 if planned and answer.error_code is None else 1
