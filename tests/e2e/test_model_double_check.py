"""Where the parser and a model both plan, their results are compared, and what differs is said."""

from __future__ import annotations

from typing import Any

import pytest

from dash_agent.context.catalog import Catalog
from dash_agent.models.answer import Answer, DoubleCheck, Engine, Trust
from tests.e2e.databases import Database
from tests.e2e.modelled import LAST_WEEK, WHATSAPP_LAST_WEEK, modelled, sql, submitted
from tests.stubs.scripted import Fail

QUESTION = "How many tickets on WhatsApp last week?"
RUSSIAN = "Сколько тикетов в WhatsApp за прошлую неделю?"
COUNT = f"SELECT count(*) AS n FROM support_threads_data WHERE {LAST_WEEK}"


def checked(desk: Database, home: Catalog, reply: Any, question: str = QUESTION, **options: Any) -> Answer:
    with modelled(desk, home, reply) as made:
        answer = made.ask(question, **options)
        assert len(made.provider.requests) == answer.usage.calls == 1
    return answer


@pytest.mark.parametrize(
    "reply",
    [
        submitted(**WHATSAPP_LAST_WEEK),
        submitted(**{**WHATSAPP_LAST_WEEK, "period": {"start": "2026-11-09", "end": "2026-11-16"}}),
        sql(f"{COUNT} AND channel = 'whatsapp'"),
    ],
    ids=["the same plan", "other words for it", "SQL"],
)
def test_equal_results_agree(reply: Any, desk: Database, home: Catalog) -> None:
    answer = checked(desk, home, reply)
    assert answer.double_check == DoubleCheck(agrees=True)
    assert (answer.engine, answer.trust) == (Engine.GROUNDED, Trust.GOVERNED)
    assert answer.usage.prompt > 0


def test_the_filter_that_differs_is_said(desk: Database, home: Catalog) -> None:
    answer = checked(desk, home, submitted(**{**WHATSAPP_LAST_WEEK, "filters": []}))
    assert answer.double_check is not None
    assert answer.double_check.agrees is False
    told = "its conditions are none, and those of this answer are WhatsApp."
    assert told in (answer.double_check.difference or "")
    assert answer.double_check.difference in answer.caveats


def test_it_is_said_in_the_questions_language(desk: Database, home: Catalog) -> None:
    answer = checked(desk, home, submitted(**{**WHATSAPP_LAST_WEEK, "filters": []}), RUSSIAN)
    assert answer.double_check is not None
    assert "там условия — нет, а в этом ответе — WhatsApp" in (answer.double_check.difference or "")


def test_a_period_and_a_metric_that_differ_are_said(desk: Database, home: Catalog) -> None:
    months = checked(desk, home, submitted(**{**WHATSAPP_LAST_WEEK, "period": {"label": "October 2026"}}))
    metrics = checked(desk, home, submitted(**{**WHATSAPP_LAST_WEEK, "metrics": ["escalated"]}))
    assert months.double_check is not None
    assert metrics.double_check is not None
    assert "its period is October 2026" in (months.double_check.difference or "")
    assert "it counts Escalated" in (metrics.double_check.difference or "")


def test_sql_that_gives_another_number_differs(desk: Database, home: Catalog) -> None:
    answer = checked(desk, home, sql(COUNT))
    assert answer.double_check is not None
    assert "a query of another kind" in (answer.double_check.difference or "")


def test_no_second_reading_is_no_error(desk: Database, home: Catalog) -> None:
    for reply in (Fail(500), sql("SELECT nothing FROM nowhere"), submitted(kind="refuse", reason="write", words=["x"])):
        answer = checked(desk, home, reply)
        assert answer.double_check is None
        assert answer.rows != ()
        assert answer.caveats == ()


def test_a_forced_model_is_compared_with_the_parser(desk: Database, home: Catalog) -> None:
    same = checked(desk, home, submitted(**WHATSAPP_LAST_WEEK), engine="llm")
    other = checked(desk, home, submitted(**{**WHATSAPP_LAST_WEEK, "filters": []}), engine="llm")
    assert same.double_check == DoubleCheck(agrees=True)
    assert other.double_check is not None
    assert "without a language model" in (other.double_check.difference or "")
    assert "its conditions are WhatsApp, and those of this answer are none" in (other.double_check.difference or "")


def test_it_can_be_switched_off(desk: Database, home: Catalog) -> None:
    with modelled(desk, home, options={"double_check": False}) as made:
        answer = made.ask(QUESTION)
        assert made.provider.requests == []
    assert answer.double_check is None
