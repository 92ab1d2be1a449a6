"""The port of questions: one suite for the fake and for PostgreSQL."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import count

import psycopg
import pytest

from dash_agent.errors import WarehouseUnavailable
from dash_agent.models.answer import Answer, Source, Status
from dash_agent.models.asked import ContentUse
from dash_agent.models.plan import AskBack, Clarification, MetricPlan, Plan, Refusal, RefusalReason
from dash_agent.models.principal import Principal, Role
from dash_agent.models.query import MetricQuery
from dash_agent.models.wire import answer_json
from dash_agent.ports import Kept, Questions
from dash_agent.warehouse.connections import Connections
from dash_agent.warehouse.questions import SqlQuestions
from dash_agent.warehouse.state import SqlAnswers
from tests.conftest import NOW
from tests.e2e.databases import Database
from tests.fakes import FakeQuestions

ANALYST = Principal("anton@example.com", Role.ANALYST)
VIEWER = Principal("vera@example.com", Role.VIEWER)
MANAGER = Principal("maria@example.com", Role.MANAGER)
TICKETS = Source("metric", "tickets", "business/metrics.json")
CSAT = Source("metric", "csat", "business/metrics.json")
TABLE = Source("table", "support_threads_data", "tables/support_threads_data.json")
PLAN = MetricPlan(MetricQuery(("tickets",)))


@dataclass
class Shop:
    """Both sides of the port: where answers are kept, and what is told of them."""

    port: Questions
    save: Callable[[Answer, str, timedelta], None]


@pytest.fixture(scope="module")
def own(fresh_database: Callable[[], Database]) -> Database:
    return fresh_database()


@pytest.fixture
def state(own: Database) -> Iterator[Connections]:
    connections = Connections(own.app)
    yield connections
    connections.close()
    with psycopg.connect(own.owner, autocommit=True) as owner:
        owner.execute("TRUNCATE app.answers CASCADE")


@pytest.fixture(params=["fake", "real"])
def shop(request: pytest.FixtureRequest, state: Connections, own: Database) -> Shop:
    if request.param == "fake":
        fake = FakeQuestions(now=datetime.now(UTC))

        def keep(answer: Answer, user: str, ago: timedelta) -> None:
            fake.kept.append(Kept(answer_json(answer), user, fake.now - ago))

        return Shop(fake, keep)

    def save(answer: Answer, user: str, ago: timedelta) -> None:
        SqlAnswers(state).save(answer, user)
        with psycopg.connect(own.owner, autocommit=True) as owner:
            owner.execute("UPDATE app.answers SET kept_at = now() - %s WHERE answer_id = %s", (ago, answer.answer_id))

    return Shop(SqlQuestions(state), save)


numbers = count(1)


def answered(question: str | None, *sources: Source) -> Answer:
    return Answer(f"Q{next(numbers)}", None, question, "en", NOW, Status.ANSWERED, "5", PLAN, sources=sources)


def missed(question: str, plan: Plan) -> Answer:
    status = Status.REFUSED if isinstance(plan, Refusal) else Status.CLARIFY
    return Answer(f"Q{next(numbers)}", None, question, "en", NOW, status, "?", plan)


def strange(question: str, *words: str) -> Answer:
    return missed(question, Refusal(RefusalReason.NO_SUCH_DATA, words))


DAY = timedelta(days=1)


def test_uses_are_counted_by_what_an_answer_rests_on(shop: Shop) -> None:
    shop.save(answered("Tickets?", TICKETS, TABLE), "vera@example.com", DAY)
    shop.save(answered("Tickets now?", TICKETS, TABLE), "maria@example.com", 2 * DAY)
    shop.save(answered(None, TICKETS, TABLE), "maria@example.com", timedelta(0))
    shop.save(answered("CSAT?", CSAT, TABLE), "maria@example.com", 3 * DAY)
    shop.save(answered("Long ago?", CSAT), "maria@example.com", 40 * DAY)
    found = [(one.layer, one.name, one.asked, one.shown) for one in shop.port.uses(30)]
    assert found == [
        ("table", "support_threads_data", 3, 1),
        ("metric", "tickets", 2, 1),
        ("metric", "csat", 1, 0),
    ]


def test_a_use_tells_when_it_was_the_last(shop: Shop) -> None:
    shop.save(answered("CSAT?", CSAT), "maria@example.com", 3 * DAY)
    shop.save(answered(None, CSAT), "maria@example.com", DAY)
    (found,) = shop.port.uses(30)
    assert isinstance(found, ContentUse)
    assert timedelta(hours=23) < datetime.now(UTC) - found.last < timedelta(hours=25)


def test_nothing_was_asked(shop: Shop) -> None:
    assert shop.port.uses(30) == ()
    assert shop.port.unanswered(ANALYST, 30) == ()


def test_unanswered_questions_are_grouped_by_the_words_that_had_no_place(shop: Shop) -> None:
    shop.save(strange("How is the NPS?", "NPS"), "vera@example.com", 3 * DAY)
    shop.save(strange("nps by refunds", "nps", "refunds"), "maria@example.com", DAY)
    shop.save(strange("refund total", "refunds"), "maria@example.com", 2 * DAY)
    shop.save(strange("once more: NPS, NPS", "NPS", "nps"), "maria@example.com", 5 * DAY)
    shop.save(answered("Tickets?", TICKETS), "maria@example.com", DAY)
    found = [(one.words, one.count, one.users, one.example) for one in shop.port.unanswered(ANALYST, 30)]
    assert found == [("nps", 3, 2, "nps by refunds"), ("refunds", 2, 1, "nps by refunds")]


def test_what_was_asked_back_counts_with_its_reason(shop: Shop) -> None:
    shop.save(missed("by channel", Clarification(AskBack.NO_METRIC)), "vera@example.com", DAY)
    shop.save(missed("by country", Clarification(AskBack.NO_METRIC)), "vera@example.com", 2 * DAY)
    shop.save(missed("worst?", Clarification(AskBack.NO_CRITERION)), "vera@example.com", DAY)
    shop.save(missed("open ones", Clarification(AskBack.AMBIGUOUS, ("open",))), "vera@example.com", 3 * DAY)
    found = [(one.words, one.reason, one.count) for one in shop.port.unanswered(ANALYST, 30)]
    assert found[0] == ("", "no_metric", 2)
    assert set(found[1:]) == {("", "no_criterion", 1), ("open", "ambiguous", 1)}


@pytest.mark.parametrize("why", [AskBack.GREETING, AskBack.THANKS, AskBack.HELP])
def test_small_talk_is_no_unanswered_question(shop: Shop, why: AskBack) -> None:
    shop.save(missed("hello", Clarification(why)), "vera@example.com", DAY)
    assert shop.port.unanswered(ANALYST, 30) == ()


def test_old_ones_and_those_beyond_the_limit_are_left_out(shop: Shop) -> None:
    shop.save(strange("first", "one"), "vera@example.com", 40 * DAY)
    for number, word in enumerate(("two", "three", "four")):
        shop.save(strange(word, word), "vera@example.com", number * DAY)
    assert [one.words for one in shop.port.unanswered(ANALYST, 30, limit=2)] == ["two", "three"]
    assert {one.words for one in shop.port.unanswered(ANALYST, 60)} == {"one", "two", "three", "four"}


@pytest.mark.parametrize("reader", [VIEWER, MANAGER])
def test_questions_of_others_are_for_those_who_mend_them(shop: Shop, reader: Principal) -> None:
    shop.save(strange("where is anna@example.com?", "where"), "paul@example.com", DAY)
    shop.save(strange("where am I?", "where"), reader.user, 2 * DAY)
    assert [(one.count, one.example) for one in shop.port.unanswered(reader, 30)] == [(1, "where am I?")]
    (all_of_them,) = shop.port.unanswered(Principal("nina@example.com", Role.ADMIN), 30)
    assert (all_of_them.count, all_of_them.example) == (2, "where is anna@example.com?")


def test_an_answer_of_another_shape_breaks_no_count(state: Connections) -> None:
    with state.transaction() as connection:
        connection.execute(
            """INSERT INTO app.answers (answer_id, "user", created_at, question, answer) VALUES
               ('old-1', 'x', now(), 'a', '{"status": "answered", "sources": null}'),
               ('old-2', 'x', now(), 'b', '{"status": "answered"}'),
               ('old-3', 'x', now(), 'c', '{"status": "refused", "plan": null}'),
               ('old-4', 'x', now(), 'd', '{"status": "answered", "sources": [{"layer": "metric"}, 5]}')"""
        )
    port = SqlQuestions(state)
    assert port.uses(30) == ()
    assert [(one.words, one.reason, one.example) for one in port.unanswered(ANALYST, 30)] == [("", "", "c")]


def test_without_a_database() -> None:
    nowhere = Connections("postgresql://nobody@127.0.0.1:1/none")
    with pytest.raises(WarehouseUnavailable):
        SqlQuestions(nowhere).uses(30)
