"""The home content, and a parser over it that needs no database."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from dash_agent.context.catalog import Catalog, load_catalog
from dash_agent.planning.parser import Parser
from dash_agent.semantic.model import SemanticModel
from dash_agent.semantic.time import Calendar

ROOT = Path(__file__).parent.parent
CASES = Path(__file__).parent / "cases"
NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
ZONE = ZoneInfo("Asia/Jerusalem")


@pytest.fixture(scope="session")
def home() -> Catalog:
    return load_catalog(ROOT)


@pytest.fixture(scope="session")
def model(home: Catalog) -> SemanticModel:
    return SemanticModel(home)


@pytest.fixture(scope="session")
def live() -> Mapping[str, Sequence[str]]:
    """Distinct values as the demo database has them."""
    return json.loads((CASES / "live_values.json").read_text(encoding="utf-8"))


@pytest.fixture(scope="session")
def parser(model: SemanticModel, live: Mapping[str, Sequence[str]]) -> Parser:
    return Parser(model, live)


@pytest.fixture(scope="session")
def calendar() -> Calendar:
    """Friday, 2026-11-20 14:00 in Jerusalem."""
    return Calendar(NOW, ZONE)
