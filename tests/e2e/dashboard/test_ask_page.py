"""The Ask page: asking, changing what was asked, keeping, sharing, and what each role sees of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import psycopg
import pytest
from streamlit.testing.v1 import AppTest

from dash_agent.bootstrap import Running
from dash_agent.models.answer import Answer, AnswerColumn, ColumnRole, Status, Trust
from dash_agent.models.plan import SqlPlan
from dashboard.components.text import plain
from tests.conftest import NOW
from tests.e2e.dashboard.conftest import Look, texts
from tests.e2e.dashboard.houses import drop, housed
from tests.e2e.databases import Database

WEEK = "created_at >= '2026-11-09T00:00+02:00' AND created_at < '2026-11-16T00:00+02:00'"
OCTOBER = "created_at >= '2026-10-01T00:00+03:00' AND created_at < '2026-11-01T00:00+02:00'"
HOSTILE = "<b>x</b> [y](http://evil.example.com) :material/home: :red[z] $1$ **bold** `c` a@b.example.com"


@pytest.fixture
def counted(desk: Database) -> Iterator[Callable[[str], int]]:
    """Tickets by a condition of one's own SQL."""
    with psycopg.connect(desk.owner) as connection:

        def count(condition: str) -> int:
            row = connection.execute(
                f"SELECT count(*) FROM support_threads_data WHERE {condition}"  # type: ignore[arg-type]
            ).fetchone()
            assert row is not None
            return int(row[0])

        yield count


def ask(test: AppTest, question: str) -> AppTest:
    return test.chat_input[0].set_value(question).run()


def labels(test: AppTest) -> list[str]:
    return [button.label for button in test.button]


def session_of(test: AppTest) -> str:
    found = test.query_params["session"]
    return found if isinstance(found, str) else found[0]


def press(test: AppTest, label: str, last: bool = True) -> AppTest:
    found = [button for button in test.button if button.label == label]
    assert found, labels(test)
    return found[-1 if last else 0].click().run()


def asked(look: Look, question: str, **who: str) -> AppTest:
    test = ask(look("ask", **who), question)
    assert not test.exception
    return test


def test_an_empty_page_offers_examples_that_work(look: Look) -> None:
    test = look("ask")
    (first, *_) = [label for label in labels(test) if label.startswith("How many")]
    press(test, first)
    assert not test.exception
    assert test.metric
    assert "session" in test.query_params


def test_the_number_is_what_the_rows_say(look: Look, counted: Callable[[str], int]) -> None:
    test = asked(look, "How many tickets last week?")
    assert [one.value for one in test.metric] == [f"{counted(WEEK):,}"]
    before = counted("created_at >= '2026-11-02T00:00+02:00' AND created_at < '2026-11-09T00:00+02:00'")
    assert test.metric[0].delta.startswith(f"{counted(WEEK) - before:+,}")


def test_a_question_in_russian_on_an_english_page(look: Look) -> None:
    test = asked(look, "Сколько тикетов за прошлую неделю?")
    assert "Тикеты" in texts(test)
    assert "Pin" in labels(test)
    test = asked(look, "How many tickets last week?", language="ru")
    assert "Tickets, Nov" in texts(test)
    assert "Закрепить" in labels(test)


def test_changing_the_period_of_an_answer(look: Look, counted: Callable[[str], int]) -> None:
    test = asked(look, "How many tickets on WhatsApp last week?")
    period = next(box for box in test.selectbox if box.key.startswith("period-"))
    assert period.value == "last week"
    period.set_value("last month").run()
    press(test, "Apply", last=False)
    assert not test.exception
    values = [one.value for one in test.metric]
    assert values == [f"{counted(f'{w} AND channel = {chr(39)}whatsapp{chr(39)}'):,}" for w in (WEEK, OCTOBER)]
    assert "October 2026" in texts(test)


def test_changing_and_removing_a_filter(look: Look, counted: Callable[[str], int]) -> None:
    test = asked(look, "How many tickets on WhatsApp last week?")
    channels = next(box for box in test.multiselect if box.key.startswith("values-"))
    assert set(channels.options) >= {"WhatsApp", "Telegram"}
    channels.set_value(["whatsapp", "telegram"]).run()
    press(test, "Apply")
    assert test.metric[-1].value == f"{counted(WEEK + ' AND channel IN ' + str(('whatsapp', 'telegram'))):,}"
    press(test, "Remove")
    assert not test.exception
    assert test.metric[-1].value == f"{counted(WEEK):,}"
    # What goes on from there goes on from what is shown.
    ask(test, "and last month?")
    assert test.metric[-1].value == f"{counted(OCTOBER):,}"


def test_everything_of_a_conversation_is_kept_in_it(look: Look, running: Running) -> None:
    test = asked(look, "How many tickets on WhatsApp last week?")
    press(test, "Remove")
    session = session_of(test)
    assert running.sessions is not None
    kept = running.sessions.answers("admin", session)
    assert [one.answer["question"] for one in kept] == ["How many tickets on WhatsApp last week?", None]
    again = look("ask", session=session)
    assert [one.value for one in again.metric] == [one.value for one in test.metric]


def test_choices_and_suggestions_are_asked(look: Look) -> None:
    test = asked(look, "How many tickets last week?")
    at = labels(test).index("New question")
    press(test, labels(test)[at - 1])
    assert not test.exception
    assert len(test.chat_message) == 4


def test_history_is_found_by_words_and_opened(look: Look) -> None:
    asked(look, "How many tickets on Telegram last week?", user="anton@example.com")
    asked(look, "Median response time last month", user="anton@example.com")
    test = look("ask", user="anton@example.com")
    titles = labels(test)
    assert {"How many tickets on Telegram last week?", "Median response time last month"} <= set(titles)
    test.text_input(key="ask-search").set_value("telegram").run()
    assert "Median response time last month" not in labels(test)
    press(test, "How many tickets on Telegram last week?")
    assert len(test.metric) == 1
    assert "How many tickets on Telegram last week?" not in labels(look("ask", user="maria@example.com"))


@pytest.mark.parametrize(
    ("user", "sees"), [("vera@example.com", False), ("maria@example.com", False), ("anton@example.com", True)]
)
def test_sql_is_for_analysts(look: Look, user: str, sees: bool) -> None:
    test = asked(look, "How many tickets last week?", user=user, language="en")
    assert any("SELECT" in code.value for code in test.code) is sees
    assert ("**SQL**" in texts(test)) is sees
    assert ("Name of the file" in [field.label for field in test.text_input]) is sees


def test_a_link_is_open_where_it_was_shared_and_the_rows_reach(look: Look) -> None:
    test = asked(look, "How many tickets last week?", user="maria@example.com")
    session = session_of(test)
    closed = look("ask", user="olga@example.com", language="en", session=session)
    assert "has not shared it" in texts(closed)
    assert not closed.metric
    test.toggle[0].set_value(True).run()
    assert not test.exception
    opened = look("ask", user="olga@example.com", language="en", session=session)
    assert [one.value for one in opened.metric] == [one.value for one in test.metric]
    assert "maria@example" in texts(opened).replace("\u2060", "")
    narrow = look("ask", user="vera@example.com", language="en", session=session)
    assert "rows that you do not see" in texts(narrow)
    assert not narrow.metric
    ask(opened, "Tickets last month")
    assert session_of(opened) != session
    assert len(opened.metric) == 1


def test_one_answer_by_its_link(look: Look, running: Running) -> None:
    user = running.principals["vera@example.com"]
    answer = running.dash.ask("How many tickets last week?", user)
    own = look("ask", user="vera@example.com", language="en", answer=answer.answer_id)
    assert len(own.metric) == 1
    assert "WhatsApp" in texts(own)
    assert len(look("ask", answer=answer.answer_id).metric) == 1
    other = look("ask", user="ruth@example.com", answer=answer.answer_id)
    assert not other.metric
    assert "no such conversation" in texts(other)
    assert "no such conversation" in texts(look("ask", answer="../../x"))


def test_a_question_by_its_link_is_asked_once(look: Look, counted: Callable[[str], int]) -> None:
    test = look("ask", q="How many tickets last week?")
    assert [one.value for one in test.metric] == [f"{counted(WEEK):,}"]
    assert "q" not in test.query_params
    test.run()
    assert len(test.metric) == 1


def test_pinning_and_unpinning(look: Look, running: Running) -> None:
    test = asked(look, "How many tickets last week?", user="anton@example.com")
    press(test, "Pin")
    assert running.pins is not None
    (pin,) = running.pins.of("anton@example.com")
    assert (pin.title, pin.language, pin.as_of) == ("How many tickets last week?", "en", NOW)
    assert running.pins.of("admin") == ()
    press(test, "Unpin")
    assert running.pins.of("anton@example.com") == ()


def test_a_thumb_down_asks_what_was_meant(look: Look, running: Running) -> None:
    test = asked(look, "How many tickets last week?", user="anton@example.com")
    answer_id = next(one.key for one in test.get("feedback")).removeprefix("thumbs-")
    test.session_state[f"thumbs-{answer_id}"] = 0
    test.run()
    test.text_area[0].set_value('"boots" means WhatsApp')
    press(test, "Send")
    assert not test.exception
    (given,) = running.lessons.learnings.feedback(answer_id)
    assert (given.score, given.user) == (-1, "anton@example.com")
    assert given.learning_id is not None
    assert "boots" in texts(test)
    running.lessons.review.reject(
        running.lessons.review.found(given.learning_id, running.principals["nina@example.com"]),
        running.principals["nina@example.com"],
    )


def test_hostile_text_is_shown_as_text(look: Look, running: Running) -> None:
    """In a question, and in what a column holds."""
    test = asked(look, HOSTILE)
    assert plain(HOSTILE) in [one.value for one in test.markdown]
    column = AnswerColumn("channel", ColumnRole.DIMENSION, "text", None, HOSTILE)
    answer = Answer(
        running.ids.new(), None, HOSTILE, "en", NOW, Status.ANSWERED, HOSTILE, SqlPlan("SELECT 1"),
        trust=Trust.GENERATED, columns=(column,), rows=((HOSTILE,), ("=1+1",)), caveats=(HOSTILE,),
        assumptions=(HOSTILE,), suggestions=(HOSTILE,),
    )  # fmt: skip
    running.answers.save(answer, "admin")
    test = look("ask", answer=answer.answer_id)
    assert not test.exception
    shown = texts(test)
    for raw in ("[y](http", ":material/home:", ":red[", "$1$", "**bold**", "<b>"):
        assert raw not in shown
    assert all(":material/home:" not in label and "[y](http" not in label for label in labels(test))


@pytest.mark.parametrize("question", ["x" * 5_000, "   ", "\u202e\u0000?"])
def test_questions_that_are_none(look: Look, question: str) -> None:
    test = ask(look("ask"), question)
    assert not test.exception
    assert not test.metric


def test_a_thousand_rows(look: Look, running: Running) -> None:
    columns = (
        AnswerColumn("ticket", ColumnRole.DIMENSION, "text", None, "Ticket"),
        AnswerColumn("n", ColumnRole.METRIC, "integer", "count", "N"),
    )
    rows = tuple((f"t{at}", at) for at in range(1_000))
    answer = Answer(running.ids.new(), None, "Many", "en", NOW, Status.ANSWERED, "Many.", SqlPlan("SELECT 1"))
    running.answers.save(replace(answer, columns=columns, rows=rows, truncated=True), "admin")
    test = look("ask", answer=answer.answer_id)
    assert not test.exception
    found = test.dataframe[0].value
    assert len(found) == 1_000
    assert found["N"].sum() == 499_500


def test_the_database_goes_away(fresh_database: Callable[[], Database], tmp_path: Path, look: Look) -> None:
    """A sentence and a way on, and what needs no database stays."""
    made = fresh_database()
    with housed(made, tmp_path):
        test = look("ask")
        assert not test.exception
        ask(test, "How many tickets last week?")
        assert not test.exception
        drop(made)
        ask(test, "How many tickets last month?")
        assert not test.exception
        assert test.error
        assert "Try again" in labels(test)
        gone = look("ask")
        assert not gone.exception
        assert "Ask" in [title.value for title in gone.title]
