"""Running the server's programs as somebody PostgreSQL accepts: it refuses uid 0, and initdb an unnamed uid."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from dash_agent.errors import DashError, WarehouseUnavailable
from dash_agent.warehouse.disk import explaining

# Nothing of the caller's environment reaches the server: PGDATA, PGPORT or a locale there would change it.
ENVIRONMENT = {"PATH": "/usr/local/bin:/usr/bin:/bin", "LC_ALL": "C", "TZ": "UTC"}

ACCOUNTS = ("postgres", "nobody", "daemon")
PROBE_SECONDS = 20.0


@dataclass(frozen=True, slots=True)
class Launcher:
    """prefix: words put before a command. uid, gid: who owns the server's files, seen from outside."""

    prefix: tuple[str, ...]
    uid: int
    gid: int

    def run(
        self, *words: str | Path, seconds: float, stdin: str = "", give_up: DashError
    ) -> subprocess.CompletedProcess[str]:
        """One program to its end, in a session of its own: Ctrl-C in the terminal does not reach it.

        Raises `give_up` where it takes longer than `seconds`.
        """
        command = [*self.prefix, *(str(word) for word in words)]
        try:
            return subprocess.run(  # noqa: S603  the words are ours
                command,
                input=stdin,
                capture_output=True,
                text=True,
                errors="replace",
                check=False,
                timeout=seconds,
                cwd="/",
                env=ENVIRONMENT,
                start_new_session=True,
            )
        except subprocess.TimeoutExpired as error:
            raise give_up from error

    def own(self, path: Path) -> None:
        """Gives a file or folder that this process made to the server's user."""
        if path.lstat().st_uid != self.uid:
            os.chown(path, self.uid, self.gid, follow_symlinks=False)


def choose_launcher(root: Path, home: Path, postgres: Path) -> Launcher:
    """The first way that works here. root: the data folder; home: the server's folder in it (both exist).

    The owner of `home` remembers the way: where it is this process's own user, the server runs as that
    user (as root: in a user namespace, in which root sees itself under another number); where it is another one,
    root starts the server as that one. Raises WarehouseUnavailable where no way works.
    """
    owner = home.stat()
    for way in _ways(owner.st_uid, owner.st_gid):
        if _works(way, root, postgres):
            with explaining(root):
                _hand_over(way, root, home)
            return way
    if os.geteuid() != 0 and owner.st_uid != os.geteuid():
        raise WarehouseUnavailable(
            f"{home} belongs to another user (uid {owner.st_uid})",
            "run this as that user, or name another folder in DASH_DATA_DIR",
        )
    raise WarehouseUnavailable(
        "PostgreSQL does not run as root, and neither a user namespace (unshare) nor an unprivileged account "
        "(setpriv) can be used here"
        if os.geteuid() == 0
        else f"the embedded PostgreSQL at {postgres} can't be run as uid {os.geteuid()}",
        "run this as an ordinary user, or name a PostgreSQL server in DATABASE_URL",
    )


def _ways(owner: int, group: int) -> Iterator[Launcher]:
    uid, gid = os.geteuid(), os.getegid()
    if uid != 0 and owner != uid:
        return
    if uid != 0 and _has_name(uid):
        yield Launcher((), uid, gid)
    if owner == uid:
        yield from _in_namespace(uid, gid)
    if uid == 0:
        accounts = _accounts() if owner == 0 else ((owner, group),)
        for account in accounts:
            yield from _as_account(*account)


def _in_namespace(uid: int, gid: int) -> Iterator[Launcher]:
    unshare = shutil.which("unshare")
    for seen_as, _ in _accounts():
        if unshare:
            yield Launcher((unshare, "--user", f"--map-user={seen_as}", "--"), uid, gid)


def _as_account(uid: int, gid: int) -> Iterator[Launcher]:
    setpriv = shutil.which("setpriv")
    if setpriv is None:
        return
    drop = (setpriv, f"--reuid={uid}", f"--regid={gid}", "--clear-groups")
    yield Launcher((*drop, "--inh-caps=-all", "--"), uid, gid)
    # A folder above that only root may enter: the right to pass it goes along, rather than a change of its mode.
    # access(2), by which PostgreSQL looks for its own programs, heeds it only with no_setuid_fixup.
    pass_folders = (
        "--inh-caps=+dac_override",
        "--ambient-caps=+dac_override",
        "--securebits=+no_setuid_fixup",
    )
    yield Launcher((*drop, *pass_folders, "--"), uid, gid)


def _accounts() -> tuple[tuple[int, int], ...]:
    """uid and gid of an account that is not root's, the best one first; at most one."""
    named = {entry.pw_name: (entry.pw_uid, entry.pw_gid) for entry in pwd.getpwall() if entry.pw_uid != 0}
    order = [named[name] for name in ACCOUNTS if name in named] or list(named.values())
    return tuple(order[:1])


def _has_name(uid: int) -> bool:
    try:
        pwd.getpwuid(uid)
    except KeyError:
        return False
    return True


def _works(way: Launcher, root: Path, postgres: Path) -> bool:
    """Enters the folder and runs the server's program, rather than trusting what the system says it permits."""
    # Where root hands the data folder over, what matters is that the folders above it can be passed.
    reach = root if root.stat().st_uid == way.uid else root.parent
    script = 'cd "$1" && "$2" --version && exec "$3" --version'
    shell = ("/bin/sh", "-c", script, "sh", reach, postgres, postgres.with_name("initdb"))
    try:
        done = way.run(*shell, seconds=PROBE_SECONDS, give_up=WarehouseUnavailable("the probe took too long"))
    except (OSError, WarehouseUnavailable):
        return False
    return done.returncode == 0


def _hand_over(way: Launcher, root: Path, home: Path) -> None:
    """Gives the data folder and everything of the server's in it to the way's user, once."""
    if home.stat().st_uid == way.uid:
        return
    for folder, _, files in os.walk(home):
        for name in ("", *files):
            way.own(Path(folder, name))
    way.own(root)
