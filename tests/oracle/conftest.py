"""The desk of the end-to-end tests, and its tables as frames."""

from __future__ import annotations

import pytest

from tests.conftest import ZONE
from tests.e2e.conftest import dash, desk, empty_database, fresh_database, postgres
from tests.e2e.databases import Database
from tests.oracle.frames import Frames, load

__all__ = ["dash", "desk", "empty_database", "fresh_database", "postgres"]


@pytest.fixture(scope="session")
def frames(desk: Database) -> Frames:
    return load(desk.owner, ZONE)
