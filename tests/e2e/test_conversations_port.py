"""The port of conversations: one suite for the fake and for PostgreSQL, and what only a database can show."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal

import psycopg
import pytest

from dash_agent.context.catalog import Catalog
from dash_agent.errors import Unavailable, WarehouseUnavailable, WrongUse
from dash_agent.models.conversation import Action, Compared, Comparison, Conversation, Message, Wanted
from dash_agent.models.principal import Principal, Role, ScopeFilter
from dash_agent.ports import Conversations
from dash_agent.warehouse.connections import Connections
from dash_agent.warehouse.conversations import SqlConversations
from tests.conftest import NOW
from tests.e2e.databases import Database
from tests.e2e.scopes import NARROWED, ScopedDesk
from tests.fakes import FakeConversations

ADMIN = Principal("nina@example.com", Role.ADMIN)
HOUR = timedelta(hours=1)
LATELY = Wanted(NOW - timedelta(days=30), NOW)

ROWS = """
    INSERT INTO customers (customer_id, full_name, email, country, language, created_at)
    VALUES (1, 'Anna Example', 'anna@example.com', 'DE', 'de', %(now)s - interval '1 year');
    INSERT INTO support_threads_data (ticket_id, thread_key, channel, language, customer_id, subject, request_type,
        urgency, status, auto_sent, assigned_to, model, created_at, updated_at) VALUES
    (1, 'email:1', 'email', 'de', 1, 'Wo ist meine Box?', 'shipping_inquiry', 'low', 'Sent', false, 'dana', 'm-1',
        %(now)s - interval '6 hours', %(now)s),
    (2, 'chat:2', 'chat', 'en', NULL, 'Pause', 'pause_subscription', 'low', 'Sent', true, NULL, 'm-1',
        %(now)s - interval '5 hours', %(now)s);
    INSERT INTO support_dialogs (ticket_id, role, author, message, created_at) VALUES
    (1, 'human', 'dana', 'Sie kommt morgen.', %(now)s - interval '3 hours'),
    (1, 'customer', NULL, 'Wo ist meine Box?', %(now)s - interval '6 hours'),
    (1, 'ai', 'm-1', 'Sie ist unterwegs.', %(now)s - interval '5 hours'),
    (2, 'customer', NULL, 'Please pause.', %(now)s - interval '5 hours');
    INSERT INTO ai_human_comparison (ticket_id, request_type, ai_answer, human_answer, similarity, penalty_score,
        verdict, error_type, judge_model, created_at) VALUES
    (1, 'shipping_inquiry', 'Sie ist unterwegs.', 'Sie kommt morgen.', 0.712, '35', 'human_better', 'missing_info',
        'judge-1', %(now)s - interval '2 hours'),
    (2, 'pause_subscription', 'Paused.', 'Paused!', 0.95, ' ', 'equal', NULL, 'judge-1', %(now)s - interval '1 hour');
    INSERT INTO ai_agent_tasks (ticket_id, task_type, status, requires_approval, decided_by, created_at, decided_at)
    VALUES (2, 'pause_subscription', 'done', true, 'customer', %(now)s - interval '4 hours', %(now)s);
"""

FIRST = Conversation(
    1,
    "Wo ist meine Box?",
    "shipping_inquiry",
    "email",
    "de",
    "Sent",
    NOW - 6 * HOUR,
    False,
    "dana",
    "m-1",
    (
        Message("customer", None, "Wo ist meine Box?", NOW - 6 * HOUR),
        Message("ai", "m-1", "Sie ist unterwegs.", NOW - 5 * HOUR),
        Message("human", "dana", "Sie kommt morgen.", NOW - 3 * HOUR),
    ),
    (
        Comparison(
            NOW - 2 * HOUR,
            "Sie ist unterwegs.",
            "Sie kommt morgen.",
            Decimal("0.712"),
            Decimal(35),
            "human_better",
            "missing_info",
            "judge-1",
        ),
    ),
)
SECOND = Conversation(
    2,
    "Pause",
    "pause_subscription",
    "chat",
    "en",
    "Sent",
    NOW - 5 * HOUR,
    True,
    None,
    "m-1",
    (Message("customer", None, "Please pause.", NOW - 5 * HOUR),),
    (Comparison(NOW - HOUR, "Paused.", "Paused!", Decimal("0.950"), None, "equal", None, "judge-1"),),
    (Action("pause_subscription", "done", NOW - 4 * HOUR, "customer"),),
)
COMPARED = (
    Compared(2, NOW - HOUR, "pause_subscription", "equal", None, Decimal("0.950"), "chat", "en"),
    Compared(1, NOW - 2 * HOUR, "shipping_inquiry", "human_better", "missing_info", Decimal("0.712"), "email", "de"),
)

Noted = Callable[[], Sequence[tuple[str, str, str]]]


@dataclass
class Looked:
    port: Conversations
    noted: Noted


@pytest.fixture(scope="module")
def own(fresh_database: Callable[[], Database]) -> Database:
    made = fresh_database()
    with psycopg.ClientCursor(psycopg.connect(made.owner, autocommit=True)) as cursor:
        cursor.execute(ROWS, {"now": NOW})
        cursor.connection.close()
    return made


@pytest.fixture
def state(own: Database) -> Iterator[Connections]:
    connections = Connections(own.app)
    yield connections
    connections.close()
    with psycopg.connect(own.owner, autocommit=True) as owner:
        owner.execute("TRUNCATE app.audit")


@pytest.fixture(params=["fake", "real"])
def looked(request: pytest.FixtureRequest, state: Connections, own: Database, home: Catalog) -> Looked:
    if request.param == "fake":
        fake = FakeConversations({1: FIRST, 2: SECOND}, list(reversed(COMPARED)))
        return Looked(fake, lambda: fake.noted)
    return Looked(SqlConversations(state, lambda: home), lambda: notes(own))


def notes(database: Database) -> Sequence[tuple[str, str, str]]:
    with psycopg.connect(database.owner) as owner:
        return owner.execute('SELECT "user", action, subject FROM app.audit ORDER BY audit_id').fetchall()


def test_a_ticket_as_it_was_written(looked: Looked) -> None:
    assert looked.port.get(1, ADMIN) == FIRST
    assert looked.port.get(2, ADMIN) == SECOND
    assert looked.noted() == [
        ("nina@example.com", "conversation.read", "ticket 1"),
        ("nina@example.com", "conversation.read", "ticket 2"),
    ]


def test_a_ticket_that_is_not_there(looked: Looked) -> None:
    assert looked.port.get(99, ADMIN) is None
    assert looked.noted() == [("nina@example.com", "conversation.read", "ticket 99")]


def test_tickets_to_choose_from(looked: Looked) -> None:
    assert looked.port.listed(LATELY, ADMIN) == COMPARED
    assert looked.port.listed(LATELY, ADMIN, limit=1) == COMPARED[:1]
    assert looked.noted() == [("nina@example.com", "conversations.listed", "")] * 2


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        (Wanted(NOW - 3 * HOUR, NOW, (ScopeFilter("request_type", ("shipping_inquiry", "other")),)), [1]),
        (Wanted(NOW - 3 * HOUR, NOW, (ScopeFilter("channel", ("chat",)),)), [2]),
        (Wanted(NOW - 3 * HOUR, NOW, (ScopeFilter("channel", ("chat",)), ScopeFilter("language", ("de",)))), []),
        (Wanted(NOW - 3 * HOUR, NOW, verdict="equal"), [2]),
        (Wanted(NOW - 3 * HOUR, NOW, error_type="missing_info"), [1]),
        (Wanted(NOW - 3 * HOUR, NOW, error_type="missing_info", verdict="equal"), []),
        (Wanted(NOW - 2 * HOUR, NOW - HOUR), [1]),
        (Wanted(NOW, NOW + HOUR), []),
    ],
)
def test_the_choice_is_narrowed(looked: Looked, wanted: Wanted, expected: list[int]) -> None:
    assert [one.ticket_id for one in looked.port.listed(wanted, ADMIN)] == expected


@pytest.mark.parametrize("role", [Role.VIEWER, Role.MANAGER, Role.ANALYST])
def test_who_may_not_read_texts(looked: Looked, role: Role) -> None:
    nosy = Principal("vera@example.com", role)
    with pytest.raises(WrongUse, match=f"vera@example.com is a {role}"):
        looked.port.get(1, nosy)
    with pytest.raises(WrongUse, match="admins alone"):
        looked.port.listed(LATELY, nosy)
    assert looked.noted() == [
        ("vera@example.com", "conversation.read", "ticket 1"),
        ("vera@example.com", "conversations.listed", ""),
    ]


def test_a_scope_holds_for_texts(looked: Looked) -> None:
    narrowed = Principal("nina@example.com", Role.ADMIN, scope=(ScopeFilter("channel", ("chat", "100% mail {x}")),))
    assert looked.port.get(1, narrowed) is None
    assert looked.port.get(2, narrowed) == SECOND
    assert [one.ticket_id for one in looked.port.listed(LATELY, narrowed)] == [2]


def test_a_note_says_what_was_seen(state: Connections, own: Database, home: Catalog) -> None:
    port = SqlConversations(state, lambda: home)
    port.get(1, ADMIN)
    port.get(99, ADMIN)
    port.listed(LATELY, ADMIN)
    with pytest.raises(WrongUse):
        port.get(1, Principal("vera@example.com", Role.VIEWER))
    with psycopg.connect(own.owner) as owner:
        details = [row[0] for row in owner.execute("SELECT detail FROM app.audit ORDER BY audit_id")]
    assert details == [
        {"found": True, "messages": 3},
        {"found": False, "messages": 0},
        {"tickets": [2, 1]},
        {"refused": "viewer"},
    ]


def test_no_note_no_look(state: Connections, own: Database, home: Catalog) -> None:
    """The app's right to add to the audit is taken away for a while."""
    app = psycopg.conninfo.conninfo_to_dict(own.app)["user"]
    with psycopg.connect(own.owner, autocommit=True) as owner:
        owner.execute(psycopg.sql.SQL("REVOKE INSERT ON app.audit FROM {}").format(psycopg.sql.Identifier(str(app))))
        try:
            with pytest.raises(Unavailable):
                SqlConversations(state, lambda: home).get(1, ADMIN)
        finally:
            owner.execute(psycopg.sql.SQL("GRANT INSERT ON app.audit TO {}").format(psycopg.sql.Identifier(str(app))))
    assert notes(own) == []


def test_a_look_that_breaks_leaves_no_note(state: Connections, own: Database, home: Catalog) -> None:
    """A penalty that is no number: nothing of the ticket is shown, and nothing says that it was."""
    with psycopg.connect(own.owner, autocommit=True) as owner:
        owner.execute("UPDATE ai_human_comparison SET penalty_score = 'many' WHERE ticket_id = 1")
        try:
            with pytest.raises(psycopg.DataError):
                SqlConversations(state, lambda: home).get(1, ADMIN)
        finally:
            owner.execute("UPDATE ai_human_comparison SET penalty_score = '35' WHERE ticket_id = 1")
    assert notes(own) == []


def test_without_a_database(home: Catalog) -> None:
    nowhere = SqlConversations(Connections("postgresql://nobody@127.0.0.1:1/none"), lambda: home)
    with pytest.raises(WarehouseUnavailable):
        nowhere.get(1, ADMIN)


@pytest.mark.parametrize("name", NARROWED)
def test_scopes_show_the_tickets_that_hand_written_sql_keeps(scoped_desk: ScopedDesk, home: Catalog, name: str) -> None:
    """Beside a copy of the desk that holds nothing beyond the scope."""
    narrowed = Principal("nina@example.com", Role.ADMIN, scope=NARROWED[name].scope)
    with psycopg.connect(scoped_desk.parts[name].owner) as part, psycopg.connect(scoped_desk.whole.owner) as whole:
        kept = {row[0] for row in part.execute("SELECT ticket_id FROM ai_human_comparison")}
        every = {row[0] for row in whole.execute("SELECT ticket_id FROM ai_human_comparison")}
        inside, outside = min(kept), min(every - kept)
        written = part.execute(
            "SELECT message FROM support_dialogs WHERE ticket_id = %s ORDER BY created_at, message_id", (inside,)
        ).fetchall()
    state = Connections(scoped_desk.whole.app)
    try:
        port = SqlConversations(state, lambda: home)
        found = port.listed(Wanted(NOW - timedelta(days=3650), NOW), narrowed, limit=100_000)
        assert {one.ticket_id for one in found} == kept
        told = port.get(inside, narrowed)
        assert told is not None
        assert [(message.text,) for message in told.messages] == written
        assert port.get(outside, narrowed) is None
    finally:
        state.close()


def test_a_scope_that_tickets_do_not_have(scoped_desk: ScopedDesk, home: Catalog) -> None:
    """A ticket has no plan of a subscription, so nothing of it is within such a scope."""
    narrowed = Principal("nina@example.com", Role.ADMIN, scope=(ScopeFilter("plan", ("premium",)),))
    state = Connections(scoped_desk.whole.app)
    try:
        port = SqlConversations(state, lambda: home)
        assert port.listed(Wanted(NOW - timedelta(days=3650), NOW), narrowed) == ()
        assert port.get(1, narrowed) is None
    finally:
        state.close()
