"""The dashboard's overview on real data: a first look, with nothing of it kept, and the one after."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Final

from streamlit.testing.v1 import AppTest

from dash_agent.bootstrap import open_dash
from dash_agent.settings import load_settings
from dash_agent.warehouse.connections import Connections
from dashboard import opened, signin
from dashboard.opened import House
from tests.bench.data import NOW
from tests.bench.figures import Report, milliseconds

APP: Final = Path(__file__).parents[2] / "dashboard" / "app.py"
LIMITS: Final = {100_000: (2_000.0, 700.0)}
"""By tickets: milliseconds of a first look, and of one after."""

ROUNDS: Final = 3
FORGET: Final = "UPDATE app.answers SET reuse_key = NULL WHERE reuse_key IS NOT NULL"


def bench_overview(report: Report, tickets: int) -> None:
    """The whole script, with the tiles, what moved and the pins, as Streamlit's runner takes it; the quickest of some.

    first look: none of its answers is kept. again: they all are. The first of a process loads modules, too.
    """
    cold, warm = LIMITS.get(tickets, (None, None))
    settings = load_settings().model_copy(update={"now": datetime.fromisoformat(NOW)})
    with open_dash(settings, on_progress=print) as running:
        running.dash.warm_up()
        opened.use(House(running, settings))
        first, again = [], []
        for _ in range(ROUNDS):
            _forget(running.parts["database"])
            first.append(_look())
            again.append(_look())
        opened.close()
    report.single("overview, first of a process", first[0], None, "ms")
    report.single("overview, first look", min(first), cold, "ms")
    report.single("overview, again", min(again), warm, "ms")


def _forget(state: Connections) -> None:
    """No answer that was given before is shown again."""
    with state.transaction() as connection:
        connection.execute(FORGET)


def _look() -> float:
    """Milliseconds of the overview as the administrator sees it. Fails where anything on the page does."""
    test = AppTest.from_file(str(APP), default_timeout=120)
    test.session_state[signin.USER] = signin.ADMIN.user
    # The runner knows the pages from a look at the first one.
    test.run().switch_page("pages/overview.py")
    taken = milliseconds(test.run)
    assert not test.exception
    assert not test.error
    return taken
