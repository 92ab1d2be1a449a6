"""What an installation changes in its files alone: another category, another preset."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest

from dash_agent.adapters.embeddings import SentenceEncoder
from dash_agent.settings import Settings
from support_agent.models import Handoff, Reply
from support_agent.wiring import Office, World, open_office
from tests.conftest import ROOT, ZONE
from tests.e2e.databases import Database
from tests.support_desk import Shop

PAGE = """---
title: Orders of companies
kind: category
summary: A company wants boxes for its people.
audience: staff
owner: Sales
reviewed: 2026-10-15
review_by: 2027-04-15
category: company_order
examples:
  en:
    - "We want to order boxes for all our employees."
    - "Do you deliver to offices, for a team of thirty people?"
    - "Our firm needs a monthly snack delivery for the staff kitchen."
---

# Orders of companies

Whoever orders for more than ten people.
"""
ANSWER = """---
title: How do companies order?
kind: faq
summary: Boxes for the employees of a company, a team or an office.
audience: customers
owner: Sales
reviewed: 2026-10-15
review_by: 2027-04-15
category: company_order
tags: [company, employees, office, team]
answers:
  en: From ten boxes on they come together, on one pallet, with one invoice.
---

# How do companies order?

From ten boxes on, boxes for the employees of a company come to the office together, with one invoice.
"""


class Elsewhere(Shop):
    """On the encoder, as an installation has it."""

    def opened(self) -> Office:
        office = open_office(
            World(self.connections, self.clock, SentenceEncoder(), self.folder, self.settings, self.support)
        )
        office.warm()
        return office


@pytest.fixture
def content(tmp_path: Path) -> Path:
    folder = tmp_path / "content"
    for name in ("business", "knowledge", "tables", "queries"):
        shutil.copytree(ROOT / name, folder / name)
    return folder


def test_an_eleventh_category_needs_a_row_a_page_and_a_line(
    fresh_database: Callable[[], Database], tmp_path: Path, content: Path
) -> None:
    database = fresh_database()
    with psycopg.connect(database.owner) as connection:
        connection.execute(
            "INSERT INTO ai_answerer_instructions (type, staging, status, version, instruction_1, instruction_2,"
            " instruction_3, instruction_4, instruction_5, updated_at)"
            " VALUES ('company_order', 'production', 'enabled', 1, 'a', 'b', 'c', 'd', 'e', now())"
        )
    (content / "knowledge" / "categories" / "company-order.md").write_text(PAGE, "utf-8")
    (content / "knowledge" / "faq" / "company-order.md").write_text(ANSWER, "utf-8")
    file = content / "business" / "support.json"
    support = json.loads(file.read_text("utf-8"))
    line = {"name": "company_order", "effort": "none"}
    support["presets"]["shop"]["categories"].append(line)
    file.write_text(json.dumps(support), "utf-8")
    settings = Settings.model_construct().model_copy(update={"timezone": ZONE.key, "content_dir": content})
    shop = Elsewhere(database, tmp_path / "data", settings)
    talk = shop.talk()
    outcome = talk.say("Can our office team of twenty people get boxes?")
    assert isinstance(outcome, Reply)
    assert "one pallet" in outcome.text
    with psycopg.connect(database.owner) as connection:
        found = connection.execute(
            "SELECT request_type FROM support_threads_data WHERE thread_key = %s", (talk.thread,)
        ).fetchone()
    shop.connections.close()
    assert found == ("company_order",)


@pytest.mark.parametrize(
    ("said", "category", "is_handed_over"),
    [
        ("Хочу пожаловаться на обслуживание, верните деньги.", "supervisor", True),
        ("Подскажите, какие у вас есть тарифы и сколько стоит подписка?", "sales", False),
        ("Не могу войти в личный кабинет, ссылка не открывается.", "tech_support", False),
    ],
)
def test_a_call_centre_by_one_setting(called: Shop, said: str, category: str, is_handed_over: bool) -> None:
    talk = called.talk()
    outcome = talk.say(said)
    assert isinstance(outcome, Handoff) is is_handed_over
    with psycopg.connect(called.database.owner) as connection:
        found = connection.execute(
            "SELECT request_type, language FROM support_threads_data WHERE thread_key = %s", (talk.thread,)
        ).fetchone()
    assert found == (category, "ru")


def test_a_language_that_the_preset_has_not_goes_to_a_person(called: Shop) -> None:
    outcome = called.talk().say("I can't sign in, the link says it has expired.")
    assert isinstance(outcome, Handoff)
    assert outcome.language == "en"
    assert "in your language" in outcome.text


@pytest.fixture(scope="module")
def called(fresh_database: Callable[[], Database], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    made = Elsewhere(fresh_database(), tmp_path_factory.mktemp("called"), preset="call_centre")
    yield made
    made.connections.close()
