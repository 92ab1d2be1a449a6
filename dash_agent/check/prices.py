"""Prices: one a model and day, and none that pays us."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from dash_agent.check.rule import Found, Rule
from dash_agent.check.subject import Subject
from dash_agent.context.prices import PRICES, PROVIDERS


def prices_are_of_one_model(subject: Subject) -> Iterator[Found]:
    """A model has one price a day, neither of its parts is below 0, and its name has no blanks or provider."""
    seen: dict[tuple[str, date], int] = {}
    for index, price in enumerate(subject.content.prices):
        place = f"prices[{index}]"
        first = seen.setdefault((price.model, price.valid_from), index)
        if first != index:
            yield Found(PRICES, place, f"'{price.model}' has another price from {price.valid_from} on; leave one")
        for name, value in (("prompt", price.prompt), ("completion", price.completion)):
            if value < 0:
                yield Found(PRICES, f"{place}.{name}", f"a price is never below 0, and this is {value}")
        if not price.model.strip() or price.model.partition(":")[0] in PROVIDERS or price.model != price.model.strip():
            said = f"'{price.model}' is no model's id; write it as the provider does, such as 'gpt-5.4-mini'"
            yield Found(PRICES, f"{place}.model", said)


def prices_are_real(subject: Subject) -> Iterator[Found]:
    """A price that is said to be real was not before made up for the same model: an example is replaced, not kept."""
    real = {price.model for price in subject.content.prices if not price.example}
    for index, price in enumerate(subject.content.prices):
        if price.example and price.model in real:
            said = f"'{price.model}' has a real price beside this example; take the example out"
            yield Found(PRICES, f"prices[{index}].example", said)


RULES = (Rule("price", prices_are_of_one_model), Rule("price-example", prices_are_real, "warning"))
