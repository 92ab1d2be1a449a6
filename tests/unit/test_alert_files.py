"""Alerts as files: what a check says of wrong ones, and what a start refuses."""

from __future__ import annotations

import json
import shutil
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from dash_agent.check.alerts import RULES as ALERT_RULES
from dash_agent.check.linter import RULES as ALL_RULES
from dash_agent.check.subject import read_subject
from dash_agent.context.alerts import Alert
from dash_agent.context.catalog import Catalog, load_catalog
from dash_agent.errors import ContentError
from dash_agent.semantic.time import Calendar
from tests.conftest import NOW, ROOT, ZONE

GOOD: dict[str, Any] = {
    "name": "mine",
    "title": {"en": "Mine"},
    "kind": "anomaly",
    "look": "0 * * * *",
    "metrics": ["tickets"],
    "by": ["request_type"],
}
AFTER = {"table": "ai_answerer_instructions", "dimension": "request_type", "value": "type"}
CHANGED = {"by": [], "metrics": ["resolution_rate"]}
BOUND = {"kind": "threshold", "above": 5}


@pytest.fixture
def content(tmp_path: Path) -> Path:
    root = tmp_path
    for folder in ("tables", "queries", "business", "knowledge"):
        shutil.copytree(ROOT / folder, root / folder)
    shutil.rmtree(root / "business/alerts")
    (root / "business/alerts").mkdir()
    return root


def put(content: Path, cases: list[tuple[dict[str, object], str, str]]) -> None:
    """A file for each, so that all are read at once."""
    for number, (changes, _, _) in enumerate(cases):
        name = f"rule_{number}"
        (content / file(number)).write_text(json.dumps({**GOOD, "name": name, **changes}))


def file(number: int) -> str:
    return f"business/alerts/rule_{number}.json"


def test_ours(home: Catalog) -> None:
    kinds = {alert.kind for alert in home.alerts.values()}
    assert {"anomaly", "pipeline_errors", "stuck", "response_targets"} <= kinds
    for alert in home.alerts.values():
        assert {chat.language for chat in alert.audience.telegram} == {"en", "ru"}
        assert set(alert.question) == {"en", "ru"}


WRONG: list[tuple[dict[str, object], str, str]] = [
    ({"metrics": ["tickts"]}, "metrics[0]", "did you mean 'tickets'"),
    ({"by": ["contry"]}, "by[0]", "did you mean 'country'"),
    ({"only": [{"dimension": "chanel", "values": ["chat"]}]}, "only[0].dimension", "did you mean 'channel'"),
    ({"metrics": ["csat"], "samples": {"csat": "csat_rating"}}, "samples.csat", "did you mean 'csat_ratings'"),
    ({"kind": "anomly"}, "kind", "did you mean 'anomaly'"),
    ({"metrics": []}, "metrics", "name the 'metrics'"),
    ({"above": 5}, "kind", "an anomaly has no bound"),
    ({"kind": "threshold"}, "kind", "needs a bound"),
    ({"kind": "stuck", "above": 5}, "kind", "names no metrics"),
    ({"by": [], "metrics": ["csat"], "after": {**AFTER, "dimension": "kind"}}, "after.dimension", "no dimension"),
    ({"metrics": ["csat"], "after": AFTER}, "after", "take 'after' or 'by' out"),
    ({**BOUND, "by": [], "after": AFTER}, "after", "is of an anomaly"),
    ({"by": [], "metrics": ["csat"], "after": AFTER, "window": "hour"}, "window", "take it out"),
    ({"holidays": ["25.12."]}, "holidays[0]", "is no day"),
    ({"quiet_hours": {"from": "25:00", "to": "07:00"}}, "quiet_hours.from", ""),
    ({"audience": {"telegram": [{"chat": "a"}, {"chat": "a"}]}}, "audience.telegram[1]", "'a'"),
    ({"name": "other"}, "name", "name it as its file"),
]


def test_a_start_refuses(content: Path) -> None:
    put(content, WRONG)
    with pytest.raises(ContentError) as caught:
        load_catalog(content)
    for number, (_, place, said) in enumerate(WRONG):
        own = [one for one in caught.value.problems if (one.file, one.place) == (file(number), place)]
        assert [one for one in own if said in one.message], (place, own)


CHECKED: list[tuple[dict[str, object], str, str]] = [
    ({"look": "every hour"}, "look", "no time table"),
    ({"metrics": ["csat"]}, "metrics[0]", "counts the values of 'csat'"),
    ({"metrics": ["response_time"]}, "metrics[0]", "can't be put together"),
    ({"metrics": ["stuck"]}, "metrics[0]", "can't be put together"),
    (
        {**CHANGED, "after": {**AFTER, "table": "instructions"}},
        "after.table",
        "did you mean 'ai_answerer_instructions'",
    ),
    ({**CHANGED, "after": {**AFTER, "value": "typ"}}, "after.value", "did you mean 'type'"),
    ({**CHANGED, "after": {**AFTER, "where": {"stage": ["x"]}}}, "after.where.stage", "no column 'stage'"),
    ({"by": [], "after": AFTER}, "metrics[0]", "is no rate or average"),
    ({**CHANGED, "after": {**AFTER, "dimension": "carrier"}}, "after.dimension", "can't be split by 'carrier'"),
    ({"by": ["carrier"]}, "by[0]", "can't be split by 'carrier'"),
    ({**BOUND, "only": [{"dimension": "channel", "values": ["emial"]}]}, "only[0].values[0]", "did you mean 'email'"),
    ({"question": {"en": "Frobnicate {segment}"}}, "question.en", "not understood"),
]


def test_a_check_names(content: Path) -> None:
    """By its rules about alerts alone: the others look at every file, which takes long."""
    for folder in ("queries", "knowledge"):
        shutil.rmtree(content / folder)
    put(content, CHECKED)
    subject = read_subject(content, Calendar(NOW, ZONE), None)
    found = [subject.content.placed(one) for each in ALERT_RULES for one in each.problems(subject)]
    for number, (_, place, said) in enumerate(CHECKED):
        own = [one for one in found if (one.file, one.place) == (file(number), place)]
        assert [one for one in own if said in one.message], (place, own)


def test_a_check_of_everything_looks_at_alerts() -> None:
    assert set(ALERT_RULES) <= set(ALL_RULES)


def test_holidays_come_every_year_or_once() -> None:
    alert = Alert.model_validate({**GOOD, "holidays": ["12-25", "2027-04-04"]})
    assert [alert.is_holiday(date(2026, 12, 25)), alert.is_holiday(date(2027, 12, 25))] == [True, True]
    assert [alert.is_holiday(date(2027, 4, 4)), alert.is_holiday(date(2028, 4, 4))] == [True, False]
