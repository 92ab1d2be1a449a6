"""`dash-agent ask` as a process of its own."""

from __future__ import annotations

import subprocess

from tests.bench.data import NOW, command, environment, prepare, stop
from tests.bench.figures import Limits, Report, milliseconds

RUNS = 7
LIMITS = Limits(median=1500)
QUESTION = "How many tickets were there last week?"


def bench_cold(report: Report, tickets: int) -> None:
    """With the server up, as it is beside `dash-agent up`; then with it down, which starts and stops it, too."""
    ask = command("ask", QUESTION, "--now", NOW)

    def run() -> None:
        subprocess.run(ask, env=environment(tickets), check=True, capture_output=True)

    run()
    report.show("cold ask", [milliseconds(run) for _ in range(RUNS)], LIMITS)
    stop(tickets)
    report.show("cold ask, server down", [milliseconds(run) for _ in range(RUNS // 2)])
    prepare(tickets)
