"""The ports of sessions and pins: one suite each for the fake and for PostgreSQL."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import count
from threading import Thread

import pytest

from dash_agent.errors import WrongUse
from dash_agent.models.answer import Answer, Status
from dash_agent.models.plan import Executable, MetricPlan, SqlPlan
from dash_agent.models.query import MetricQuery
from dash_agent.ports import Answers, Pin, Pins, Sessions
from dash_agent.warehouse.connections import Connections
from dash_agent.warehouse.sessions import MOST_PINS, SqlPins, SqlSessions
from dash_agent.warehouse.state import SqlAnswers
from tests.conftest import NOW
from tests.e2e.databases import Database
from tests.fakes import FakeAnswers, FakePins, FakeSessions

ANNA, BORIS = "anna@example.com", "boris@example.com"
TICKETS = MetricPlan(MetricQuery(("tickets",)))
NUMBERS = count(1)


@pytest.fixture
def state(database: Database) -> Iterator[Connections]:
    connections = Connections(database.app)
    yield connections
    connections.close()


@dataclass
class Kept:
    """sessions over what `answers` keeps, with names that no other test has."""

    answers: Answers
    sessions: Sessions
    mark: str

    def name(self, session: str) -> str:
        return f"{session}-{self.mark}"

    def user(self, name: str) -> str:
        return f"{self.mark}.{name}"

    def say(self, user: str, session: str | None, question: str | None) -> str:
        answer = Answer(
            f"{next(NUMBERS):06}{self.mark}",
            self.name(session) if session else None,
            question,
            "en",
            NOW,
            Status.ANSWERED,
            "5",
            TICKETS,
        )
        self.answers.save(answer, self.user(user))
        return answer.answer_id

    def titles(self, user: str, words: str = "") -> list[str]:
        return [one.title for one in self.sessions.of(self.user(user), words)]


@pytest.fixture(params=["fake", "real"])
def kept(request: pytest.FixtureRequest, state: Connections) -> Kept:
    mark = f"{request.param}{next(NUMBERS)}"
    if request.param == "real":
        return Kept(SqlAnswers(state), SqlSessions(state), mark)
    answers = FakeAnswers()
    return Kept(answers, FakeSessions(answers), mark)


def test_sessions_are_told_by_their_first_question(kept: Kept) -> None:
    kept.say(ANNA, "one", None)
    kept.say(ANNA, "one", "Tickets last week")
    kept.say(ANNA, "two", "Сколько тикетов?")
    kept.say(ANNA, "one", "and by channel?")
    kept.say(ANNA, None, "outside of any")
    kept.say(BORIS, "three", "Boris's own")
    found = kept.sessions.of(kept.user(ANNA))
    assert [(one.session, one.user, one.title, one.answers) for one in found] == [
        (kept.name("one"), kept.user(ANNA), "Tickets last week", 3),
        (kept.name("two"), kept.user(ANNA), "Сколько тикетов?", 1),
    ]
    assert all(one.last_at.tzinfo is not None for one in found)
    assert [one.session for one in kept.sessions.of(kept.user(ANNA), limit=1)] == [kept.name("one")]
    assert kept.sessions.of(kept.user("nobody")) == ()


def test_a_session_of_plans_alone_has_no_title(kept: Kept) -> None:
    kept.say(ANNA, "one", None)
    assert kept.titles(ANNA) == [""]
    assert kept.titles(ANNA, "tickets") == []


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("", ["CSAT at 100%", "Tickets by channel", "Доля решённых по каналам"]),
        ("TICKETS", ["Tickets by channel"]),
        ("channel tick", ["Tickets by channel"]),
        ("доля", ["Доля решённых по каналам"]),
        ("100%", ["CSAT at 100%"]),
        ("%", ["CSAT at 100%"]),
        ("_", []),
        ("\\", []),
        ("tickets csat", []),
        ("weekly", ["Tickets by channel"]),
    ],
)
def test_questions_are_searched_by_all_words(kept: Kept, words: str, found: list[str]) -> None:
    """Words of one question, of any of the session; what means something in SQL is plain text."""
    kept.say(ANNA, "a", "Доля решённых по каналам")
    kept.say(ANNA, "b", "Tickets by channel")
    kept.say(ANNA, "b", "and weekly?")
    kept.say(ANNA, "c", "CSAT at 100%")
    assert kept.titles(ANNA, words) == found


def test_answers_of_a_session_are_in_order_and_somebodys(kept: Kept) -> None:
    first = kept.say(ANNA, "one", "first")
    kept.say(BORIS, "one", "not hers")
    second = kept.say(ANNA, "one", None)
    third = kept.say(ANNA, "one", "third")
    session = kept.name("one")

    def ids(limit: int) -> list[object]:
        return [one.answer["answer_id"] for one in kept.sessions.answers(kept.user(ANNA), session, limit)]

    assert ids(10) == [first, second, third]
    assert ids(2) == [second, third]
    assert kept.sessions.answers(kept.user(ANNA), "no such session") == ()
    assert all(one.user == kept.user(ANNA) for one in kept.sessions.answers(kept.user(ANNA), session))


def test_a_name_may_be_several_peoples(kept: Kept) -> None:
    kept.say(ANNA, "one", "hers")
    kept.say(BORIS, "one", "his")
    found = kept.sessions.named(kept.name("one"))
    assert [(one.user, one.title) for one in found] == [(kept.user(BORIS), "his"), (kept.user(ANNA), "hers")]
    assert kept.sessions.named("no such session") == ()


def test_sharing_is_of_one_persons_session(kept: Kept) -> None:
    kept.say(ANNA, "one", "hers")
    kept.say(BORIS, "one", "his")
    session = kept.name("one")
    assert not kept.sessions.is_shared(kept.user(ANNA), session)
    kept.sessions.share(kept.user(ANNA), session, shared=True)
    kept.sessions.share(kept.user(ANNA), session, shared=True)
    assert kept.sessions.is_shared(kept.user(ANNA), session)
    assert not kept.sessions.is_shared(kept.user(BORIS), session)
    assert {one.user: one.shared for one in kept.sessions.named(session)} == {
        kept.user(ANNA): True,
        kept.user(BORIS): False,
    }
    kept.sessions.share(kept.user(ANNA), session, shared=False)
    assert not kept.sessions.is_shared(kept.user(ANNA), session)


def test_text_that_postgresql_lacks(state: Connections) -> None:
    assert SqlSessions(state).of("anna\0", "a\0b \ud800") == ()
    assert SqlSessions(state).named("\0") == ()


# Pins


@pytest.fixture(params=["fake", "real"])
def pins(request: pytest.FixtureRequest, state: Connections) -> Pins:
    return FakePins() if request.param == "fake" else SqlPins(state)


@pytest.fixture
def user(request: pytest.FixtureRequest) -> str:
    return f"{request.node.name}.{ANNA}"


def pin(title: str, plan: Executable = TICKETS) -> Pin:
    return Pin(f"{title}-{next(NUMBERS)}", title, "en", plan, NOW)


def titles(pins: Pins, user: str) -> list[str]:
    return [one.title for one in pins.of(user)]


def test_a_pin_comes_back_as_it_was(pins: Pins, user: str) -> None:
    given = Pin(f"p-{next(NUMBERS)}", "Тикеты за неделю", "ru", SqlPlan("SELECT 1"), NOW)
    assert pins.of(user) == ()
    pins.add(user, given)
    assert list(pins.of(user)) == [given]
    assert pins.of(f"not.{user}") == ()


def test_pins_stay_in_the_order_that_they_were_given(pins: Pins, user: str) -> None:
    given = [pin(title) for title in "abcd"]
    for one in given:
        pins.add(user, one)
    moves = [(3, 0, "dabc"), (0, 2, "dbac"), (1, 99, "dacb"), (2, -5, "cdab"), (2, 0, "cdab")]
    for which, place, order in moves:
        assert pins.move(user, given[which].pin_id, place)
        assert titles(pins, user) == list(order)
    assert pins.remove(user, given[3].pin_id)
    assert titles(pins, user) == list("cab")
    pins.add(user, pin("e"))
    assert titles(pins, user) == list("cabe")


def test_nobody_changes_another_ones_pins(pins: Pins, user: str) -> None:
    hers = pin("hers")
    pins.add(user, hers)
    other = f"not.{user}"
    assert not pins.remove(other, hers.pin_id)
    assert not pins.move(other, hers.pin_id, 0)
    assert not pins.remove(user, "no such pin")
    assert titles(pins, user) == ["hers"]
    assert pins.remove(user, hers.pin_id)
    assert not pins.remove(user, hers.pin_id)


def test_pins_have_an_end(pins: Pins, user: str) -> None:
    for _ in range(MOST_PINS):
        pins.add(user, pin("one of many"))
    with pytest.raises(WrongUse, match=f"{MOST_PINS} pins"):
        pins.add(user, pin("one too many"))


def test_many_pins_at_once_have_a_place_each(state: Connections, user: str) -> None:
    pins = SqlPins(state)
    threads = [Thread(target=pins.add, args=(user, pin(f"pin {at}"))) for at in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert sorted(titles(pins, user)) == [f"pin {at}" for at in range(8)]


def test_a_plan_that_cannot_be_read_is_left_out(state: Connections, user: str) -> None:
    pins = SqlPins(state)
    readable = pin("readable")
    pins.add(user, pin("of a later version"))
    pins.add(user, readable)
    with state.transaction() as connection:
        connection.execute(
            'UPDATE app.pins SET plan = \'{"kind": "dream"}\' WHERE title = \'of a later version\' AND "user" = %s',
            (user,),
        )
    assert list(pins.of(user)) == [readable]
    assert pins.move(user, readable.pin_id, 0)
    assert replace(readable, title="readable") in pins.of(user)
