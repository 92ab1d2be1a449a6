"""The server's processes, as /proc shows them.

postmaster.pid alone proves nothing: after a kill -9 or a container's restart its number may be anyone's.
"""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from dash_agent.errors import WarehouseUnavailable

POLL_SECONDS = 0.01
PROC = Path("/proc")


def wait_until(done: Callable[[], bool], seconds: float) -> bool:
    """Polls `done` until it holds or the time is over; returns its last word."""
    deadline = time.monotonic() + seconds
    while not done():
        if time.monotonic() > deadline:
            return False
        time.sleep(POLL_SECONDS)
    return True


def is_alive(pid: int) -> bool:
    """False for a zombie too: a container's first process may never collect it."""
    try:
        state = (PROC / str(pid) / "stat").read_text().rpartition(")")[2].split()[0]
    except (OSError, IndexError):
        return False
    return state not in ("Z", "X")


@dataclass(frozen=True, slots=True)
class ServerProcesses:
    """data: the server's data folder, resolved. title: its cluster_name, which each of its processes shows."""

    data: Path
    title: str

    def postmaster(self) -> int | None:
        """The live postmaster of this data folder that postmaster.pid names, None where there is none."""
        pid = self._recorded()
        return pid if pid is not None and self._is_ours(pid) else None

    def forget_dead_postmaster(self, socket_folder: Path) -> None:
        """Removes the lock files of a postmaster of ours that is dead.

        PostgreSQL itself would refuse to start where the number in them now belongs to another process of this
        user, or to a zombie that nobody collects.
        """
        if self.postmaster() is None:
            (self.data / "postmaster.pid").unlink(missing_ok=True)
            for left in socket_folder.glob(".s.PGSQL.*.lock"):
                left.unlink(missing_ok=True)

    def all(self) -> tuple[int, ...]:
        """Every live process of this server, orphaned backends among them."""
        pids = (int(entry.name) for entry in PROC.iterdir() if entry.name.isdecimal())
        return tuple(pid for pid in pids if self._is_ours(pid))

    def stop(self, seconds: float) -> None:
        """Stops the server: open transactions are rolled back, then, if that takes too long, at once.

        Nothing committed is lost either way. Raises WarehouseUnavailable where it does not end.
        """
        pid = self.postmaster()
        if pid is None:
            return
        for how, wait in ((signal.SIGINT, seconds), (signal.SIGQUIT, 10.0)):
            _signal(pid, how)
            if wait_until(lambda: not is_alive(pid), wait):
                return
        raise WarehouseUnavailable(f"the database server (process {pid}) does not stop", f"end it with kill -9 {pid}")

    def end_orphans(self, patience: float) -> None:
        """Waits for backends that outlived their postmaster, then ends them: recovery has to come after them.

        They keep the shared memory, and a new server must not start beside them.
        """
        if wait_until(lambda: not self.all(), patience):
            return
        for pid in self.all():
            _signal(pid, signal.SIGQUIT)
        if not wait_until(lambda: not self.all(), 10.0):
            pids = " ".join(str(pid) for pid in self.all())
            raise WarehouseUnavailable(
                f"processes of a database server that died are still there ({pids})",
                f"end them with kill -9 {pids} and try again",
            )

    def _recorded(self) -> int | None:
        try:
            first = (self.data / "postmaster.pid").read_text().splitlines()[0]
            return abs(int(first))
        except (OSError, IndexError, ValueError):
            return None

    def _is_ours(self, pid: int) -> bool:
        entry = PROC / str(pid)
        try:
            if (entry / "comm").read_text().strip() != "postgres" or not is_alive(pid):
                return False
            words = (entry / "cmdline").read_bytes().decode(errors="replace").replace("\0", " ")
        except OSError:
            return False
        try:
            return (entry / "cwd").readlink() == self.data
        except OSError:
            # Another user's process, and no right to trace it: what it calls itself has to do.
            return f"postgres: {self.title}:" in words or f"-D {self.data} " in words


def _signal(pid: int, how: signal.Signals) -> None:
    try:
        os.kill(pid, how)
    except ProcessLookupError:
        return
    except PermissionError as error:
        raise WarehouseUnavailable(
            f"the database server (process {pid}) belongs to another user",
            "stop it as the user that started it",
        ) from error
