"""Settings: one's own language, and for admins the people and their budgets."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import psycopg
import pytest
from streamlit.testing.v1 import AppTest

from dash_agent.bootstrap import Running
from dashboard import opened
from tests.e2e.dashboard.conftest import away, house_on, looking, texts
from tests.e2e.databases import Database


@pytest.fixture
def house(running: Running, tmp_path: Path, desk: Database) -> Iterator[None]:
    opened.use(house_on(running, tmp_path))
    yield
    opened.close()
    with psycopg.connect(desk.owner, autocommit=True) as connection:
        connection.execute("TRUNCATE app.budgets, app.preferences")


pytestmark = pytest.mark.usefixtures("house")


def titled(test: AppTest) -> str:
    return str(test.title[0].value)


def test_a_language_holds_at_once_and_in_later_sessions() -> None:
    test = looking("settings", user="maria@example.com")
    assert titled(test) == "Settings"
    test.get("button_group")[0].set_value("ru").run()
    assert titled(test) == "Настройки"
    assert titled(looking("settings", user="maria@example.com")) == "Настройки"
    assert titled(looking("settings", user="anton@example.com")) == "Settings"


def test_somebody_sees_themselves_and_nobody_else() -> None:
    test = looking("settings", user="vera@example.com")
    assert not test.exception
    shown = texts(test)
    assert "Наблюдатель" in shown
    assert "WhatsApp" in shown
    assert not test.dataframe
    assert "maria" not in shown


def test_an_admin_sees_everybody_with_their_rows() -> None:
    test = looking("settings", user="nina@example.com")
    people = {row["email"]: row for row in test.dataframe[0].value.to_dict("records")}
    assert len(people) == 7
    assert people["paul@example.com"]["rows"] == "Country: Germany, France"
    assert people["olga@example.com"]["language"] == "Russian"
    assert people["anton@example.com"]["role"] == "Analyst"
    assert people["maria@example.com"]["rows"] == "all rows"


def test_a_change_is_a_patch_of_the_file() -> None:
    test = looking("settings")
    test.selectbox(key="person").set_value("olga@example.com").run()
    test.selectbox(key="role-olga@example.com").set_value("analyst")
    (button,) = [one for one in test.button if one.label == "Show the patch"]
    button.click().run()
    assert not test.exception
    (patch,) = [one.value for one in test.code]
    assert '-    {"email": "olga@example.com", "role": "manager", "language": "ru"},' in patch
    assert '+    {"email": "olga@example.com", "role": "analyst", "language": "ru"},' in patch


def test_an_address_that_is_none_is_refused_in_words() -> None:
    test = looking("settings")
    test.text_input(key="new-email").set_value("olga")
    (button,) = [one for one in test.button if one.label == "Show the patch"]
    button.click().run()
    assert not test.exception
    assert len(test.error) == 1
    assert "'olga' is not an e-mail address" in texts(test)


def test_budgets(running: Running) -> None:
    assert running.ports is not None
    assert running.ports.spending is not None
    for limit, kept in (("own", Decimal("2.50")), ("none", None)):
        test = looking("settings")
        test.selectbox(key="budget-user").set_value("anton@example.com")
        test.radio(key="budget-limit").set_value(limit)
        test.number_input(key="budget-usd").set_value(2.5)
        (button,) = [one for one in test.button if one.label == "Set the budget"]
        button.click().run()
        assert not test.exception
        (found,) = [one for one in running.ports.spending.budgets() if one.user == "anton@example.com"]
        assert (found.usd_per_day, found.is_own) == (kept, True)


@pytest.mark.parametrize("user", ["anton@example.com", "maria@example.com", "vera@example.com"])
def test_only_admins_have_forms(user: str) -> None:
    test = looking("settings", user=user)
    assert not test.exception
    assert not test.selectbox
    assert not test.dataframe


def test_with_the_database_down_the_language_is_not_lost_silently(running: Running) -> None:
    test = looking("settings")
    database = running.parts["database"]
    url = away(database)
    try:
        test.run()
        assert not test.exception
        assert {one.value for one in test.error} == {
            "The database can't be reached. As soon as it is back, the numbers are, too."
        }
        assert len(test.dataframe) == 1  # the people are of a file
    finally:
        database.url = url
