"""`make pictures`: draws img/ask.svg, the answer to QUESTION as a terminal shows it, on a demo desk of its own."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

from rich.console import Console

from dash_agent.bootstrap import open_dash
from dash_agent.cli.answer import print_answer
from dash_agent.models.principal import Principal, Role
from dash_agent.settings import Settings, parse_moment

DOCS = Path(__file__).parent
ASKER = Principal("reader@example.com", Role.ADMIN)
QUESTION = "Эскалации по каналам за прошлый месяц"
TICKETS, NOW = "8000", "2026-11-20T12:00:00+00:00"
WIDTH = 100  # characters: the SQL fits


def draw(folder: Path) -> None:
    settings = Settings(_env_file=None, data_dir=folder, content_dir=DOCS.parent)
    seeding = [sys.executable, "-m", "dash_agent", "db", "seed", "--tickets", TICKETS, "--now", NOW]
    subprocess.run(seeding, env=os.environ | {"DASH_DATA_DIR": str(folder)}, cwd=DOCS.parent, check=True)  # noqa: S603
    with open_dash(settings, on_progress=told) as running, Path(os.devnull).open("w") as nowhere:
        answer = running.dash.ask(QUESTION, ASKER, now=parse_moment(NOW, "UTC"))
        console = Console(
            record=True, width=WIDTH, file=nowhere, force_terminal=True, color_system="truecolor", highlight=False
        )
        print_answer(answer, console, running.dash.wording(answer.language))
    console.save_svg(str(DOCS / "img" / "ask.svg"), title=f'dash-agent ask "{QUESTION}"', unique_id="ask")


def told(line: str) -> None:
    print(line, file=sys.stderr)


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as made:
        draw(Path(made))
