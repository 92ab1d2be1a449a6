"""business/board.json: what the overview shows, and what `check` says of it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from dash_agent.context.catalog import Catalog, load_catalog
from dash_agent.semantic.time import Calendar
from tests.conftest import ROOT
from tests.unit.test_check_rules import content as content
from tests.unit.test_check_rules import told

BOARD = "business/board.json"


def test_the_board_is_read_in_its_order(home: Catalog) -> None:
    assert home.board.tiles == [
        *("tickets", "resolution_rate", "auto_send_rate", "escalation_rate"),
        *("response_time", "csat", "cost", "hours_saved"),
    ]
    assert home.board.filters[:2] == ["request_type", "channel"]
    assert BOARD in home.files
    assert (ROOT / BOARD).is_file()


def test_without_a_board_the_metrics_with_a_target_are_shown(content: Path, calendar: Calendar) -> None:
    assert load_catalog(content).board.tiles == []
    targets = {"targets": [{"metric": "satisfaction", "value": 4}]}
    (content / "business/targets.json").write_text(json.dumps(targets), encoding="utf-8")
    assert load_catalog(content).board.tiles == ["satisfaction"]


def test_a_board_that_is_right_is_no_problem(content: Path, calendar: Calendar) -> None:
    board = {"tiles": ["satisfaction"], "movers": ["satisfaction"], "filters": ["channel"]}
    (content / BOARD).write_text(json.dumps(board), encoding="utf-8")
    assert told(content, calendar) == []
    assert load_catalog(content).board.filters == ["channel"]


@pytest.mark.parametrize(
    ("board", "rule", "place"),
    [
        ({"tiles": ["satisfacton"]}, "unknown-name", "tiles[0]"),
        ({"movers": ["nothing"]}, "unknown-name", "movers[0]"),
        ({"filters": ["chanel"]}, "unknown-name", "filters[0]"),
        ({"tiles": ["satisfaction", "satisfaction"]}, "board-twice", "tiles[1]"),
        ({"tiles": "satisfaction"}, "wrong-value", "tiles"),
        ({"tile": ["satisfaction"]}, "unknown-key", "tile"),
    ],
)
def test_what_is_wrong_with_a_board_is_told(
    board: dict[str, object], rule: str, place: str, content: Path, calendar: Calendar
) -> None:
    (content / BOARD).write_text(json.dumps(board), encoding="utf-8")
    assert (BOARD, rule, place) in told(content, calendar)
