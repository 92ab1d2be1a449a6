"""`dash-agent worker`: jobs and schedules."""

from __future__ import annotations

from typing import Annotated

import typer

from dash_agent.cli.terminal import progress_line


def worker(
    drain: Annotated[
        bool, typer.Option("--drain", help="Runs what is due, then ends; leaves schedules alone.")
    ] = False,
    with_parent: Annotated[bool, typer.Option("--with-parent", hidden=True)] = False,
) -> int:
    """Runs the jobs of the queue and what is due by the schedules, until Ctrl-C or SIGTERM. Several may run at once."""
    from zoneinfo import ZoneInfo

    from dash_agent.bootstrap import open_database, open_on
    from dash_agent.context.catalog import load_catalog
    from dash_agent.in_service import stamp_of, watched
    from dash_agent.logs import configure_logging
    from dash_agent.settings import load_settings
    from dash_agent.worker.alerts import SCHEDULES as ALERT_SCHEDULES
    from dash_agent.worker.alerts import listening
    from dash_agent.worker.alerts import schedule as schedule_alerts
    from dash_agent.worker.digests import SCHEDULES as DIGEST_SCHEDULES
    from dash_agent.worker.digests import schedule
    from dash_agent.worker.housekeeping import SCHEDULES
    from dash_agent.worker.loop import Pace
    from dash_agent.worker.process import SIGN, kinds_of, run_worker, until_told

    settings = load_settings()
    configure_logging()
    with until_told(with_parent=with_parent) as stop:
        read = stamp_of(settings.content_dir)
        catalog = load_catalog(settings.content_dir)
        with (
            open_database(settings, catalog, on_progress=progress_line) as database,
            open_on(database, catalog, settings, read) as running,
            watched(running.content, progress_line),
        ):
            schedule(running)
            schedule_alerts(running)
            run_worker(
                running.parts["database"],
                kinds_of(running, settings),
                (*SCHEDULES, *DIGEST_SCHEDULES, *ALERT_SCHEDULES),
                zone=ZoneInfo(settings.timezone),
                pace=Pace(slots=settings.worker_slots),
                stop=stop,
                drain=drain,
                sign=settings.data_dir / SIGN,
                beside=listening(running, settings),
            )
    return 0
