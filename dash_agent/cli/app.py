"""The commands' tree, and the edge where errors become one line and an exit code."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Sequence
from types import FrameType
from typing import NoReturn

import typer
from typer.exceptions import Abort, Exit, TyperException

from dash_agent.cli.alerts import alerts
from dash_agent.cli.ask import ask
from dash_agent.cli.check import check
from dash_agent.cli.costs import budget, costs
from dash_agent.cli.database import database
from dash_agent.cli.digest import digest
from dash_agent.cli.explain import explain
from dash_agent.cli.guard import guard
from dash_agent.cli.jobs import jobs
from dash_agent.cli.learn import learn
from dash_agent.cli.metric import metric
from dash_agent.cli.replay import replay
from dash_agent.cli.teach import teach
from dash_agent.cli.terminal import say
from dash_agent.cli.up import up
from dash_agent.cli.worker import worker
from dash_agent.errors import ContentError, DashError

PROGRAM = "dash-agent"
INTERRUPTED = 130
TERMINATED = 143

app = typer.Typer(
    name=PROGRAM,
    help="Questions in English and Russian about a support team's data, answered with SQL and definitions.",
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.command()(up)
app.command()(ask)
app.command()(explain)
app.command()(metric)
app.command()(replay)
app.command()(guard)
app.command()(check)
app.command()(teach)
app.add_typer(learn, name="learn")
app.command()(digest)
app.add_typer(alerts, name="alerts")
app.command()(worker)
app.command()(costs)
app.command()(budget)
app.add_typer(database, name="db")
app.add_typer(jobs, name="jobs")


def run(arguments: Sequence[str]) -> int:
    """One command. Returns the exit code: 0 done, 1 fell short, 2 wrong use, 3 something could not be reached."""
    _prepare_streams()
    signal.signal(signal.SIGTERM, _terminate)
    try:
        code = _invoke(list(arguments) or ["--help"])
        sys.stdout.flush()
    except DashError as error:
        return _failed(error)
    except TyperException as error:
        return _misused(error)
    except (KeyboardInterrupt, Abort) as interruption:
        # Whoever knows what was left behind says so in it.
        say(f"interrupted; {interruption}" if str(interruption) else "interrupted")
        return INTERRUPTED
    except BrokenPipeError:
        return _nobody_reads()
    return code


def _invoke(arguments: list[str]) -> int:
    """Not by calling the app: that ends interruptions and closed pipes in its own way, and says nothing."""
    command = typer.main.get_command(app)
    try:
        with command.make_context(PROGRAM, arguments) as context:
            code = command.invoke(context)
    except Exit as end:
        return end.exit_code
    return code if isinstance(code, int) else 0


def _prepare_streams() -> None:
    """Whatever a question or a row holds can be printed, and JSON stays JSON: a lone surrogate becomes \\udcff."""
    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)  # a test may have put another kind of stream here
        if reconfigure is not None:
            reconfigure(encoding="utf-8", errors="backslashreplace")


def _terminate(number: int, frame: FrameType | None) -> NoReturn:
    """SIGTERM unwinds like an error, so that what was started is stopped."""
    del number, frame
    raise SystemExit(TERMINATED)


def _failed(error: DashError) -> int:
    if isinstance(error, ContentError) and len(error.problems) > 1:
        for problem in error.problems:
            say(str(problem))
        say(f"{len(error.problems)} problems in the content files; {error.hint}")
    else:
        say(str(error))
    return error.exit_code


def _misused(error: TyperException) -> int:
    context = getattr(error, "ctx", None)
    command = context.command_path if context else PROGRAM
    say(f"{error.format_message().rstrip('.')}; see {command} --help")
    return error.exit_code


def _nobody_reads() -> int:
    """The reader of a pipe has what it wanted. Python would complain when it flushes at exit."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return 0
