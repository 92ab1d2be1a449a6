"""The embedded server against kills, races, full disks and odd folders. Everything here is a real server."""

from __future__ import annotations

import os
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import psycopg
import pytest

from dash_agent.errors import DiskFull, WarehouseUnavailable
from dash_agent.warehouse.connections import Connections
from dash_agent.warehouse.embedded import EmbeddedPostgres

AS_ROOT = os.geteuid() == 0

HOLDER = """
import sys
from pathlib import Path
from dash_agent.warehouse.embedded import EmbeddedPostgres
with EmbeddedPostgres(Path(sys.argv[1])):
    print("up", flush=True)
    sys.stdin.readline()
"""


class Holder:
    """Another process that starts or joins the server, and holds it until told to close or killed."""

    def __init__(self, folder: Path, *, path: str | None = None, group: bool = False) -> None:
        environment = os.environ if path is None else {**os.environ, "PATH": path}
        self.process = subprocess.Popen(
            [sys.executable, "-c", HOLDER, str(folder)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env=environment,
            process_group=0 if group else None,
        )

    def wait_up(self) -> None:
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        assert line == "up\n", self.process.communicate()[1]

    def close(self) -> None:
        _, errors = self.process.communicate("\n", timeout=60)
        assert self.process.returncode == 0, errors

    def kill(self) -> None:
        self.process.kill()
        self.process.communicate(timeout=60)


def postmaster(folder: Path) -> int:
    return int((folder / "postgres/data/postmaster.pid").read_text().splitlines()[0])


def put(server: EmbeddedPostgres, row: int) -> None:
    with psycopg.connect(server.url("owner")) as connection:
        connection.execute("CREATE TABLE IF NOT EXISTS kept (row int)")
        connection.execute("INSERT INTO kept VALUES (%s)", (row,))


def rows(server: EmbeddedPostgres) -> list[int]:
    with psycopg.connect(server.url("owner")) as connection:
        return [row for (row,) in connection.execute("SELECT row FROM kept ORDER BY 1")]


def is_running(folder: Path) -> bool:
    return EmbeddedPostgres(folder).is_running()


def gone(pid: int) -> bool:
    for _ in range(500):
        try:
            if Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z":
                return True
        except FileNotFoundError:
            return True
        time.sleep(0.02)
    return False


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A folder whose parents everyone may enter, unlike pytest's own."""
    folder = Path(tempfile.mkdtemp())
    folder.chmod(0o755)
    yield folder / "data"
    EmbeddedPostgres(folder / "data").stop(force=True)
    shutil.rmtree(folder)


# Life


def test_the_last_holder_stops_the_server(data_dir: Path) -> None:
    first, second = EmbeddedPostgres(data_dir), EmbeddedPostgres(data_dir)
    first.start()
    second.start()
    put(second, 1)
    first.close()
    assert rows(second) == [1]
    second.close()
    assert not is_running(data_dir)
    with EmbeddedPostgres(data_dir) as again:
        assert rows(again) == [1]


def test_a_kept_server_outlives_its_holders_until_stopped(data_dir: Path) -> None:
    with EmbeddedPostgres(data_dir) as server:
        server.keep()
    assert is_running(data_dir)
    with EmbeddedPostgres(data_dir):
        pass
    assert is_running(data_dir)
    assert EmbeddedPostgres(data_dir).stop()
    assert not is_running(data_dir)


def test_stop_leaves_the_server_to_other_holders(data_dir: Path) -> None:
    with EmbeddedPostgres(data_dir) as server:
        server.keep()
        assert not EmbeddedPostgres(data_dir).stop()
        assert server.is_running()
    assert not is_running(data_dir)


def test_stop_of_what_never_was(tmp_path: Path) -> None:
    assert EmbeddedPostgres(tmp_path / "none").stop()
    assert not (tmp_path / "none").exists()


def test_a_forked_child_does_not_stop_its_parents_server(data_dir: Path) -> None:
    with EmbeddedPostgres(data_dir) as server:
        child = os.fork()
        if child == 0:
            server.close()
            os._exit(0)
        os.waitpid(child, 0)
        assert server.is_running()
        with EmbeddedPostgres(data_dir):
            pass
        assert server.is_running()


def test_ctrl_c_in_the_terminal_does_not_reach_the_server(data_dir: Path) -> None:
    with EmbeddedPostgres(data_dir):
        assert os.getsid(postmaster(data_dir)) != os.getsid(0)


def test_two_first_starts_at_once(data_dir: Path) -> None:
    holders = [Holder(data_dir) for _ in range(3)]
    for holder in holders:
        holder.wait_up()
    pid = postmaster(data_dir)
    for holder in holders:
        holder.close()
    assert gone(pid)
    assert not list((data_dir / "postgres").glob("new-*"))


# Kills


def test_a_killed_holder_does_not_count(data_dir: Path) -> None:
    holder = Holder(data_dir)
    holder.wait_up()
    holder.kill()
    assert is_running(data_dir)
    pid = postmaster(data_dir)
    with EmbeddedPostgres(data_dir):
        assert postmaster(data_dir) == pid
    assert gone(pid)


def test_the_whole_process_group_killed(data_dir: Path) -> None:
    holder = Holder(data_dir, group=True)
    holder.wait_up()
    pid = postmaster(data_dir)
    os.killpg(holder.process.pid, signal.SIGKILL)
    holder.process.communicate(timeout=60)
    with EmbeddedPostgres(data_dir) as server:
        assert postmaster(data_dir) == pid
        put(server, 1)
    assert gone(pid)


def test_the_postmaster_killed_under_busy_backends(data_dir: Path) -> None:
    with EmbeddedPostgres(data_dir) as server:
        put(server, 1)
        idle = psycopg.connect(server.url("owner"))
        # Busy on the processor: it does not look whether its postmaster lives.
        busy = psycopg.connect(server.url("owner"), autocommit=True)
        busy.pgconn.send_query(b"SELECT count(*) FROM generate_series(1, 100000) a, generate_series(1, 100000) b")
        backend = busy.info.backend_pid
        pid = postmaster(data_dir)
        os.kill(pid, signal.SIGKILL)

        # Two at once find it dead, as after a crash in the middle of work.
        holders = [Holder(data_dir), Holder(data_dir)]
        for holder in holders:
            holder.wait_up()
        assert postmaster(data_dir) != pid
        assert gone(backend)
        assert rows(server) == [1]
        put(server, 2)
        for holder in holders:
            holder.close()
        assert rows(server) == [1, 2]
        idle.close()
        busy.close()


def kill(pids: Iterable[int]) -> None:
    """A backend that was just leaving may be gone by its turn, and one that falls takes others with it."""
    for pid in pids:
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)


def test_every_process_of_the_server_killed(data_dir: Path) -> None:
    with EmbeddedPostgres(data_dir) as server:
        put(server, 1)
        kill(server._processes.all())
        with EmbeddedPostgres(data_dir) as again:
            assert rows(again) == [1]


def test_killed_in_the_middle_of_the_first_start(data_dir: Path) -> None:
    holder = Holder(data_dir)
    deadline = time.monotonic() + 30
    while not list((data_dir / "postgres").glob("new-*/data/base")) and time.monotonic() < deadline:
        time.sleep(0.005)
    holder.kill()
    assert list((data_dir / "postgres").glob("new-*"))
    assert not (data_dir / "postgres/data").exists()
    with EmbeddedPostgres(data_dir) as server:
        put(server, 1)
        assert rows(server) == [1]
    # What the orphaned initdb still wrote meanwhile is swept by a later first start; it is never in the way.


def test_killed_while_the_server_was_starting(data_dir: Path) -> None:
    with EmbeddedPostgres(data_dir) as server:
        put(server, 1)
    holder = Holder(data_dir)
    deadline = time.monotonic() + 30
    while not (data_dir / "postgres/data/postmaster.pid").exists() and time.monotonic() < deadline:
        time.sleep(0.002)
    holder.kill()
    with EmbeddedPostgres(data_dir) as server:
        assert rows(server) == [1]


def test_a_stale_pid_file_that_names_another_living_process(data_dir: Path) -> None:
    with EmbeddedPostgres(data_dir) as server:
        put(server, 1)
    other = subprocess.Popen(["sleep", "600"])
    try:
        stale = f"{other.pid}\n{data_dir}/postgres/data\n1\n5432\n{data_dir}/postgres/run\n\n  1 2\nready   \n"
        (data_dir / "postgres/data/postmaster.pid").write_text(stale)
        with EmbeddedPostgres(data_dir) as server:
            assert rows(server) == [1]
        assert other.poll() is None
    finally:
        other.kill()
        other.wait()


def test_a_stale_pid_file_that_names_another_server(data_dir: Path, postgres: EmbeddedPostgres) -> None:
    with EmbeddedPostgres(data_dir) as server:
        put(server, 1)
    elsewhere = (postgres._layout.data / "postmaster.pid").read_text()
    (data_dir / "postgres/data/postmaster.pid").write_text(elsewhere)
    with EmbeddedPostgres(data_dir) as server:
        assert rows(server) == [1]
    assert postgres.is_running()


# Folders and rights


def mode(path: Path) -> int:
    return stat.S_IMODE(path.lstat().st_mode)


def test_everything_is_private_and_parents_keep_their_modes(open_folder: Path) -> None:
    outer, inner = open_folder, open_folder / "inner"
    inner.mkdir(parents=True)
    outer.chmod(0o711)
    inner.chmod(0o700)
    folder = inner / "data"
    with EmbeddedPostgres(folder) as server:
        private = (folder, folder / "postgres", folder / "postgres/data", folder / "postgres/run")
        assert {mode(path) for path in private} == {0o700}
        files = ("passwords.json", "start.lock", "holders.lock", "postgres/server.log")
        assert {mode(folder / name) for name in files} == {0o600}
        assert mode(folder / "postgres/run/.s.PGSQL.5432") == 0o700
        assert server.is_running()
    assert (mode(outer), mode(inner)) == (0o711, 0o700)


def test_no_network_and_no_entry_without_the_password(postgres: EmbeddedPostgres) -> None:
    with psycopg.connect(postgres.url("owner")) as connection:
        assert connection.execute("SHOW listen_addresses").fetchone() == ("",)
        rules = connection.execute("SELECT type, auth_method FROM pg_hba_file_rules").fetchall()
        settings = connection.execute(
            "SELECT name FROM pg_settings WHERE setting = 'off' AND name IN "
            "('fsync', 'synchronous_commit', 'full_page_writes')"
        ).fetchall()
    assert rules == [("local", "scram-sha-256")]
    assert settings == []
    passwords = {
        psycopg.conninfo.conninfo_to_dict(postgres.url(role))["password"] for role in ("owner", "app", "reader")
    }
    assert len(passwords) == 3
    wrong = psycopg.conninfo.make_conninfo(postgres.url("owner"), password="wrong")
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        psycopg.connect(wrong)


def test_reader_and_app_come_into_no_other_database(postgres: EmbeddedPostgres) -> None:
    for role in ("app", "reader"):
        for other in ("postgres", "template1"):
            with pytest.raises(psycopg.OperationalError, match="permission denied for database"):
                psycopg.connect(psycopg.conninfo.make_conninfo(postgres.url(role), dbname=other))


@pytest.mark.parametrize("name", ["d" * 120, "a b,c'd%e#f", "данные"], ids=["long", "odd", "cyrillic"])
def test_paths(tmp_path: Path, name: str) -> None:
    folder = tmp_path / name
    with EmbeddedPostgres(folder) as server:
        put(server, 1)
        assert rows(server) == [1]
        assert mode(server._layout.socket_folder) == 0o700
    assert not is_running(folder)


@pytest.mark.parametrize("name", ['a"b', "$(touch x)", "a`b", "a\\b"])
def test_a_path_that_a_shell_would_read_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(WarehouseUnavailable, match="DASH_DATA_DIR"):
        EmbeddedPostgres(tmp_path / name).start()
    assert not (tmp_path / name).exists()


def test_a_short_folder_of_somebody_else_is_refused(tmp_path: Path) -> None:
    folder = tmp_path / ("d" * 120)
    server = EmbeddedPostgres(folder)
    short = server._layout.socket_folder
    short.symlink_to(tmp_path)
    try:
        with pytest.raises(WarehouseUnavailable, match="not a private folder"):
            server.start()
    finally:
        short.unlink()


def test_a_data_folder_that_moved(tmp_path: Path) -> None:
    with EmbeddedPostgres(tmp_path / "before") as server:
        put(server, 1)
    (tmp_path / "before").rename(tmp_path / "after")
    with EmbeddedPostgres(tmp_path / "after") as server:
        assert rows(server) == [1]


def test_made_by_another_major_version(data_dir: Path) -> None:
    with EmbeddedPostgres(data_dir):
        pass
    (data_dir / "postgres/data/PG_VERSION").write_text("17\n")
    with pytest.raises(WarehouseUnavailable, match="was made by PostgreSQL 17, and the one installed is 18"):
        EmbeddedPostgres(data_dir).start()


def test_lost_passwords(data_dir: Path) -> None:
    with EmbeddedPostgres(data_dir):
        pass
    (data_dir / "passwords.json").unlink()
    with pytest.raises(WarehouseUnavailable, match="passwords are lost"):
        EmbeddedPostgres(data_dir).start()


def test_the_folder_is_a_file(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(WarehouseUnavailable, match="can't be used"):
        EmbeddedPostgres(tmp_path / "file").start()


def test_a_broken_configuration_says_why(data_dir: Path) -> None:
    with EmbeddedPostgres(data_dir):
        pass
    (data_dir / "postgres/data/postgresql.auto.conf").write_text("shared_buffers = 'many'\n")
    with pytest.raises(WarehouseUnavailable, match="did not start"):
        EmbeddedPostgres(data_dir).start()


def test_no_url_before_the_first_start(data_dir: Path) -> None:
    with pytest.raises(WarehouseUnavailable, match=r"no database in .* yet"):
        EmbeddedPostgres(data_dir).url("app")


def test_without_the_package(data_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("dash_agent.warehouse.binaries.PACKAGE", "no_such_package")
    with pytest.raises(WarehouseUnavailable, match="name a PostgreSQL server in DATABASE_URL"):
        EmbeddedPostgres(data_dir).start()


# As root


def path_without_namespaces(tmp_path: Path) -> str:
    setpriv = shutil.which("setpriv")
    if not AS_ROOT or setpriv is None:
        pytest.skip("needs root and setpriv")
    programs = tmp_path / "programs"
    programs.mkdir()
    (programs / "setpriv").symlink_to(setpriv)
    return str(programs)


@pytest.mark.skipif(not AS_ROOT, reason="needs root")
@pytest.mark.parametrize("passable", [True, False])
def test_as_root_without_user_namespaces(request: pytest.FixtureRequest, tmp_path: Path, passable: bool) -> None:
    folder: Path = request.getfixturevalue("open_folder" if passable else "data_dir")
    before = [(parent, mode(parent)) for parent in folder.parents]
    path = path_without_namespaces(tmp_path)
    holder = Holder(folder, path=path)
    holder.wait_up()
    uid = (folder / "postgres/data").stat().st_uid
    assert uid != 0
    assert Path(f"/proc/{postmaster(folder)}").stat().st_uid in (uid, 0)
    owner = next(line for line in Path(f"/proc/{postmaster(folder)}/status").read_text().splitlines() if "Uid:" in line)
    assert owner.split()[1] == str(uid)
    # Another process, to which namespaces are open, goes the way that the folder's owner remembers.
    with EmbeddedPostgres(folder) as server:
        put(server, 1)
        os.kill(postmaster(folder), signal.SIGKILL)
        with EmbeddedPostgres(folder) as again:
            assert rows(again) == [1]
    holder.close()
    assert [(parent, mode(parent)) for parent in folder.parents] == before


def test_as_root_a_folder_made_in_a_namespace_where_they_are_closed(open_folder: Path, tmp_path: Path) -> None:
    path = path_without_namespaces(tmp_path)
    with EmbeddedPostgres(open_folder) as server:
        put(server, 1)
    holder = Holder(open_folder, path=path)
    holder.wait_up()
    with EmbeddedPostgres(open_folder) as server:
        assert rows(server) == [1]
    holder.close()


def test_as_root_with_no_way_at_all(data_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    if not AS_ROOT:
        pytest.skip("needs root")
    monkeypatch.setenv("PATH", "/nowhere")
    with pytest.raises(WarehouseUnavailable, match="PostgreSQL does not run as root"):
        EmbeddedPostgres(data_dir).start()


# Full disks


@contextmanager
def small_disk(folder: Path, megabytes: int) -> Iterator[None]:
    folder.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", f"size={megabytes}m,mode=0700", "tmpfs", str(folder)]
    if not AS_ROOT or subprocess.run(command, capture_output=True, check=False).returncode:
        pytest.skip("needs the right to mount a small disk")
    try:
        yield
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)


def grow(folder: Path, megabytes: int) -> None:
    subprocess.run(["mount", "-o", f"remount,size={megabytes}m", str(folder)], check=True)


def fill(filler: Path) -> None:
    with suppress(OSError), filler.open("wb") as file:
        while True:
            file.write(bytes(1 << 20))


def insert_until_full(server: EmbeddedPostgres, counted: list[int]) -> None:
    """10,000 rows a transaction; `counted` gets the number of each one that was committed."""
    connections = Connections(server.url("owner"))
    with connections.transaction() as connection:
        connection.execute("CREATE TABLE big (number int, filler text)")
    try:
        for number in range(500):
            with connections.transaction() as connection:
                connection.execute(
                    "INSERT INTO big SELECT %s, md5(random()::text) FROM generate_series(1, 10000)", (number,)
                )
            counted.append(number)
    finally:
        connections.close()


def test_no_room_for_the_first_start(tmp_path: Path) -> None:
    disk = tmp_path / "disk"
    with small_disk(disk, 25):
        with pytest.raises(DiskFull, match="no room left"):
            EmbeddedPostgres(disk / "data").start()
        assert not (disk / "data/postgres/data").exists()
        grow(disk, 200)
        with EmbeddedPostgres(disk / "data") as server:
            put(server, 1)


def test_no_room_for_a_later_start(tmp_path: Path) -> None:
    disk = tmp_path / "disk"
    with small_disk(disk, 200):
        with EmbeddedPostgres(disk / "data") as server:
            put(server, 1)
        filler = disk / "filler"
        fill(filler)
        with pytest.raises(DiskFull, match="free some space"):
            EmbeddedPostgres(disk / "data").start()
        filler.unlink()
        with EmbeddedPostgres(disk / "data") as server:
            assert rows(server) == [1]


def test_the_disk_fills_at_work_and_committed_rows_survive(tmp_path: Path) -> None:
    disk = tmp_path / "disk"
    with small_disk(disk, 160):
        server = EmbeddedPostgres(disk / "data")
        server.start()
        put(server, 0)
        committed: list[int] = []
        # A full WAL takes the server down before it can say so.
        with pytest.raises((DiskFull, WarehouseUnavailable)):
            insert_until_full(server, committed)
        server.close()
        grow(disk, 600)
        with EmbeddedPostgres(disk / "data") as again:
            assert rows(again) == [0]
            with psycopg.connect(again.url("owner")) as connection:
                found = connection.execute("SELECT number, count(*) FROM big GROUP BY 1 ORDER BY 1").fetchall()
        # The last one may have been committed without our hearing of it.
        numbers = [number for number, _ in found]
        assert numbers[: len(committed)] == committed
        assert len(numbers) <= len(committed) + 1
        assert {count for _, count in found} == {10_000}
