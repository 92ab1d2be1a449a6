"""`dash-agent check`: every problem of the content files, in one run."""

from __future__ import annotations

import sys
from contextlib import ExitStack
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated
from zoneinfo import ZoneInfo

import typer

from dash_agent.cli.terminal import open_console, printable, progress_line

if TYPE_CHECKING:
    from dash_agent.check.linter import Report


class Format(StrEnum):
    TEXT = "text"
    JSON = "json"
    GITHUB = "github"


def check(
    output: Annotated[
        Format, typer.Option("--format", help="Text for people, JSON, or annotations of a pull request.")
    ] = Format.TEXT,
    offline: Annotated[bool, typer.Option("--offline", help="Looks at the files alone, and at no database.")] = False,
) -> int:
    """Checks the content files, against the database and each other; exits with 1 where something is wrong."""
    from dash_agent.bootstrap import open_clock, open_live
    from dash_agent.check import linter, report
    from dash_agent.semantic.time import Calendar
    from dash_agent.settings import load_settings

    settings = load_settings()
    calendar = Calendar(open_clock(settings).now(), ZoneInfo(settings.timezone))
    with ExitStack() as opened:
        live = None
        if not offline:
            live = opened.enter_context(open_live(settings, on_progress=progress_line))
            progress_line("Checking the content files against the database…")
        found = linter.check(settings.content_dir, calendar, live)
    match output:
        case Format.TEXT:
            _print_text(found)
        case Format.JSON:
            print(report.as_json(found))
        case Format.GITHUB:
            told = report.github(found, _in_repository(settings.content_dir))
            print(told, end="\n" if told else "")
            progress_line(report.summary(found))
    return 1 if found.errors else 0


def _print_text(found: Report) -> None:
    from dash_agent.check import report

    if not sys.stdout.isatty():
        print(printable(report.text(found)))
        return
    from rich.text import Text

    console = open_console()
    for file, problems in report.by_file(found):
        console.print(Text(printable(file), style="bold"))
        for problem in problems:
            style = "red" if problem.severity == "error" else "yellow"
            line = Text(f"  {printable(report.where(problem))} ".rstrip() + " ", style="cyan")
            console.print(line.append(f"{problem.severity}[{problem.rule}]", style=style))
            console.print(Text(f"    {printable(problem.message)}"))
        console.print()
    console.print(Text(report.summary(found), style="green" if not found.problems else "bold"))


def _in_repository(folder: Path) -> str:
    """The content folder as the working folder, where a workflow runs, names it: '' or with a slash at the end."""
    try:
        inside = folder.resolve().relative_to(Path.cwd())
    except ValueError:
        return ""
    return "" if inside == Path() else f"{inside.as_posix()}/"
