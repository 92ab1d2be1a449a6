"""`dash-agent replay`: an answer asked again."""

from __future__ import annotations

import json
from typing import Annotated

import typer

from dash_agent.cli.options import UserOption, principal
from dash_agent.cli.terminal import open_console, printable, progress_line


def replay(
    answer_id: Annotated[str, typer.Argument(help="The answer_id of an answer.", show_default=False)],
    as_json: Annotated[bool, typer.Option("--json", help="Prints an object as one line of JSON.")] = False,
    user: UserOption = None,
) -> int:
    """Asks an answer again, as of its own now, and says what moved the result: data, definition or engine."""
    from dash_agent.bootstrap import open_dash
    from dash_agent.replay.replay import replay as replayed
    from dash_agent.replay.wire import replay_json
    from dash_agent.replay.words import told
    from dash_agent.settings import load_settings

    settings = load_settings()
    asker = principal(user, settings)
    with open_dash(settings, on_progress=progress_line) as running:
        found = replayed(running.dash, running.answers, running.contents, answer_id, asker)
        wording = running.dash.wording(found.language)
    if as_json:
        print(json.dumps(replay_json(found, wording), ensure_ascii=False))
    else:
        console = open_console()
        for line in told(found, wording):
            console.print(printable(f"  {line.text}" if line.indented else line.text))
    return 0 if found.same else 1
