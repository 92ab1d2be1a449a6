"""`dash-agent costs` and `budget`: what models have cost, and what they may."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Annotated, Final

import typer

from dash_agent.cli.options import principal
from dash_agent.cli.tables import print_table
from dash_agent.cli.terminal import progress_line
from dash_agent.errors import WrongUse
from dash_agent.models.usage import Budget, Cost, CostsBy

if TYPE_CHECKING:
    from dash_agent.ports import Spending
    from dash_agent.settings import Settings

JsonOption = Annotated[bool, typer.Option("--json", help="Prints an object a line.")]

NO_LIMIT: Final = "none"
USUAL: Final = "usual"


def costs(
    by: Annotated[CostsBy, typer.Option("--by", help="What a line is for.")] = CostsBy.DAY,
    since: Annotated[
        datetime | None,
        typer.Option("--since", formats=["%Y-%m-%d"], help="The first day; all that is kept otherwise."),
    ] = None,
    as_json: JsonOption = False,
) -> int:
    """What models have cost, by the prices of business/prices.json as they were on the day."""
    from dash_agent.settings import load_settings

    settings = load_settings()
    with _spending(settings) as spending:
        found = spending.costs(by, since.date() if since else None)
    if as_json:
        for cost in found:
            print(json.dumps(_cost_json(by, cost), ensure_ascii=False))
        return 0
    print_table((by.value, "answers", "calls", "prompt", "completion", "USD"), [_cost_row(cost) for cost in found])
    _tell_of_examples(settings)
    return 0


def budget(
    user: Annotated[str | None, typer.Argument(help="E-mail of a user; all who have spent today otherwise.")] = None,
    usd: Annotated[
        str | None,
        typer.Argument(metavar="USD|none|usual", help="A day; 'none' for no limit, 'usual' for everybody's."),
    ] = None,
    as_json: JsonOption = False,
) -> int:
    """Shows what models may cost a user a day and have cost today, or sets it."""
    from dash_agent.settings import load_settings

    settings = load_settings()
    with _spending(settings) as spending:
        if user is not None and usd is not None:
            _set(spending, user if user == "admin" else principal(user, settings).user, usd)
        found = [one for one in spending.budgets() if user is None or one.user == user.strip().lower()]
    if as_json:
        for one in found:
            print(json.dumps(_budget_json(one), ensure_ascii=False))
    else:
        print_table(("user", "USD a day", "spent today", ""), [_budget_row(one) for one in found])
    return 0


def _set(spending: Spending, user: str, usd: str) -> None:
    if usd == USUAL:
        spending.unset_budget(user)
        return
    spending.set_budget(user, None if usd == NO_LIMIT else _usd(usd), "admin")


def _usd(text: str) -> Decimal:
    try:
        value = Decimal(text)
    except InvalidOperation:
        value = Decimal(-1)
    if not value.is_finite() or value < 0:
        raise WrongUse(f"'{text}' is no amount in USD", f"write it like 0.50, or {NO_LIMIT}, or {USUAL}")
    return value


@contextmanager
def _spending(settings: Settings) -> Iterator[Spending]:
    from dash_agent.bootstrap import open_database
    from dash_agent.warehouse.connections import Connections
    from dash_agent.warehouse.spending import SqlSpending

    with open_database(settings, None, on_progress=progress_line) as database:
        connections = Connections(database.app)
        try:
            yield SqlSpending(connections, timezone=settings.timezone, usual=settings.budget)
        finally:
            connections.close()


def _tell_of_examples(settings: Settings) -> None:
    from dash_agent.context.files import read_json
    from dash_agent.context.prices import PRICES, PricesFile

    path = settings.content_dir / PRICES
    read = read_json(path, PRICES, PricesFile) if path.is_file() else None
    made_up = [price.model for price in read.value.prices if price.example] if read and read.value else []
    if made_up:
        progress_line(f"Made-up prices, to be replaced in {PRICES}: {', '.join(dict.fromkeys(made_up))}.")


def _cost_row(cost: Cost) -> tuple[str, ...]:
    used = cost.usage
    counts = (cost.answers, used.calls, used.prompt, used.completion)
    return cost.key, *map(str, counts), f"{used.cost_usd:.4f}"


def _cost_json(by: CostsBy, cost: Cost) -> dict[str, object]:
    used = cost.usage
    tokens = {"prompt": used.prompt, "completion": used.completion}
    return {
        by.value: cost.key,
        "answers": cost.answers,
        "calls": used.calls,
        "tokens": tokens,
        "cost_usd": float(used.cost_usd),
    }


def _budget_row(one: Budget) -> tuple[str, ...]:
    allowed = "no limit" if one.usd_per_day is None else f"{one.usd_per_day:f}"
    return one.user, allowed, f"{one.spent:.4f}", "own" if one.is_own else "usual"


def _budget_json(one: Budget) -> dict[str, object]:
    allowed = None if one.usd_per_day is None else float(one.usd_per_day)
    return {"user": one.user, "usd_per_day": allowed, "spent_usd": float(one.spent), "own": one.is_own}
