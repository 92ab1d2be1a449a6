"""The port of learnings: one suite for the fake and for PostgreSQL."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date, timedelta
from itertools import count

import psycopg
import pytest

from dash_agent.errors import WarehouseUnavailable, WrongSchema, WrongUse
from dash_agent.models.answer import Answer, Status
from dash_agent.models.learning import (
    Correction,
    Decision,
    Evidence,
    Feedback,
    Gotcha,
    Habit,
    Learning,
    LearningStatus,
    Origin,
    PatternCandidate,
    Payload,
    Preference,
    Reach,
    Synonym,
    Target,
)
from dash_agent.models.plan import Refusal, RefusalReason
from dash_agent.planning.learned.same import identity
from dash_agent.ports import Learnings
from dash_agent.warehouse.connections import Connections
from dash_agent.warehouse.learnings import SqlLearnings
from dash_agent.warehouse.state import SqlAnswers
from tests.conftest import NOW
from tests.e2e.databases import Database
from tests.fakes import FakeLearnings

BOOTS = Synonym(("boots", "ботики"), Target.VALUE, "channel", ("whatsapp",))
PAYLOADS: tuple[Payload, ...] = (
    BOOTS,
    Correction("How are we doing?", meant="resolution rate by week"),
    Correction("tickets", failed="SELECT 1 +", problem="syntax error", mended="SELECT 1"),
    Gotcha("csat", "channel", ("voice",), "mind the survey", date(2026, 10, 1), date(2026, 10, 31)),
    PatternCandidate("slow", "what is slow?", "SELECT 1 AS one"),
    Preference(Habit.PERIOD, "last 7 days"),
)


@pytest.fixture(scope="module")
def own(fresh_database: Callable[[], Database]) -> Database:
    return fresh_database()


@pytest.fixture
def state(own: Database) -> Iterator[Connections]:
    connections = Connections(own.app)
    yield connections
    connections.close()
    with psycopg.connect(own.owner, autocommit=True) as owner:
        owner.execute("TRUNCATE app.learnings, app.learning_decisions, app.feedback, app.answers CASCADE")


@pytest.fixture(params=["fake", "real"])
def learnings(request: pytest.FixtureRequest, state: Connections) -> Learnings:
    return FakeLearnings() if request.param == "fake" else SqlLearnings(state, every=0)


ids = (f"L{number:05}" for number in count(1))


def learning(payload: Payload = BOOTS, author: str = "anna", reach: Reach = Reach.ALL) -> Learning:
    mine = reach is Reach.USER
    return Learning(
        learning_id=next(ids),
        payload=payload,
        status=LearningStatus.ACTIVE if mine else LearningStatus.PROPOSED,
        reach=reach,
        owner=author if mine else "",
        author=author,
        origin=Origin.TAUGHT,
        identity=identity(payload),
        created=NOW,
        evidence=Evidence("as they said it", None),
    )


@pytest.mark.parametrize("payload", PAYLOADS, ids=lambda payload: identity(payload)[:30])
def test_what_is_proposed_comes_back_whole(payload: Payload, learnings: Learnings) -> None:
    proposed = replace(learning(payload), expires=NOW + timedelta(days=1))
    assert learnings.propose(proposed) == proposed
    assert learnings.get(proposed.learning_id) == proposed
    assert proposed in learnings.alive()
    assert learnings.get("nobody's") is None


def test_what_says_the_same_for_the_same_people_is_backed_and_not_kept_twice(learnings: Learnings) -> None:
    first = learnings.propose(learning())
    second = learnings.propose(learning(author="boris"))
    again = learnings.propose(learning(author="boris"))
    assert second.learning_id == again.learning_id == first.learning_id
    assert again.backers == ("boris",)
    own = learnings.propose(learning(author="boris", reach=Reach.USER))
    assert own.learning_id != first.learning_id
    assert [one.what for one in learnings.history(first.learning_id)] == ["proposed", "backed"]


def test_a_decision_is_kept_with_who_took_it(learnings: Learnings) -> None:
    first = learnings.propose(learning())
    approved = replace(first, status=LearningStatus.ACTIVE)
    decision = Decision(NOW + timedelta(hours=1), "olga", "approved", "it is so")
    assert learnings.change(approved, decision, LearningStatus.PROPOSED)
    assert learnings.get(first.learning_id) == approved
    assert learnings.history(first.learning_id)[-1] == decision
    assert learnings.all(LearningStatus.ACTIVE)[0].learning_id == first.learning_id


def test_of_two_decisions_at_once_one_counts(learnings: Learnings) -> None:
    first = learnings.propose(learning())
    rejected = replace(first, status=LearningStatus.REJECTED)
    assert learnings.change(rejected, Decision(NOW, "olga", "rejected"), LearningStatus.PROPOSED)
    approved = replace(first, status=LearningStatus.ACTIVE)
    assert not learnings.change(approved, Decision(NOW, "ivan", "approved"), LearningStatus.PROPOSED)
    found = learnings.get(first.learning_id)
    assert found is not None
    assert found.status is LearningStatus.REJECTED
    assert first.learning_id not in [one.learning_id for one in learnings.alive()]


def test_what_was_turned_down_may_be_proposed_again(learnings: Learnings) -> None:
    first = learnings.propose(learning())
    learnings.change(replace(first, status=LearningStatus.REJECTED), Decision(NOW, "olga", "rejected"), first.status)
    assert learnings.propose(learning(author="boris")).learning_id != first.learning_id


def test_two_that_are_alive_never_say_the_same_for_the_same_people(learnings: Learnings) -> None:
    learnings.propose(learning())
    other = learnings.propose(learning(Synonym(("boats",), Target.VALUE, "channel", ("whatsapp",))))
    clash = replace(other, payload=BOOTS, identity=identity(BOOTS))
    with pytest.raises(WrongUse):
        learnings.change(clash, Decision(NOW, "olga", "merged"), other.status)


def test_the_version_tells_of_every_change_and_of_no_use(learnings: Learnings) -> None:
    versions = [learnings.version()]
    first = learnings.propose(learning())
    versions.append(learnings.version())
    learnings.change(replace(first, status=LearningStatus.ACTIVE), Decision(NOW, "olga", "approved"), first.status)
    versions.append(learnings.version())
    assert versions == sorted(set(versions))
    learnings.used([first.learning_id, "gone"], NOW)
    learnings.used([first.learning_id], NOW - timedelta(days=1))
    assert learnings.version() == versions[-1]
    used = learnings.get(first.learning_id)
    assert used is not None
    assert (used.hits, used.last_used) == (2, NOW)


def test_feedback_is_kept_with_the_answer(learnings: Learnings, state: Connections) -> None:
    SqlAnswers(state).save(Answer("A1", None, "q", "en", NOW, Status.ANSWERED, "1", None), "anna")
    given = Feedback("A1", "anna", NOW, -1, "no", "tickets by channel")
    learnings.keep_feedback(given)
    assert learnings.feedback("A1") == (given,)
    assert learnings.feedback("A2") == ()


# PostgreSQL alone


def refused(answer_id: str, question: str, words: tuple[str, ...], session: str | None = "s") -> Answer:
    plan = Refusal(RefusalReason.NO_SUCH_DATA, words, ("tickets in email",))
    return Answer(
        answer_id, session, question, "en", NOW, Status.REFUSED, "no", plan, suggestions=("tickets in email",)
    )


def test_what_a_session_was_offered_is_its_last_answer(state: Connections) -> None:
    answers, learnings = SqlAnswers(state), SqlLearnings(state)
    answers.save(refused("B1", "tickets in boots", ("boots",)), "anna")
    offered = learnings.offered("anna", "s")
    assert offered is not None
    assert (offered.words, offered.choices, offered.reason) == (("boots",), ("tickets in email",), "no_such_data")
    assert learnings.offered("anna", "other") is None
    assert learnings.offered("boris", "s") is None
    answers.save(Answer("B2", "s", "tickets", "en", NOW, Status.ANSWERED, "5", None), "anna")
    assert learnings.offered("anna", "s") is None


def test_refused_words_are_counted_over_questions_and_people(state: Connections) -> None:
    answers = SqlAnswers(state)
    for number, (question, word, user) in enumerate(
        [
            ("boots?", "Boots", "anna"),
            ("my boots", "boots", "anna"),
            ("boots!", "boots", "boris"),
            ("nps", "nps", "eva"),
        ]
    ):
        answers.save(refused(f"C{number}", question, (word,), None), user)
    found = SqlLearnings(state).refused_words(5)
    assert [(one.words, one.count, one.users, one.example) for one in found] == [
        ("boots", 3, 2, "boots!"),
        ("nps", 1, 1, "nps"),
    ]


def test_history_can_be_added_to_and_not_rewritten(state: Connections) -> None:
    SqlLearnings(state).propose(learning())
    for statement in (b"UPDATE app.learning_decisions SET decision = 'x'", b"DELETE FROM app.learning_decisions"):
        with pytest.raises((WrongSchema, WarehouseUnavailable)), state.transaction() as connection:
            connection.execute(statement)


def test_another_process_is_heard_of_after_a_while_and_ones_own_change_at_once(state: Connections) -> None:
    ours, theirs = SqlLearnings(state, every=3_600), SqlLearnings(state, every=0)
    before = ours.version()
    theirs.propose(learning())
    assert ours.version() == before
    ours.propose(learning(Synonym(("boats",), Target.METRIC, "csat")))
    assert ours.version() == theirs.version() > before
