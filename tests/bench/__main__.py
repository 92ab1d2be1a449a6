"""`make bench`: what planning, the guard and whole answers take on this machine. Exit 1 where a limit is missed.

Each part is a process of its own, so that its memory is its own. Data is seeded into DASH_BENCH_DIR (a folder of the
user's cache otherwise) where it is not there yet, and stays.
"""

from __future__ import annotations

import argparse
import compileall
import os
import platform
import subprocess
import sys
from pathlib import Path

import psutil

from tests.bench.answers import bench_answers
from tests.bench.cold import bench_cold
from tests.bench.data import environment, prepare, stop
from tests.bench.desk import DESK, bench_desk
from tests.bench.figures import Report
from tests.bench.model import bench_model
from tests.bench.planning import bench_guard, bench_planning

SIZES = (100_000, 1_000_000)
PARTS = ("guard", "planning", "answers", "model", "overview", "cold", "desk")
ROOT = Path(__file__).parents[2]


def main() -> int:
    sys.stdout.reconfigure(line_buffering=True)  # type: ignore[union-attr]
    asked = _arguments()
    if asked.part:
        return _part(asked.part, asked.tickets[0] if asked.tickets else 0, asked.rounds)
    memory, busy = psutil.virtual_memory().total / 1e9, os.getloadavg()[0]
    print(f"{platform.system()} {platform.machine()}, {os.cpu_count()} cores, {memory:.0f} GB, load {busy:.1f}")
    print(f"Python {platform.python_version()}")
    # As an installed package has it: an editable one has its sources compiled at its first use, where that may write.
    for package in ("dash_agent", "support_agent"):
        compileall.compile_dir(ROOT / package, quiet=1)
    if asked.desk:
        return _desk(min(asked.tickets or SIZES))
    codes = [_process("guard"), _process("planning")]
    for tickets in asked.tickets or SIZES:
        print(f"\n{tickets:,} tickets")
        prepare(tickets)
        try:
            codes += [_process(part, tickets, asked.rounds) for part in ("answers", "model", "overview", "cold")]
        finally:
            stop(tickets)
    codes.append(_desk(min(asked.tickets or SIZES)))
    return max(codes)


def _desk(tickets: int) -> int:
    """On data of its own: it writes what the other parts would count."""
    print(f"\nthe support agent's desk, {tickets:,} tickets")
    prepare(tickets, DESK)
    try:
        return _process("desk", tickets)
    finally:
        stop(tickets, DESK)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("--tickets", type=int, action="append", help="one size only; may be given again")
    parser.add_argument("--rounds", type=int, default=1, help="the quickest of so many counts, on a busy machine")
    parser.add_argument("--desk", action="store_true", help="the support agent's desk only")
    parser.add_argument("--part", choices=PARTS, help=argparse.SUPPRESS)
    return parser.parse_args()


def _process(part: str, tickets: int = 0, rounds: int = 1) -> int:
    command = [sys.executable, "-m", "tests.bench", "--part", part, "--rounds", str(rounds)]
    if not tickets:
        return subprocess.run(command, check=False).returncode
    return subprocess.run([*command, "--tickets", str(tickets)], env=environment(tickets), check=False).returncode


def _part(part: str, tickets: int, rounds: int) -> int:
    report = Report()
    match part:
        case "guard":
            bench_guard(report)
        case "planning":
            bench_planning(report)
        case "answers":
            bench_answers(report, tickets, rounds)
        case "model":
            bench_model(report, rounds)
        case "overview":
            from tests.bench.overview import bench_overview

            bench_overview(report, tickets)
        case "cold":
            bench_cold(report, tickets)
        case "desk":
            bench_desk(report, tickets)
    return int(report.missed)


if __name__ == "__main__":
    sys.exit(main())
