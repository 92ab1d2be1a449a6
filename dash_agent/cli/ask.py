"""`dash-agent ask`: one question, or a file of them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from dash_agent.cli.options import (
    EngineChoice,
    EngineOption,
    JsonOption,
    LanguageOption,
    NowOption,
    UserOption,
    moment,
    principal,
)
from dash_agent.cli.terminal import open_console, progress_line, waiting
from dash_agent.errors import WrongUse


def ask(
    question: Annotated[
        str | None, typer.Argument(help="A question in English or Russian.", show_default=False)
    ] = None,
    as_json: JsonOption = False,
    session: Annotated[
        str | None, typer.Option("--session", metavar="ID", help="Follows up on the last question of this session.")
    ] = None,
    engine: EngineOption = EngineChoice.AUTO,
    now: NowOption = None,
    language: LanguageOption = None,
    user: UserOption = None,
    jsonl: Annotated[
        Path | None,
        typer.Option(
            "--jsonl",
            metavar="FILE",
            help="Answers each line of FILE, an object with `id` and `question` or `turns`, with a line of JSON. "
            "'-' is standard input.",
        ),
    ] = None,
    chart: Annotated[
        Path | None,
        typer.Option("--chart", metavar="FILE", help="Writes the chart, too: FILE.png, or FILE.json for plotly."),
    ] = None,
) -> int:
    """Answers a question with numbers, SQL and definitions."""
    from dash_agent.settings import load_settings

    if (question is None) == (jsonl is None):
        raise WrongUse("ask takes a question or --jsonl FILE, and not both", 'write dash-agent ask "…"')
    if jsonl is not None and session is not None:
        raise WrongUse("--session does not go with --jsonl", "give a conversation as `turns` of a line")
    if jsonl is not None and chart is not None:
        raise WrongUse("--chart does not go with --jsonl", "every line of --jsonl holds its chart")
    if chart is not None:
        from dash_agent.cli.chart import checked

        checked(chart)
    settings = load_settings()
    asker, at = principal(user, settings), moment(now, settings)
    if jsonl is not None:
        from dash_agent.cli.batch import read_lines, run_batch

        return run_batch(settings, read_lines(jsonl), asker, now=at, engine=engine, language=language)

    from dash_agent.bootstrap import open_dash
    from dash_agent.cli.answer import print_answer
    from dash_agent.cli.messages import stage
    from dash_agent.models.answer import Status
    from dash_agent.models.wire import answer_json
    from dash_agent.planning.tokens import language_of

    told_in = language_of(question or "", language or asker.language)
    with (
        waiting(stage(told_in, "starting")) as doing,
        open_dash(settings, on_progress=progress_line) as running,
    ):
        answer = running.dash.ask(
            question or "",
            asker,
            session=session,
            now=at,
            engine=engine.value,
            language=language,
            on_progress=lambda name: doing(stage(told_in, name)),
        )
    if as_json:
        print(json.dumps(answer_json(answer), ensure_ascii=False))
    else:
        print_answer(answer, open_console(), running.dash.wording(answer.language))
    if chart is not None and answer.status is Status.ANSWERED:
        from dash_agent.cli.chart import save_chart

        save_chart(answer, chart, settings)
    return 0 if answer.status is Status.ANSWERED else 1
