"""What lies where in DASH_DATA_DIR, and with which rights."""

from __future__ import annotations

import json
import os
import secrets
import stat
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from dash_agent.errors import WarehouseUnavailable
from dash_agent.warehouse.disk import explaining
from dash_agent.warehouse.launcher import Launcher

PORT = 5432
SOCKET_PATH_LIMIT = 107  # bytes, of sockaddr_un.sun_path
# The same for every process and every session, unlike a runtime or temporary folder that the environment names:
# a server started by one must be found by the next.
SHORT_FOLDERS = Path("/tmp")  # noqa: S108  a 0700 folder of our own in it, its owner and mode checked


@dataclass(frozen=True, slots=True)
class Layout:
    """root: the data folder, absolute and resolved."""

    root: Path

    @property
    def home(self) -> Path:
        """The server's own folder: it may belong to the account that the server runs as."""
        return self.root / "postgres"

    @property
    def data(self) -> Path:
        return self.home / "data"

    @property
    def log(self) -> Path:
        return self.home / "server.log"

    @property
    def passwords(self) -> Path:
        return self.root / "passwords.json"

    @property
    def start_lock(self) -> Path:
        return self.root / "start.lock"

    @property
    def holders(self) -> Path:
        return self.root / "holders.lock"

    @property
    def keep(self) -> Path:
        """Where it exists, the server stays up when its last holder goes."""
        return self.root / "keep"

    @property
    def title(self) -> str:
        """A short name of this data folder, the server's cluster_name."""
        return f"dash-agent-{sha256(os.fsencode(self.root)).hexdigest()[:16]}"

    @property
    def socket_folder(self) -> Path:
        near = self.home / "run"
        length = len(os.fsencode(near / f".s.PGSQL.{PORT}"))
        # libpq takes a comma in a host for a list of hosts.
        return near if length <= SOCKET_PATH_LIMIT and "," not in str(near) else SHORT_FOLDERS / self.title


def prepare(layout: Layout) -> None:
    """Makes the folders that are not there. Folders that are there keep their mode."""
    # pg_ctl puts the path between double quotes in a shell's command.
    if any(character in str(layout.root) for character in '"$`\\\n'):
        raise WarehouseUnavailable(
            f"the database can't live in {layout.root}: a quote, dollar or backslash in the path",
            "name another folder in DASH_DATA_DIR",
        )
    with explaining(layout.root):
        layout.root.parent.mkdir(parents=True, exist_ok=True)
        for folder in (layout.root, layout.home):
            folder.mkdir(mode=0o700, exist_ok=True)


def prepare_socket_folder(layout: Layout, launcher: Launcher) -> None:
    """A 0700 folder of the server's user. Raises WarehouseUnavailable where somebody else has one of that name."""
    folder = layout.socket_folder
    with explaining(folder):
        try:
            folder.mkdir(mode=0o700)
            launcher.own(folder)
        except FileExistsError:
            found = folder.lstat()
            private = stat.S_ISDIR(found.st_mode) and stat.S_IMODE(found.st_mode) == 0o700
            if not private or found.st_uid != launcher.uid:
                raise WarehouseUnavailable(
                    f"{folder}, where the database's socket goes, is not a private folder of its user",
                    "remove it, or name a shorter DASH_DATA_DIR",
                ) from None


def write_private(path: Path, text: str) -> None:
    """Writes a 0600 file whole or not at all, also across a loss of power."""
    part = path.with_name(f"{path.name}.{os.getpid()}.part")
    with explaining(path):
        try:
            with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW, 0o600), "w") as file:
                file.write(text)
                file.flush()
                os.fsync(file.fileno())
            part.replace(path)
            sync_folder(path.parent)
        finally:
            part.unlink(missing_ok=True)


def sync_folder(folder: Path) -> None:
    """Makes the names in a folder survive a loss of power."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def make_passwords(layout: Layout) -> Mapping[str, str]:
    """A fresh random password for each role, kept in a 0600 file."""
    fresh = {role: secrets.token_urlsafe(24) for role in ("owner", "app", "reader")}
    write_private(layout.passwords, json.dumps(fresh))
    return fresh


def read_passwords(layout: Layout) -> Mapping[str, str]:
    """Raises WarehouseUnavailable where the file is lost or is not ours."""
    with explaining(layout.passwords):
        try:
            found = json.loads(layout.passwords.read_text())
            return {role: str(found[role]) for role in ("owner", "app", "reader")}
        except (FileNotFoundError, ValueError, KeyError, TypeError) as error:
            raise WarehouseUnavailable(
                f"the database's passwords are lost ({layout.passwords})",
                "put the file back from a backup, or move the data folder away and restore a backup into a new one",
            ) from error
