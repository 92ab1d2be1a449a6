"""The server of a bench, as `dash-agent up` runs it, and what it and PostgreSQL have worked."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import psutil

from tests.bench.data import command, environment
from tests.bench.talks import NOW
from tests.e2e.databases import Database
from tests.support_desk import SHOP_KEY
from tests.support_worlds import SqlWorld

LISTENS = "HTTP server"
STOP_S = 30


@dataclass(frozen=True, slots=True)
class Server:
    url: str
    process: psutil.Process


@dataclass(frozen=True, slots=True)
class Work:
    """Seconds of CPU."""

    server: float
    postgres: float

    def since(self, before: Work) -> Work:
        return Work(self.server - before.server, self.postgres - before.postgres)

    def parts(self) -> Iterator[tuple[str, float]]:
        yield "server", self.server
        yield "PostgreSQL", self.postgres


def world_of(tickets: int, use: str) -> SqlWorld:
    """The shop in the database of a bench, to fill it and to look into it."""
    urls = {role: _printed(tickets, use, role) for role in ("owner", "app", "reader")}
    return SqlWorld(Database(**urls, readable={}))


def _printed(tickets: int, use: str, role: str) -> str:
    asked = command("db", "url", "--role", role)
    return subprocess.run(
        asked, env=environment(tickets, use), check=True, capture_output=True, text=True
    ).stdout.strip()


@contextmanager
def served(tickets: int, use: str) -> Iterator[Server]:
    """`dash-agent up` without its dashboard, on a free port, at the time that the scripts are of."""
    variables = {**environment(tickets, use), "DASH_NOW": NOW.isoformat(), "SHOP_JWT_KEY": SHOP_KEY}
    log = Path(variables["DASH_DATA_DIR"]) / "bench.log"
    up = command("up", "--no-dashboard", "--no-demo", "--port", "0")
    with log.open("w") as errors:
        process = subprocess.Popen(up, env=variables, stdout=subprocess.PIPE, stderr=errors, text=True)
        try:
            yield Server(_url(process), psutil.Process(process.pid))
        finally:
            process.terminate()
            with suppress(subprocess.TimeoutExpired):
                process.wait(STOP_S)
            process.kill()
            process.wait()


def _url(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    for line in process.stdout:
        if line.startswith(LISTENS):
            return line.split()[2].partition("/api/")[0]
    raise SystemExit("the server did not start; bench.log in its data folder says why")


def work_of(server: Server, home: Path) -> Work:
    """home: of the data, with the embedded server in it."""
    postmaster = (home / "postgres" / "data" / "postmaster.pid").read_text().split()[0]
    return Work(_busy(server.process), _busy_below(int(postmaster)))


def _busy(process: psutil.Process) -> float:
    times = process.cpu_times()
    return times.user + times.system


def _busy_below(pid: int) -> float:
    """Of the postmaster and all that it began, those that ended, too."""
    postmaster = psutil.Process(pid)
    ended = postmaster.cpu_times()
    below = 0.0
    for child in postmaster.children(recursive=True):
        with suppress(psutil.NoSuchProcess):
            below += _busy(child)
    return _busy(postmaster) + ended.children_user + ended.children_system + below
