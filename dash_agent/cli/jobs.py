"""`dash-agent jobs`: what is in the queue, and what is due again and again."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from difflib import get_close_matches
from typing import TYPE_CHECKING, Annotated

import typer

from dash_agent.cli.tables import print_table
from dash_agent.cli.terminal import progress_line
from dash_agent.errors import UnknownName, WrongUse
from dash_agent.models.job import JobEntry, JobState, Schedule

if TYPE_CHECKING:
    from dash_agent.warehouse.connections import Connections

jobs = typer.Typer(name="jobs", help="The queue and its schedules.", no_args_is_help=False)

JsonOption = Annotated[bool, typer.Option("--json", help="Prints an object a line.")]


@jobs.command("list")
def list_(
    state: Annotated[JobState | None, typer.Option("--state", help="Only these; all otherwise.")] = None,
    limit: Annotated[int, typer.Option("--limit", min=1, metavar="N", help="How many, the newest first.")] = 50,
    as_json: JsonOption = False,
) -> int:
    """Lists jobs; `--state dead` those that were given up, each with its last error."""
    from dash_agent.warehouse.jobs import SqlJobs

    with _state() as connections:
        found = SqlJobs(connections).listed(state, limit)
    if as_json:
        for entry in found:
            print(json.dumps(_json(entry), ensure_ascii=False))
        return 0
    print_table(("id", "state", "kind", "key", "attempts", "run at", "error"), [_row(entry) for entry in found])
    return 0


@jobs.command()
def retry(
    job_id: Annotated[int | None, typer.Argument(help="The id of a dead job.", show_default=False)] = None,
    every: Annotated[bool, typer.Option("--all", help="Every dead job.")] = False,
) -> int:
    """Gives dead jobs all their attempts again."""
    from dash_agent.warehouse.jobs import SqlJobs

    if (job_id is None) is not every:
        raise WrongUse("name one dead job by its id, or --all", "see 'dash-agent jobs list --state dead'")
    with _state() as connections:
        queue = SqlJobs(connections)
        chosen = (
            [job_id] if job_id is not None else [entry.job.job_id for entry in queue.listed(JobState.DEAD, 100_000)]
        )
        retried = [one for one in chosen if queue.retry(one)]
    if job_id is not None and not retried:
        raise WrongUse(f"there is no dead job {job_id}", "see 'dash-agent jobs list --state dead'")
    print(f"Back in the queue: {len(retried)}.")
    return 0


@jobs.command()
def schedules(as_json: JsonOption = False) -> int:
    """Lists what is due again and again, in the business time zone."""
    from dash_agent.warehouse.schedules import SqlSchedules

    with _state() as connections:
        found = SqlSchedules(connections).listed()
    if as_json:
        for one in found:
            print(json.dumps(_schedule_json(one), ensure_ascii=False))
        return 0
    rows = [(one.name, one.kind, one.cron, "on" if one.enabled else "off", str(one.last_at or "")) for one in found]
    print_table(("name", "kind", "cron", "", "last made"), rows)
    return 0


@jobs.command()
def schedule(
    name: Annotated[str, typer.Argument(help="Of the schedule.", show_default=False)],
    cron: Annotated[str | None, typer.Option("--cron", metavar="'M H D M W'", help="When it is due.")] = None,
    enabled: Annotated[bool | None, typer.Option("--on/--off", help="Whether it is due at all.")] = None,
) -> int:
    """Changes when a schedule is due, or switches it off or on."""
    from dash_agent.warehouse.schedules import SqlSchedules
    from dash_agent.worker.schedules import checked_cron

    if cron is None and enabled is None:
        raise WrongUse("nothing to change", "give --cron, --on or --off")
    with _state() as connections:
        kept = SqlSchedules(connections)
        if not kept.change(name, cron=None if cron is None else checked_cron(cron), enabled=enabled):
            raise UnknownName("schedule", name, get_close_matches(name, [one.name for one in kept.listed()], 3))
    return 0


@contextmanager
def _state() -> Iterator[Connections]:
    from dash_agent.bootstrap import open_database
    from dash_agent.settings import load_settings
    from dash_agent.warehouse.connections import Connections

    with open_database(load_settings(), None, on_progress=progress_line) as database:
        connections = Connections(database.app)
        try:
            yield connections
        finally:
            connections.close()


def _row(entry: JobEntry) -> tuple[str, ...]:
    job = entry.job
    when = f"{entry.run_at:%Y-%m-%d %H:%M}"
    return str(job.job_id), entry.state, job.kind, job.key, str(entry.attempts), when, (entry.error or "")[:200]


def _json(entry: JobEntry) -> dict[str, object]:
    return {
        "job_id": entry.job.job_id,
        "kind": entry.job.kind,
        "key": entry.job.key,
        "payload": dict(entry.job.payload),
        "state": entry.state,
        "attempts": entry.attempts,
        "created_at": entry.created_at.isoformat(),
        "run_at": entry.run_at.isoformat(),
        "ended_at": entry.ended_at.isoformat() if entry.ended_at else None,
        "error": entry.error,
    }


def _schedule_json(one: Schedule) -> dict[str, object]:
    last = one.last_at.isoformat() if one.last_at else None
    shown = {"name": one.name, "kind": one.kind, "cron": one.cron, "payload": dict(one.payload)}
    return {**shown, "enabled": one.enabled, "last_at": last}
