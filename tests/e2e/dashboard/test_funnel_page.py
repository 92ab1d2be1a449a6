"""The funnel page as people see it: what hand-written SQL gives, for each role and scope."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pandas
import pytest
from streamlit.testing.v1 import AppTest

from dash_agent.context.catalog import Catalog
from dashboard import opened
from tests.conftest import NOW
from tests.e2e.dashboard.conftest import Look, looking, texts
from tests.e2e.dashboard.test_overview_page import living_on, said, unmarked
from tests.e2e.databases import Database
from tests.gold import gold_rows

STUCK = (
    "SELECT ticket_id, round((extract(epoch FROM :now - updated_at) / 3600)::numeric, 1), assigned_to"
    " FROM support_threads_data WHERE status IN ('Data collected', 'AI Answered', 'Draft Created')"
    " AND updated_at < :now - interval '24 hours' AND {condition} ORDER BY updated_at, ticket_id"
)
STEPS = ["Time to AI answer", "AI answer to draft", "Draft to sending", "Response time", "Time to escalation"]


def table(test: AppTest, column: str) -> pandas.DataFrame:
    """The table that has a column of this name."""
    return next(frame.value for frame in test.dataframe if column in frame.value.columns)


def has_table(test: AppTest, column: str) -> bool:
    return any(column in frame.value.columns for frame in test.dataframe)


def test_the_worklist_shows_the_oldest_first_with_age_and_owner(look: Look, desk: Database) -> None:
    test = look("funnel", language="en")
    assert not test.exception
    assert not test.error
    expected = gold_rows(desk.owner, STUCK.format(condition="true"), NOW)
    shown = table(test, "Age, hours")
    assert list(shown["Ticket"]) == [int(str(row[0])) for row in expected]
    assert list(shown["Age, hours"]) == [float(str(row[1])) for row in expected]
    assert list(shown["Owner"]) == [row[2] or "nobody yet" for row in expected]
    assert f"{len(expected)} tickets on their way have not changed for more than 24 hours" in unmarked(texts(test))


def test_the_worklist_is_given_as_csv(look: Look, desk: Database) -> None:
    test = look("funnel", language="ru")
    (button,) = test.get("download_button")
    assert button.proto.label == "Скачать CSV"


@pytest.mark.parametrize("language", ["en", "ru"])
def test_the_time_of_each_stage_has_its_tickets(look: Look, desk: Database, language: str) -> None:
    test = look("funnel", language=language, period="last_month")
    ((answered, resolved, sent, escalated),) = gold_rows(
        desk.owner,
        "SELECT count(ai_answered_at), count(draft_created_at), count(sent_at), count(escalated_at)"
        " FROM support_threads_data WHERE created_at >= '2026-10-01 00:00+03' AND created_at < '2026-11-01 00:00+02'",
        NOW,
    )
    step, tickets = {"en": ("Step", "Tickets"), "ru": ("Этап", "Тикеты")}[language]
    shown = table(test, step)
    assert list(shown[tickets]) == [int(str(n)) for n in (answered, resolved, sent, sent, escalated)]
    if language == "en":
        assert list(shown[step]) == STEPS
    assert len(test.get("plotly_chart")) == 1


def test_the_forecast_stands_beside_how_it_did(look: Look) -> None:
    """What the numbers are is held in test_reports_breaches."""
    test = look("funnel", language="en")
    assert [metric.label for metric in test.metric] == ["Named rightly", "Breaches foreseen", "Without a forecast"]
    days = table(test, "Named rightly")
    assert len(days) == 28
    named, right, breached, waiting = (
        int(days[name].sum()) for name in ("Named", "Named rightly", "Missed the target", "Waiting")
    )
    assert 0 < right <= named <= waiting
    for metric, (part, whole) in zip(
        test.metric, ((right, named), (right, breached), (breached, waiting)), strict=True
    ):
        assert abs(float(metric.value.rstrip("%")) - 100 * part / whole) <= 0.051
    assert "in the 28 days before today" in unmarked(texts(test))
    assert "A ticket is named from 50% on." in unmarked(texts(test))


def test_filters_narrow_every_part(look: Look, desk: Database) -> None:
    test = look("funnel", language="en", f_channel="email")
    assert not test.error
    expected = gold_rows(desk.owner, STUCK.format(condition="channel = 'email'"), NOW)
    assert list(table(test, "Age, hours")["Ticket"]) == [int(str(row[0])) for row in expected]
    whole = table(look("funnel", language="en"), "Named rightly")["Waiting"].sum()
    assert 0 < table(test, "Named rightly")["Waiting"].sum() < whole


@pytest.mark.parametrize("user", ["nina@example.com", "anton@example.com", "maria@example.com", "olga@example.com"])
def test_who_sees_all_rows_sees_the_whole_worklist(look: Look, desk: Database, user: str) -> None:
    test = look("funnel", user=user, language="en")
    assert not test.exception
    assert not test.error
    assert len(table(test, "Age, hours")) == len(gold_rows(desk.owner, STUCK.format(condition="true"), NOW))


def test_a_scope_holds_on_every_part(look: Look, desk: Database) -> None:
    test = look("funnel", user="paul@example.com", language="en")
    assert not test.exception
    assert not test.error
    condition = "customer_id IN (SELECT customer_id FROM customers WHERE country IN ('DE', 'FR'))"
    expected = gold_rows(desk.owner, STUCK.format(condition=condition), NOW)
    assert expected
    assert list(table(test, "Age, hours")["Ticket"]) == [int(str(row[0])) for row in expected]
    ((answered,),) = gold_rows(
        desk.owner,
        f"SELECT count(ai_answered_at) FROM support_threads_data WHERE {condition}"
        " AND created_at >= '2026-10-22 00:00+03' AND created_at <= :now",
        NOW,
    )
    assert table(test, "Step")["Tickets"][0] == int(str(answered))


def test_a_part_opens_the_answer_behind_it(look: Look, house: opened.House) -> None:
    test = look("funnel", language="en")
    test.button(key="details-stuck").click().run()
    answer_id = said(test, "answer")
    kept = house.running.answers.kept(answer_id)
    assert kept is not None
    plan = kept.answer["plan"]
    assert isinstance(plan, dict)
    assert plan["kind"] == "list"


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("en", ("No ticket came in during this period", "No ticket is stuck", "No open ticket is waiting")),
        ("ru", ("За этот период тикетов не было", "Застрявших тикетов нет", "Нет открытых тикетов")),
    ],
)
def test_an_empty_desk_says_what_will_stand_here(
    fresh_database: Callable[[], Database], home: Catalog, tmp_path: Path, language: str, said: tuple[str, ...]
) -> None:
    with living_on(fresh_database(), home, tmp_path):
        test = looking("funnel", language=language)
        assert not test.exception
        assert not test.error
        for words in said:
            assert words in unmarked(texts(test))
        assert not has_table(test, "Ticket")
        assert not has_table(test, "Тикет")
