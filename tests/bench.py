"""`make bench`: what the guard, planning and a whole question take on this machine.

Guard and planning need no database. A whole question, cold, is a process of its own on the database of DASH_DATA_DIR,
which has to be there.
"""

from __future__ import annotations

import json
import os
import platform
import statistics
import subprocess
import sys
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from time import perf_counter
from zoneinfo import ZoneInfo

from dash_agent.context.catalog import load_catalog
from dash_agent.planning import chain
from dash_agent.planning.parser import Parser
from dash_agent.semantic.model import SemanticModel
from dash_agent.semantic.time import Calendar
from dash_agent.settings import load_settings
from dash_agent.sql.guard import GuardSchema, Moment, judge

CASES = Path(__file__).parent / "cases"
NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
ROUNDS = 5
COLD = 5


def milliseconds(work: Callable[[], object]) -> float:
    began = perf_counter()
    work()
    return (perf_counter() - began) * 1000


def show(what: str, taken: Iterable[float]) -> None:
    found = sorted(taken)
    worst = found[int(len(found) * 0.95)]
    print(f"{what:<34} {len(found):>5} runs   median {statistics.median(found):8.2f} ms   95 % {worst:8.2f} ms")


def lines(name: str) -> list[dict[str, object]]:
    return [json.loads(line) for line in (CASES / name).read_text(encoding="utf-8").splitlines() if line.strip()]


def bench_guard() -> None:
    columns = json.loads((CASES / "guard_columns.json").read_text(encoding="utf-8"))
    schema = GuardSchema({table: frozenset(names) for table, names in columns.items()})
    moment = Moment(NOW, "Asia/Jerusalem")
    for name in ("guard_legit.jsonl", "guard_attacks.jsonl"):
        statements = [str(line["sql"]) for line in lines(name)] * ROUNDS
        show(f"guard, {name}", [milliseconds(partial(judge, sql, schema, moment)) for sql in statements])


def bench_planning() -> None:
    catalog = load_catalog(load_settings().content_dir)
    live = json.loads((CASES / "live_values.json").read_text(encoding="utf-8"))
    model = SemanticModel(catalog)
    show("parser, made once a process", [milliseconds(lambda: Parser(model, live))])
    parser = Parser(model, live)
    calendar = Calendar(NOW, ZoneInfo("Asia/Jerusalem"))
    asked = [line for line in lines("questions.jsonl") if isinstance(line.get("question"), str)]

    def plan(line: dict[str, object]) -> object:
        return chain.plan(str(line["question"]), parser, calendar, None, str(line["lang"]))

    show("plan", [milliseconds(partial(plan, line)) for line in asked * ROUNDS])


def bench_cold() -> None:
    if not (load_settings().data_dir / "postgres").is_dir():
        print("a question, cold: no database here yet; `dash-agent up` makes one")
        return
    command = [sys.executable, "-m", "dash_agent", "ask", "How many tickets were there last week?"]
    taken = [milliseconds(lambda: subprocess.run(command, check=True, capture_output=True)) for _ in range(COLD)]
    show("a question, cold process", taken)


if __name__ == "__main__":
    print(f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}, {platform.system()}")
    bench_guard()
    bench_planning()
    bench_cold()
