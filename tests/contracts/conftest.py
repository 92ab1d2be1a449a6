"""The same suite against what the product uses and against the fakes that other tests do."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.e2e.conftest import database, empty_database, fresh_database, postgres  # noqa: F401
from tests.support_worlds import FakeWorld, SqlWorld, World


@pytest.fixture(params=["fake", "sql"])
def world(request: pytest.FixtureRequest) -> Iterator[World]:
    if request.param == "fake":
        yield FakeWorld()
        return
    made = SqlWorld(request.getfixturevalue("database"))
    yield made
    made.connections.close()
