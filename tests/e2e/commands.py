"""The console command as a process of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from dash_agent.settings import Settings
from dash_agent.warehouse.preparation import uri_of
from tests.conftest import NOW, ROOT
from tests.e2e.databases import Database

OURS = {str(field.validation_alias) for field in Settings.model_fields.values()}
SECONDS = 120


@dataclass(frozen=True)
class Told:
    code: int
    out: str
    err: str

    @property
    def error(self) -> str:
        """The one line of standard error. Progress has lines of its own."""
        lines = [line for line in self.err.splitlines() if line.startswith("dash-agent: ")]
        assert "Traceback" not in self.err, self.err
        assert len(lines) == 1, self.err
        return lines[0]


@dataclass(frozen=True)
class Shell:
    """Runs `dash-agent` in `folder` with `variables`, and none of ours from outside."""

    folder: Path
    variables: Mapping[str, str]

    def run(self, *arguments: str | bytes, stdin: bytes = b"") -> Told:
        done = subprocess.run(
            [sys.executable, "-m", "dash_agent", *arguments],
            cwd=self.folder,
            env=self.environment(),
            input=stdin,
            capture_output=True,
            timeout=SECONDS,
        )
        return Told(done.returncode, done.stdout.decode(), done.stderr.decode())

    def start(self, *arguments: str) -> subprocess.Popen[str]:
        """With both outputs as text in one pipe."""
        return subprocess.Popen(
            [sys.executable, "-m", "dash_agent", *arguments],
            cwd=self.folder,
            env=self.environment(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def having(self, **variables: str) -> Shell:
        return Shell(self.folder, {**self.variables, **variables})

    def environment(self) -> dict[str, str]:
        outside = {name: value for name, value in os.environ.items() if name not in OURS}
        return {**outside, "PYTHONUNBUFFERED": "1", **self.variables}


def embedded(folder: Path, data_dir: Path) -> Shell:
    """On an embedded database of its own."""
    return Shell(folder, {"DASH_CONTENT_DIR": str(ROOT), "DASH_DATA_DIR": str(data_dir)})


def on(database: Database, folder: Path) -> Shell:
    """On a database that is there, at the demo desk's now."""
    urls = {
        "DATABASE_URL": uri_of(database.app),
        "DASH_OWNER_URL": uri_of(database.owner),
        "DASH_WAREHOUSE_URL": uri_of(database.reader),
    }
    fixed = {"DASH_CONTENT_DIR": str(ROOT), "DASH_DATA_DIR": str(folder / "data"), "DASH_NOW": NOW.isoformat()}
    return Shell(folder, {**urls, **fixed})


def read_until(process: subprocess.Popen[str], text: str) -> str:
    """What the process says, up to the line that holds `text`."""
    assert process.stdout is not None
    said = ""
    for line in process.stdout:
        said += line
        if text in line:
            return said
    raise AssertionError(f"it ended without '{text}': {said}")
