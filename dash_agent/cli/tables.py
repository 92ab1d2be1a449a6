"""Tables of commands that list things."""

from __future__ import annotations

from collections.abc import Sequence

from dash_agent.cli.terminal import open_console, printable


def print_table(names: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Wide in a pipe, wrapped to the window on a terminal."""
    from rich.table import Table

    table = Table(*names, box=None, pad_edge=False)
    for row in rows:
        table.add_row(*(printable(cell) for cell in row))
    open_console().print(table)
