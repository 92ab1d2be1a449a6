"""compose.yaml as it stands: its structure, and each service's very command as a process against a server over TCP.

No Docker engine runs here. What the image would hold is this checkout; what the network would name is 127.0.0.1.
"""

from __future__ import annotations

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import psycopg
import pytest
import yaml

from dash_agent.errors import WarehouseUnavailable
from dash_agent.settings import Settings
from dash_agent.warehouse.binaries import Binaries, find_binaries
from dash_agent.warehouse.launcher import Launcher, choose_launcher
from tests.conftest import ROOT

COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "compose.yaml").read_text(encoding="utf-8"))
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
OURS = ("migrate", "api", "dashboard", "worker", "demo")

VARIABLE = re.compile(r"\$\$|\$\{(\w+)(?::([?-])([^}]*))?\}")
GIVE_UP = WarehouseUnavailable("a program of PostgreSQL took too long")


def filled(value: Any, given: Mapping[str, str]) -> Any:
    """A value of the file as compose reads it, with variables from `given`."""

    def one(found: re.Match[str]) -> str:
        if found[0] == "$$":
            return "$"
        name, kind, other = found.groups()
        if given.get(name):
            return given[name]
        assert kind == "-", f"{name} has no value and no default"
        return str(other)

    match value:
        case str():
            return VARIABLE.sub(one, value)
        case list():
            return [filled(item, given) for item in value]
        case dict():
            return {key: filled(item, given) for key, item in value.items()}
        case _:
            return value


@dataclass
class Stack:
    """The services' commands, run on this machine. given: what `.env` would hold."""

    folder: Path
    binaries: Binaries
    port: int
    given: Mapping[str, str]

    def environment(self, service: str) -> dict[str, str]:
        """The service's own, and nothing of ours but where to find things."""
        declared = filled(SERVICES[service].get("environment", {}), self.given)
        data = self.folder / service
        data.mkdir(exist_ok=True)
        here = {
            name: str(value).replace("@postgres:5432", f"@127.0.0.1:{self.port}") for name, value in declared.items()
        }
        plain = {"PATH": f"{self.binaries.folder}:{os.environ['PATH']}", "HOME": str(data), "PYTHONUNBUFFERED": "1"}
        return {**plain, "DASH_CONTENT_DIR": str(ROOT), "DASH_DATA_DIR": str(data), **here}

    def start(self, service: str) -> subprocess.Popen[str]:
        command = filled(SERVICES[service]["command"], self.given)
        module = SERVICES[service].get("entrypoint", ["python", "-m", "dash_agent"])[-1]
        return subprocess.Popen(
            [sys.executable, "-m", module, *command],
            cwd=self.folder,
            env={**self.environment(service), "PYTHONPATH": str(ROOT)},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def ends(self, service: str) -> str:
        process = self.start(service)
        said, _ = process.communicate(timeout=120)
        assert process.returncode == 0, said
        return said

    def is_healthy(self, service: str) -> bool:
        """What its health check says."""
        way, *words = filled(SERVICES[service]["healthcheck"]["test"], self.given)
        if words[0] == "python":
            words[0] = sys.executable
        command = ["/bin/sh", "-c", *words] if way == "CMD-SHELL" else words
        environment = {**self.environment(service), "PGPORT": str(self.port)}
        return subprocess.run(command, env=environment, capture_output=True, timeout=30).returncode == 0

    def until_healthy(self, service: str, process: subprocess.Popen[str]) -> None:
        end = time.monotonic() + 90
        while not self.is_healthy(service):
            assert process.poll() is None, process.communicate()[0]
            assert time.monotonic() < end, f"{service} never became healthy"
            time.sleep(0.5)


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as found:
        return int(found.getsockname()[1])


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """A cluster as the image of the service `postgres` makes it: an owner with a password, a database, our script."""
    folder = tmp_path_factory.mktemp("compose")
    port, binaries = free_port(), find_binaries()
    given = {
        "DASH_OWNER_PASSWORD": "owner-secret",
        "DASH_APP_PASSWORD": "app-secret",
        "OS_SECURITY_KEY": "staff-secret",
        "DASH_PORT": str(free_port()),
        "DASHBOARD_PORT": str(free_port()),
        "DASH_ADMIN_PASSWORD": "admin-secret",
    }
    home = folder / "server"
    home.mkdir(mode=0o700)
    launcher = choose_launcher(folder, home, binaries.postgres)
    cluster = home / "data"
    _init(launcher, binaries, home, cluster, given["DASH_OWNER_PASSWORD"])
    options = f"-c listen_addresses=127.0.0.1 -c port={port} -c unix_socket_directories= -c fsync=off"
    _run(launcher, binaries.pg_ctl, "-D", cluster, "-w", "-l", home / "log", "-o", options, "start")
    stack = Stack(folder, binaries, port, given)
    try:
        _first_start(stack)
        yield stack
    finally:
        _run(launcher, binaries.pg_ctl, "-D", cluster, "-m", "immediate", "-w", "stop")
        shutil.rmtree(folder, ignore_errors=True)


def _init(launcher: Launcher, binaries: Binaries, home: Path, cluster: Path, password: str) -> None:
    secret = home / "password"
    secret.write_text(password)
    launcher.own(home)
    launcher.own(secret)
    options = ("--auth=scram-sha-256", "--encoding=UTF8", "--locale=C", "--no-sync")
    _run(launcher, binaries.initdb, "-D", cluster, "-U", "dash_owner", f"--pwfile={secret}", *options)


def _run(launcher: Launcher, *words: str | Path) -> None:
    done = launcher.run(*words, seconds=120, give_up=GIVE_UP)
    assert done.returncode == 0, done.stdout + done.stderr


def _first_start(stack: Stack) -> None:
    """What the image does with an empty folder: the database, then the scripts that are mounted for it."""
    declared = filled(SERVICES["postgres"]["environment"], stack.given)
    way = {"PGHOST": "127.0.0.1", "PGPORT": str(stack.port), "PGPASSWORD": declared["POSTGRES_PASSWORD"]}
    environment = {**stack.environment("postgres"), **way}
    subprocess.run(["createdb", "-U", declared["POSTGRES_USER"], declared["POSTGRES_DB"]], env=environment, check=True)
    (script,) = (ROOT / mount.split(":")[0] for mount in SERVICES["postgres"]["volumes"] if "initdb.d" in mount)
    subprocess.run(["/bin/sh", script], env=environment, check=True, stdout=subprocess.DEVNULL)


def test_the_commands_of_all_services(stack: Stack) -> None:
    """In the order of compose: the database, migrations, and then what waits for them."""
    assert stack.is_healthy("postgres")
    assert not stack.is_healthy("api")
    assert not stack.is_healthy("dashboard")
    assert not stack.is_healthy("worker")
    assert "state_" in stack.ends("migrate")
    api, dashboard, worker = stack.start("api"), stack.start("dashboard"), stack.start("worker")
    try:
        stack.until_healthy("api", api)
        stack.until_healthy("dashboard", dashboard)
        stack.until_healthy("worker", worker)
        url = f"http://127.0.0.1:{stack.given['DASH_PORT']}/api/v1"
        question = {"question": "How many tickets were there in the last 30 days?"}
        assert httpx.post(f"{url}/ask", json=question, timeout=60).status_code == 401
        staff = {"Authorization": f"Bearer {stack.given['OS_SECURITY_KEY']}"}
        assert httpx.post(f"{url}/ask", json=question, headers=staff, timeout=60).json()["rows"] == [[0]]

        pages = f"http://127.0.0.1:{stack.given['DASHBOARD_PORT']}"
        assert httpx.get(f"{pages}/overview").headers["location"] == "/signin?next=%2Foverview"

        app = f"postgresql://dash_app:{stack.given['DASH_APP_PASSWORD']}@127.0.0.1:{stack.port}/dash"
        with psycopg.connect(app, autocommit=True) as connection:
            connection.execute("INSERT INTO app.jobs (kind, key) VALUES ('changes.compact', 'now')")
            connection.execute("SELECT pg_notify('dash_jobs', '')")
            _until(connection, "SELECT done_at IS NOT NULL FROM app.jobs WHERE key = 'now'")
    finally:
        said = {name: _ended(process) for name, process in (("api", api), ("dashboard", dashboard), ("worker", worker))}
    assert {name: code for name, (code, _) in said.items()} == {"api": 0, "dashboard": 0, "worker": 0}, said
    assert "admin-secret" not in str(said)
    assert "staff-secret" not in str(said)
    assert "app-secret" not in str(said)


def _until(connection: psycopg.Connection, statement: str) -> None:
    end = time.monotonic() + 60
    while connection.execute(statement.encode()).fetchone() != (True,):
        assert time.monotonic() < end, statement
        time.sleep(0.1)


def _ended(process: subprocess.Popen[str]) -> tuple[int, str]:
    process.send_signal(signal.SIGTERM)
    try:
        said, _ = process.communicate(timeout=120)
    except subprocess.TimeoutExpired:
        process.kill()
        said, _ = process.communicate()
    return process.returncode, said


def test_without_the_owner_nothing_is_migrated(stack: Stack) -> None:
    for name in ("api", "dashboard", "worker"):
        assert "DASH_OWNER_URL" not in SERVICES[name]["environment"]


@pytest.mark.parametrize("name", OURS)
def test_our_services_hold_no_secret_and_no_right_too_many(name: str) -> None:
    service = SERVICES[name]
    assert (service["image"], service["build"]) == ("dash-agent", ".")
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    for variable, value in service["environment"].items():
        assert variable in {str(field.validation_alias) for field in Settings.model_fields.values()}, variable
        if re.search("PASSWORD|KEY|URL", variable) and value:
            assert "${" in str(value), f"{variable} is written down"


def test_services_wait_for_what_they_need() -> None:
    def waits(name: str) -> dict[str, str]:
        return {other: how["condition"] for other, how in SERVICES[name]["depends_on"].items()}

    assert waits("migrate") == {"postgres": "service_healthy"}
    for name in ("api", "dashboard", "worker", "demo"):
        assert waits(name) == {"migrate": "service_completed_successfully"}
    for name in ("postgres", "api", "dashboard", "worker"):
        assert "test" in SERVICES[name]["healthcheck"]
    mounted = {mount.split(":")[0] for service in SERVICES.values() for mount in service.get("volumes", ())}
    assert {name for name in mounted if not name.startswith(".")} == set(COMPOSE["volumes"])
    published = [port for service in SERVICES.values() for port in service.get("ports", ())]
    assert all(port.startswith("127.0.0.1:") for port in published)


def test_the_images_come_from_docker_hub() -> None:
    lines = (ROOT / "Dockerfile").read_text(encoding="utf-8").splitlines()
    bases = [line.split()[1] for line in lines if line.startswith("FROM ")]
    for image in (*bases, SERVICES["postgres"]["image"]):
        host, _, rest = image.partition("/")
        assert not rest or not re.search(r"[.:]|^localhost$", host), f"{image} names a registry"


def test_the_image_runs_as_a_user_of_its_own_and_holds_what_is_needed() -> None:
    lines = (ROOT / "Dockerfile").read_text(encoding="utf-8").splitlines()
    users = [line.split()[1] for line in lines if line.startswith("USER ")]
    assert users == ["dash"]
    assert lines.index("USER dash") < next(n for n, line in enumerate(lines) if line.startswith("ENTRYPOINT"))
    allowed = {line[1:] for line in (ROOT / ".dockerignore").read_text().splitlines() if line.startswith("!")}
    copied = {
        word for line in lines if line.startswith("COPY ") and "--from" not in line for word in line.split()[1:-1]
    }
    assert copied == allowed
    for name in copied:
        assert (ROOT / name).exists(), name


def test_what_the_variables_of_the_file_are_documented() -> None:
    text = (ROOT / "compose.yaml").read_text(encoding="utf-8")
    page = (ROOT / "docs" / "containers.md").read_text(encoding="utf-8")
    for name in sorted({found[1] for found in VARIABLE.finditer(text) if found[1]}):
        assert f"`{name}`" in page, f"docs/containers.md does not tell of {name}"
