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


def fill(database: Database, options: DemoOptions, *, empty_first: bool) -> None:
    """Seeds our own database. Raises WrongUse where it holds rows and `empty_first` is not set."""
    owner = _owner(database)
    with seeding(owner, _waiting), _telling_what_an_interruption_left(owner, empty_first=empty_first):
        _fill(owner, options, empty_first=empty_first)


def fill_once(database: Database, options: DemoOptions) -> None:
    """Seeds our own database where it is empty. Of several processes one does, and the others wait for it."""
    owner = _owner(database)
    if is_seeded(owner):
        return
    with seeding(owner, _waiting), _telling_what_an_interruption_left(owner, empty_first=False):
        if not is_seeded(owner):
            _fill(owner, options, empty_first=False)


def _owner(database: Database) -> str:
    if database.foreign:
        raise WrongUse("DASH_WAREHOUSE_URL names somebody else's database, which is never written", "unset it to seed")
    if database.owner is None:
        raise WrongUse("demo data is loaded by the database's owner", "name it in DASH_OWNER_URL")
    return database.owner


def _waiting() -> None:
    progress_line("Waiting for another process that is filling the tables…")


@contextmanager
def _telling_what_an_interruption_left(owner: str, *, empty_first: bool) -> Iterator[None]:
    try:
        yield
    except KeyboardInterrupt:
        match is_seeded(owner), empty_first:
            case True, False:
                left = "the demo data is in, whole"
            case True, True:
                left = "the tables hold whole data, the old or the new"
            case _:
                left = "nothing was changed"
        raise KeyboardInterrupt(left) from None


def _fill(owner: str, options: DemoOptions, *, empty_first: bool) -> None:
    with _steps() as step:
        summary = seed(owner, options, step, empty_first=empty_first)
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
