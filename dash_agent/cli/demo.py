"""Seeding on a terminal: a progress bar, or a line a stage in a pipe."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from dash_agent.bootstrap import Database
from dash_agent.cli.terminal import progress_line
from dash_agent.errors import WrongUse
from dash_agent.warehouse.demo import DemoOptions, Progress, is_seeded, seed
from dash_agent.warehouse.preparation import seeding

OnStep = Callable[[Progress], None]


def fill(database: Database, options: DemoOptions, *, reset: bool) -> None:
    """Seeds our own database in one transaction: an interruption leaves it as it was.

    Raises WrongUse where it holds rows and `reset` is not set, or where the questions are about another database.
    """
    if database.foreign:
        raise WrongUse(
            "DASH_WAREHOUSE_URL names somebody else's database, which is never written", "unset it to seed"
        )
    target = _target(database)
    with seeding(target, _waiting):
        if not reset and is_seeded(target):
            raise WrongUse("the support tables hold rows already", "add --reset to replace all of them")
        _fill(target, options)


def fill_once(database: Database, options: DemoOptions) -> None:
    """Seeds our own database where it is empty. Of several processes one does, and the others wait for it."""
    target = _target(database)
    if is_seeded(target):
        return
    with seeding(target, _waiting):
        if not is_seeded(target):
            _fill(target, options)


def _target(database: Database) -> str:
    return database.owner or database.app


def _waiting() -> None:
    progress_line("Waiting for another process that is filling the tables…")


def _fill(target: str, options: DemoOptions) -> None:
    with _steps() as step:
        summary = seed(target, options, step)
    rows = ", ".join(f"{count:,} {table}" for table, count in summary.rows.items())
    progress_line(f"Seeded {rows}.")


@contextmanager
def _steps() -> Iterator[OnStep]:
    if not sys.stderr.isatty():
        yield _stage_lines()
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeRemainingColumn
    from rich.progress import Progress as Bar

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Bar(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("Demo data", total=None)
        yield lambda at: bar.update(task, description=at.stage, completed=at.done, total=at.total)


def _stage_lines() -> OnStep:
    told: set[str] = set()

    def tell(at: Progress) -> None:
        if at.stage not in told:
            told.add(at.stage)
            progress_line(f"Demo data: {at.stage}…")

    return tell
