"""`dash-agent ask … --chart FILE`: the answer's chart as a picture or as a plotly figure."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Final

from dash_agent.errors import DashError, WrongUse
from dash_agent.models.answer import Answer
from dash_agent.models.wire import answer_json
from dash_agent.settings import Settings

KINDS: Final = (".png", ".json")


def checked(file: Path) -> None:
    """Raises WrongUse before anything is asked where nothing could be written."""
    if file.suffix.lower() not in KINDS:
        raise WrongUse(f"--chart: {file} is neither a .png nor a .json file", "write --chart chart.png")
    if not file.absolute().parent.is_dir():
        raise WrongUse(f"--chart: there is no folder {file.absolute().parent}", "make it first")


def save_chart(answer: Answer, file: Path, settings: Settings) -> None:
    """Raises NoPictures where there is nothing to draw with, DashError where the answer has no chart."""
    if answer.chart is None:
        raise DashError(f"--chart: this answer has no chart, so {file} was not written", "ask for a split or a trend")
    if file.suffix.lower() == ".json":
        file.write_text(json.dumps(answer_json(answer)["chart"], ensure_ascii=False), encoding="utf-8")
        return
    from dash_agent.adapters.pictures import Pictures

    with Pictures(settings.browser) as pictures:
        file.write_bytes(pictures.png(answer.chart))
