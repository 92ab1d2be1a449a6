"""Folders with demo data of a size, made where they are missing."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from time import perf_counter

NOW = "2026-11-20T12:00:00+00:00"
SEEDED = "bench-seeded"


def folder(tickets: int, use: str = "") -> Path:
    """DASH_BENCH_DIR, else a folder of the user's cache. use: of data that its part of the bench changes."""
    given = os.environ.get("DASH_BENCH_DIR")
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    return (Path(given) if given else cache / "dash-agent-bench") / f"{tickets}{use}"


def environment(tickets: int, use: str = "") -> Mapping[str, str]:
    """Of a process on that data and nothing else."""
    ours = ("DASH_", "OPENAI_", "ANTHROPIC_")
    kept = {n: value for n, value in os.environ.items() if not n.startswith(ours) and n != "DATABASE_URL"}
    return {**kept, "DASH_DATA_DIR": str(folder(tickets, use)), "DASH_BENCH_DIR": str(folder(tickets).parent)}


def command(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "dash_agent", *arguments]


def prepare(tickets: int, use: str = "") -> None:
    """The data is there, and its server runs, afterwards. Says how long seeding took."""
    variables = environment(tickets, use)
    subprocess.run(command("db", "start"), env=variables, check=True, stdout=subprocess.DEVNULL)
    mark = folder(tickets, use) / SEEDED
    if mark.exists():
        return
    began = perf_counter()
    print(f"seeding {tickets:,} tickets in {folder(tickets, use)} …")
    seed = command("db", "seed", "--reset", "--tickets", str(tickets), "--now", NOW)
    subprocess.run(seed, env=variables, check=True, capture_output=True)
    print(f"seeded in {perf_counter() - began:.0f} s")
    mark.touch()


def stop(tickets: int, use: str = "") -> None:
    subprocess.run(command("db", "stop"), env=environment(tickets, use), check=True)
