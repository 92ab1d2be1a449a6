"""The support agent's ports without a world behind them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from itertools import count
from threading import Lock
from uuid import UUID

from dash_agent.errors import NotSent, UnknownName
from support_agent.grants import arguments_hash
from support_agent.models import (
    Consent,
    Customer,
    Dialogue,
    DialogueState,
    DialogueStatus,
    Done,
    InboundMessage,
    NotPossible,
    Passage,
    Proposal,
    Route,
    Said,
    Shipment,
    Subscription,
    Task,
    TaskStatus,
    Written,
)
from support_agent.ports import RESUME, Action, Draft, Repeated

START = datetime(2026, 11, 10, 9, 0, tzinfo=UTC)


@dataclass
class SetClock:
    """A clock that a test moves."""

    moment: datetime = START

    def now(self) -> datetime:
        return self.moment

    def later(self, **by: float) -> datetime:
        self.moment += timedelta(**by)
        return self.moment


@dataclass
class FakeTicket:
    """A row of support_threads_data, by the names of its columns."""

    ticket_id: int
    thread_key: str
    values: dict[str, object]


@dataclass
class FakeShop:
    """The support tables, in memory."""

    customers: dict[int, Customer] = field(default_factory=dict)
    subscriptions: dict[int, Subscription] = field(default_factory=dict)
    shipments: dict[int, Shipment] = field(default_factory=dict)
    tickets: dict[int, FakeTicket] = field(default_factory=dict)
    tasks: dict[int, Task] = field(default_factory=dict)
    grants: dict[int, tuple[str, datetime, bool]] = field(default_factory=dict)
    jobs: list[Mapping[str, object]] = field(default_factory=list)
    lock: Lock = field(default_factory=Lock)
    numbers: Iterator[int] = field(default_factory=lambda: count(1))


class FakeCustomers:
    def __init__(self, shop: FakeShop) -> None:
        self._shop = shop

    def by_email(self, email: str) -> Customer | None:
        plain = email.strip().lower()
        return next((one for one in self._shop.customers.values() if one.email == plain), None)

    def by_id(self, customer_id: int) -> Customer | None:
        return self._shop.customers.get(customer_id)

    def subscriptions(self, customer_id: int) -> Sequence[Subscription]:
        order = ("active", "paused", "cancelled")
        found = [one for one in self._shop.subscriptions.values() if one.customer_id == customer_id]
        return tuple(
            sorted(found, key=lambda one: (order.index(one.status), -one.started_at.timestamp(), -one.subscription_id))
        )

    def shipments(self, subscription_id: int, limit: int = 12) -> Sequence[Shipment]:
        found = [one for one in self._shop.shipments.values() if one.subscription_id == subscription_id]
        return tuple(sorted(found, key=lambda one: (one.box_month, one.shipment_id), reverse=True)[:limit])


class FakeChanges:
    def __init__(self, shop: FakeShop) -> None:
        self._shop = shop

    def pause(self, subscription_id: int, until: date | None) -> None:
        self._set(subscription_id, status="active" if until is None else "paused", paused_until=until)

    def skip(self, subscription_id: int, box_month: date) -> int:
        boxes = self._shop.shipments
        for box in boxes.values():
            if (box.subscription_id, box.box_month, box.status) == (subscription_id, box_month, "preparing"):
                boxes[box.shipment_id] = replace(box, status="skipped")
                return box.shipment_id
        shipment_id = next(self._shop.numbers)
        number = f"SKIP-{subscription_id}-{box_month:%Y%m}"
        carriers = [box.carrier for box in FakeCustomers(self._shop).shipments(subscription_id)]
        carrier = next(iter(carriers), "unassigned")
        boxes[shipment_id] = Shipment(shipment_id, subscription_id, box_month, carrier, number, "skipped", None, None)
        return shipment_id

    def unskip(self, shipment_id: int) -> None:
        box = self._shop.shipments[shipment_id]
        if box.tracking_number.startswith("SKIP-"):
            del self._shop.shipments[shipment_id]
        else:
            self._shop.shipments[shipment_id] = replace(box, status="preparing")

    def set_frequency(self, subscription_id: int, frequency: str) -> None:
        self._set(subscription_id, frequency=frequency)

    def set_address(self, subscription_id: int, address: str) -> None:
        self._set(subscription_id, shipping_address=address)

    def _set(self, subscription_id: int, **values: object) -> None:
        owned = self._shop.subscriptions
        owned[subscription_id] = replace(owned[subscription_id], **values)  # type: ignore[arg-type]


class FakeTasks:
    """One at a time, and what an action raises leaves all as it was."""

    def __init__(self, shop: FakeShop) -> None:
        self._shop = shop
        self._told: set[int] = set()

    def propose(
        self, ticket_id: int, proposal: Proposal, now: datetime, expires_at: datetime, customer_id: int | None
    ) -> Task:
        with self._shop.lock:
            for task in self._shop.tasks.values():
                same = (task.ticket_id, task.tool, task.arguments, task.customer_id)
                alive = task.status is TaskStatus.PENDING and (task.expires_at or now) > now
                alive |= "undoes" in task.arguments and task.status in (TaskStatus.APPROVED, TaskStatus.DONE)
                if alive and same == (ticket_id, proposal.tool, dict(proposal.arguments), customer_id):
                    return task
            task_id = next(self._shop.numbers)
            self._shop.tasks[task_id] = Task(
                task_id,
                ticket_id,
                proposal.tool,
                dict(proposal.arguments),
                TaskStatus.PENDING,
                proposal.consent,
                now,
                expires_at,
                customer_id=customer_id,
                told=dict(proposal.told),
            )
            return self._shop.tasks[task_id]

    def get(self, task_id: int) -> Task | None:
        return self._shop.tasks.get(task_id)

    def of_ticket(self, ticket_id: int) -> Sequence[Task]:
        return tuple(task for task in self._shop.tasks.values() if task.ticket_id == ticket_id)

    def of_customer(self, customer_id: int, tool: str, since: datetime) -> Sequence[Task]:
        meant = (customer_id, tool, TaskStatus.DONE)
        return tuple(
            task
            for task in self._shop.tasks.values()
            if (task.customer_id, task.tool, task.status) == meant and task.created_at >= since
        )

    def waiting(self, consent: Consent | None = None) -> Sequence[Task]:
        pending = [task for task in self._shop.tasks.values() if task.status is TaskStatus.PENDING]
        return tuple(task for task in pending if consent in (None, task.consent))

    def decide(self, task_id: int, approved: bool, by: str, arguments_hash: str, now: datetime) -> Task | None:
        with self._shop.lock:
            task = self._shop.tasks.get(task_id)
            if task is None or task.status is not TaskStatus.PENDING:
                return None
            if task.expires_at is not None and now >= task.expires_at:
                self._expire(task, now)
                return None
            may = not approved or (task.consent is Consent.CUSTOMER) == (by == "customer")
            if _hash(task) != arguments_hash or not may:
                return None
            status = TaskStatus.APPROVED if approved else TaskStatus.REJECTED
            who = None if task.consent is Consent.NONE else by
            if approved:
                until = max(task.expires_at or now, now + timedelta(hours=1))
                self._shop.grants[task_id] = (arguments_hash, until, False)
            if task.consent is not Consent.NONE:
                self._shop.jobs.append({"kind": RESUME, "task_id": task_id})
            return self._kept(replace(task, status=status, decided_by=who))

    def run(self, task_id: int, action: Action, now: datetime) -> Task:
        with self._shop.lock:
            if task_id not in self._shop.tasks:
                raise UnknownName("task", str(task_id))
            task = self._shop.tasks[task_id]
            if task.status is not TaskStatus.APPROVED:
                return task
            meant, until, used = self._shop.grants.get(task_id, ("", now, True))
            if used or meant != _hash(task) or now >= until:
                return self._kept(replace(task, status=TaskStatus.FAILED, error="no_grant", finished_at=now))
            ended = self._acted(task, action, now)
            self._shop.grants[task_id] = (meant, until, True)
            if isinstance(ended, NotPossible):
                return self._kept(replace(task, status=TaskStatus.FAILED, error=ended.reason, finished_at=now))
            done = replace(task, status=TaskStatus.DONE, finished_at=now, told=dict(ended.told))
            return self._kept(replace(done, before=dict(ended.before), undo_until=ended.undo_until))

    def _acted(self, task: Task, action: Action, now: datetime) -> Done | NotPossible:
        before = dict(self._shop.subscriptions), dict(self._shop.shipments)
        try:
            return action(task, FakeCustomers(self._shop), FakeChanges(self._shop), self, now)
        except BaseException:
            self._shop.subscriptions, self._shop.shipments = before
            raise

    def expire(self, now: datetime) -> int:
        over = [task for task in self.waiting() if task.expires_at is not None and now >= task.expires_at]
        for task in over:
            self._expire(task, now)
        return len(over)

    def _expire(self, task: Task, now: datetime) -> None:
        self._kept(replace(task, status=TaskStatus.EXPIRED, finished_at=now))
        if task.consent is Consent.STAFF:
            self._shop.jobs.append({"kind": RESUME, "task_id": task.task_id})

    def is_told(self, task_id: int) -> bool:
        return task_id in self._told

    def tell(self, task_id: int, now: datetime) -> bool:
        known = task_id in self._told or task_id not in self._shop.tasks
        self._told.add(task_id)
        return not known

    def _kept(self, task: Task) -> Task:
        self._shop.tasks[task.task_id] = task
        return task


def _hash(task: Task) -> str:
    return arguments_hash(task.tool, task.arguments, task.customer_id)


class FakeDialogues:
    """Turns go one at a time in order of arrival within this process."""

    def __init__(self, shop: FakeShop, clock: SetClock, new_id: Callable[[], UUID]) -> None:
        self.shop = shop
        self.drafts: dict[int, tuple[Draft, int, str]] = {}
        self._clock = clock
        self._new_id = new_id
        self._known: dict[str, Dialogue] = {}
        self._said: dict[str, list[Said]] = {}
        self._seen: set[tuple[str, str]] = set()
        self._routed: set[str] = set()
        self._turns: dict[str, Lock] = {}

    def opened(self, message: InboundMessage) -> Dialogue:
        found = next((one for one in self._known.values() if one.thread == message.thread), None)
        if found is not None:
            return found
        now, ticket_id = self._clock.now(), next(self.shop.numbers)
        held_here, _, named = message.thread.partition(":")
        dialog_id = named if held_here == "chat" and _is_uuid(named) else str(self._new_id())
        values: dict[str, object] = {
            "channel": message.channel,
            "language": message.language or "en",
            "customer_id": message.customer_id,
            "customer_email": None,
            "request_type": "other",
            "secondary_request_type": None,
            "urgency": "low",
            "status": "Data collected",
            "auto_sent": False,
            "is_outstanding": False,
            "assigned_to": None,
            "model": None,
            "error_message": None,
            "ai_answered_at": None,
            "draft_created_at": None,
            "sent_at": None,
            "escalated_at": None,
        }
        self.shop.tickets[ticket_id] = FakeTicket(ticket_id, message.thread, values)
        state = DialogueState(language=message.language, customer_id=message.customer_id)
        status = DialogueStatus.ACTIVE
        made = Dialogue(dialog_id, ticket_id, message.thread, message.channel, status, 0, state, now)
        self._known[dialog_id], self._said[dialog_id] = made, []
        self._turns[dialog_id] = Lock()
        return made

    @contextmanager
    def turn(self, dialog_id: str) -> Iterator[Dialogue]:
        self._one(dialog_id)
        with self._turns[dialog_id]:
            yield self._one(dialog_id)

    def get(self, dialog_id: str) -> Dialogue | None:
        return self._known.get(dialog_id)

    def keep(self, dialogue: Dialogue, state: DialogueState, status: DialogueStatus | None = None) -> bool:
        now = self._one(dialogue.dialog_id)
        if now.epoch != dialogue.epoch:
            return False
        self._known[now.dialog_id] = replace(now, state=state, status=status or now.status)
        values = self._ticket(now)
        values["customer_id"] = state.customer_id or values["customer_id"]
        values["customer_email"] = state.email or values["customer_email"]
        return True

    def heard(self, dialogue: Dialogue, message: InboundMessage) -> Said | None:
        named = (message.thread, message.message_id)
        if message.message_id and named in self._seen:
            return None
        self._seen.add(named)
        return self._add(dialogue.dialog_id, "customer", message.text, None)

    def said(self, dialogue: Dialogue, written: Written, *, sent: bool, latency_ms: int) -> Said | None:
        if self._one(dialogue.dialog_id).epoch != dialogue.epoch:
            return None
        values, now, author = self._ticket(dialogue), self._clock.now(), written.model or "templates"
        if written.substance or not sent:
            values["ai_answered_at"] = values["ai_answered_at"] or now
            values["draft_created_at"] = values["draft_created_at"] or now
            if values["sent_at"] is None:
                values["auto_sent"] = sent
            if sent:
                values["sent_at"] = values["sent_at"] or now
            values["status"] = "Sent" if sent else "Draft Created"
            values["model"], values["error_message"] = author, None
        if sent:
            return self._add(dialogue.dialog_id, "ai", written.text, author)
        draft_id = next(self.shop.numbers)
        draft = Draft(draft_id, dialogue.dialog_id, written.text, written.language, "pending", now)
        self.drafts[draft_id] = (draft, dialogue.epoch, author)
        return Said(draft_id, "draft", written.text, author, now)

    def answered(self, dialog_id: str, by: str, text: str) -> Said:
        self._ticket(self._one(dialog_id))["assigned_to"] = by
        return self._add(dialog_id, "human", text, by)

    def messages(self, dialog_id: str) -> Sequence[Said]:
        return tuple(self._said.get(dialog_id, ()))

    def routed(self, dialogue: Dialogue, route: Route) -> None:
        values = self._ticket(dialogue)
        categories = [intent.category for intent in route.intents]
        if not categories:
            values["language"] = route.language
        elif dialogue.dialog_id not in self._routed:
            self._routed.add(dialogue.dialog_id)
            second = next((one for one in categories[1:] if one != categories[0]), None)
            values |= {"request_type": categories[0], "secondary_request_type": second, "language": route.language}
            values |= {"urgency": route.urgency.value, "is_outstanding": route.outstanding}
        else:
            others = [one for one in categories if one != values["request_type"]]
            values["secondary_request_type"] = values["secondary_request_type"] or next(iter(others), None)
            values["urgency"] = max(str(values["urgency"]), route.urgency.value, key=["low", "medium", "high"].index)
            values["is_outstanding"] = values["is_outstanding"] or route.outstanding

    def taken_over(self, dialog_id: str, by: str | None, reason: str) -> Dialogue:
        now = self._one(dialog_id)
        if now.status is DialogueStatus.CLOSED:
            return now
        values = self._ticket(now)
        values |= {"status": "Escalated", "assigned_to": by or values["assigned_to"], "error_message": None}
        values["escalated_at"] = values["escalated_at"] or self._clock.now()
        self._drop(dialog_id)
        return self._set(replace(now, status=DialogueStatus.ESCALATED, epoch=now.epoch + 1, taken_by=by))

    def released(self, dialog_id: str) -> Dialogue:
        now = self._one(dialog_id)
        if now.status is not DialogueStatus.ESCALATED:
            return now
        self._ticket(now)["assigned_to"] = None
        return self._set(replace(now, status=DialogueStatus.ACTIVE, taken_by=None))

    def closed(self, dialog_id: str, reason: str) -> Dialogue:
        now = self._one(dialog_id)
        if now.status is DialogueStatus.CLOSED:
            return now
        self._drop(dialog_id)
        at = self._clock.now()
        return self._set(replace(now, status=DialogueStatus.CLOSED, epoch=now.epoch + 1, closed_at=at))

    def failed(self, dialogue: Dialogue, error: str) -> None:
        self._ticket(dialogue).update(status="Error", error_message=error)

    def _drop(self, dialog_id: str) -> None:
        for draft_id, (draft, epoch, author) in self.drafts.items():
            if draft.dialog_id == dialog_id and draft.status == "pending":
                self.drafts[draft_id] = (replace(draft, status="dropped"), epoch, author)

    def _set(self, dialogue: Dialogue) -> Dialogue:
        self._known[dialogue.dialog_id] = dialogue
        return dialogue

    def _one(self, dialog_id: str) -> Dialogue:
        if dialog_id not in self._known:
            raise UnknownName("dialogue", dialog_id)
        return self._known[dialog_id]

    def _ticket(self, dialogue: Dialogue) -> dict[str, object]:
        return self.shop.tickets[dialogue.ticket_id].values

    def _add(self, dialog_id: str, role: str, text: str, author: str | None) -> Said:
        said = Said(next(self.shop.numbers), role, text, author, self._clock.now())
        self._said[dialog_id].append(said)
        return said


class FakeDrafts:
    def __init__(self, dialogues: FakeDialogues) -> None:
        self._dialogues = dialogues

    def get(self, draft_id: int) -> Draft | None:
        found = self._dialogues.drafts.get(draft_id)
        return None if found is None else found[0]

    def waiting(self) -> Sequence[Draft]:
        return tuple(draft for draft, *_ in self._dialogues.drafts.values() if draft.status == "pending")

    def send(self, draft_id: int, by: str, text: str | None = None) -> Said | None:
        draft, epoch, author = self._dialogues.drafts.get(draft_id, (None, 0, ""))
        if draft is None or draft.status != "pending":
            return None
        dialogue = self._dialogues.get(draft.dialog_id)
        if dialogue is None or dialogue.epoch != epoch:
            return None
        self._dialogues.drafts[draft_id] = (replace(draft, status="sent", decided_by=by), epoch, author)
        values = self._dialogues._ticket(dialogue)
        values |= {"status": "Sent", "sent_at": values["sent_at"] or self._dialogues._clock.now()}
        changed = text is not None and text != draft.text
        return self._dialogues._add(
            draft.dialog_id, "human" if changed else "ai", text or draft.text, by if changed else author
        )

    def reject(self, draft_id: int, by: str, reason: str) -> bool:
        draft, epoch, author = self._dialogues.drafts.get(draft_id, (None, 0, ""))
        if draft is None or draft.status != "pending":
            return False
        self._dialogues.drafts[draft_id] = (replace(draft, status="rejected", decided_by=by), epoch, author)
        return True


@dataclass
class _Code:
    dialog_id: str
    email: str
    code: str
    at: datetime
    tries: int = 0
    tried_at: datetime | None = None
    used: bool = False


class FakeCodes:
    """The same limits as the real one. draw: the codes, in order."""

    def __init__(self, draw: Callable[[], str]) -> None:
        self._draw = draw
        self._codes: list[_Code] = []

    def issue(self, dialog_id: str, email: str, now: datetime) -> str | None:
        lately = [one for one in self._codes if one.at > now - timedelta(hours=1)]
        here = [one for one in lately if one.dialog_id == dialog_id]
        there = [one for one in lately if one.email == email]
        if self._tried(dialog_id, email, now) or len(here) >= 4 or len(there) >= 8:
            return None
        self._codes.append(_Code(dialog_id, email, self._draw(), now))
        return self._codes[-1].code

    def verify(self, dialog_id: str, code: str, now: datetime) -> str | None:
        latest = next((one for one in reversed(self._codes) if one.dialog_id == dialog_id), None)
        if latest is None or latest.used or now >= latest.at + timedelta(minutes=10):
            return None
        if self._tried(dialog_id, latest.email, now):
            return None
        if code != latest.code:
            latest.tries, latest.tried_at = latest.tries + 1, now
            return None
        latest.used = True
        return latest.email

    def is_paused(self, dialog_id: str, now: datetime) -> bool:
        latest = next((one for one in reversed(self._codes) if one.dialog_id == dialog_id), None)
        return self._tried(dialog_id, latest.email if latest else "", now)

    def _tried(self, dialog_id: str, email: str, now: datetime) -> bool:
        lately = [one for one in self._codes if one.tried_at is not None and one.tried_at > now - timedelta(hours=1)]
        here = sum(one.tries for one in lately if one.dialog_id == dialog_id)
        there = sum(one.tries for one in lately if one.email == email)
        return here >= 5 or there >= 10


@dataclass
class FakeLimits:
    taken: dict[str, tuple[datetime, int]] = field(default_factory=dict)

    def take(self, what: str, limit: int, per: timedelta, now: datetime) -> timedelta | None:
        until, n = self.taken.get(what, (now + per, 0))
        if until <= now:
            until, n = now + per, 0
        self.taken[what] = (until, min(n, limit) + 1)
        return until - now if n >= limit else None


@dataclass
class FakeRepeats:
    kept: dict[tuple[str, str], tuple[str, str | None]] = field(default_factory=dict)

    def begin(self, scope: str, key: str, request: str, now: datetime) -> Repeated | None:
        if (scope, key) not in self.kept:
            self.kept[scope, key] = (request, None)
            return None
        asked, answer = self.kept[scope, key]
        return Repeated(answer, asked == request)

    def end(self, scope: str, key: str, answer: str) -> None:
        self.kept[scope, key] = (self.kept[scope, key][0], answer)

    def forget(self, scope: str, key: str) -> None:
        if self.kept.get((scope, key), ("", ""))[1] is None:
            self.kept.pop((scope, key), None)


@dataclass
class FakeCancellations:
    shop: FakeShop
    burned: set[str] = field(default_factory=set)

    def cancel(self, jti: str, customer_id: int, subscription_id: int, now: datetime) -> bool:
        if jti in self.burned:
            return False
        self.burned.add(jti)
        found = self.shop.subscriptions.get(subscription_id)
        if found is not None and found.customer_id == customer_id and found.status != "cancelled":
            ended = replace(found, status="cancelled", cancelled_at=now, paused_until=None)
            self.shop.subscriptions[subscription_id] = ended
        return True

    def is_burned(self, jti: str) -> bool:
        return jti in self.burned


@dataclass
class FakeMail:
    """sent: to, subject, body."""

    sent: list[tuple[str, str, str]] = field(default_factory=list)
    broken: bool = False

    def send(self, to: str, subject: str, body: str) -> None:
        if self.broken:
            raise NotSent(f"no way to {to}")
        self.sent.append((to, subject, body))


@dataclass
class FakeKnowledge:
    passages: tuple[Passage, ...] = ()

    def search(self, text: str, language: str, category: str | None, limit: int = 4) -> Sequence[Passage]:
        return self.passages[:limit]


def _is_uuid(text: str) -> bool:
    try:
        UUID(text)
    except ValueError:
        return False
    return True
