"""The overview as people see it: what hand-written SQL and known rows give, for each role and scope."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import psycopg
import pytest
from psycopg import sql
from psycopg.conninfo import make_conninfo
from streamlit.testing.v1 import AppTest

from dash_agent.bootstrap import Database as Opened
from dash_agent.bootstrap import Running, open_on
from dash_agent.context.catalog import Catalog
from dash_agent.models.plan import MetricPlan
from dash_agent.models.query import MetricQuery
from dash_agent.ports import Pin
from dash_agent.semantic.time import Calendar
from dashboard import opened
from tests.conftest import NOW, ROOT, ZONE
from tests.e2e.dashboard.conftest import Look, house_on, looking, texts
from tests.e2e.databases import Database
from tests.e2e.serving import settings
from tests.fakes import FakePins

LABELS = {
    "en": [
        *("Tickets", "Resolution rate", "Auto-send rate", "Escalation rate"),
        *("Response time", "CSAT", "AI cost", "Hours saved"),
    ],
    "ru": [
        *("Тикеты", "Доля решённых", "Доля автоотправки", "Доля эскалаций"),
        *("Время ответа", "CSAT", "Затраты на AI", "Сэкономлено часов"),
    ],
}
PEOPLE = ("admin", "nina@example.com", "anton@example.com", "maria@example.com", "olga@example.com")
THIRTY_DAYS = "created_at >= '2026-10-22 00:00+03' AND created_at <= :now"


def one(owner: str, statement: str) -> int:
    with psycopg.connect(owner) as connection:
        row = connection.execute(statement.replace(":now", f"timestamptz '{NOW.isoformat()}'").encode()).fetchone()
    assert row is not None
    return int(row[0])


def tickets(owner: str, condition: str = "true", span: str = THIRTY_DAYS) -> int:
    return one(owner, f"SELECT count(*) FROM support_threads_data WHERE {span} AND {condition}")


def thousands(count: int) -> str:
    return f"{count:,}"


def values(test: AppTest) -> dict[str, str]:
    return {metric.label: metric.value for metric in test.metric}


def said(test: AppTest, name: str) -> str:
    """The one value that the page's address has for a name."""
    value = test.query_params[name]
    return value if isinstance(value, str) else value[0]


def unmarked(text: str) -> str:
    """What is seen of Markdown: without its backslashes and the characters of no width."""
    return text.replace("\\", "").replace("\u2060", "")


@pytest.mark.parametrize("language", ["en", "ru"])
def test_every_tile_of_the_board_stands_in_its_place(look: Look, desk: Database, language: str) -> None:
    test = look("overview", language=language)
    assert not test.exception
    assert not test.error
    assert [metric.label for metric in test.metric] == LABELS[language]
    count = tickets(desk.owner)
    assert values(test)[LABELS[language][0]].replace("\xa0", "").replace(",", "") == str(count)
    assert all(metric.value != "–" for metric in test.metric)


def test_a_tile_says_its_change_by_sign_and_word(look: Look, desk: Database) -> None:
    now, before = (
        one(
            desk.owner,
            "SELECT round(1000.0 * count(escalated_at) / count(*)) FROM support_threads_data"
            f" WHERE created_at >= '{start} 00:00+03' AND created_at < '{end} 00:00+0{zone}'",
        )
        for start, end, zone in (("2026-10-01", "2026-11-01", 2), ("2026-09-01", "2026-10-01", 3))
    )
    test = look("overview", period="last_month")
    (rate,) = [metric for metric in test.metric if metric.label == "Escalation rate"]
    assert rate.value == f"{Decimal(now) / 10:.1f}%"
    # Of the unrounded rates, so off by a tenth at most.
    moved = Decimal(unmarked(rate.delta).split()[0])
    assert abs(moved - Decimal(now - before) / 10) <= Decimal("0.1")
    assert (moved > 0) == unmarked(rate.delta).startswith("+")
    told = "Worse than before" if moved > 0 else "Better than before"
    verdict = "met" if now <= 150 else "missed"
    assert any(told in c.value and f"Target 15.0%: {verdict}" in c.value for c in test.caption), [
        c.value for c in test.caption
    ]


def test_the_period_and_filters_come_from_the_address(look: Look, desk: Database) -> None:
    test = look("overview", period="last_week", f_channel="whatsapp")
    week = "created_at >= '2026-11-09 00:00+02' AND created_at < '2026-11-16 00:00+02'"
    assert values(test)["Tickets"] == thousands(tickets(desk.owner, "channel = 'whatsapp'", week))
    assert test.selectbox[0].value == "last_week"
    assert "Channel: WhatsApp" in unmarked(texts(test))


def test_a_choice_goes_into_the_address_and_along_to_the_next_page(look: Look, desk: Database) -> None:
    test = look("overview")
    test.selectbox[0].select("last_week").run()
    assert said(test, "period") == "last_week"
    channel = next(one for one in test.multiselect if one.label == "Channel")
    channel.select("chat").run()
    assert said(test, "f_channel") == "chat"
    week = "created_at >= '2026-11-09 00:00+02' AND created_at < '2026-11-16 00:00+02'"
    assert values(test)["Tickets"] == thousands(tickets(desk.owner, "channel = 'chat'", week))
    test.query_params.clear()
    test.switch_page("pages/funnel.py").run()
    assert said(test, "period") == "last_week"
    assert said(test, "f_channel") == "chat"
    assert test.selectbox[0].value == "last_week"


def test_days_of_ones_own_can_be_chosen(look: Look, desk: Database) -> None:
    test = look("overview", period="2026-11-02..2026-11-04")
    span = "created_at >= '2026-11-02 00:00+02' AND created_at < '2026-11-05 00:00+02'"
    assert values(test)["Tickets"] == str(tickets(desk.owner, span=span))
    assert "Nov 2 – 4, 2026" in unmarked(texts(test)).replace("\u2009", " ")


def test_an_address_that_makes_no_sense_is_said_to(look: Look, desk: Database) -> None:
    test = look("overview", period="<b>soon</b>", f_channel="pigeon")
    assert len(test.warning) == 2
    assert values(test)["Tickets"] == thousands(tickets(desk.owner))


def test_what_is_not_over_is_named_and_left_out_of_the_line(look: Look) -> None:
    test = look("overview", period="this_month")
    assert "not over yet: counted up to Nov 20, 2026, 14:00" in unmarked(texts(test))
    tile = next(button for button in test.button if button.label == "Tickets")
    assert "What is not over yet" in str(tile.help)
    whole = look("overview", period="last_month")
    assert "not over yet" not in unmarked(texts(whole))
    tile = next(button for button in whole.button if button.label == "Tickets")
    assert "What is not over yet" not in str(tile.help)


def test_a_tile_opens_the_answer_behind_it(look: Look, house: opened.House) -> None:
    test = look("overview", period="last_week")
    shown = values(test)["Resolution rate"]
    next(button for button in test.button if button.label == "Resolution rate").click().run()
    answer_id = said(test, "answer")
    kept = house.running.answers.kept(answer_id)
    assert kept is not None
    answer = kept.answer
    assert isinstance(answer["rows"], list)
    assert f"{answer['rows'][0][0]}%" == shown
    assert kept.user == "admin"


@pytest.mark.parametrize("user", PEOPLE)
def test_who_sees_all_rows_sees_the_same(look: Look, desk: Database, user: str) -> None:
    test = look("overview", user=user, language="en")
    assert not test.exception
    assert not test.error
    assert values(test)["Tickets"] == thousands(tickets(desk.owner))


@pytest.mark.parametrize(
    ("user", "condition"),
    [
        ("vera@example.com", "channel IN ('whatsapp', 'telegram')"),
        ("paul@example.com", "customer_id IN (SELECT customer_id FROM customers WHERE country IN ('DE', 'FR'))"),
        ("ruth@example.com", "language = 'he' AND channel IN ('chat', 'email')"),
    ],
)
def test_a_scope_holds_on_the_page(look: Look, desk: Database, user: str, condition: str) -> None:
    test = look("overview", user=user, language="en")
    assert not test.exception
    assert not test.error
    count = tickets(desk.owner, condition)
    assert 0 < count < tickets(desk.owner)
    assert values(test)["Tickets"] == thousands(count)


def test_a_scope_leaves_only_its_own_values_to_choose_from(look: Look) -> None:
    test = look("overview", user="vera@example.com", language="en", f_channel="email")
    channel = next(one for one in test.multiselect if one.label == "Channel")
    assert channel.options == ["Telegram", "WhatsApp"]
    assert len(test.warning) == 1


def test_what_changed_most_is_told_in_both_languages(look: Look) -> None:
    for language, words in (("en", "What changed most, and why"), ("ru", "Что изменилось сильнее всего и почему")):
        test = look("overview", language=language, period="last_quarter")
        assert words in [subheader.value for subheader in test.subheader]
        moved = [button.label for button in test.button if str(button.key).startswith("moved-")]
        assert 1 <= len(moved) <= 3


# Pins


def pin(name: str, title: str, metric: str, days: int) -> Pin:
    made = Calendar(NOW - timedelta(days=40), ZONE)
    query = MetricQuery((metric,), period=made.last_days(days, f"last {days} days"))
    return Pin(name, title, "en", MetricPlan(query), NOW - timedelta(days=40))


@contextmanager
def pinned(running: Running, data_dir: Path, *pins: Pin) -> Iterator[FakePins]:
    fake = FakePins()
    for one_pin in pins:
        fake.add("admin", one_pin)
    opened.use(house_on(replace(running, pins=fake), data_dir))
    yield fake
    opened.close()


def titles(test: AppTest) -> list[str]:
    return [markdown.value[2:-2] for markdown in test.markdown if markdown.value.startswith("**")]


def test_pins_are_asked_anew_and_can_be_ordered(running: Running, desk: Database, tmp_path: Path) -> None:
    first, second = pin("p1", "Tickets of *mine*", "tickets", 30), pin("p2", "What AI costs: $", "cost", 7)
    with pinned(running, tmp_path, first, second) as pins:
        test = looking("overview", language="en")
        assert [unmarked(title) for title in titles(test)] == ["Tickets of *mine*", "What AI costs: $"]
        # Pinned forty days ago, and counted up to now.
        assert f"Tickets, Oct 22 – Nov 20, 2026: {tickets(desk.owner):,}" in unmarked(texts(test)).replace(
            "\u2009", " "
        )
        test.button(key="pin-later-p1").click().run()
        assert [one.pin_id for one in pins.of("admin")] == ["p2", "p1"]
        assert [unmarked(title) for title in titles(test)] == ["What AI costs: $", "Tickets of *mine*"]
        test.button(key="pin-remove-p2").click().run()
        assert [one.pin_id for one in pins.of("admin")] == ["p1"]
        assert len(titles(test)) == 1


def test_without_pins_it_is_said_how_they_come(running: Running, tmp_path: Path) -> None:
    with pinned(running, tmp_path):
        assert "Nothing is pinned yet" in texts(looking("overview", language="en"))
        assert "Пока ничего не закреплено" in texts(looking("overview", language="ru"))


# With nothing, and without a database


@contextmanager
def living_on(database: Database, home: Catalog, data_dir: Path) -> Iterator[Running]:
    """A dashboard of another database."""
    given = Opened(database.owner, database.app, database.reader, False, lambda _: None)
    with open_on(given, home, settings(content_dir=ROOT, data_dir=data_dir, now=NOW)) as running:
        opened.use(house_on(running, data_dir))
        yield running
        opened.close()


@pytest.mark.parametrize("language", ["en", "ru"])
def test_an_empty_desk_is_said_to_be_empty(
    fresh_database: Callable[[], Database], home: Catalog, tmp_path: Path, language: str
) -> None:
    with living_on(fresh_database(), home, tmp_path):
        test = looking("overview", language=language)
        assert not test.exception
        assert not test.error
        assert values(test)[LABELS[language][0]] == "0"
        assert values(test)["CSAT"] == "–"
        quiet = {"en": "Nothing differs from the period before", "ru": "Ничто не отличается от предыдущего периода"}
        assert quiet[language] in unmarked(texts(test))


@pytest.mark.parametrize("page", ["overview", "funnel"])
def test_without_a_database_the_page_says_so_and_goes_on(
    page: str, fresh_database: Callable[[], Database], home: Catalog, tmp_path: Path
) -> None:
    database = fresh_database()
    with living_on(database, home, tmp_path) as running:
        running.dash.warm_up()
        drop(database)
        test = looking(page, language="en")
        assert not test.exception
        assert len(test.title) == 1
        assert len(test.error) >= 2
        assert test.selectbox[0].value == "last_30_days"
        again = [button for button in test.button if button.label == "Try again"]
        assert len(again) == len(test.error)


def drop(database: Database) -> None:
    with psycopg.connect(database.owner) as connection:
        name = connection.info.dbname
    with psycopg.connect(make_conninfo(database.owner, dbname="postgres"), autocommit=True) as connection:
        connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))
