"""The embedded PostgreSQL server: one for each data folder, shared by every process that holds it.

Read `EmbeddedPostgres` first. `locks` says who holds, `cluster` makes the files, `launcher` finds a user to run as,
`processes` sees what is left of a server that was killed.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from types import TracebackType
from typing import Literal
from urllib.parse import quote

import psycopg

from dash_agent.errors import DashError, WarehouseUnavailable
from dash_agent.warehouse import cluster
from dash_agent.warehouse.binaries import find_binaries
from dash_agent.warehouse.disk import disk_full, explaining, has_room
from dash_agent.warehouse.launcher import Launcher, choose_launcher
from dash_agent.warehouse.layout import PORT, Layout, prepare, prepare_socket_folder, read_passwords
from dash_agent.warehouse.locks import Hold, exclusive, is_held
from dash_agent.warehouse.processes import ServerProcesses, is_alive, wait_until
from dash_agent.warehouse.roles import EMBEDDED

RoleKind = Literal["owner", "app", "reader"]

LOCK_SECONDS = 120.0  # another process's first start, on a slow disk
PG_CTL_SECONDS = 60
RECOVERY_SECONDS = 600.0  # replaying the WAL after a crash
STOP_SECONDS = 30.0
ORPHAN_PATIENCE = 1.0
TRIES = 5
LOG_LIMIT = 10 * 1024 * 1024
LOG_TAIL = 20_000

# Another start, or the last breath of an old server, was in the way: worth another try.
PASSING = ("pre-existing shared memory block", "FATAL:  lock file")


class EmbeddedPostgres:
    """A holder of the server of one data folder.

    `start` makes, recovers or joins the server; `close` gives the hold back, and the last holder stops the server,
    unless it was marked to be kept. A killed holder counts as gone; a server that nobody holds any more is joined,
    and stopped, by the next. on_progress gets a line, in English, about anything that takes more than a moment.
    """

    def __init__(self, data_dir: Path, on_progress: Callable[[str], None] | None = None) -> None:
        self._layout = Layout(data_dir.expanduser().resolve())
        self._processes = ServerProcesses(self._layout.data, self._layout.title)
        self._tell = on_progress or _say_nothing
        self._hold: Hold | None = None

    def __enter__(self) -> EmbeddedPostgres:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @property
    def log(self) -> Path:
        return self._layout.log

    def start(self) -> None:
        """The server is up, answers, and is held by this object afterwards.

        Raises DiskFull, WarehouseUnavailable.
        """
        if self._hold is not None:
            return
        prepare(self._layout)
        with self._start_lock():
            hold = Hold(self._layout.holders)
            try:
                self._bring_up()
            except BaseException:
                hold.release()
                raise
            self._hold = hold

    def close(self) -> None:
        """Gives the hold back. Safe to call twice, and in a forked child, where it does nothing."""
        hold, self._hold = self._hold, None
        if hold is None:
            return
        if hold.inherited:
            hold.release()
            return
        with self._start_lock():
            try:
                if hold.is_last() and not self._layout.keep.exists():
                    self._processes.stop(STOP_SECONDS)
            finally:
                hold.release()

    def keep(self) -> None:
        """The server stays up when its last holder goes, until `stop`."""
        with explaining(self._layout.keep):
            self._layout.keep.touch(mode=0o600)

    def stop(self, *, force: bool = False) -> bool:
        """Ends a kept server, and drops this object's own hold. True when it is down afterwards.

        Where other processes hold it and `force` is not set it goes on, and stops with the last of them.
        """
        if not self._layout.root.is_dir():
            return True
        self.close()
        with self._start_lock():
            self._layout.keep.unlink(missing_ok=True)
            if is_held(self._layout.holders) and not force:
                return False
            self._processes.stop(STOP_SECONDS)
            return True

    def is_running(self) -> bool:
        """True when it answers now; takes no hold."""
        return self._layout.data.is_dir() and self._answers()

    def url(self, role: RoleKind) -> str:
        """A libpq URI with the role's password in it: not for logs. Raises WarehouseUnavailable before the
        first start."""
        if not self._layout.data.is_dir():
            raise WarehouseUnavailable(
                f"there is no database in {self._layout.root} yet", "start it with 'dash-agent db start'"
            )
        name = {"owner": EMBEDDED.owner, "app": EMBEDDED.app, "reader": EMBEDDED.reader}[role]
        password = quote(read_passwords(self._layout)[role], safe="")
        folder = quote(str(self._layout.socket_folder), safe="")
        return f"postgresql://{name}:{password}@/{cluster.DATABASE}?host={folder}&port={PORT}"

    def _start_lock(self) -> AbstractContextManager[None]:
        return exclusive(
            self._layout.start_lock,
            LOCK_SECONDS,
            lambda: self._tell("Waiting for another process that is starting or stopping the database…"),
        )

    def _bring_up(self) -> None:
        if self._layout.data.is_dir() and self._answers():
            return
        binaries = find_binaries()
        launcher = choose_launcher(self._layout.root, self._layout.home, binaries.postgres)
        if not self._layout.data.is_dir():
            self._tell("Setting up the database (first start)…")
            cluster.create(self._layout, binaries, launcher)
        cluster.check_version(self._layout, binaries, launcher)
        for tries_left in reversed(range(TRIES)):
            self._clear_remains()
            failure = self._launch(launcher, binaries.pg_ctl)
            if failure is None:
                return
            if not tries_left:
                raise failure

    def _clear_remains(self) -> None:
        """Afterwards either a postmaster of ours is alive and answers or will, or nothing of an old one is left."""
        if self._processes.postmaster() is None:
            self._processes.end_orphans(ORPHAN_PATIENCE)
            with explaining(self._layout.data):
                self._processes.forget_dead_postmaster(self._layout.socket_folder)

    def _launch(self, launcher: Launcher, pg_ctl: Path) -> DashError | None:
        """One try. Returns the error where another try may do better, raises it where it can't."""
        log_began = 0
        if self._processes.postmaster() is None:
            cluster.configure(self._layout, launcher)
            prepare_socket_folder(self._layout, launcher)
            log_began = self._log_size()
            wait = ("-w", "-t", str(PG_CTL_SECONDS))
            launcher.run(
                *(pg_ctl, "start", "-s", *wait, "-D", self._layout.data, "-l", self._layout.log),
                seconds=PG_CTL_SECONDS + 30,
                give_up=WarehouseUnavailable("pg_ctl does not come back from starting the database", f"see {self.log}"),
            )
        if self._wait_for_answer():
            return None
        return self._failure(log_began)

    def _wait_for_answer(self) -> bool:
        """Waits while a live postmaster recovers or shuts down. False when there is none any more."""
        began, told = time.monotonic(), False
        while not self._answers():
            pid = self._processes.postmaster()
            if pid is None:
                return False
            if time.monotonic() - began > RECOVERY_SECONDS:
                raise WarehouseUnavailable(
                    f"the database server (process {pid}) does not answer",
                    f"see {self.log}, or end the process",
                )
            if time.monotonic() - began > 1.0 and not told:
                told = True
                self._tell("Waiting for the database to recover from its last end…")
            wait_until(lambda known=pid: not is_alive(known), 0.05)  # type: ignore[misc]
        return True

    def _failure(self, log_began: int) -> DashError:
        """Why the server did not start, from what it logged since. Raises where another try is no use."""
        said = self._log_since(log_began)
        if "No space left" in said or "Disk quota exceeded" in said or not has_room(self._layout.root):
            raise disk_full(self._layout.home)
        fatal = [line for line in said.splitlines() if "FATAL:" in line or "PANIC:" in line]
        reason = fatal[-1].partition(":  ")[2] if fatal else "it left no word in its log"
        error = WarehouseUnavailable(f"the database server did not start: {reason}", f"see {self.log}")
        if fatal and not any(sign in said for sign in PASSING):
            raise error
        time.sleep(0.3)
        return error

    def _log_size(self) -> int:
        try:
            size = self._layout.log.stat().st_size
            if size > LOG_LIMIT:
                self._layout.log.write_bytes(b"")
                return 0
        except FileNotFoundError:
            return 0
        return size

    def _log_since(self, began: int) -> str:
        try:
            with self._layout.log.open("rb") as file:
                file.seek(max(began, self._layout.log.stat().st_size - LOG_TAIL))
                return file.read().decode(errors="replace")
        except OSError:
            return ""

    def _answers(self) -> bool:
        """True when a connection as the owner comes about, False when nobody is there or not yet ready.

        Raises WarehouseUnavailable where the server does not know our password: no waiting would help.
        """
        try:
            psycopg.connect(self.url("owner"), connect_timeout=10).close()
        except psycopg.OperationalError as error:
            said = str(error)
            if "too many clients" in said or "remaining connection slots" in said:
                return True
            if "password authentication failed" in said:
                raise WarehouseUnavailable(
                    f"the database does not accept the password in {self._layout.passwords}",
                    "put that file back from a backup",
                ) from error
            return False
        return True


def _say_nothing(line: str) -> None:
    del line
