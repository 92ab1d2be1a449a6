"""Files that hold go into service; files that don't leave the last good ones there."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from dash_agent.adapters.clock import FrozenClock
from dash_agent.ask import Dash, Ports
from dash_agent.context.catalog import Catalog
from dash_agent.errors import ContentError, Problem, WarehouseUnavailable
from dash_agent.in_service import InService, Serving, Stamp, stamp_of
from dash_agent.models.sql import ResultSet
from tests.conftest import NOW, ZONE
from tests.fakes import CountingIds, FakeAnswers, FakeIntrospection, FakeTurns, FakeWarehouse

WRONG = Problem("business/metrics.json", "metrics[3].table", "there is no table 'tickts'")


class Files:
    """Content files as the watcher sees them: a stamp, and what reading them gives."""

    def __init__(self, first: Serving) -> None:
        self.stamp: Stamp = (("a", 1, 1),)
        self.gives: Serving | Exception = first
        self.read = 0

    def write(self, gives: Serving | Exception) -> None:
        self.stamp = (("a", self.stamp[0][1] + 1, 1),)
        self.gives = gives

    def make(self) -> Serving:
        self.read += 1
        if isinstance(self.gives, Exception):
            raise self.gives
        return self.gives


@pytest.fixture
def serving(home: Catalog) -> Callable[[], Serving]:
    rows = ResultSet((), (), truncated=False, elapsed_ms=1.0)

    def make() -> Serving:
        answers, turns = FakeAnswers(), FakeTurns()
        ports = Ports(FakeWarehouse(rows), FakeIntrospection(), answers, turns, FrozenClock(NOW), CountingIds())
        return Serving(Dash(ports, home, timezone=ZONE.key), home, {})

    return make


def test_files_that_hold_go_into_service_once_they_are_still(serving: Callable[[], Serving]) -> None:
    first, second = serving(), serving()
    files = Files(first)
    content = InService(first, files.stamp, lambda: files.stamp, files.make)
    assert content.look() is False
    files.write(second)
    assert content.look() is False
    assert (content.serving, files.read) == (first, 0)
    assert content.look() is True
    assert content.serving is second
    assert (content.look(), files.read) == (False, 1)


def test_files_that_do_not_hold_leave_the_last_good_ones(serving: Callable[[], Serving]) -> None:
    first, second = serving(), serving()
    files = Files(first)
    content = InService(first, files.stamp, lambda: files.stamp, files.make)
    files.write(ContentError([WRONG]))
    assert [content.look(), content.look(), content.look()] == [False, True, False]
    assert (content.serving, content.problems) == (first, (WRONG,))
    files.write(second)
    assert [content.look(), content.look()] == [False, True]
    assert (content.serving, content.problems) == (second, ())


def test_a_database_that_is_away_is_asked_again(serving: Callable[[], Serving]) -> None:
    first, second = serving(), serving()
    files = Files(first)
    content = InService(first, files.stamp, lambda: files.stamp, files.make)
    files.write(WarehouseUnavailable("the database is down"))
    content.look()
    with pytest.raises(WarehouseUnavailable):
        content.look()
    files.gives = second
    assert content.look() is True
    assert content.serving is second


def test_a_stamp_changes_with_what_is_read_and_nothing_else(tmp_path: Path) -> None:
    (tmp_path / "tables").mkdir()
    file = tmp_path / "tables" / "a.json"
    file.write_text("{}")
    first = stamp_of(tmp_path)
    (tmp_path / "tables" / "notes.txt").write_text("x")
    assert stamp_of(tmp_path) == first
    os.utime(file, ns=(1, 1))
    second = stamp_of(tmp_path)
    assert second != first
    file.unlink()
    assert stamp_of(tmp_path) not in (first, second)
