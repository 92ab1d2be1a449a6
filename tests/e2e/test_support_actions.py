"""Actions in a real database: races, killed processes, rights, and what demo data holds."""

from __future__ import annotations

import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any, TypeVar
from uuid import uuid4

import psycopg
import pytest
from psycopg import errors

from dash_agent.models.principal import Principal, Role
from dash_agent.warehouse.connections import Connections
from dash_agent.warehouse.jobs import SqlJobs
from dash_agent.warehouse.preparation import uri_of
from support_agent.adapters.dialogues import SqlDialogues
from support_agent.adapters.prompts import SqlPrompts, SqlReadiness, Thresholds
from support_agent.adapters.pruning import ROWS, prune
from support_agent.adapters.records import SqlPasses, SqlRatings, SqlRecords
from support_agent.adapters.tasks import SqlTasks
from support_agent.approvals import Approvals, ByCustomer, ByStaff, Decided
from support_agent.models import (
    Consent,
    DialogueState,
    InboundMessage,
    NotPossible,
    Proposal,
    Task,
    TaskStatus,
    Written,
)
from support_agent.ports import Busy
from support_agent.tools import TOOLS, Situation
from tests.conftest import NOW, ROOT, ZONE
from tests.e2e.databases import Database
from tests.support_fakes import SetClock
from tests.support_worlds import SqlWorld, approvals, dialogue, situation

MANAGER = ByStaff(Principal("Maya", Role.MANAGER))
T = TypeVar("T")


@pytest.fixture
def world(database: Database) -> Iterator[SqlWorld]:
    made = SqlWorld(database)
    yield made
    made.connections.close()


class Case:
    def __init__(self, world: SqlWorld) -> None:
        self.world = world
        self.customer = world.customer()
        self.subscription = world.subscription(self.customer.customer_id)
        self.subscription_id = self.subscription.subscription_id
        for month in ("2026-10", "2026-11"):
            world.box(self.subscription_id, month, delivered_at=datetime(2026, 11, 3, tzinfo=UTC))
        self.dialogue = dialogue(world, self.customer)
        self.me = ByCustomer(self.customer.customer_id, self.dialogue.ticket_id)
        self.approvals = approvals(world)

    def propose(self, tool: str, **arguments: str | int | bool) -> Task:
        found = TOOLS[tool].proposed(situation(self.world, self.customer), arguments)
        assert isinstance(found, Proposal), found
        now = self.world.clock.now()
        return self.approvals.propose(self.dialogue.ticket_id, found, self.customer.customer_id, now)

    def decide(self, task: Task, approved: bool = True) -> Decided | NotPossible:
        return approvals(self.world).decide(task.task_id, approved, self.me, self.world.clock.now())

    def rows(self, statement: str, *values: object) -> list[tuple[Any, ...]]:
        with psycopg.connect(self.world.database.owner) as connection:
            return connection.execute(statement.encode(), values).fetchall()

    def status(self) -> str:
        return str(self.world.customers.subscriptions(self.customer.customer_id)[0].status)


@pytest.fixture
def case(world: SqlWorld) -> Case:
    return Case(world)


def at_once(*calls: Callable[[], T]) -> list[T]:
    """Each in a thread of its own, all let go together."""
    gate = threading.Barrier(len(calls))

    def go(call: Callable[[], T]) -> T:
        gate.wait(10)
        return call()

    with ThreadPoolExecutor(len(calls)) as pool:
        return [one.result(30) for one in [pool.submit(go, call) for call in calls]]


@pytest.mark.parametrize("attempt", range(3))
def test_two_yeses_at_once_act_once(case: Case, attempt: int) -> None:
    task = case.propose("skip_month")
    ended = at_once(*[lambda: case.decide(task)] * 4)
    assert all(isinstance(one, Decided) and one.task.status is TaskStatus.DONE for one in ended)
    assert sum(isinstance(one, Decided) and one.changed for one in ended) == 1
    skipped = case.rows(
        "SELECT box_month FROM shipments WHERE subscription_id = %s AND status = 'skipped'", case.subscription_id
    )
    assert skipped == [(date(2026, 12, 1),)]
    assert case.world.queued(task.task_id) == 1


@pytest.mark.parametrize("attempt", range(3))
def test_of_a_yes_and_a_no_at_once_one_holds(case: Case, attempt: int) -> None:
    task = case.propose("pause_subscription", months=1)
    at_once(lambda: case.decide(task), lambda: case.decide(task, approved=False))
    kept = case.world.tasks.get(task.task_id)
    assert kept is not None
    assert (kept.status, case.status()) in {(TaskStatus.DONE, "paused"), (TaskStatus.REJECTED, "active")}


def test_limits_hold_against_actions_at_once(case: Case) -> None:
    others = [case.world.subscription(case.customer.customer_id).subscription_id for _ in range(3)]
    tasks = [
        case.propose("pause_subscription", subscription_id=one, months=1) for one in (case.subscription_id, *others)
    ]
    at_once(*[lambda task=task: case.decide(task) for task in tasks])  # type: ignore[misc]
    states = [case.world.tasks.get(task.task_id) for task in tasks]
    assert sorted(str(one.error) for one in states if one is not None) == ["None", "None", *["too_many_pauses"] * 2]
    paused = case.rows(
        "SELECT count(*) FROM subscriptions WHERE customer_id = %s AND status = 'paused'", case.customer.customer_id
    )
    assert paused == [(2,)]


def test_two_undos_at_once_take_it_back_once(case: Case) -> None:
    decided = case.decide(case.propose("change_frequency", frequency="quarterly"))
    assert isinstance(decided, Decided)
    now = case.world.clock.now()
    at_once(*[lambda: approvals(case.world).undo(decided.task.task_id, case.me, now)] * 3)
    undone = [task for task in case.world.tasks.of_ticket(case.dialogue.ticket_id) if "undoes" in task.arguments]
    assert [task.status for task in undone] == [TaskStatus.DONE]
    assert case.world.customers.subscriptions(case.customer.customer_id)[0].frequency == "monthly"


def test_a_takeover_while_an_action_runs_drops_the_reply_and_not_the_action(case: Case) -> None:
    task = case.propose("pause_subscription", months=1)
    with case.world.dialogues.turn(case.dialogue.dialog_id) as seen:
        decided = case.decide(task)
        case.world.dialogues.taken_over(case.dialogue.dialog_id, "Maya", "took it")
        assert isinstance(decided, Decided)
        done = Written("Your pause is set.", "en", True)
        assert case.world.dialogues.said(seen, done, sent=True, latency_ms=1) is None
        assert not case.world.dialogues.keep(seen, DialogueState())
    assert (decided.task.status, case.status()) == (TaskStatus.DONE, "paused")
    assert case.world.ticket(case.dialogue.ticket_id)["status"] == "Escalated"


@pytest.mark.parametrize("when", ["granted", "acting"])
def test_what_was_granted_is_done_once_after_a_kill(case: Case, when: str) -> None:
    task, now = case.propose("skip_month"), case.world.clock.now()
    command = [sys.executable, "-m", "tests.e2e.support_killed", uri_of(case.world.database.app)]
    ended = subprocess.run([*command, str(task.task_id), when, now.isoformat()], cwd=ROOT, timeout=60, check=False)
    assert ended.returncode == -signal.SIGKILL
    left = case.world.tasks.get(task.task_id)
    assert left is not None
    assert left.status is TaskStatus.APPROVED
    skips = "SELECT count(*) FROM shipments WHERE subscription_id = %s AND status = 'skipped'"
    assert case.rows(skips, case.subscription_id) == [(0,)]
    jobs = [
        entry.job for entry in SqlJobs(case.world.connections).listed(limit=1000) if entry.job.kind == "support.resume"
    ]
    assert [job.payload for job in jobs if job.payload["task_id"] == task.task_id] == [{"task_id": task.task_id}]
    at_once(*[lambda: case.approvals.resume(task.task_id, now)] * 3)
    done = case.world.tasks.get(task.task_id)
    assert done is not None
    assert done.status is TaskStatus.DONE
    assert case.rows(skips, case.subscription_id) == [(1,)]


def test_turns_come_in_the_order_of_arrival_over_processes(case: Case) -> None:
    """Two stores with connections of their own, as two processes have them."""
    other = SqlWorld(case.world.database)
    order: list[int] = []

    def turn(world: SqlWorld, number: int) -> None:
        with world.dialogues.turn(case.dialogue.dialog_id):
            order.append(number)

    waiting = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted AND classid = 1953854062"
    with ThreadPoolExecutor(6) as pool, case.world.dialogues.turn(case.dialogue.dialog_id):
        queued = []
        for number in range(6):
            queued.append(pool.submit(turn, (case.world, other)[number % 2], number))
            until = time.monotonic() + 20
            while case.rows(waiting) != [(number + 1,)] and time.monotonic() < until:
                time.sleep(0.01)
        assert order == []
    for one in queued:
        one.result(20)
    other.connections.close()
    assert order == list(range(6))


def test_who_waits_too_long_for_a_turn_is_told(case: Case) -> None:
    hasty = SqlDialogues(case.world.connections, case.world.clock, uuid4, wait_s=0.05)
    with case.world.dialogues.turn(case.dialogue.dialog_id), pytest.raises(Busy), hasty.turn(case.dialogue.dialog_id):
        pass
    with hasty.turn(case.dialogue.dialog_id) as free:
        assert free.dialog_id == case.dialogue.dialog_id


def test_a_turn_that_fails_leaves_the_way_free(case: Case) -> None:
    with pytest.raises(RuntimeError), case.world.dialogues.turn(case.dialogue.dialog_id):
        raise RuntimeError("a bug")
    with case.world.dialogues.turn(case.dialogue.dialog_id):
        pass


def test_a_dialogue_is_opened_once_by_two_at_once(world: SqlWorld) -> None:
    message = InboundMessage("telegram", f"telegram:{uuid4()}", "Hello")
    made = at_once(*[lambda: world.dialogues.opened(message)] * 4)
    assert len({one.dialog_id for one in made}) == 1


def test_passes_open_their_own_dialogue(case: Case) -> None:
    passes = SqlPasses(case.world.connections)
    other = dialogue(case.world)
    token = passes.give(case.dialogue.dialog_id)
    assert passes.opens(case.dialogue.dialog_id, token)
    assert not passes.opens(other.dialog_id, token)
    assert not passes.opens(case.dialogue.dialog_id, "")
    assert not passes.opens(str(uuid4()), token)
    newer = passes.give(case.dialogue.dialog_id)
    assert not passes.opens(case.dialogue.dialog_id, token)
    kept = case.rows("SELECT d::text FROM app.dialogues d WHERE dialog_id = %s", case.dialogue.dialog_id)
    assert newer not in kept[0][0]


def test_ratings_and_records(case: Case) -> None:
    dialogues, other = case.world.dialogues, dialogue(case.world)
    written = Written("It comes on Monday.", "en", True, prompt_tokens=7, completion_tokens=4)
    said = dialogues.said(case.dialogue, written, sent=True, latency_ms=12)
    assert said is not None
    ratings = SqlRatings(case.world.connections)
    assert ratings.message(case.dialogue.dialog_id, said.message_id, -1)
    assert not ratings.message(other.dialog_id, said.message_id, 1)
    ratings.dialogue(case.dialogue.dialog_id, 5)
    ticket = case.world.ticket(case.dialogue.ticket_id)
    assert (ticket["csat"], ticket["model"]) == (5, "templates")
    dialogues.taken_over(case.dialogue.dialog_id, "Maya", "asked for a person")
    case.world.clock.later(minutes=3)
    dialogues.released(case.dialogue.dialog_id)
    record = SqlRecords(case.world.connections).of(case.dialogue.dialog_id)
    assert record is not None
    assert (record.total_tokens, record.resolution) == (11, "Escalated")
    (handed,) = record.handoffs
    assert (handed.taken_by, handed.reason) == ("Maya", "asked for a person")
    assert handed.released_at == handed.at + timedelta(minutes=3)


def test_codes_and_tokens_are_kept_as_hashes_alone(case: Case) -> None:
    code = case.world.codes.issue(case.dialogue.dialog_id, case.customer.email, case.world.clock.now())
    assert code is not None
    kept = case.rows("SELECT c::text FROM app.identification_codes c WHERE dialog_id = %s", case.dialogue.dialog_id)
    assert len(kept) == 1
    assert (
        code
        not in kept[0][0].replace(case.customer.email, "").replace(case.dialogue.dialog_id, "").partition("2026")[0]
    )
    case.world.limits.take("code from 192.0.2.7", 5, timedelta(hours=1), case.world.clock.now())
    assert not [row for row in case.rows("SELECT l::text FROM app.limits l") if "192.0.2.7" in row[0]]


def test_the_reader_sees_nothing_of_it(database: Database) -> None:
    with psycopg.connect(database.reader) as connection, pytest.raises(errors.InsufficientPrivilege):
        connection.execute("SELECT FROM app.dialogues")


def test_what_is_old_is_forgotten(case: Case) -> None:
    case.world.codes.issue(case.dialogue.dialog_id, case.customer.email, case.world.clock.now())
    case.world.repeats.begin("create", str(uuid4()), "x", case.world.clock.now())
    with case.world.connections.transaction() as connection:
        assert set(prune(connection, case.world.clock.now())) == set(ROWS)
        gone = prune(connection, case.world.clock.now() + timedelta(days=60))
    assert gone["identification_codes"] >= 1
    assert gone["idempotency_keys"] >= 1
    assert case.world.dialogues.get(case.dialogue.dialog_id) is not None


def test_a_dialogue_whose_ticket_was_set_anew_is_not_there(case: Case) -> None:
    ticket = case.dialogue.ticket_id
    with psycopg.connect(case.world.database.owner) as connection:
        connection.execute(
            "UPDATE support_threads_data SET thread_key = %s WHERE ticket_id = %s", (f"x{ticket}", ticket)
        )
    assert case.world.dialogues.get(case.dialogue.dialog_id) is None
    assert case.world.dialogues.messages(case.dialogue.dialog_id) == ()


# On demo data, in a copy that this file alone changes


@pytest.fixture(scope="module")
def shop(fresh_database: Callable[[], Database], tmp_path_factory: pytest.TempPathFactory) -> Database:
    from dash_agent.warehouse.demo import DemoOptions, seed

    made = fresh_database()
    incidents = tmp_path_factory.mktemp("shop") / "incidents.json"
    seed(made.owner, DemoOptions(now=NOW, incidents_file=incidents, tickets=1_500), lambda _: None)
    return made


def demo(shop: Database, statement: str, *values: object) -> list[tuple[Any, ...]]:
    with psycopg.connect(shop.owner) as connection:
        return connection.execute(statement.encode(), values).fetchall()


def test_every_subscription_of_the_demo_shop_can_be_looked_up(shop: Database) -> None:
    world = SqlWorld(shop)
    world.clock = SetClock(NOW)
    customers = [row[0] for row in demo(shop, "SELECT customer_id FROM customers ORDER BY customer_id LIMIT 150")]
    seen = 0
    for customer_id in customers:
        there = Situation(world.customers.by_id(customer_id), world.customers, world.tasks, NOW, ZONE)
        found = TOOLS["subscription"].looked(there, {})
        assert not isinstance(found, NotPossible)
        for one in found.told["subscriptions"]:  # type: ignore[attr-defined]
            seen += 1
            assert ("price_usd" in one) == (one["plan"] != "gift")
            assert (one["next_box"] is None) == (one["status"] == "cancelled"), one
            # On 20 November the December box is packed.
            assert one["next_box"] is None or one["next_box"] >= date(2027, 1, 1)
            for tool in ("orders", "tracking"):
                TOOLS[tool].looked(there, {"subscription_id": one["subscription_id"]})
    world.connections.close()
    assert seen > 100


def test_a_pause_on_demo_data_moves_the_count_of_paused_ones_by_one(shop: Database) -> None:
    world = SqlWorld(shop)
    world.clock = SetClock(NOW)
    (row,) = demo(
        shop,
        "SELECT customer_id FROM subscriptions s WHERE status = 'active' AND plan = 'standard' AND NOT EXISTS"
        " (SELECT FROM subscriptions o WHERE o.customer_id = s.customer_id AND o.subscription_id <> s.subscription_id)"
        " AND NOT EXISTS (SELECT FROM ai_agent_tasks JOIN support_threads_data t USING (ticket_id)"
        " WHERE t.customer_id = s.customer_id) ORDER BY subscription_id LIMIT 1",
    )
    customer = world.customers.by_id(row[0])
    counted = "SELECT count(*) FROM subscriptions WHERE status = 'paused'"
    (before,) = demo(shop, counted)
    held = Approvals(world.tasks, {name: tool for name, tool in TOOLS.items() if tool.check}, ZONE)
    made = dialogue(world, customer)
    found = TOOLS["pause_subscription"].proposed(
        Situation(customer, world.customers, world.tasks, NOW, ZONE), {"months": 1}
    )
    assert isinstance(found, Proposal)
    task = held.propose(made.ticket_id, found, row[0], NOW)
    assert demo(shop, counted) == [before]
    decided = held.decide(task.task_id, True, ByCustomer(row[0], made.ticket_id), NOW)
    assert isinstance(decided, Decided)
    assert decided.task.status is TaskStatus.DONE
    assert demo(shop, counted) == [(before[0] + 1,)]
    world.connections.close()


def test_a_category_is_ready_by_its_thresholds_its_language_and_a_lead(shop: Database) -> None:
    """Four comparisons a category here, so the thresholds are set where these data lie."""
    state, clock = Connections(shop.app), SetClock(NOW)
    since = NOW - timedelta(days=30)
    (category, compared, won, penalty, errors_of_it) = demo(
        shop,
        "SELECT c.request_type, count(*), 100.0 * count(*) FILTER (WHERE verdict <> 'human_better') / count(*),"
        " avg(nullif(trim(penalty_score), '')::numeric),"
        " (SELECT 100.0 * count(*) FILTER (WHERE status = 'Error') / count(*) FROM support_threads_data t"
        "  WHERE t.request_type = c.request_type AND created_at BETWEEN %s AND %s)"
        " FROM ai_human_comparison c WHERE created_at BETWEEN %s AND %s GROUP BY 1 ORDER BY 2 DESC LIMIT 1",
        *(since, NOW, since, NOW),
    )[0]
    met = Thresholds(compared, float(won) - 0.01, float(penalty) + 0.01, float(errors_of_it) + 0.01)

    def ready(wanted: Thresholds, language: str = "en", opened: bool = True) -> bool:
        return SqlReadiness(state, clock, lambda _: opened, wanted).open_for_auto_send(category, language)

    assert ready(met)
    assert not ready(met, opened=False)
    assert not ready(met, language="xx")
    for harder in (
        replace(met, comparisons=compared + 1),
        replace(met, ai_win_rate=float(won) + 0.01),
        replace(met, penalty=float(penalty) - 0.01),
        replace(met, error_rate=float(errors_of_it) - 0.01),
    ):
        assert not ready(harder), harder
    state.close()


def test_instructions_are_the_enabled_ones_of_the_highest_version(shop: Database) -> None:
    state = Connections(shop.app)
    (category, staging, version, first) = demo(
        shop,
        "SELECT type, staging, version, instruction_1 FROM ai_answerer_instructions WHERE status = 'enabled'"
        " ORDER BY version DESC, type LIMIT 1",
    )[0]
    found = SqlPrompts(state).instructions(category, staging)
    assert found is not None
    assert (found.version, found.parts[0]) == (version, first)
    assert SqlPrompts(state).instructions("no such category", staging) is None
    state.close()


def test_what_demo_data_left_waiting_is_staffs_and_expires(shop: Database) -> None:
    state = Connections(shop.app)
    tasks = SqlTasks(state)
    with psycopg.connect(shop.owner) as connection:
        connection.execute(
            "UPDATE ai_agent_tasks SET status = 'pending_approval', decided_by = NULL, decided_at = NULL,"
            " created_at = %s, finished_at = NULL WHERE task_id IN"
            " (SELECT min(task_id) FROM ai_agent_tasks WHERE requires_approval GROUP BY task_type)",
            (NOW - timedelta(hours=1),),
        )
    waiting = demo(
        shop, "SELECT task_id FROM ai_agent_tasks WHERE status = 'pending_approval' ORDER BY created_at, task_id"
    )
    assert waiting
    found = tasks.waiting(Consent.STAFF)
    assert [task.task_id for task in found] == [row[0] for row in waiting]
    assert tasks.expire(NOW + timedelta(days=3)) == len(waiting)
    assert demo(shop, "SELECT count(*) FROM ai_agent_tasks WHERE status = 'pending_approval'") == [(0,)]
    state.close()
