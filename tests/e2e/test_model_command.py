"""`ask` as a process with a model configured, and without one."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import ROOT
from tests.e2e.commands import Shell, on
from tests.e2e.databases import Database
from tests.e2e.modelled import LAST_WEEK, WHATSAPP_LAST_WEEK, rows, submitted
from tests.stubs.openai_server import KEY, openai_server
from tests.stubs.scripted import Fail, Provider

STRANGE = "How hectic did WhatsApp get last week?"


def with_model(shell: Shell, provider: Provider, **more: str) -> Shell:
    variables = {"OPENAI_API_KEY": KEY, "OPENAI_BASE_URL": f"{provider.url}/v1", "DASH_MODEL": "openai:stub"}
    return Shell(shell.folder, {**shell.variables, **variables, **more})


@pytest.fixture
def shell(desk: Database, tmp_path: Path) -> Shell:
    return on(desk, tmp_path)


def test_a_configured_model_plans(shell: Shell, desk: Database) -> None:
    with openai_server(submitted(**WHATSAPP_LAST_WEEK)) as provider:
        told = with_model(shell, provider).run("ask", STRANGE, "--json")
    answer = json.loads(told.out)
    gold = rows(desk, f"SELECT count(*) FROM support_threads_data WHERE channel = 'whatsapp' AND {LAST_WEEK}")
    assert told.code == 0, told.err
    assert answer["rows"] == [list(row) for row in gold]
    assert (answer["engine"], answer["trust"]) == ("llm", "governed")
    assert answer["tokens"]["prompt"] > 0


def test_a_model_that_is_down_is_named(shell: Shell) -> None:
    with openai_server(otherwise=Fail(500, "it broke")) as provider:
        told = with_model(shell, provider).run("ask", STRANGE)
    assert told.code == 1
    assert "language model" in told.out
    assert "it broke" in told.out
    assert "Traceback" not in told.err


def test_without_a_model_the_engine_can_not_be_forced(shell: Shell) -> None:
    told = shell.run("ask", STRANGE, "--engine", "llm")
    assert told.code == 2
    assert "OPENAI_API_KEY" in told.error


@pytest.mark.parametrize("value", ["gpt-5", "openai:", "mistral:large"])
def test_a_model_that_is_not_spelt_out_is_wrong_use(value: str, shell: Shell) -> None:
    told = Shell(shell.folder, {**shell.variables, "DASH_MODEL": value}).run("ask", STRANGE)
    assert told.code == 2
    assert "DASH_MODEL" in told.error


ASKED = """
import sys
from dash_agent.cli.app import app
try:
    app(["ask", "How many tickets last week?", *sys.argv[1:]], standalone_mode=False)
except SystemExit:
    pass
heavy = {"agno", "openai", "anthropic", "httpx"} & {name.partition(".")[0] for name in sys.modules}
print("\\nHEAVY", *sorted(heavy))
"""


@pytest.mark.parametrize("key", ["", KEY], ids=["no key", "a key, grounded"])
def test_an_ask_that_needs_no_model_imports_none(key: str, shell: Shell) -> None:
    engine = ["--engine", "grounded"] if key else []
    found = Shell(shell.folder, {**shell.variables, "OPENAI_API_KEY": key})
    done = subprocess.run(
        [sys.executable, "-c", ASKED, *engine],
        cwd=found.folder,
        env={**found.environment(), "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert "Tickets" in done.stdout
    assert done.stdout.rstrip().endswith("HEAVY")
