"""What models cost, by whom and when, and budgets that end in the deterministic engine."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import psycopg
import pytest

from dash_agent.ask import Dash
from dash_agent.context.catalog import Catalog
from dash_agent.context.prices import Price
from dash_agent.models.answer import Engine, Status
from dash_agent.models.principal import Principal, Role
from dash_agent.models.usage import CostsBy, Usage
from dash_agent.warehouse.connections import Connections
from dash_agent.warehouse.spending import SqlSpending
from dash_agent.warehouse.state import SqlAnswers
from tests.conftest import NOW, ZONE
from tests.e2e.commands import on
from tests.e2e.databases import Database
from tests.e2e.modelled import ANNA, modelled, sql
from tests.stubs.scripted import Provider, Reply, Request, Text

BOB = Principal("bob@example.com", Role.VIEWER)
ODD = "the proportion of zorbs among quuxes"
PLAIN = "How many tickets were there in October 2026?"
PRICED = (Price(model="first", prompt=Decimal(1000), completion=Decimal(4000), valid_from=date(2026, 1, 1)),)


@dataclass
class Place:
    dash: Dash
    provider: Provider
    spending: SqlSpending
    database: Database

    def rows(self, statement: str) -> list[tuple[Any, ...]]:
        with psycopg.connect(self.database.owner) as connection:
            return connection.execute(statement.encode()).fetchall()


@pytest.fixture
def place(fresh_database: Callable[[], Database], home: Catalog) -> Iterator[Place]:
    with opened(fresh_database(), home, None) as it:
        yield it


@contextmanager
def opened(made: Database, home: Catalog, usual: Decimal | None) -> Iterator[Place]:
    """A model that counts tickets whatever is asked, at 1,000 and 4,000 USD for a million tokens."""
    counted = sql("SELECT count(*) AS tickets FROM support_threads_data")

    def reply(request: Request) -> Reply:
        return counted if request.body.get("tools") else Text("There are no tickets.")

    state = Connections(made.app)
    with modelled(made, home, otherwise=reply) as it:
        spending = SqlSpending(state, timezone=ZONE.key, usual=usual)
        ports = replace(it.dash._ports, answers=SqlAnswers(state), spending=spending)
        catalog = replace(home, prices=PRICED)
        yield Place(Dash(ports, catalog, timezone=ZONE.key, double_check=False), it.provider, spending, made)
    state.close()


def test_an_answer_says_what_it_took_and_cost(place: Place) -> None:
    answer = place.dash.ask(ODD, ANNA, now=NOW, engine="llm")
    assert answer.engine is Engine.LLM
    used = answer.usage
    assert used.calls > 0
    assert used.prompt > 0
    assert used.cost_usd == Decimal(used.prompt) / 1000 + Decimal(used.completion) / 250
    kept = place.rows('SELECT answer_id, "user", model, calls, prompt, completion, cost_usd FROM app.usage')
    assert kept == [
        (answer.answer_id, ANNA.user, "openai:first", used.calls, used.prompt, used.completion, used.cost_usd)
    ]
    own = place.dash.ask(PLAIN, ANNA, now=NOW, engine="grounded")
    assert own.usage == Usage()
    assert place.rows("SELECT count(*) FROM app.usage") == [(1,)]


def test_several_models_of_one_answer_are_listed_by_themselves(
    fresh_database: Callable[[], Database], home: Catalog
) -> None:
    """The first one's reply is no plan, and is paid for all the same."""
    made = fresh_database()
    dear = Price(model="second", prompt=Decimal(5000), completion=Decimal(0), valid_from=date(2026, 1, 1))
    counted = sql("SELECT count(*) AS tickets FROM support_threads_data")
    state = Connections(made.app)
    with modelled(made, home, Text("Hm."), counted, otherwise=Text(""), models=("first", "second")) as it:
        spending = SqlSpending(state, timezone=ZONE.key)
        ports = replace(it.dash._ports, answers=SqlAnswers(state), spending=spending)
        catalog = replace(home, prices=(*PRICED, dear))
        answer = Dash(ports, catalog, timezone=ZONE.key, double_check=False).ask(ODD, ANNA, now=NOW, engine="llm")
        costs = {cost.key: cost for cost in spending.costs(CostsBy.MODEL)}
        (by_answer,) = spending.costs(CostsBy.ANSWER)
        (by_day,) = spending.costs(CostsBy.DAY)
    state.close()
    first, second = (costs[f"openai:{name}"].usage for name in ("first", "second"))
    assert first.cost_usd == Decimal(first.prompt) / 1000 + Decimal(first.completion) / 250 > 0
    assert second.cost_usd == Decimal(second.prompt) / 200 > 0
    assert answer.usage.cost_usd == first.cost_usd + second.cost_usd == by_answer.usage.cost_usd
    assert (by_day.answers, by_day.usage.prompt) == (1, answer.usage.prompt)


def test_explaining_costs_too(place: Place) -> None:
    explained = place.dash.explain(ODD, ANNA, now=NOW, engine="llm")
    (cost,) = place.spending.costs(CostsBy.USER)
    assert cost.usage.cost_usd == explained.usage.cost_usd > 0


def test_over_budget_is_the_deterministic_engine_and_no_error(place: Place) -> None:
    first = place.dash.ask(ODD, ANNA, now=NOW, engine="llm")
    place.spending.set_budget(ANNA.user, first.usage.cost_usd, "admin")
    calls = len(place.provider.requests)
    for engine, question in (("llm", PLAIN), ("auto", PLAIN), ("auto", ODD), ("llm", ODD)):
        answer = place.dash.ask(question, ANNA, now=NOW, engine=engine)
        assert answer.status is (Status.ANSWERED if question == PLAIN else answer.status)
        assert answer.status is not Status.ERROR
        assert answer.engine is Engine.GROUNDED
        told = f"{answer.text} {' '.join(answer.caveats)}"
        # Where nobody would have asked a model, nothing is said.
        assert ("used up for today" in told) is ((engine, question) != ("auto", PLAIN))
    russian = place.dash.ask("сколько зюзюбриков у нас?", ANNA, now=NOW)
    assert "бюджет" in russian.text
    assert len(place.provider.requests) == calls
    # Another user's money is another's.
    assert place.dash.ask(ODD, BOB, now=NOW, engine="llm").engine is Engine.LLM
    place.spending.unset_budget(ANNA.user)
    assert place.dash.ask(ODD, ANNA, now=NOW, engine="llm").engine is Engine.LLM


def test_a_second_reading_is_not_paid_for_either(place: Place, home: Catalog) -> None:
    place.spending.set_budget(ANNA.user, Decimal(0), "admin")
    checking = Dash(place.dash._ports, home, timezone=ZONE.key, double_check=True)
    answer = checking.ask(PLAIN, ANNA, now=NOW)
    assert (answer.status, answer.double_check) == (Status.ANSWERED, None)
    assert "used up for today" in " ".join(answer.caveats)
    assert not place.provider.requests


def test_the_usual_budget_and_those_of_single_users(fresh_database: Callable[[], Database], home: Catalog) -> None:
    with opened(fresh_database(), home, Decimal(0)) as place:
        assert place.spending.is_over(ANNA.user)
        place.spending.set_budget(ANNA.user, None, "admin")
        assert not place.spending.is_over(ANNA.user)
        assert place.spending.is_over(BOB.user)
        place.spending.set_budget(BOB.user, Decimal("0.5"), "admin")
        assert not place.spending.is_over(BOB.user)
        assert [(one.user, one.usd_per_day) for one in place.spending.budgets()] == [
            (ANNA.user, None),
            (BOB.user, Decimal("0.5")),
        ]


def test_a_day_is_the_business_s(place: Place) -> None:
    midnight = f"date_trunc('day', now(), '{ZONE.key}')"
    for user, at in ((ANNA.user, f"{midnight} - interval '1 second'"), (BOB.user, midnight)):
        place.rows(
            'INSERT INTO app.usage ("user", at, model, calls, prompt, completion, cost_usd)'
            f" VALUES ('{user}', {at}, 'first', 1, 10, 10, 1) RETURNING true"
        )
        place.spending.set_budget(user, Decimal(1), "admin")
    assert not place.spending.is_over(ANNA.user)
    assert place.spending.is_over(BOB.user)
    days = [cost.key for cost in place.spending.costs(CostsBy.DAY)]
    assert len(days) == 2
    assert days == sorted(days)
    today = date.fromisoformat(days[1])
    assert [cost.key for cost in place.spending.costs(CostsBy.USER, today)] == [BOB.user]


def test_the_commands(place: Place, tmp_path: Path) -> None:
    place.dash.ask(ODD, ANNA, now=NOW, engine="llm")
    place.dash.ask(ODD, BOB, now=NOW, engine="llm")
    shell = on(place.database, tmp_path)
    for by in ("user", "day", "model", "answer"):
        lines = [json.loads(line) for line in shell.run("costs", "--by", by, "--json").out.splitlines()]
        assert sum(line["answers"] for line in lines) == 2
        assert sum(line["cost_usd"] for line in lines) > 0
        assert len(lines) == {"user": 2, "day": 1, "model": 1, "answer": 2}[by]
    shown = shell.run("costs", "--by", "user")
    assert ANNA.user in shown.out
    assert "Made-up prices" in shown.err

    told = shell.run("budget", "nobody@example.com", "1")
    assert (told.code, "there is no user" in told.error) == (2, True)
    told = shell.run("budget", "admin", "much")
    assert (told.code, "is no amount in USD" in told.error) == (2, True)
    assert shell.run("budget", "admin", "0.25").code == 0
    found = {one["user"]: one for one in map(json.loads, shell.run("budget", "--json").out.splitlines())}
    assert found["admin"] == {"user": "admin", "usd_per_day": 0.25, "spent_usd": 0.0, "own": True}
    assert found[ANNA.user]["own"] is False
