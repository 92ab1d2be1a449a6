"""Incidents: drawn by the seed, written and read back, refused with their place."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from dash_agent.errors import WrongUse
from dash_agent.warehouse.demo import BadInstruction, CarrierOutage, load
from dash_agent.warehouse.demo.era import versions
from dash_agent.warehouse.demo.incidents import draw, save

START, NOW = datetime(2025, 11, 21, tzinfo=UTC), datetime(2026, 11, 21, tzinfo=UTC)
CHANGE = datetime(2026, 5, 20, tzinfo=UTC)
OUTAGE = {
    "kind": "carrier_outage", "start": "2026-02-01T00:00:00+02:00", "end": "2026-02-14T00:00:00+02:00",
    "carrier": "DHL", "factor": 2.5,
}  # fmt: skip


@pytest.mark.parametrize("seed", range(20))
def test_a_year_holds_both_with_quiet_days_around(seed: int) -> None:
    outage, bad = draw(seed, START, NOW, CHANGE)
    assert isinstance(outage, CarrierOutage)
    assert isinstance(bad, BadInstruction)
    assert timedelta(days=12) <= outage.end - outage.start <= timedelta(days=16)
    assert timedelta(days=9) <= bad.end - bad.start <= timedelta(days=11)
    for incident in (outage, bad):
        assert START + timedelta(days=20) <= incident.start < incident.end <= NOW - timedelta(days=20)
    assert draw(seed, START, NOW, CHANGE) == (outage, bad)


def test_seeds_differ_and_a_short_period_holds_what_fits() -> None:
    assert draw(1, START, NOW, CHANGE) != draw(2, START, NOW, CHANGE)
    assert draw(1, NOW - timedelta(days=8), NOW, NOW) == ()


def test_what_is_saved_is_loaded_again(tmp_path: Path) -> None:
    path = tmp_path / "incidents.json"
    incidents = draw(5, START, NOW, CHANGE)
    save(path, 5, NOW, incidents)
    assert load(path) == incidents
    written = json.loads(path.read_text(encoding="utf-8"))
    assert (written["seed"], written["now"]) == (5, "2026-11-21T00:00:00+00:00")
    assert set(written["incidents"][0]) == {
        *("kind", "start", "end", "category", "carrier", "extra_tickets", "factor"),
    }
    assert set(written["incidents"][1]) == {
        *("kind", "start", "end", "category", "penalty_added", "instruction_version"),
    }
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize(
    ("change", "place"),
    [
        ({"kind": "flood"}, r"incidents\[0\]\.kind"),
        ({"start": "2026-02-01T00:00:00"}, r"incidents\[0\].*start"),
        ({"end": "2026-01-01T00:00:00Z"}, r"incidents\[0\]\.end"),
        ({"carrier": "Pigeon"}, r"incidents\[0\]\.carrier"),
        ({"category": "weather"}, r"incidents\[0\]\.category"),
        ({"factor": "much"}, r"incidents\[0\].*factor"),
        ({"factro": 2}, r"incidents\[0\].*factro"),
    ],
)
def test_a_bad_file_is_refused_with_its_place(tmp_path: Path, change: dict[str, object], place: str) -> None:
    path = tmp_path / "incidents.json"
    path.write_text(json.dumps({"incidents": [{**OUTAGE, **change}]}), encoding="utf-8")
    with pytest.raises(WrongUse, match=place) as caught:
        load(path)
    assert str(path) in str(caught.value)


@pytest.mark.parametrize("text", ["", "[]", "{", '{"incidents": 3}', '{"incidents": [7]}'])
def test_what_is_not_such_a_file_is_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "incidents.json"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(WrongUse, match=r"incidents\.json"):
        load(path)


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(WrongUse, match="can't be read"):
        load(tmp_path / "no.json")


def test_a_bad_version_is_in_production_for_its_time() -> None:
    bad = BadInstruction(datetime(2026, 7, 1, tzinfo=UTC), datetime(2026, 7, 11, tzinfo=UTC), 20.0, 3)
    history = versions("payment_issue", START, NOW, CHANGE, [bad])
    assert [(version.number, version.change) for version in history] == [
        (1, "first"), (2, "model"), (3, "bad"), (4, "rollback"),
    ]  # fmt: skip
    assert (history[2].since, history[3].since) == (bad.start, bad.end)
    assert len(versions("skip_month", START, NOW, CHANGE, [bad])) == 2
