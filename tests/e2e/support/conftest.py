"""A desk on a real database, by words alone."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.e2e.databases import Database
from tests.support_desk import Shop


@pytest.fixture
def shop(fresh_database: Callable[[], Database], tmp_path: Path) -> Iterator[Shop]:
    made = Shop(fresh_database(), tmp_path / "data")
    yield made
    made.connections.close()
