"""`dash-agent metric`: what a metric means and gives, and what a change of its definition did."""

from __future__ import annotations

import json
from typing import Annotated
from zoneinfo import ZoneInfo

import typer

from dash_agent.cli.options import Language, NowOption, UserOption, moment, principal
from dash_agent.cli.terminal import open_console, progress_line

METRIC_HELP = "A metric of business/metrics.json."
BY_HELP = "Splits it by a dimension, or by a grain of time such as month or weekday. Repeatable."
PERIOD_HELP = "'last month', 'октябрь', or 2026-09-01..2026-10-01, whose second date is not in it."
AGAINST_HELP = "Sets it beside its definition at a git revision, such as HEAD~1 or main."


def metric(
    name: Annotated[str, typer.Argument(help=METRIC_HELP, show_default=False)],
    by: Annotated[list[str] | None, typer.Option("--by", metavar="NAME", help=BY_HELP)] = None,
    period: Annotated[str | None, typer.Option("--period", metavar="WORDS", help=PERIOD_HELP)] = None,
    revision: Annotated[str | None, typer.Option("--against", metavar="REV", help=AGAINST_HELP)] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Prints an object as one line of JSON.")] = False,
    now: NowOption = None,
    language: Annotated[Language | None, typer.Option("--lang", help="Language of what is printed.")] = None,
    user: UserOption = None,
) -> int:
    """Previews a metric: its definition, value and SQL, and what a change of the definition did."""
    from dash_agent.bootstrap import open_clock, open_database, open_on
    from dash_agent.cli.preview import print_preview
    from dash_agent.context.catalog import load_catalog
    from dash_agent.context.revision import past_content
    from dash_agent.models.answer import Status
    from dash_agent.preview.against import Outcome, against
    from dash_agent.preview.metric import Asker, answered, wanted
    from dash_agent.preview.wire import preview_json
    from dash_agent.semantic.time import Calendar
    from dash_agent.settings import load_settings

    settings = load_settings()
    who = principal(user, settings)
    asker = Asker(who, moment(now, settings) or open_clock(settings).now(), language or who.language)
    catalog = load_catalog(settings.content_dir)
    # Whatever can be wrong in what was typed is told before a database is started.
    past = past_content(settings.content_dir, revision) if revision is not None else None
    calendar = Calendar(asker.now, ZoneInfo(settings.timezone))
    found = wanted(catalog, name, by or (), period, calendar, alone=past is None)
    with (
        open_database(settings, catalog, on_progress=progress_line) as database,
        open_on(database, catalog, settings) as running,
    ):
        answer = answered(running.dash, catalog, found.plan, asker)
        beside = against(running.dash, found.plan, answer, past, asker) if past is not None else None
    if as_json:
        print(json.dumps(preview_json(found, answer, beside), ensure_ascii=False))
    else:
        print_preview(found, answer, beside, open_console(), running.dash.wording(asker.language))
    broken = beside is not None and beside.outcome is Outcome.BROKEN
    return 0 if answer.status is Status.ANSWERED and not broken else 1
