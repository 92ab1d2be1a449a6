"""Actions, whose yes they need, and that they happen once. Now is 10 November 2026: the December box is open."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from dash_agent.models.principal import Principal, Role
from support_agent.approvals import ByCustomer, ByStaff, Decided, Decider
from support_agent.grants import arguments_hash
from support_agent.models import Consent, Customer, Done, NotPossible, Proposal, Subscription, Task, TaskStatus
from support_agent.tools import TOOLS
from tests.support_worlds import OLD_ADDRESS, World, approvals, dialogue, situation

MANAGER = ByStaff(Principal("Maya", Role.MANAGER))
VIEWER = ByStaff(Principal("Vic", Role.VIEWER))


class Desk:
    """A customer with a monthly subscription that had its November box, in a conversation."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.customer: Customer = world.customer()
        self.subscription: Subscription = world.subscription(self.customer.customer_id)
        self.november = world.box(
            self.subscription.subscription_id, "2026-11", delivered_at=datetime(2026, 11, 3, tzinfo=UTC)
        )
        self.dialogue = dialogue(world, self.customer)
        self.approvals = approvals(world)
        self.me = ByCustomer(self.customer.customer_id, self.dialogue.ticket_id)

    def check(self, tool: str, **arguments: str | int | bool | None) -> Proposal | NotPossible:
        return TOOLS[tool].proposed(situation(self.world, self.customer), arguments)

    def propose(self, tool: str, **arguments: str | int | bool | None) -> Task:
        found = self.check(tool, **arguments)
        assert isinstance(found, Proposal), found
        now, ticket_id = self.world.clock.now(), self.dialogue.ticket_id
        return self.approvals.propose(ticket_id, found, self.customer.customer_id, now)

    def claim(self, photos: int, **arguments: str | int | bool | None) -> Proposal | NotPossible:
        there = situation(self.world, self.customer, photos=("photo",) * photos)
        return TOOLS["create_damage_claim"].proposed(there, arguments)

    def propose_with_photos(self, photos: int, **arguments: str | int | bool | None) -> Task:
        found = self.claim(photos, **arguments)
        assert isinstance(found, Proposal), found
        now, ticket_id = self.world.clock.now(), self.dialogue.ticket_id
        return self.approvals.propose(ticket_id, found, self.customer.customer_id, now)

    def decide(self, task: Task, approved: bool = True, by: Decider | None = None) -> Decided | NotPossible:
        return self.approvals.decide(task.task_id, approved, by or self.me, self.world.clock.now())

    def done(self, tool: str, **arguments: str | int | bool | None) -> Task:
        decided = self.decide(self.propose(tool, **arguments))
        assert isinstance(decided, Decided), decided
        assert decided.task.status is TaskStatus.DONE, decided.task.error
        return decided.task

    def now(self) -> Subscription:
        owned = self.world.customers.subscriptions(self.customer.customer_id)
        return next(one for one in owned if one.subscription_id == self.subscription.subscription_id)

    def boxes(self) -> dict[str, str]:
        found = self.world.customers.shipments(self.subscription.subscription_id)
        return {box.box_month.isoformat()[:7]: box.status for box in found}


@pytest.fixture
def desk(world: World) -> Desk:
    return Desk(world)


def test_nothing_happens_before_the_yes_and_once_after_it(desk: Desk) -> None:
    task = desk.propose("pause_subscription", months=2)
    assert (task.status, task.consent) == (TaskStatus.PENDING, Consent.CUSTOMER)
    assert task.told["until"] == date(2027, 1, 9)
    assert task.told["stays_away"] == (date(2026, 12, 1), date(2027, 1, 1))
    assert task.told["next_box"] == date(2027, 2, 1)
    assert desk.now().status == "active"
    decided = desk.decide(task)
    assert isinstance(decided, Decided)
    assert (decided.changed, decided.task.status, decided.task.decided_by) == (True, TaskStatus.DONE, "customer")
    assert (desk.now().status, desk.now().paused_until) == ("paused", date(2027, 1, 9))
    again = desk.decide(task)
    assert isinstance(again, Decided)
    assert (again.changed, again.task) == (False, decided.task)
    assert desk.world.queued(task.task_id) == 1


def test_a_no_is_a_no_for_good(desk: Desk) -> None:
    task = desk.propose("skip_month")
    decided = desk.decide(task, approved=False)
    assert isinstance(decided, Decided)
    assert decided.task.status is TaskStatus.REJECTED
    late = desk.decide(task)
    assert isinstance(late, Decided)
    assert (late.changed, late.task.status) == (False, TaskStatus.REJECTED)
    assert desk.boxes() == {"2026-11": "delivered"}


def test_the_same_proposal_twice_is_one_task(desk: Desk) -> None:
    assert desk.propose("skip_month").task_id == desk.propose("skip_month", month="2026-12-01").task_id
    assert desk.propose("skip_month", month="2027-01-01").task_id != desk.propose("skip_month").task_id


def test_a_yes_too_late_is_none(desk: Desk) -> None:
    task = desk.propose("change_frequency", frequency="quarterly")
    desk.world.clock.later(hours=48)
    assert desk.decide(task) == NotPossible("expired")
    kept = desk.world.tasks.get(task.task_id)
    assert kept is not None
    assert kept.status is TaskStatus.EXPIRED
    assert desk.now().frequency == "monthly"


def test_an_offer_waits_for_a_week_and_others_for_two_days(desk: Desk) -> None:
    desk.world.box(desk.subscription.subscription_id, "2026-10")
    offer, pause = desk.propose("retention_offer", discount_percent=10), desk.propose("pause_subscription", months=1)
    desk.world.clock.later(hours=49)
    desk.approvals.expire(desk.world.clock.now())
    states = [task.status for task in desk.world.tasks.of_ticket(desk.dialogue.ticket_id)]
    assert states == [TaskStatus.PENDING, TaskStatus.EXPIRED]
    assert desk.world.queued(pause.task_id) == 0
    desk.world.clock.later(days=5)
    desk.approvals.expire(desk.world.clock.now())
    assert desk.world.queued(offer.task_id) == 1


def test_the_customer_can_not_say_yes_for_staff(desk: Desk) -> None:
    desk.world.box(desk.subscription.subscription_id, "2026-10")
    task = desk.propose("retention_offer", discount_percent=20)
    assert "discount_percent" not in task.told
    assert desk.decide(task) == NotPossible("needs_staff")
    assert desk.decide(task, by=VIEWER) == NotPossible("needs_staff")
    hash_ = arguments_hash(task.tool, task.arguments, task.customer_id)
    assert desk.world.tasks.decide(task.task_id, True, "customer", hash_, desk.world.clock.now()) is None
    decided = desk.decide(task, by=MANAGER)
    assert isinstance(decided, Decided)
    assert (decided.task.status, decided.task.decided_by) == (TaskStatus.DONE, "Maya")
    assert decided.task.told["discount_percent"] == 20


def test_staff_can_not_say_yes_for_the_customer(desk: Desk) -> None:
    task = desk.propose("pause_subscription", months=1)
    assert desk.decide(task, by=MANAGER) == NotPossible("needs_customer")
    assert desk.now().status == "active"
    rejected = desk.decide(task, approved=False, by=MANAGER)
    assert isinstance(rejected, Decided)
    assert rejected.task.status is TaskStatus.REJECTED


def test_a_customer_reaches_nothing_of_another(desk: Desk) -> None:
    other = Desk(desk.world)
    theirs = other.subscription.subscription_id
    for tool, more in (
        ("pause_subscription", {"months": 1}),
        ("skip_month", {}),
        ("change_frequency", {"frequency": "quarterly"}),
        ("generate_cancel_link", {}),
        ("retention_offer", {}),
        ("issue_replacement", {"reason": "lost"}),
        ("create_damage_claim", {"kind": "broken"}),
    ):
        assert desk.check(tool, subscription_id=theirs, **more) == NotPossible("no_such_subscription"), tool
    task = other.propose("pause_subscription", months=1)
    assert desk.decide(task) == NotPossible("no_such_task")
    assert desk.approvals.undo(task.task_id, desk.me, desk.world.clock.now()) == NotPossible("no_such_task")
    assert other.now().status == "active"


def test_a_proposal_that_names_anothers_subscription_fails_when_it_is_run(desk: Desk) -> None:
    other = Desk(desk.world)
    forged = Proposal(
        "pause_subscription",
        {"subscription_id": other.subscription.subscription_id, "until": "2026-12-20"},
        Consent.CUSTOMER,
    )
    now = desk.world.clock.now()
    task = desk.approvals.propose(desk.dialogue.ticket_id, forged, desk.customer.customer_id, now)
    decided = desk.decide(task)
    assert isinstance(decided, Decided)
    assert (decided.task.status, decided.task.error) == (TaskStatus.FAILED, "no_such_subscription")
    assert other.now().status == "active"


def test_arguments_that_were_changed_after_the_proposal_are_refused(desk: Desk) -> None:
    task = desk.propose("pause_subscription", months=1)
    desk.world.tamper(task.task_id, {**task.arguments, "until": "2027-02-09"})
    seen = desk.approvals.decide(task.task_id, True, desk.me, desk.world.clock.now(), seen=task.arguments)
    assert seen == NotPossible("other_arguments")
    assert desk.now().status == "active"


def test_a_yes_to_other_arguments_is_refused(desk: Desk) -> None:
    task = desk.propose("pause_subscription", months=1)
    other = {**task.arguments, "until": "2027-01-09"}
    found = desk.approvals.decide(task.task_id, True, desk.me, desk.world.clock.now(), seen=other)
    assert found == NotPossible("other_arguments")
    assert isinstance(desk.decide(task), Decided)


def test_a_grant_is_for_what_was_granted(desk: Desk) -> None:
    task = desk.propose("change_frequency", frequency="bimonthly")
    hash_ = arguments_hash(task.tool, task.arguments, task.customer_id)
    assert desk.world.tasks.decide(task.task_id, True, "customer", hash_, desk.world.clock.now()) is not None
    desk.world.tamper(task.task_id, {**task.arguments, "frequency": "quarterly"})
    ended = desk.approvals.resume(task.task_id, desk.world.clock.now())
    assert ended is not None
    assert (ended.status, ended.error) == (TaskStatus.FAILED, "no_grant")
    assert desk.now().frequency == "monthly"


def test_a_grant_grows_old(desk: Desk) -> None:
    task = desk.propose("change_frequency", frequency="bimonthly")
    hash_ = arguments_hash(task.tool, task.arguments, task.customer_id)
    desk.world.tasks.decide(task.task_id, True, "customer", hash_, desk.world.clock.now())
    desk.world.clock.later(days=3)
    ended = desk.approvals.resume(task.task_id, desk.world.clock.now())
    assert ended is not None
    assert (ended.status, ended.error, desk.now().frequency) == (TaskStatus.FAILED, "no_grant", "monthly")


def test_without_a_yes_running_it_does_nothing(desk: Desk) -> None:
    task = desk.propose("pause_subscription", months=1)
    action = TOOLS["pause_subscription"].action(situation(desk.world, None).zone)
    assert desk.world.tasks.run(task.task_id, action, desk.world.clock.now()).status is TaskStatus.PENDING
    assert desk.now().status == "active"


def test_what_an_action_raises_leaves_all_as_it_was(desk: Desk) -> None:
    task = desk.propose("pause_subscription", months=1)
    hash_ = arguments_hash(task.tool, task.arguments, task.customer_id)
    desk.world.tasks.decide(task.task_id, True, "customer", hash_, desk.world.clock.now())

    def breaks(task: Task, customers: object, changes: object, history: object, now: datetime) -> Done:
        changes.pause(task.arguments["subscription_id"], date(2027, 1, 1))  # type: ignore[attr-defined]
        raise RuntimeError("the power went")

    with pytest.raises(RuntimeError):
        desk.world.tasks.run(task.task_id, breaks, desk.world.clock.now())
    assert desk.now().status == "active"
    ended = desk.approvals.resume(task.task_id, desk.world.clock.now())
    assert ended is not None
    assert (ended.status, desk.now().status) == (TaskStatus.DONE, "paused")


def test_preconditions_are_looked_at_again(desk: Desk) -> None:
    task = desk.propose("skip_month")
    assert task.arguments["month"] == "2026-12-01"
    desk.world.box(desk.subscription.subscription_id, "2026-12", "in_transit")
    decided = desk.decide(task)
    assert isinstance(decided, Decided)
    assert (decided.task.status, decided.task.error) == (TaskStatus.FAILED, "already_packed")


def test_the_customer_is_told_once(desk: Desk) -> None:
    task = desk.propose("pause_subscription", months=1)
    now = desk.world.clock.now()
    assert desk.approvals.resume(task.task_id, now) is None
    desk.decide(task)
    told = desk.approvals.resume(task.task_id, now)
    assert told is not None
    assert told.status is TaskStatus.DONE
    assert desk.approvals.told(task.task_id, now)
    assert not desk.approvals.told(task.task_id, now)
    assert desk.approvals.resume(task.task_id, now) is None


def test_a_handover_needs_nobodys_yes(desk: Desk) -> None:
    task = desk.propose("escalate_to_human", reason="asked for a person")
    assert (task.status, task.decided_by) == (TaskStatus.DONE, None)
    assert desk.world.queued(task.task_id) == 0


# Taking it back


def test_a_pause_is_taken_back_until_its_first_box_is_packed(desk: Desk) -> None:
    task = desk.done("pause_subscription", months=2)
    # 20 November in Israel begins at 22:00 UTC of the 19th.
    assert task.undo_until == datetime(2026, 11, 19, 22, tzinfo=UTC)
    undone = desk.approvals.undo(task.task_id, desk.me, desk.world.clock.now())
    assert isinstance(undone, Decided)
    assert (undone.task.status, dict(undone.task.arguments)) == (TaskStatus.DONE, {"undoes": task.task_id})
    assert (desk.now().status, desk.now().paused_until) == ("active", None)
    again = desk.approvals.undo(task.task_id, desk.me, desk.world.clock.now())
    assert isinstance(again, Decided)
    assert (again.changed, again.task.task_id) == (False, undone.task.task_id)


def test_after_the_packing_day_it_is_too_late_to_take_it_back(desk: Desk) -> None:
    task = desk.done("skip_month")
    desk.world.clock.moment = datetime(2026, 11, 19, 22, tzinfo=UTC)
    assert desk.approvals.undo(task.task_id, desk.me, desk.world.clock.now()) == NotPossible("already_packed")
    assert desk.boxes()["2026-12"] == "skipped"


@pytest.mark.parametrize("there", [True, False])
def test_a_skipped_box_comes_back(desk: Desk, there: bool) -> None:
    if there:
        desk.world.box(desk.subscription.subscription_id, "2026-12", "preparing")
    before = desk.boxes()
    task = desk.done("skip_month")
    assert desk.boxes()["2026-12"] == "skipped"
    assert isinstance(desk.approvals.undo(task.task_id, desk.me, desk.world.clock.now()), Decided)
    assert desk.boxes() == before


def test_frequency_and_address_come_back(desk: Desk) -> None:
    rhythm = desk.done("change_frequency", frequency="quarterly")
    place = desk.done("change_address", **NEW_ADDRESS)
    assert desk.now().shipping_address == "Ada Example, Neue Straße 5, 50667 Köln, DE"
    for task in (rhythm, place):
        assert isinstance(desk.approvals.undo(task.task_id, desk.me, desk.world.clock.now()), Decided)
    assert (desk.now().frequency, desk.now().shipping_address) == ("monthly", OLD_ADDRESS)


def test_what_was_changed_since_is_not_taken_back(desk: Desk) -> None:
    first = desk.done("change_frequency", frequency="quarterly")
    desk.done("change_frequency", frequency="bimonthly")
    assert desk.approvals.undo(first.task_id, desk.me, desk.world.clock.now()) == NotPossible("changed_since")
    assert desk.now().frequency == "bimonthly"


def test_what_staff_decided_is_not_the_customers_to_take_back(desk: Desk) -> None:
    desk.world.box(desk.subscription.subscription_id, "2026-10")
    task = desk.propose("retention_offer")
    desk.decide(task, by=MANAGER)
    assert desk.approvals.undo(task.task_id, desk.me, desk.world.clock.now()) == NotPossible("needs_staff")


NEW_ADDRESS = {
    "recipient": "Ada Example",
    "street": "Neue Straße 5",
    "postal_code": "50667",
    "town": "Köln",
    "country": "Germany",
}


# Limits


def test_a_third_pause_in_twelve_months_is_for_a_person(desk: Desk) -> None:
    for _ in range(2):
        desk.done("pause_subscription", months=1)
        desk.done("pause_subscription", end=True)
    assert desk.check("pause_subscription", months=1) == NotPossible("too_many_pauses", {"limit": 2}, staff=True)
    desk.world.clock.moment = datetime(2027, 11, 11, 9, tzinfo=UTC)
    assert isinstance(desk.check("pause_subscription", months=1), Proposal)


def test_a_pause_that_was_taken_back_does_not_count(desk: Desk) -> None:
    for _ in range(3):
        task = desk.done("pause_subscription", months=1)
        assert isinstance(desk.approvals.undo(task.task_id, desk.me, desk.world.clock.now()), Decided)
    assert isinstance(desk.check("pause_subscription", months=1), Proposal)


def test_limits_hold_again_when_it_is_run(desk: Desk) -> None:
    """Proposed three times while each was allowed; the third yes comes after two."""
    second = desk.world.subscription(desk.customer.customer_id)
    third = desk.world.subscription(desk.customer.customer_id)
    ids = [desk.subscription.subscription_id, second.subscription_id, third.subscription_id]
    tasks = [desk.propose("pause_subscription", subscription_id=one, months=1) for one in ids]
    ended = [desk.decide(task) for task in tasks]
    states = [one.task.status for one in ended if isinstance(one, Decided)]
    assert states == [TaskStatus.DONE, TaskStatus.DONE, TaskStatus.FAILED]


def test_three_boxes_in_twelve_months(desk: Desk) -> None:
    for month in ("2026-12", "2027-01", "2027-02"):
        desk.done("skip_month", month=f"{month}-15")
    found = desk.check("skip_month", month="2027-03-01")
    assert isinstance(found, NotPossible)
    assert (found.reason, found.staff) == ("too_many_skips", True)


def test_a_third_address_in_thirty_days_is_for_a_person(desk: Desk) -> None:
    for number in (6, 7):
        desk.done("change_address", **{**NEW_ADDRESS, "street": f"Neue Straße {number}"})
    found = desk.check("change_address", **{**NEW_ADDRESS, "street": "Neue Straße 8"})
    assert found == NotPossible("too_many_addresses", {"limit": 2}, staff=True)
    desk.world.clock.later(days=31)
    assert isinstance(desk.check("change_address", **{**NEW_ADDRESS, "street": "Neue Straße 8"}), Proposal)


def test_one_claim_and_one_replacement_a_box(desk: Desk) -> None:
    claim = desk.propose_with_photos(2, kind="broken", count=3)
    assert claim.consent is Consent.STAFF
    desk.decide(claim, by=MANAGER)
    found = desk.claim(2, kind="leaked")
    assert isinstance(found, NotPossible)
    assert (found.reason, found.staff) == ("second_claim", True)
    new_box = desk.propose("issue_replacement", reason="damaged")
    assert new_box.consent is Consent.STAFF
    desk.decide(new_box, by=MANAGER)
    found = desk.check("issue_replacement", reason="damaged")
    assert isinstance(found, NotPossible)
    assert (found.reason, found.staff) == ("one_per_box", True)


def test_a_third_replacement_in_twelve_months_is_for_a_lead(desk: Desk) -> None:
    for month in ("2026-08", "2026-09", "2026-10"):
        desk.world.box(desk.subscription.subscription_id, month, "lost")
    for month in ("2026-08-01", "2026-09-01"):
        desk.decide(desk.propose("issue_replacement", reason="lost", month=month), by=MANAGER)
    found = desk.check("issue_replacement", reason="lost", month="2026-10-01")
    assert found == NotPossible("too_many_replacements", {"limit": 2}, staff=True)


def test_one_offer_a_year(desk: Desk) -> None:
    desk.world.box(desk.subscription.subscription_id, "2026-10")
    desk.decide(desk.propose("retention_offer", discount_percent=15), by=MANAGER)
    desk.world.clock.later(days=300)
    assert desk.check("retention_offer", discount_percent=5) == NotPossible("one_offer_a_year")
    desk.world.clock.later(days=70)
    assert isinstance(desk.check("retention_offer", discount_percent=5), Proposal)


def test_tasks_wait_for_those_who_decide(desk: Desk) -> None:
    desk.world.box(desk.subscription.subscription_id, "2026-10")
    for_staff, for_me = desk.propose("retention_offer"), desk.propose("skip_month")
    staff = {task.task_id for task in desk.world.tasks.waiting(Consent.STAFF)}
    customers = {task.task_id for task in desk.world.tasks.waiting(Consent.CUSTOMER)}
    assert for_staff.task_id in staff - customers
    assert for_me.task_id in customers - staff


def test_an_unknown_task_is_not_there(desk: Desk) -> None:
    found = desk.approvals.decide(10**9, True, desk.me, desk.world.clock.now())
    assert found == NotPossible("no_such_task")
    assert desk.approvals.resume(10**9, desk.world.clock.now() + timedelta(hours=1)) is None
