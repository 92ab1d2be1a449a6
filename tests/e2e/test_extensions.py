"""An extension that is really installed: built by name, served, and left out where it is broken."""

from __future__ import annotations

import os
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from importlib.metadata import EntryPoint
from pathlib import Path
from types import SimpleNamespace
from zipfile import ZipFile

import pytest

from dash_agent.adapters.embeddings import SentenceEncoder
from dash_agent.bootstrap import Running
from dash_agent.extensions import GROUP, OUR_JOBS, Extensions, Host, Parts, build_extensions
from dash_agent.models.job import JobKind
from dash_agent.warehouse.connections import Connections
from dash_agent.warehouse.jobs import SqlJobs
from dash_agent.worker.process import kinds_of
from tests.conftest import ROOT
from tests.e2e.commands import on
from tests.e2e.databases import Database
from tests.e2e.serving import error, run, served, settings

EXAMPLE = ROOT / "tests" / "example_extension"


def wheel(folder: Path) -> Path:
    """The example as a wheel, put together here: its build backend may not be at hand."""
    project = tomllib.loads((EXAMPLE / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    name, version = project["name"].replace("-", "_"), project["version"]
    info = f"{name}-{version}.dist-info"
    points = "\n".join(f"{name} = {value}" for name, value in project["entry-points"][GROUP].items())
    files = {
        "example_extension.py": (EXAMPLE / "example_extension.py").read_text(encoding="utf-8"),
        f"{info}/METADATA": f"Metadata-Version: 2.1\nName: {project['name']}\nVersion: {version}\n",
        f"{info}/WHEEL": "Wheel-Version: 1.0\nGenerator: tests\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
        f"{info}/entry_points.txt": f"[{GROUP}]\n{points}\n",
        f"{info}/RECORD": "",
    }
    made = folder / f"{name}-{version}-py3-none-any.whl"
    with ZipFile(made, "w") as archive:
        for path, text in files.items():
            archive.writestr(path, text)
    return made


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The example, installed by pip to a folder that is on the path."""
    folder = tmp_path_factory.mktemp("installed")
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-deps", "--no-index"]
    subprocess.run([*pip, "--target", str(folder), str(wheel(tmp_path_factory.mktemp("wheel")))], check=True)
    sys.path.insert(0, str(folder))
    yield folder
    sys.path.remove(str(folder))
    sys.modules.pop("example_extension", None)


@pytest.fixture
def host(staffed: Running, tmp_path: Path) -> Host:
    state = staffed.parts["database"]
    return Host(lambda: staffed.dash, staffed.clock, SentenceEncoder(), state, tmp_path, SqlJobs(state))


@pytest.fixture
def found(installed: Path, host: Host) -> Extensions:
    return build_extensions(host)


def test_it_is_built_by_its_entry_point(found: Extensions) -> None:
    assert list(found.built) == ["example", "support"]
    parts = found.built["example"]
    assert list(parts.jobs) == ["example.keep"]
    assert [suite.name for suite in parts.suites] == ["cases.jsonl"]


def test_what_is_broken_is_named_and_left_out(found: Extensions) -> None:
    assert found.broken["broken"] == "RuntimeError: no luck"
    assert found.broken["gone"].startswith("AttributeError: ")
    assert set(found.broken) == {"broken", "gone"}


def test_its_parts_are_served_beside_ours(found: Extensions, staffed: Running) -> None:
    with served(staffed, agents=True, extensions=found) as client:
        asked = client.post("/api/v1/ask", json={"question": "How many tickets were there in October 2026?"}).json()
        theirs = client.get("/webhooks/example").json()
        assert theirs == {"tickets": asked["rows"][0][0], "at": asked["as_of"]}
        assert client.get("/webhooks/example/below").json() == {"name": "below"}
        assert error(client.get("/webhooks/examples"), 404) == "not_found"
        assert {agent["id"] for agent in client.get("/agents").json()} == {"dash", "echo", "support"}
        said = client.post("/agents/echo/runs", data={"message": "hello", "stream": "false"}).json()
        assert said["content"] == "You said: hello"
        assert run(client, "How many tickets were there in October 2026?")["status"] == "COMPLETED"
        health = client.get("/api/v1/health/detailed")
        assert health.status_code == 200
        assert health.json()["components"]["extensions"] == {
            "status": "degraded",
            "loaded": ["example", "support"],
            "broken": ["broken", "gone"],
            "health": {
                "example": {"line": {"status": "ok"}, "engine": {"status": "down", "code": "unavailable"}},
                "support": {"desk": {"status": "ok"}},
            },
        }
        assert "10.0.0.7" not in health.text
        figures = client.get("/metrics/prometheus").text
        assert 'route="/webhooks/example"' in figures
        assert "/webhooks/example/below" not in figures


class Taking:
    """Builds whatever it was made with."""

    def __init__(self, parts: object) -> None:
        self.parts = parts

    def build(self, host: Host) -> object:
        return self.parts


async def nothing(scope: object, receive: object, send: object) -> None: ...


@pytest.mark.parametrize(
    ("built", "reason"),
    [
        (Parts(asgi_routes={"/agents": nothing}), "taken by the server itself"),
        (Parts(asgi_routes={"/api/v1/ask/more": nothing}), "taken by the server itself"),
        (Parts(asgi_routes={"/api": nothing}), "taken by the server itself"),
        (Parts(asgi_routes={"/": nothing}), "can't be mounted"),
        (Parts(asgi_routes={"webhooks": nothing}), "can't be mounted"),
        (Parts(asgi_routes={"/first/below": nothing}), "taken by the extension 'a'"),
        (Parts(asgi_routes={"/firstborn": nothing}), None),
        (Parts(agents=(SimpleNamespace(id="dash"),)), "the agent id 'dash'"),
        (Parts(agents=(SimpleNamespace(id="theirs"),)), "the agent id 'theirs'"),
        (Parts(agents=(object(),)), "the agent id 'None'"),
        (Parts(jobs={"keep": JobKind(lambda work: None)}), "are run by the extension 'a'"),
        *((Parts(jobs={kind: JobKind(lambda work: None)}), "run by the worker itself") for kind in OUR_JOBS),
        ({"agents": []}, "not Parts"),
    ],
)
def test_no_extension_takes_what_is_anothers(
    built: object, reason: str | None, host: Host, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = Parts((SimpleNamespace(id="theirs"),), {"/first": nothing}, {"keep": JobKind(lambda work: None)})
    made = {"a": Taking(first), "b": Taking(built)}
    monkeypatch.setattr(EntryPoint, "load", lambda entry: made[entry.name])
    entries = [EntryPoint(name, "somewhere:it", "dash_agent.extensions") for name in made]
    monkeypatch.setattr("dash_agent.extensions.entry_points", lambda group: entries)
    found = build_extensions(host)
    assert "a" in found.built
    if reason is None:
        assert not found.broken
    else:
        assert reason in found.broken["b"]


TAKES_OURS = """
from dash_agent.extensions import Parts
from dash_agent.models.job import JobKind

class Takes:
    def build(self, host):
        return Parts(jobs={"state.prune": JobKind(lambda work: 1 / 0)})
"""


def test_the_worker_leaves_out_who_takes_one_of_ours(desk: Database, tmp_path: Path) -> None:
    """As the server does, and says so; the job stays ours."""
    packages = tmp_path / "packages"
    info = packages / "takes-1.0.dist-info"
    info.mkdir(parents=True)
    (packages / "takes.py").write_text(TAKES_OURS, encoding="utf-8")
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: takes\nVersion: 1.0\n", encoding="utf-8")
    (info / "entry_points.txt").write_text(f"[{GROUP}]\ntakes = takes:Takes\n", encoding="utf-8")
    paths = os.pathsep.join(filter(None, (str(packages), os.environ.get("PYTHONPATH"))))
    state = Connections(desk.app)
    jobs = SqlJobs(state)
    jobs.put("state.prune", "pruned all the same")
    told = on(desk, tmp_path).having(PYTHONPATH=paths).run("worker", "--drain")
    entry = next(one for one in jobs.listed(limit=500) if one.job.key == "pruned all the same")
    state.close()
    assert told.code == 0, told.err
    assert "the extension 'takes' (takes:Takes) is left out" in told.err
    assert (entry.ended_at is not None, entry.error) == (True, None)


def test_what_is_ours_is_named_in_full(staffed: Running) -> None:
    kinds = kinds_of(staffed, settings(data_dir=Path()))
    assert {kind for kind in kinds if not kind.startswith(("support.", "example."))} == set(OUR_JOBS)
