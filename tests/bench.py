"""`make bench`: what the guard, planning and a whole question take on this machine.

Guard and planning need no database; planning runs in a process of its own, so that its memory is that of planning
alone. A whole question, cold, is a process of its own on the database of DASH_DATA_DIR, which has to be there.
"""

from __future__ import annotations

import json
import os
import platform
import statistics
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from time import perf_counter
from zoneinfo import ZoneInfo

import psutil
import yaml

from dash_agent.adapters.embeddings import SentenceEncoder
from dash_agent.context.catalog import load_catalog
from dash_agent.models.plan import Plan
from dash_agent.planning import chain
from dash_agent.planning.parser import Parser
from dash_agent.planning.tokens import language_of
from dash_agent.semantic.model import SemanticModel
from dash_agent.semantic.time import Calendar
from dash_agent.settings import load_settings
from dash_agent.sql.guard import GuardSchema, Moment, judge

CASES = Path(__file__).parent / "cases"
NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
ROUNDS = 5
COLD = 5
PLANNING_MS = (15, 40)
"""What planning may take: at the median, and at 95 %."""
MEMORY_MB = 300
SLOWEST = 3
PLANNING = "planning"
"""The argument of the process that plans."""


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


def asked() -> Iterator[list[str]]:
    """The questions of all cases, those of one conversation together."""
    for line in lines("questions.jsonl"):
        if isinstance(line.get("question"), str):
            yield [str(line["question"])]
    for file in sorted([*CASES.glob("*.yaml"), *CASES.glob("asked/*.yaml")]):
        cases = yaml.safe_load(file.read_text(encoding="utf-8"))
        for case in cases if isinstance(cases, list) else ():
            yield turns(case)


def turns(case: Mapping[str, object]) -> list[str]:
    found = case.get("turns") or [case.get("ask") or case.get("question")]
    said = [turn.get("question") if isinstance(turn, dict) else turn for turn in found if turn]
    return [text for text in said if isinstance(text, str)]


def bench_planning() -> None:
    catalog = load_catalog(load_settings().content_dir)
    live = json.loads((CASES / "live_values.json").read_text(encoding="utf-8"))
    model, encoder = SemanticModel(catalog), SentenceEncoder()
    show("parser, first of a process", [milliseconds(lambda: Parser(model, live))])
    show("parser, when files change", [milliseconds(lambda: Parser(model, live)) for _ in range(ROUNDS)])
    parser = Parser(model, live, encoder)
    calendar = Calendar(NOW, ZoneInfo("Asia/Jerusalem"))
    taken: list[tuple[float, str]] = []

    def plan(question: str, previous: Plan | None) -> Plan:
        began = perf_counter()
        made = chain.plan(question, parser, calendar, previous, language_of(question, "en"))
        taken.append(((perf_counter() - began) * 1000, question))
        return made

    for conversation in asked():
        previous: Plan | None = None
        for question in conversation:
            previous = plan(question, previous)
    show(f"plan (at most {PLANNING_MS[0]} and {PLANNING_MS[1]} ms)", [ms for ms, _ in taken])
    for ms, question in sorted(taken, reverse=True)[:SLOWEST]:
        print(f"    {ms:6.1f} ms  {question[:100]}")
    process = psutil.Process()
    memory(f"memory, all planned (at most {MEMORY_MB})", process)
    show("the embedder's first vector", [milliseconds(lambda: encoder.embed(["a tie"]))])
    show("a vector", [milliseconds(partial(encoder.embed, [question])) for _, question in taken[:100]])
    memory("memory with the embedder", process)


def memory(what: str, process: psutil.Process) -> None:
    print(f"{what:<34} {process.memory_info().rss / 1_000_000:31.0f} MB")


def bench_cold() -> None:
    if not (load_settings().data_dir / "postgres").is_dir():
        print("a question, cold: no database here yet; `dash-agent up` makes one")
        return
    command = [sys.executable, "-m", "dash_agent", "ask", "How many tickets were there last week?"]
    taken = [milliseconds(lambda: subprocess.run(command, check=True, capture_output=True)) for _ in range(COLD)]
    show("a question, cold process", taken)


def main() -> None:
    sys.stdout.reconfigure(line_buffering=True)
    if sys.argv[1:] == [PLANNING]:
        bench_planning()
        return
    print(f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}, {platform.system()}")
    bench_guard()
    subprocess.run([sys.executable, __file__, PLANNING], check=True)
    bench_cold()


if __name__ == "__main__":
    main()
