"""Charts as pictures: one browser for several, nothing fetched, and an error that says what to do."""

from __future__ import annotations

import json
import os
import shutil
import struct
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from dash_agent.adapters.pictures import BROWSERS, Pictures, browser
from dash_agent.cli.chart import checked, save_chart
from dash_agent.context.catalog import Catalog
from dash_agent.errors import DashError, NoPictures, WrongUse
from dash_agent.insight.charts import themed
from dash_agent.models.answer import Answer, Chart, Status
from dash_agent.models.query import Grain, MetricQuery
from dash_agent.semantic.time import Calendar
from dash_agent.settings import Settings
from tests.conftest import NOW, ZONE
from tests.unit.drawn import drawn

HERE = next((found for found in map(shutil.which, BROWSERS) if found), None)
needs_browser = pytest.mark.skipif(
    HERE is None and os.environ.get("DASH_REQUIRE_BROWSER") != "1", reason="no Chromium on PATH"
)
SIGNATURE = b"\x89PNG\r\n\x1a\n"


@pytest.fixture
def chart(home: Catalog) -> Chart:
    query = MetricQuery(("tickets",), ("channel",), period=Calendar(NOW, ZONE).previous(Grain.MONTH))
    made = drawn(home, query, [("email", 30), ("chat", 20)])
    assert made is not None
    return made


@pytest.fixture(scope="module")
def pictures() -> Iterator[Pictures]:
    with Pictures() as made:
        yield made


def size(png: bytes) -> tuple[int, int]:
    assert png.startswith(SIGNATURE)
    width, height = struct.unpack(">II", png[16:24])
    return width, height


@needs_browser
def test_several_pictures_come_from_one_browser(chart: Chart, pictures: Pictures) -> None:
    light = pictures.png(chart, width=390, height=600, scale=1)
    opened = pictures.process
    dark = pictures.png(chart, dark=True, width=500, height=300, scale=2)
    assert pictures.process is opened
    assert opened is not None
    assert size(light) == (390, 600)
    assert size(dark) == (1000, 600)
    assert pictures.png(chart, width=390, height=600, scale=1) == light
    assert pictures.png(chart, dark=True, width=390, height=600, scale=1) != light


@needs_browser
def test_a_figure_out_of_an_answer_gives_the_same_picture(chart: Chart, pictures: Pictures) -> None:
    stored = json.loads(json.dumps(themed(chart, dark=False)))
    again = pictures.png_of(stored, width=390, height=600, scale=1)
    assert again == pictures.png(chart, width=390, height=600, scale=1)


def test_no_browser_on_path(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, chart: Chart) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(NoPictures, match=r"no Chromium or Chrome on PATH; .*DASH_BROWSER"), Pictures() as pictures:
        pictures.png(chart)


def test_a_browser_that_is_not_there(tmp_path: Path, chart: Chart) -> None:
    with pytest.raises(NoPictures, match=r"DASH_BROWSER: there is no file .*chromium"):
        browser(tmp_path / "chromium")


def test_a_browser_that_is_none(tmp_path: Path, chart: Chart) -> None:
    script = tmp_path / "chromium"
    script.write_text("#!/bin/sh\nexit 7\n")
    script.chmod(0o755)
    with pytest.raises(NoPictures, match="did not draw the picture"), Pictures(script) as pictures:
        pictures.png(chart)


def test_a_package_that_is_not_installed(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, chart: Chart) -> None:
    script = tmp_path / "chromium"
    script.touch()
    monkeypatch.setitem(sys.modules, "kaleido", None)
    with pytest.raises(NoPictures, match=r"kaleido.*pip install \"dash-agent\[pictures\]\""), Pictures(script) as made:
        made.png(chart)


@pytest.mark.parametrize("name", ["chart.gif", "chart", "missing/chart.png"])
def test_a_file_that_could_not_be_written_is_refused_at_once(name: str, tmp_path: Path) -> None:
    with pytest.raises(WrongUse, match="--chart"):
        checked(tmp_path / name)


def answer(chart: Chart | None) -> Answer:
    return Answer("a", None, "?", "en", NOW, Status.ANSWERED, "", None, chart=chart)


def test_the_figure_as_json(chart: Chart, tmp_path: Path) -> None:
    save_chart(answer(chart), tmp_path / "chart.json", Settings(_env_file=None))
    figure = json.loads((tmp_path / "chart.json").read_text(encoding="utf-8"))
    assert figure["data"][0]["y"] == [30, 20]
    assert figure["layout"]["meta"] == {"kind": "bar", "alt": chart.alt}


def test_an_answer_without_a_chart_is_no_file(tmp_path: Path) -> None:
    with pytest.raises(DashError, match="has no chart"):
        save_chart(answer(None), tmp_path / "chart.json", Settings(_env_file=None))
    assert not list(tmp_path.iterdir())


@needs_browser
def test_a_picture_on_disk(chart: Chart, tmp_path: Path) -> None:
    save_chart(answer(chart), tmp_path / "chart.PNG", Settings(_env_file=None))
    assert size((tmp_path / "chart.PNG").read_bytes()) == (2000, 1200)
