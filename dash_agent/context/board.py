"""`business/board.json`: what the overview shows, and in which order."""

from __future__ import annotations

from typing import Final

from pydantic import Field

from dash_agent.context.files import FileModel

BOARD: Final = "business/board.json"


class Board(FileModel):
    """What the overview shows. May be left out: then it shows the metrics that have a target."""

    schema_: str | None = Field(default=None, alias="$schema")
    """The file's JSON Schema, for editors."""
    tiles: list[str] = []
    """Metrics, in the order of their tiles."""
    movers: list[str] = []
    """Metrics among which is looked for what changed most. One that only follows another need not be among them."""
    filters: list[str] = []
    """Dimensions that a page is narrowed by. Their choices are the values of business/values.json."""
