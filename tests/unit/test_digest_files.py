"""Digests as files: what a check says of wrong ones, and what a start refuses."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any, get_args

import pytest

from dash_agent.check.linter import check
from dash_agent.context.catalog import Catalog, load_catalog
from dash_agent.context.digests import PeriodName
from dash_agent.errors import ContentError
from dash_agent.reports.spans import Preset
from dash_agent.semantic.time import Calendar
from tests.conftest import ROOT

GOOD: dict[str, Any] = {
    "name": "mine",
    "title": {"en": "Mine"},
    "schedule": "0 8 * * *",
    "period": "yesterday",
    "audience": {"telegram": [{"chat": "managers"}]},
    "sections": [{"kind": "metrics", "metrics": ["tickets"]}],
}


@pytest.fixture
def content(tmp_path: Path) -> Path:
    for folder in ("tables", "queries", "business", "knowledge"):
        shutil.copytree(ROOT / folder, tmp_path / folder)
    shutil.rmtree(tmp_path / "business/digests")
    (tmp_path / "business/digests").mkdir()
    return tmp_path


def put(content: Path, **changes: object) -> str:
    file = "business/digests/mine.json"
    (content / file).write_text(json.dumps({**GOOD, **changes}))
    return file


def test_ours(home: Catalog) -> None:
    assert set(home.digests) == {"daily", "weekly", "monthly", "cost"}
    assert set(get_args(PeriodName)) == {str(preset) for preset in Preset}
    for digest in home.digests.values():
        assert {chat.language for chat in digest.audience.telegram} == {"en", "ru"}


WRONG: list[tuple[dict[str, object], str, str]] = [
    ({"sections": [{"kind": "metrics", "metrics": ["csatt"]}]}, "sections[0].metrics[0]", "did you mean 'csat'"),
    ({"sections": [{"kind": "metrics"}]}, "sections[0]", "name the 'metrics'"),
    ({"sections": [{"kind": "question"}]}, "sections[0]", "give the 'question'"),
    ({"sections": [{"kind": "metric", "metrics": []}]}, "sections[0].kind", "did you mean 'metrics'"),
    ({"charts": [{"metrics": ["tickets"], "by": "chanel"}]}, "charts[0].by", "did you mean 'channel'"),
    ({"charts": [{"metrics": ["tickets"]}]}, "charts[0]", "say 'by' what"),
    ({"period": "yesterda"}, "period", "did you mean 'yesterday'"),
    ({"audience": {"telegram": [{"chat": "a", "language": "de"}]}}, "audience.telegram[0].language", "'en'"),
    (
        {"audience": {"telegram": [{"chat": "a", "scope": [{"dimension": "chanel", "values": ["chat"]}]}]}},
        "audience.telegram[0].scope[0].dimension",
        "did you mean 'channel'",
    ),
    ({"audience": {"telegram": [{"chat": "a"}, {"chat": "a"}]}}, "audience.telegram[1]", "gets it already"),
    ({"name": "other"}, "name", "name it as its file"),
    ({"colour": "red"}, "colour", "colour"),
]


@pytest.mark.parametrize(("changes", "place", "said"), WRONG, ids=[place for _, place, _ in WRONG])
def test_a_start_refuses(content: Path, changes: dict[str, object], place: str, said: str) -> None:
    file = put(content, **changes)
    with pytest.raises(ContentError) as error:
        load_catalog(content)
    found = [problem for problem in error.value.problems if problem.file == file]
    assert [problem.place for problem in found] == [place], found
    assert said in found[0].message


CHECKED: list[tuple[dict[str, object], str, str]] = [
    ({"schedule": "0 25 * * *"}, "digest-schedule", "is no time table"),
    ({"schedule": "@daily"}, "digest-schedule", "five fields"),
    (
        {"audience": {"telegram": [{"chat": "a", "scope": [{"dimension": "channel", "values": ["whatsap"]}]}]}},
        "digest-scope-value",
        "did you mean 'whatsapp'",
    ),
    (
        {
            "audience": {"telegram": [{"chat": "a", "scope": [{"dimension": "channel", "values": ["chat"]}]}]},
            "sections": [{"kind": "metrics", "metrics": ["shipments"]}],
        },
        "digest-scope",
        "'shipments' of this digest can't be narrowed by 'channel'",
    ),
    ({"charts": [{"metrics": ["shipments"], "by": "channel"}]}, "digest-chart", "can't be split"),
    ({"sections": [{"kind": "movers", "metrics": ["stuck"]}]}, "digest-chart", "state of now"),
    (
        {"sections": [{"kind": "question", "question": {"en": "blorp of zzyzx"}}]},
        "digest-question",
        "is not understood",
    ),
    ({"sections": [{"kind": "question", "question": {"ru": "Тикеты за вчера"}}]}, "digest-question", "in 'en'"),
]


@pytest.mark.parametrize(("changes", "rule", "said"), CHECKED, ids=[said for _, _, said in CHECKED])
def test_a_check_says(content: Path, calendar: Calendar, changes: dict[str, object], rule: str, said: str) -> None:
    for folder in ("queries", "knowledge"):
        shutil.rmtree(content / folder)
    file = put(content, **changes)
    found = [one for one in check(content, calendar).problems if one.file == file]
    assert [one.rule for one in found] == [rule], found
    assert said in found[0].message


def test_a_stray_file_is_told(content: Path, calendar: Calendar) -> None:
    put(content)
    (content / "business/digests/mine.yaml").write_text("name: mine")
    found = [one for one in check(content, calendar).problems if one.file.startswith("business/digests")]
    assert [(one.file, one.rule) for one in found] == [("business/digests/mine.yaml", "unread-file")]
