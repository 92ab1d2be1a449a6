"""Prices: which one counts, what it makes, and what the linter says of the file."""

from __future__ import annotations

import json
import shutil
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from dash_agent.check.linter import check
from dash_agent.context.catalog import load_catalog
from dash_agent.context.prices import Price, price_of, priced
from dash_agent.models.usage import Usage
from dash_agent.semantic.time import Calendar
from tests.conftest import ROOT


def price(model: str, prompt: str, completion: str, since: str) -> Price:
    return Price(
        model=model, prompt=Decimal(prompt), completion=Decimal(completion), valid_from=date.fromisoformat(since)
    )


PRICES = (
    price("mini", "0.25", "2", "2026-01-01"),
    price("mini", "0.20", "1.5", "2026-06-01"),
    price("mini-2026-03-01", "0.30", "2", "2026-01-01"),
    price("large", "3", "15", "2026-01-01"),
)


@pytest.mark.parametrize(
    ("model", "day", "prompt"),
    [
        ("mini", "2025-12-31", None),
        ("mini", "2026-01-01", "0.25"),
        ("mini", "2026-05-31", "0.25"),
        ("mini", "2026-06-01", "0.20"),
        ("mini-2026-03-01", "2026-07-01", "0.30"),
        ("mini-2026-04-01", "2026-07-01", "0.20"),
        ("mini-20260401", "2026-07-01", "0.20"),
        ("large-20260401", "2026-07-01", "3"),
        ("openai:mini", "2026-07-01", "0.20"),
        ("anthropic:large-20260401", "2026-07-01", "3"),
        ("minimal", "2026-07-01", None),
        ("mini-large", "2026-07-01", None),
        (None, "2026-07-01", None),
    ],
)
def test_the_price_of_a_day(model: str | None, day: str, prompt: str | None) -> None:
    found = price_of(PRICES, model, date.fromisoformat(day))
    assert (found.prompt if found else None) == (Decimal(prompt) if prompt else None)


def test_cost_is_by_the_million_and_exact() -> None:
    day = date(2026, 7, 1)
    # 1,234 × 0.20 / 10⁶ + 56 × 1.5 / 10⁶
    assert priced(PRICES, Usage("mini", 2, 1_234, 56), day).cost_usd == Decimal("0.0003308")
    assert priced(PRICES, Usage("unknown", 2, 1_234, 56), day).cost_usd == 0
    assert priced((), Usage("mini", 2, 1_234, 56), day).cost_usd == 0


def test_each_model_of_an_answer_has_its_own_price() -> None:
    day = date(2026, 7, 1)
    used = Usage("unknown", 1, 500, 5) + Usage("mini", 1, 1_000, 50) + Usage("unknown", 1, 100, 1)
    used += Usage("mini", 1, 234, 6)
    assert (used.model, used.calls, used.prompt, used.completion) == ("mini", 4, 1_834, 62)
    paid = priced(PRICES, used, day)
    assert [(one.model, one.calls, one.prompt, one.cost_usd) for one in paid.by_model] == [
        ("unknown", 2, 600, 0),
        ("mini", 2, 1_234, Decimal("0.0003308")),
    ]
    assert paid.cost_usd == Decimal("0.0003308")


@pytest.fixture
def content(tmp_path: Path) -> Path:
    return Path(shutil.copytree(ROOT / "tests" / "content" / "small", tmp_path / "content"))


MINI = {"model": "mini", "prompt": 0.25, "completion": 2, "valid_from": "2026-01-01"}


def told(content: Path, calendar: Calendar, *prices: dict[str, Any]) -> list[tuple[str, str, str]]:
    (content / "business/prices.json").write_text(json.dumps({"prices": prices}), encoding="utf-8")
    return [(found.file, found.rule, found.place) for found in check(content, calendar).problems]


def test_the_file_may_be_left_out_and_is_read(content: Path, calendar: Calendar) -> None:
    assert check(content, calendar).problems == ()
    assert told(content, calendar, MINI, {**MINI, "valid_from": "2026-02-01"}) == []
    assert [one.valid_from for one in load_catalog(content).prices] == [date(2026, 1, 1), date(2026, 2, 1)]


@pytest.mark.parametrize(
    ("wrong", "rule", "place"),
    [
        ({"prompt": -1}, "price", "prices[0].prompt"),
        ({"model": "openai:mini"}, "price", "prices[0].model"),
        ({"model": ""}, "price", "prices[0].model"),
        ({"prompt": "cheap"}, "wrong-value", "prices[0].prompt"),
        ({"valid_from": "soon"}, "wrong-value", "prices[0].valid_from"),
        ({"promt": 1}, "unknown-key", "prices[0].promt"),
    ],
)
def test_a_wrong_price_is_told(wrong: dict[str, Any], rule: str, place: str, content: Path, calendar: Calendar) -> None:
    assert ("business/prices.json", rule, place) in told(content, calendar, {**MINI, **wrong})


def test_one_price_a_day_and_no_example_beside_a_real_one(content: Path, calendar: Calendar) -> None:
    assert told(content, calendar, MINI, MINI) == [("business/prices.json", "price", "prices[1]")]
    later = {**MINI, "valid_from": "2026-02-01"}
    assert told(content, calendar, {**MINI, "example": True}, later) == [
        ("business/prices.json", "price-example", "prices[0].example")
    ]


def test_a_name_that_is_nearly_right_is_told(content: Path, calendar: Calendar) -> None:
    (content / "business/price.json").write_text("{}", encoding="utf-8")
    (found,) = check(content, calendar).problems
    assert "business/prices.json" in str(found)
