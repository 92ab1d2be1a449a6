"""AI and people: figures against hand-written SQL, thresholds one by one, and texts for those who may read them."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from streamlit.testing.v1 import AppTest

from tests.conftest import NOW, ROOT
from tests.e2e.dashboard.conftest import Look, looking, texts
from tests.e2e.dashboard.houses import drop, housed
from tests.e2e.databases import Database

SPAN = "created_at >= '2026-10-22 00:00+03' AND created_at <= '2026-11-20 12:00+00'"
"""The last 30 days of NOW; Jerusalem had summer time until October 25."""

PENALTY = "NULLIF(btrim(penalty_score, E' \\t\\n\\r'), '')::numeric"
FIGURES = f"""
    count(*), round(100.0 * count(*) FILTER (WHERE verdict IN ('ai_better', 'equal')) / count(*), 1),
    round(avg(similarity), 3), round(avg({PENALTY}), 2), round(100.0 * count(error_type) / count(*), 1)
"""
WITH_TICKETS = "FROM ai_human_comparison AS c JOIN support_threads_data AS t USING (ticket_id)"


@pytest.fixture
def asked(desk: Database) -> Callable[..., list[tuple[Any, ...]]]:
    """Hand-written SQL on the demo desk."""

    def ask(statement: str, *values: object) -> list[tuple[Any, ...]]:
        with psycopg.connect(desk.owner) as connection:
            return connection.execute(statement.encode(), values or None).fetchall()

    return ask


def labels(dimension: str) -> dict[str, str]:
    """English names of stored values."""
    values = json.loads((ROOT / "business/values.json").read_text(encoding="utf-8"))["values"]
    return {one["value"]: one["label"]["en"] for one in values if one["dimension"] == dimension and "value" in one}


Asked = Callable[..., list[tuple[Any, ...]]]


@pytest.fixture
def notes(desk: Database) -> Iterator[Callable[[], list[tuple[str, str, str]]]]:
    """The audit of looks at texts, empty before and after."""

    def told() -> list[tuple[str, str, str]]:
        with psycopg.connect(desk.owner) as connection:
            return connection.execute(
                """SELECT "user", action, subject FROM app.audit WHERE action LIKE 'conversation%' ORDER BY audit_id"""
            ).fetchall()

    with psycopg.connect(desk.owner, autocommit=True) as connection:
        connection.execute("TRUNCATE app.audit")
        yield told
        connection.execute("TRUNCATE app.audit")


def tile_values(test: AppTest) -> list[str]:
    return [metric.value.replace("\\", "") for metric in test.metric]


def rows(test: AppTest, at: int) -> list[list[Any]]:
    return test.dataframe[at].value.values.tolist()


def test_figures_are_those_of_hand_written_sql(look: Look, asked: Asked) -> None:
    ((count, rate, similarity, penalty, errors),) = asked(f"SELECT {FIGURES} FROM ai_human_comparison WHERE {SPAN}")
    test = look("quality")
    assert not test.exception
    assert tile_values(test) == [f"{rate}%", f"{similarity}", f"{penalty}", f"{errors}%"]
    assert f"{count} answers of the AI were judged" in texts(test)


def test_categories_are_those_of_hand_written_sql(look: Look, asked: Asked) -> None:
    expected = asked(f"""
        SELECT request_type, {FIGURES} FROM ai_human_comparison WHERE {SPAN} GROUP BY 1
        ORDER BY 100.0 * count(*) FILTER (WHERE verdict IN ('ai_better', 'equal')) / count(*), 1""")
    names = labels("request_type")
    found = rows(look("quality"), 0)
    assert [row[:2] for row in found] == [[names[row[0]], row[1]] for row in expected]
    assert [row[2:6] for row in found] == [[float(cell) for cell in row[2:]] for row in expected]
    assert [row[6] for row in found] == ["few" if row[1] < 30 else "" for row in expected]


def test_kinds_of_error_by_category(look: Look, asked: Asked) -> None:
    names = {**labels("request_type"), **labels("error_type")}
    counts = {
        (names[category], names[kind]): count
        for category, kind, count in asked(
            f"SELECT request_type, error_type, count(*) FROM ai_human_comparison"
            f" WHERE {SPAN} AND error_type IS NOT NULL GROUP BY 1, 2"
        )
    }
    frame = look("quality").dataframe[1].value
    found = {
        (row["Category"], kind): row[kind]
        for row in frame.to_dict("records")
        for kind in frame.columns[2:]
        if row[kind]
    }
    assert found == counts
    assert frame["All"].sum() == sum(counts.values())
    assert list(frame["All"]) == sorted(frame["All"], reverse=True)


def test_filters_and_period_of_the_address_hold(look: Look, asked: Asked) -> None:
    october = "c.created_at >= '2026-10-01 00:00+03' AND c.created_at < '2026-11-01 00:00+02'"
    ((rate, count),) = asked(f"""
        SELECT round(100.0 * count(*) FILTER (WHERE verdict IN ('ai_better', 'equal')) / count(*), 1), count(*)
        {WITH_TICKETS} WHERE {october} AND t.channel = 'email'""")
    test = look("quality", period="last_month", f_channel="email")
    assert tile_values(test)[0] == f"{rate}%"
    assert f"{count} answers" in texts(test)


@pytest.mark.parametrize(
    ("user", "scope"),
    [
        ("vera@example.com", "t.channel IN ('whatsapp', 'telegram')"),
        ("paul@example.com", "t.customer_id IN (SELECT customer_id FROM customers WHERE country IN ('DE', 'FR'))"),
        ("ruth@example.com", "t.language = 'he' AND t.channel IN ('chat', 'email')"),
    ],
)
def test_a_row_scope_holds(look: Look, asked: Asked, user: str, scope: str) -> None:
    span = SPAN.replace("created_at", "c.created_at")
    ((rate, count),) = asked(f"""
        SELECT round(100.0 * count(*) FILTER (WHERE verdict IN ('ai_better', 'equal')) / count(*), 1), count(*)
        {WITH_TICKETS} WHERE {span} AND {scope}""")
    test = look("quality", user=user, language="en")
    assert tile_values(test)[0] == f"{rate}%"
    assert f"{count} answer" in texts(test)


def test_each_threshold_is_passed_or_missed(look: Look, asked: Asked) -> None:
    """The four thresholds of business/rules.json, on values that are not rounded."""
    expected = {}
    for category, count, rate, penalty, errors in asked(f"""
        SELECT t.request_type, coalesce(j.n, 0), j.rate, j.penalty, t.errors FROM
            (SELECT request_type, 100.0 * count(*) FILTER (WHERE status = 'Error') / count(*) AS errors
             FROM support_threads_data WHERE {SPAN} GROUP BY 1) AS t
        LEFT JOIN
            (SELECT request_type, count(*) AS n, avg({PENALTY}) AS penalty,
                    100.0 * count(*) FILTER (WHERE verdict IN ('ai_better', 'equal')) / count(*) AS rate
             FROM ai_human_comparison WHERE {SPAN} GROUP BY 1) AS j USING (request_type)"""):
        passed = (
            count >= 50,
            rate is not None and rate >= 85,
            penalty is not None and penalty <= 15,
            errors <= 2,
        )
        expected[category] = tuple("✓" if one else "✗" for one in passed)
    names = {label: value for value, label in labels("request_type").items()}
    test = look("quality")
    frame = test.dataframe[2].value
    assert list(frame.columns[2:]) == ["Comparisons ≥ 50", "AI win rate ≥ 85%", "Penalty ≤ 15", "Error rate ≤ 2%"]
    found = {names[row[0]]: tuple(cell[0] for cell in row[2:]) for row in rows(test, 2)}
    assert found == expected
    verdicts = {names[row[0]]: row[1] for row in rows(test, 2)}
    assert {name for name, verdict in verdicts.items() if verdict.startswith("✓")} == {
        name for name, marks in expected.items() if set(marks) == {"✓"}
    }


def test_a_part_opens_as_the_answer_it_is_made_of(look: Look, asked: Asked) -> None:
    links = [link.proto.query_string for link in look("quality").get("page_link")]
    ids = [link.removeprefix("answer=") for link in links]
    kept = dict(asked('SELECT answer_id, "user" FROM app.answers WHERE answer_id = ANY (%s)', ids))
    assert len(ids) == 3
    assert kept == dict.fromkeys(ids, "admin")


def test_a_tile_opens_the_question_behind_it(look: Look, asked: Asked) -> None:
    test = look("quality")
    next(button for button in test.button if button.key == "tile-penalty").click().run()
    ((plan,),) = asked("SELECT answer -> 'plan' FROM app.answers WHERE answer_id = %s", test.query_params["answer"])
    assert plan["metrics"] == ["penalty"]


def test_texts_of_a_ticket_stand_side_by_side(look: Look, asked: Asked, notes: Callable[[], Any]) -> None:
    ((ticket, ai, human, judge),) = asked(f"""
        SELECT ticket_id, ai_answer, human_answer, judge_model FROM ai_human_comparison
        WHERE {SPAN} AND error_type = 'wrong_policy' ORDER BY comparison_id LIMIT 1""")
    written = [row[0] for row in asked("SELECT message FROM support_dialogs WHERE ticket_id = %s", ticket)]
    test = look("quality", ticket=str(ticket))
    assert not test.exception
    shown = [element.value for element in test.text]
    assert {ai, human, *written} <= set(shown)
    assert f"judged by {judge}" in texts(test)
    assert "Error type: Wrong policy" in texts(test)
    assert notes() == [
        ("admin", "conversations.listed", ""),
        ("admin", "conversation.read", f"ticket {ticket}"),
    ]


def test_tickets_to_choose_from_are_narrowed(look: Look, asked: Asked) -> None:
    expected = [
        row[0]
        for row in asked(f"""
            SELECT c.ticket_id {WITH_TICKETS}
            WHERE {SPAN.replace("created_at", "c.created_at")} AND t.channel = 'chat' AND verdict = 'human_better'
            ORDER BY c.created_at DESC, comparison_id DESC LIMIT 50""")
    ]
    test = look("quality", f_channel="chat")
    test.selectbox(key="quality.verdict").select("human_better").run()
    options = test.selectbox(key="quality.ticket").options
    assert [int(option.split(" ")[0].removeprefix("#")) for option in options] == expected
    test.selectbox(key="quality.ticket").select_index(0).run()
    assert test.query_params["ticket"] == str(expected[0])
    assert f"Ticket {expected[0]}:" in texts(test)


@pytest.mark.parametrize("user", ["vera@example.com", "maria@example.com", "anton@example.com"])
def test_others_are_shown_no_texts(look: Look, asked: Asked, notes: Callable[[], Any], user: str) -> None:
    """A viewer, a manager and an analyst, by the link that an administrator has sent them."""
    ((ticket, ai),) = asked(f"SELECT ticket_id, ai_answer FROM ai_human_comparison WHERE {SPAN} LIMIT 1")
    test = look("quality", user=user, language="en", ticket=str(ticket))
    assert "Administrators alone read it." in texts(test)
    assert ai not in texts(test)
    assert "quality.ticket" not in [box.key for box in test.selectbox]
    assert notes() == []


@pytest.mark.parametrize(
    ("ticket", "said"),
    [
        ("999999999", "There is no ticket 999999999 among the tickets"),
        ("99999999999999999999999", "There is no ticket"),
        ("drop table", "digits alone"),
        ("١٢", "digits alone"),
    ],
)
def test_no_such_ticket(look: Look, ticket: str, said: str) -> None:
    test = look("quality", ticket=ticket)
    assert not test.exception
    assert said in texts(test)


def test_in_russian(look: Look) -> None:
    test = look("quality", user="olga@example.com")
    assert {"ИИ и люди", "По категориям", "Готовность к автоотправке"} <= {
        element.value for kind in ("title", "header") for element in test.get(kind)
    }
    assert "Доставка" in [row[0] for row in rows(test, 0)]
    assert tile_values(test)[0].endswith("%")
    assert "," in tile_values(test)[0]


@pytest.fixture(scope="module")
def bare(fresh_database: Callable[[], Database]) -> Database:
    return fresh_database()


def test_nothing_was_compared(bare: Database, tmp_path: Path) -> None:
    with housed(bare, tmp_path):
        test = looking("quality", ticket="1")
    assert not test.exception
    assert "No answers were compared in this period." in texts(test)
    assert "There were no tickets in the last 30 days." in texts(test)
    assert "No comparison of the chosen period is like this." in texts(test)
    assert "There is no ticket 1 among" in texts(test)


def test_markdown_of_a_customer_stays_text(bare: Database, tmp_path: Path) -> None:
    told = "**free** :red[now] $x$ <img src=x> [click](https://example.com)"
    with psycopg.connect(bare.owner, autocommit=True) as owner:
        owner.execute(
            """INSERT INTO support_threads_data (ticket_id, thread_key, channel, language, subject, request_type,
                   urgency, status, model, created_at, updated_at)
               VALUES (1, 'email:1', 'email', 'en', %(told)s, 'other', 'low', 'Sent', %(told)s, %(at)s, %(at)s)""",
            {"told": told, "at": NOW},
        )
        owner.execute(
            "INSERT INTO support_dialogs (ticket_id, role, message, created_at) VALUES (1, 'customer', %s, %s)",
            (told, NOW),
        )
        owner.execute(
            """INSERT INTO ai_human_comparison (ticket_id, request_type, ai_answer, human_answer, similarity, verdict,
                   error_type, judge_model, created_at)
               VALUES (1, 'other', %(told)s, %(told)s, 0.5, 'equal', %(told)s, %(told)s, %(at)s)""",
            {"told": told, "at": NOW},
        )
    try:
        with housed(bare, tmp_path):
            test = looking("quality", ticket="1")
    finally:
        with psycopg.connect(bare.owner, autocommit=True) as owner:
            owner.execute("TRUNCATE support_threads_data CASCADE")
    assert not test.exception
    assert [element.value for element in test.text].count(told) == 4
    for kind in ("markdown", "caption"):
        for element in test.get(kind):
            assert "**free**" not in element.value
            assert ":red[" not in element.value
            assert "<img" not in element.value.replace("\\<img", "")


def test_the_database_is_gone(fresh_database: Callable[[], Database], tmp_path: Path) -> None:
    own = fresh_database()
    with housed(own, tmp_path):
        drop(own)
        test = looking("quality", ticket="1")
    assert not test.exception
    assert [title.value for title in test.title] == ["AI and people"]
    assert len(test.error) == 3
