"""`business/prices.json`: what models cost."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Annotated, Final

from pydantic import Field

from dash_agent.context.files import FileModel
from dash_agent.models.usage import Usage

PRICES: Final = "business/prices.json"
PROVIDERS: Final = ("openai", "anthropic")
MILLION: Final = 1_000_000

Usd = Annotated[Decimal, Field(strict=False, decimal_places=6)]
Day = Annotated[date, Field(strict=False)]

DATED: Final = re.compile(r"-\d{4}-?\d{2}-?\d{2}")
"""What a provider adds to a model's name for one state of it."""


class Price(FileModel):
    """Of one model, from a day on."""

    model: str
    """The provider's id, without a date at its end: it counts for every state of the model."""
    prompt: Usd
    """USD for a million tokens that are sent."""
    completion: Usd
    """USD for a million tokens that come back."""
    valid_from: Day
    """The first day that it counts on, until a later one of the same model."""
    example: bool = False
    """A made-up one, to be replaced by what your provider charges. Costs by it are told as such."""


class PricesFile(FileModel):
    """What models cost. May be left out: then costs are not known, and shown as 0."""

    schema_: str | None = Field(default=None, alias="$schema")
    """The file's JSON Schema, for editors."""
    prices: list[Price] = []
    """At most one a model and day."""


def price_of(prices: Sequence[Price], model: str | None, day: date) -> Price | None:
    """The price of a model on a day; None where the file has none. model: with or without 'PROVIDER:' before it."""
    if model is None:
        return None
    plain = next((model.removeprefix(f"{one}:") for one in PROVIDERS if model.startswith(f"{one}:")), model)
    for name in (plain, _undated(plain)):
        known = [price for price in prices if price.model == name and price.valid_from <= day]
        if known:
            return max(known, key=lambda price: price.valid_from)
    return None


def priced(prices: Sequence[Price], usage: Usage, day: date) -> Usage:
    """With what it cost, each model by its own price; 0 where there is none."""
    parts = tuple(replace(one, cost_usd=_cost(prices, one, day)) for one in usage.by_model)
    total = sum((one.cost_usd for one in parts), Decimal(0))
    return replace(usage, cost_usd=total, parts=parts if usage.parts else ())


def _cost(prices: Sequence[Price], usage: Usage, day: date) -> Decimal:
    price = price_of(prices, usage.model, day)
    if price is None:
        return Decimal(0)
    return (price.prompt * usage.prompt + price.completion * usage.completion) / MILLION


def _undated(model: str) -> str:
    found = list(DATED.finditer(model))
    return model[: found[-1].start()] if found and found[-1].end() == len(model) else model
