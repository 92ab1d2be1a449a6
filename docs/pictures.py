"""`make pictures`: draws every picture of docs/charts.md from the question that stands below it.

A name that ends in `-dark` or `-phone` says on which ground and how wide. Runs on a demo desk of its own in a
temporary folder.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

from dash_agent.adapters.pictures import HEIGHT, TELEPHONE, WIDTH, Pictures
from dash_agent.bootstrap import open_dash
from dash_agent.models.principal import Principal, Role
from dash_agent.settings import Settings, parse_moment

DOCS = Path(__file__).parent
SHOWN = re.compile(r"!\[[^]]*\]\(img/(chart-[\w-]+)\.png\)\n\nQuestion: “(.+)”")
ASKER = Principal("reader@example.com", Role.ADMIN)
TICKETS, NOW = "8000", "2026-11-20T12:00:00+00:00"


def shown() -> list[tuple[str, str]]:
    """Names of pictures with their questions, as the page has them."""
    return SHOWN.findall((DOCS / "charts.md").read_text(encoding="utf-8"))


def draw(folder: Path) -> None:
    settings = Settings(_env_file=None, data_dir=folder, content_dir=DOCS.parent)
    seeding = [sys.executable, "-m", "dash_agent", "db", "seed", "--tickets", TICKETS, "--now", NOW]
    subprocess.run(seeding, env=os.environ | {"DASH_DATA_DIR": str(folder)}, cwd=DOCS.parent, check=True)  # noqa: S603
    with open_dash(settings, on_progress=told) as running, Pictures(settings.browser) as pictures:
        for name, question in shown():
            answer = running.dash.ask(question, ASKER, now=parse_moment(NOW, "UTC"))
            if answer.chart is None:
                raise SystemExit(f"docs/charts.md: “{question}” has no chart: {answer.text}")
            width = TELEPHONE if name.endswith("-phone") else WIDTH
            picture = pictures.png(answer.chart, dark=name.endswith("-dark"), width=width, height=HEIGHT, scale=1)
            (DOCS / "img" / f"{name}.png").write_bytes(picture)
            told(f"{name}: {answer.chart.alt}")


def told(line: str) -> None:
    print(line, file=sys.stderr)


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as made:
        draw(Path(made))
