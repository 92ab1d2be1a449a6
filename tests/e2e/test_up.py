"""`up`, from nothing to answers and back, alone and twice at once."""

from __future__ import annotations

import re
import shutil
import signal
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from dash_agent.warehouse.embedded import EmbeddedPostgres
from tests.conftest import NOW, ROOT
from tests.e2e.commands import Shell, embedded, read_until

Process = subprocess.Popen[str]


@pytest.fixture
def shell(tmp_path: Path, data_dir: Path) -> Shell:
    return embedded(tmp_path, data_dir)


@pytest.fixture
def started(shell: Shell) -> Iterator[list[Process]]:
    """What a test puts in is not left running."""
    processes: list[Process] = []
    yield processes
    for process in processes:
        if process.poll() is None:
            process.kill()
        process.communicate()


def address(said: str) -> str:
    found = re.search(r"HTTP server +(http://[\d.]+:\d+)", said)
    assert found, said
    return found[1]


def ask(url: str, question: str = "tickets in the last 300 days") -> dict[str, object]:
    body = {"question": question, "now": NOW.isoformat()}
    response = httpx.post(f"{url}/api/v1/ask", json=body, timeout=30)
    assert response.status_code == 200, response.text
    return dict(response.json())


def end(process: Process, how: signal.Signals = signal.SIGINT) -> str:
    process.send_signal(how)
    said, _ = process.communicate(timeout=30)
    assert process.returncode == 0, said
    assert "Traceback" not in said
    return said


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM])
def test_it_starts_from_nothing_answers_and_stops(
    shell: Shell, data_dir: Path, started: list[Process], how: signal.Signals
) -> None:
    process = shell.start("up", "--port", "0", "--no-demo", "--no-dashboard")
    started.append(process)
    url = address(read_until(process, "Ctrl-C"))
    assert httpx.get(f"{url}/api/v1/health/ready").status_code == 200
    assert ask(url)["rows"] == [[0]]
    assert "Stopped." in end(process, how)
    assert not EmbeddedPostgres(data_dir).is_running()


def test_content_that_changes_goes_into_service_and_what_is_wrong_does_not(
    shell: Shell, tmp_path: Path, started: list[Process]
) -> None:
    content = tmp_path / "content"
    for folder in ("tables", "business", "queries"):
        shutil.copytree(ROOT / folder, content / folder)
    # The dashboard takes changes into service, too, and would say so in between.
    arguments = ("--port", "0", "--no-demo", "--no-worker", "--no-dashboard")
    process = shell.having(DASH_CONTENT_DIR=str(content)).start("up", *arguments)
    started.append(process)
    url = address(read_until(process, "Ctrl-C"))
    rules = content / "business" / "rules.json"
    written = rules.read_text(encoding="utf-8")

    rules.write_text(written.replace('"default_days": 30', '"default_days": 7'), encoding="utf-8")
    read_until(process, "is in service.")
    assert "Nov 14" in str(ask(url, "how many tickets?")["assumptions"])

    rules.write_text(written.replace('"default_days": 30', '"default_days": "a week"'), encoding="utf-8")
    said = read_until(process, "stays in service")
    assert "business/rules.json: default_days" in said
    assert "Nov 14" in str(ask(url, "how many tickets?")["assumptions"])
    health = httpx.get(f"{url}/api/v1/health/detailed")
    assert (health.status_code, health.json()["components"]["content"]["status"]) == (200, "outdated")

    rules.write_text(written, encoding="utf-8")
    read_until(process, "is in service.")
    assert "Oct 22" in str(ask(url, "how many tickets?")["assumptions"])
    end(process)


def test_the_dashboard_runs_beside_it_and_ends_with_it(shell: Shell, started: list[Process]) -> None:
    process = shell.start("up", "--port", "0", "--dashboard-port", "0", "--no-demo", "--no-worker")
    started.append(process)
    said = read_until(process, "Ctrl-C")
    pages = re.search(r"Dashboard +(http://[\d.:]+)", said)
    assert pages is not None, said
    # The port is there from the start, and who comes before the dashboard is ready waits.
    assert "<title>Dash</title>" in httpx.get(f"{pages[1]}/overview", timeout=60).text
    end(process)
    with pytest.raises(httpx.ConnectError):
        httpx.get(pages[1])


def test_where_the_dashboards_port_is_taken_all_else_runs(shell: Shell, started: list[Process]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        process = shell.start("up", "--port", "0", "--dashboard-port", str(port), "--no-demo", "--no-worker")
        started.append(process)
        said = read_until(process, "Ctrl-C")
    left_out = f"The dashboard is left out: port {port} on 127.0.0.1 is taken by another process; name another by"
    assert left_out in said
    assert "Dashboard  " not in said
    assert ask(address(said))["rows"] == [[0]]
    end(process)


def test_two_at_once_one_seeds_and_both_serve(shell: Shell, data_dir: Path, started: list[Process]) -> None:
    started += [shell.start("up", "--port", "0"), shell.start("up", "--port", "0")]
    said = [read_until(process, "Ctrl-C") for process in started]
    assert sum("Seeded" in text for text in said) == 1
    answers = [ask(address(text)) for text in said]
    assert answers[0]["rows"] == answers[1]["rows"] != [[0]]
    assert (data_dir / "demo" / "incidents.json").is_file()

    end(started[0])
    assert ask(address(said[1]))["status"] == "answered"
    assert EmbeddedPostgres(data_dir).is_running()
    end(started[1])
    assert not EmbeddedPostgres(data_dir).is_running()

    again = shell.start("up", "--port", "0")
    started.append(again)
    assert "Seeded" not in read_until(again, "Ctrl-C")
    end(again)


def test_a_port_that_is_taken(shell: Shell, data_dir: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        told = shell.run("up", "--port", str(other.getsockname()[1]))
    assert told.code == 3
    assert "is taken by another process; name another by --port" in told.error
    assert not data_dir.exists()


def test_an_interrupted_first_start_can_be_repeated(shell: Shell, data_dir: Path, started: list[Process]) -> None:
    process = shell.start("up", "--port", "0")
    started.append(process)
    read_until(process, "tickets…")
    process.send_signal(signal.SIGINT)
    said, _ = process.communicate(timeout=60)
    assert process.returncode == 130
    assert said.splitlines()[-1] == "dash-agent: interrupted; nothing was changed"
    assert not EmbeddedPostgres(data_dir).is_running()
    again = shell.start("up", "--port", "0", "--no-demo")
    started.append(again)
    assert ask(address(read_until(again, "Ctrl-C")))["rows"] == [[0]]
    end(again)


def test_the_database_on_its_own(shell: Shell, data_dir: Path) -> None:
    started = shell.run("db", "start")
    assert started.code == 0
    assert EmbeddedPostgres(data_dir).is_running()
    assert shell.run("db", "url").out == started.out
    assert "dash_reader:" in shell.run("db", "url", "--role", "reader").out
    assert "state_" in shell.run("db", "migrate").out
    assert shell.run("db", "seed", "--tickets", "60", "--seed", "3", "--months", "2").code == 0
    assert shell.run("db", "seed", "--tickets", "70", "--reset").code == 0
    assert shell.run("ask", "how many tickets in the last 400 days").code == 0
    assert EmbeddedPostgres(data_dir).is_running()
    assert shell.run("db", "stop").code == 0
    assert not EmbeddedPostgres(data_dir).is_running()
