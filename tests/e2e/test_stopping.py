"""The server ends in time, whatever is open."""

from __future__ import annotations

import signal
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest

from tests.e2e.commands import Shell, on, read_until
from tests.e2e.databases import Database
from tests.e2e.test_up import address
from tests.stubs.openai_server import KEY, openai_server
from tests.stubs.scripted import Hang, Provider

STRANGE = "How hectic did WhatsApp get last week?"
AT_MOST_S = 10
ASKED = 20


@pytest.fixture
def provider() -> Iterator[Provider]:
    """A model that never comes back."""
    with openai_server(otherwise=Hang(45)) as it:
        yield it


@pytest.fixture
def shell(desk: Database, provider: Provider, tmp_path: Path) -> Shell:
    reached = {"OPENAI_API_KEY": KEY, "OPENAI_BASE_URL": f"{provider.url}/v1", "DASH_MODEL": "openai:stub"}
    return on(desk, tmp_path).having(**reached, DASH_MODEL_TIMEOUT="60")


def asked(url: str) -> str:
    """How a request ended."""
    try:
        return str(httpx.post(f"{url}/api/v1/ask", json={"question": STRANGE}, timeout=60).status_code)
    except httpx.TransportError:
        return "cut"


def streamed(url: str) -> str:
    form = {"message": STRANGE, "stream": "true"}
    try:
        with httpx.stream("POST", f"{url}/agents/dash/runs", data=form, timeout=60) as response:
            return "\n".join(response.iter_lines())
    except httpx.TransportError:
        return "cut"


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT], ids=["SIGTERM", "SIGINT"])
def test_it_ends_while_questions_and_a_stream_are_open(how: signal.Signals, shell: Shell, provider: Provider) -> None:
    process = shell.start("up", "--port", "0", "--no-demo", "--no-dashboard", "--no-worker")
    try:
        url = address(read_until(process, "Ctrl-C"))
        httpx.get(f"{url}/info", timeout=60)
        with ThreadPoolExecutor(ASKED + 1) as pool:
            open_ = [pool.submit(streamed, url), *(pool.submit(asked, url) for _ in range(ASKED))]
            until = time.monotonic() + 60
            while len(provider.requests) < ASKED and time.monotonic() < until:
                time.sleep(0.05)
            began = time.monotonic()
            process.send_signal(how)
            said, _ = process.communicate(timeout=60)
            took = time.monotonic() - began
            ended = [one.result(timeout=10) for one in open_]
    finally:
        if process.poll() is None:
            process.kill()
            process.communicate()
    assert took < AT_MOST_S, said
    assert process.returncode == 0, said
    assert "Traceback" not in said
    # One whose model was given up first is told so in an answer.
    assert set(ended[1:]) <= {"cut", "200", "500", "503"}
