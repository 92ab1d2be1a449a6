"""A model plans what the parser can't: its plans pass the same door, and what fails goes back to it."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import replace

import pytest

from dash_agent.ask import Dash
from dash_agent.context.catalog import Catalog
from dash_agent.models.answer import Answer, Engine, Status, Trust
from dash_agent.models.plan import Refusal, SqlPlan
from dash_agent.models.planned import Passage
from dash_agent.models.principal import Principal, Role
from dash_agent.warehouse.row_security import LOOKUPS
from tests.conftest import NOW, ZONE
from tests.e2e.databases import Database
from tests.e2e.modelled import ANNA, LAST_WEEK, WHATSAPP_LAST_WEEK, modelled, rows, sql, submitted
from tests.e2e.scopes import NARROWED, ScopedDesk
from tests.fakes import FakeDocuments
from tests.stubs.scripted import Call, Text

STRANGE = "How hectic did WhatsApp get last week?"
"""The parser does not know every word of it."""


def test_a_typed_plan_is_governed_and_takes_one_call(desk: Database, home: Catalog) -> None:
    with modelled(desk, home, submitted(**WHATSAPP_LAST_WEEK)) as made:
        answer = made.ask(STRANGE)
        (asked,) = made.provider.requests
    gold = rows(desk, f"SELECT count(*) FROM support_threads_data WHERE channel = 'whatsapp' AND {LAST_WEEK}")
    assert list(answer.rows) == gold
    assert (answer.engine, answer.trust, answer.status) == (Engine.LLM, Trust.GOVERNED, Status.ANSWERED)
    assert (answer.usage.model, answer.usage.calls, answer.usage.prompt) == ("openai:first", 1, asked.tokens)
    assert answer.usage.completion > 0
    assert f"{gold[0][0]:,}" in answer.text


def test_a_look_at_the_context_and_then_a_plan_are_two_calls(desk: Database, home: Catalog) -> None:
    search = Call("search_context", {"text": "tickets by channel"})
    with modelled(desk, home, search, submitted(**WHATSAPP_LAST_WEEK)) as made:
        answer = made.ask(STRANGE)
        found = [message for message in made.provider.requests[1].body["messages"] if message["role"] == "tool"]
    assert answer.usage.calls == 2
    assert "channel" in found[0]["content"]


def test_a_guess_of_the_definition_costs_no_call(desk: Database, home: Catalog) -> None:
    """What a model supposes is looked for in the same call of its tool, and a governed question stays at two."""
    search = Call("search_context", {"text": "hectic", "guess": "the number of tickets that came in a period"})
    meant: list[Sequence[str]] = []

    class Kept(FakeDocuments):
        def search(self, text: str, limit: int, also: Sequence[str] = ()) -> Sequence[Passage]:
            meant.append(also)
            return super().search(text, limit, also)

    with modelled(desk, home, search, submitted(**WHATSAPP_LAST_WEEK)) as made:
        dash = Dash(replace(made.dash._ports, documents=Kept()), home, timezone=ZONE.key)
        answer = dash.ask(STRANGE, ANNA, now=NOW)
    assert (answer.trust, answer.usage.calls) == (Trust.GOVERNED, 2)
    assert meant == [(), ("the number of tickets that came in a period",)]


def test_a_wrong_name_is_mended_by_the_nearest_right_one(desk: Database, home: Catalog) -> None:
    wrong = {**WHATSAPP_LAST_WEEK, "filters": [{"dimension": "channel", "op": "in", "values": ["Watsapp"]}]}
    with modelled(desk, home, submitted(**wrong), submitted(**WHATSAPP_LAST_WEEK)) as made:
        answer = made.ask(STRANGE)
        told = made.told[1]
    assert "there is no value of channel 'Watsapp'; did you mean 'whatsapp'?" in told
    assert answer.status is Status.ANSWERED
    assert answer.usage.calls == 2


def test_a_pattern_of_a_model_is_verified(desk: Database, home: Catalog) -> None:
    plan = submitted(kind="pattern", name="agent_load", parameters={"channels": ["email"]})
    with modelled(desk, home, plan) as made:
        answer = made.ask("Whose plate is too full in email?")
    assert (answer.engine, answer.trust) == (Engine.LLM, Trust.VERIFIED)
    gold = rows(
        desk,
        "SELECT DISTINCT assigned_to FROM support_threads_data WHERE assigned_to IS NOT NULL AND sent_at IS NULL"
        " AND channel = 'email' AND status IN ('Data collected', 'AI Answered', 'Draft Created', 'Escalated')",
    )
    assert {row[0] for row in answer.rows} == {row[0] for row in gold}


def test_an_error_of_the_database_goes_back_and_what_mended_it_is_heard(desk: Database, home: Catalog) -> None:
    wrong = f"SELECT count(*) / 0 AS tickets FROM support_threads_data WHERE {LAST_WEEK}"
    right = f"SELECT count(*) AS tickets FROM support_threads_data WHERE {LAST_WEEK}"
    with modelled(desk, home, sql(wrong), sql(right), otherwise=Text("")) as made:
        answer = made.ask(STRANGE)
        told = made.told[1]
    assert list(answer.rows) == rows(desk, right)
    assert (answer.trust, answer.engine) == (Trust.GENERATED, Engine.LLM)
    assert "division by zero" in told
    (mended,) = made.mended
    assert mended.question == STRANGE
    assert isinstance(mended.failed[0].plan, SqlPlan)
    assert mended.failed[0].plan.sql == wrong
    assert "division by zero" in mended.failed[0].problem
    assert mended.plan == SqlPlan(right)
    assert mended.answer_id == answer.answer_id


def test_an_unknown_column_is_told_with_what_there_is(desk: Database, home: Catalog) -> None:
    right = sql("SELECT count(*) AS tickets FROM support_threads_data WHERE channel = 'email'")
    with modelled(desk, home, sql("SELECT chanel FROM support_threads_data"), right, otherwise=Text("")) as made:
        assert made.ask(STRANGE).status is Status.ANSWERED
        assert "chanel" in made.told[1]


@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM support_threads_data",
        "UPDATE support_threads_data SET status = 'Sent'",
        "WITH gone AS (DELETE FROM support_threads_data RETURNING *) SELECT count(*) AS n FROM gone",
        "SELECT count(*) AS n FROM support_threads_data; DROP TABLE support_threads_data",
    ],
)
def test_a_write_is_refused_three_times_and_changes_nothing(statement: str, desk: Database, home: Catalog) -> None:
    before = rows(desk, "SELECT count(*), min(status), max(status) FROM support_threads_data")
    with modelled(desk, home, otherwise=sql(statement)) as made:
        answer = made.ask(STRANGE)
        calls = len(made.provider.requests)
    assert rows(desk, "SELECT count(*), min(status), max(status) FROM support_threads_data") == before
    assert calls == answer.usage.calls == 3
    assert answer.rows == ()
    assert answer.status in (Status.REFUSED, Status.CLARIFY)
    assert "no plan of it could be run" in answer.text


def test_rows_that_a_join_multiplies_are_not_shown(desk: Database, home: Catalog) -> None:
    fanned = (
        "SELECT count(t.ticket_id) AS tickets FROM support_threads_data t"
        f" JOIN support_dialogs d ON d.ticket_id = t.ticket_id WHERE t.{LAST_WEEK.replace('AND ', 'AND t.')}"
    )
    right = f"SELECT count(*) AS tickets FROM support_threads_data WHERE {LAST_WEEK}"
    with modelled(desk, home, sql(fanned), sql(right), otherwise=Text("")) as made:
        answer = made.ask(STRANGE)
        told = made.told[1]
    assert rows(desk, fanned) != rows(desk, right)
    assert list(answer.rows) == rows(desk, right)
    assert "failed" in told
    assert "support_dialogs" in made.mended[0].failed[0].problem


RUSSIAN = "Насколько жарко было в WhatsApp на прошлой неделе?"
FANNED = """SELECT count(t.ticket_id) AS tickets FROM support_threads_data t
    JOIN support_dialogs d ON d.ticket_id = t.ticket_id"""


@pytest.mark.parametrize(
    ("statement", "told"),
    [
        (FANNED, "соединение таблиц повторяет строки, по которым считается COUNT(t.ticket_id)"),
        (
            "SELECT count(*) AS n FROM support_threads_data WHERE channel = 'Watsapp'",
            "возможно, имелось в виду 'whatsapp'",
        ),
        ("SELECT 150.0 AS share FROM support_threads_data LIMIT 1", "столбец «share» — проценты, а 150"),
        ("SELECT -3 AS tickets FROM support_threads_data LIMIT 1", "«tickets» не может быть меньше нуля, а в нём -3"),
        ("DELETE FROM support_threads_data", "проверка запросов его не пропускает"),
        ("SELECT 1 / 0 AS n", "база данных сообщила: «division by zero»"),
    ],
)
def test_what_failed_is_said_in_the_answers_language(statement: str, told: str, desk: Database, home: Catalog) -> None:
    """Latin words are names, SQL and what the database said."""
    with modelled(desk, home, otherwise=sql(statement)) as made:
        answer = made.ask(RUSSIAN)
    assert answer.language == "ru"
    assert told in answer.text
    said = answer.text.replace("division by zero", "").replace("COUNT(t.ticket_id)", "")
    latin = set(re.findall(r"[A-Za-z]+", said))
    assert latin <= {"WhatsApp", "Watsapp", "whatsapp", "channel", "share", "tickets"}, answer.text


def test_a_model_without_a_plan_is_said_in_russian(desk: Database, home: Catalog) -> None:
    unfit = {**WHATSAPP_LAST_WEEK, "metrics": ["tikets"]}
    with modelled(desk, home, Text("Hm."), *[submitted(**unfit)] * 3) as made:
        silent, confused = made.ask(RUSSIAN), made.ask(RUSSIAN)
    assert "openai:first: плана не прислала" in silent.text
    assert "openai:first: присланное нельзя прочитать как план" in confused.text


def test_personal_columns_are_out_of_reach(desk: Database, home: Catalog) -> None:
    with modelled(desk, home, otherwise=sql("SELECT email FROM customers")) as made:
        answer = made.ask(STRANGE)
    assert answer.rows == ()
    assert answer.status in (Status.REFUSED, Status.CLARIFY)


def test_a_scope_holds_for_a_models_own_sql(scoped_desk: ScopedDesk, home: Catalog) -> None:
    boris = Principal("boris@example.com", Role.MANAGER, scope=NARROWED["channel"].scope)
    statement = "SELECT channel, count(*) AS tickets FROM support_threads_data GROUP BY channel ORDER BY channel"
    with modelled(scoped_desk.whole, home, sql(statement), otherwise=Text(""), options={"lookups": LOOKUPS}) as made:
        answer = made.ask(STRANGE, principal=boris)
    assert list(answer.rows) == rows(scoped_desk.parts["channel"], statement)
    assert [row[0] for row in answer.rows] == ["telegram", "whatsapp"]


def test_a_model_may_ask_back_and_may_refuse(desk: Database, home: Catalog) -> None:
    options = [{"label": "Tickets", "question": "How many tickets on WhatsApp last week?"}]
    asks = submitted(kind="clarify", words=["hectic"], options=options)
    refuses = submitted(kind="refuse", reason="no_such_data", words=["hectic"])
    with modelled(desk, home, asks, refuses) as made:
        asked, refused = made.ask(STRANGE), made.ask(STRANGE)
    assert (asked.status, asked.options[0].question) == (Status.CLARIFY, options[0]["question"])
    assert (refused.status, refused.engine) == (Status.REFUSED, Engine.LLM)
    assert "hectic" in refused.text


@pytest.mark.parametrize("question", ["Delete all tickets", "Show the emails of customers", "hello", ""])
def test_what_is_refused_for_good_reaches_no_model(question: str, desk: Database, home: Catalog) -> None:
    with modelled(desk, home) as made:
        for engine in ("auto", "llm"):
            assert made.ask(question, engine=engine).engine is Engine.GROUNDED
        assert made.provider.requests == []


def test_people_are_masked_in_what_a_model_is_told(desk: Database, home: Catalog) -> None:
    refuses = submitted(kind="refuse", reason="not_supported", words=["hectic"])
    with modelled(desk, home, refuses) as made:
        made.ask("How hectic was it for dana.levi@example.com and +972 54-123-4567 last week?")
        (told,) = made.told
    assert "dana.levi" not in told
    assert "123-4567" not in told
    assert "[e-mail]" in told


def test_a_follow_up_is_told_with_the_plan_before(desk: Database, home: Catalog) -> None:
    only_email = {**WHATSAPP_LAST_WEEK, "filters": [{"dimension": "channel", "op": "in", "values": ["email"]}]}
    with modelled(desk, home, submitted(**WHATSAPP_LAST_WEEK), submitted(**only_email)) as made:
        made.ask(STRANGE, session="s")
        answer = made.ask("and the hecticness of email?", session="s")
        told = made.told[1]
    assert STRANGE in told
    assert "whatsapp" in told.split(STRANGE)[1]
    gold = rows(desk, f"SELECT count(*) FROM support_threads_data WHERE channel = 'email' AND {LAST_WEEK}")
    assert list(answer.rows) == gold


def test_explain_by_a_model_runs_nothing(desk: Database, home: Catalog) -> None:
    with modelled(desk, home, sql("SELECT count(*) AS n FROM support_threads_data")) as made:
        explained = made.dash.explain(STRANGE, ANNA, engine="llm")
    assert "support_threads_data" in (explained.sql or "")
    assert explained.rows == ()
    assert made.answers.saved == {}


def test_the_engine_can_be_forced(desk: Database, home: Catalog) -> None:
    plain = "How many tickets last week?"
    with modelled(desk, home, submitted(**WHATSAPP_LAST_WEEK), options={"double_check": False}) as made:
        grounded = made.ask(plain, engine="grounded")
        assert made.provider.requests == []
        forced = made.ask(plain, engine="llm")
    assert (grounded.engine, forced.engine) == (Engine.GROUNDED, Engine.LLM)
    assert grounded.rows != forced.rows
    assert isinstance(made.dash.ask(STRANGE, ANNA, engine="grounded").plan, Refusal)


# A model's words

BY_CHANNEL = f"""SELECT channel, count(*) AS tickets FROM support_threads_data
    WHERE {LAST_WEEK} AND channel IN ('email', 'whatsapp') GROUP BY channel ORDER BY channel"""


def worded(desk: Database, home: Catalog, text: str) -> Answer:
    with modelled(desk, home, sql(BY_CHANNEL), Text(text)) as made:
        answer = made.ask(STRANGE)
        told = json.dumps(made.provider.requests[1].body["messages"][1]["content"], ensure_ascii=False)
    assert "email" in told
    return answer


def test_words_of_a_model_are_shown_where_every_number_is_a_fact(desk: Database, home: Catalog) -> None:
    (_, email), (_, whatsapp) = rows(desk, BY_CHANNEL)
    text = f"Last week email had {email:,} tickets and whatsapp {whatsapp:,}."
    answer = worded(desk, home, text)
    assert answer.text == text
    assert answer.usage.calls == 2


@pytest.mark.parametrize("wrong", ["off by one", "swapped", "a sum", "in words"])
def test_a_wrong_number_in_a_models_words_is_caught(wrong: str, desk: Database, home: Catalog) -> None:
    (_, email), (_, whatsapp) = rows(desk, BY_CHANNEL)
    said = {
        "off by one": f"Last week email had {email + 1:,} tickets and whatsapp {whatsapp:,}.",
        "swapped": f"Last week email had {whatsapp:,} tickets and whatsapp {email:,}.",
        "a sum": f"Last week there were {email + whatsapp:,} tickets on email and whatsapp.",
        "in words": "Last week email had twice the tickets of whatsapp.",
    }[wrong]
    answer = worded(desk, home, said)
    assert said not in answer.text
    assert "2 rows" in answer.text
    assert list(answer.rows) == rows(desk, BY_CHANNEL)


CHANGED = """SELECT channel, count(*) FILTER (WHERE created_at >= '2026-11-09 00:00+02') AS tickets,
    count(*) FILTER (WHERE created_at >= '2026-11-09 00:00+02')
    - count(*) FILTER (WHERE created_at < '2026-11-09 00:00+02') AS tickets_change
    FROM support_threads_data WHERE created_at >= '2026-11-02 00:00+02' AND created_at < '2026-11-16 00:00+02'
    AND channel = 'whatsapp' GROUP BY channel"""


def test_prose_that_turns_a_change_round_is_dropped(desk: Database, home: Catalog) -> None:
    ((_, now, change),) = rows(desk, CHANGED)
    assert change != 0
    verbs = ("rose", "fell") if change > 0 else ("fell", "rose")
    told = [f"Tickets by whatsapp {verb}: {now:,} last week, a change of {change:,}." for verb in verbs]
    with modelled(desk, home, sql(CHANGED), Text(told[0]), sql(CHANGED), Text(told[1])) as made:
        right, wrong = made.ask(STRANGE), made.ask(STRANGE)
    assert right.text == told[0]
    assert wrong.text != told[1]
    assert right.rows == wrong.rows
