"""Conversations as files: what a customer says to what the agent asks, and what must hold when it is over."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from functools import cache
from itertools import count
from math import comb
from typing import Any, Final

import psycopg
import yaml
from pydantic import BaseModel, ConfigDict

from support_agent.models import Attachment, Customer, Handoff, InboundMessage, NeedsApproval, Outcome, Reply
from support_agent.speaking import texts
from support_agent.tools import TOOLS
from tests.conftest import ROOT
from tests.support_desk import Shop
from tests.support_worlds import SqlWorld, approvals, dialogue, situation

FOLDER: Final = ROOT / "tests" / "cases" / "support" / "conversations"
LONGEST: Final = 16
"""Messages of a customer in one conversation."""
STRANGERS: Final = count(1)


class _File(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Box(_File):
    month: str
    status: str = "delivered"
    left: date | None = None
    arrived: date | None = None


class Held(_File):
    """A subscription of the customer. ended_pauses: that there were in this year."""

    plan: str = "standard"
    frequency: str = "monthly"
    status: str = "active"
    paused_until: date | None = None
    boxes: list[Box] | None = None
    ended_pauses: int = 0


class Rows(_File):
    """sql: with %(customer)s, %(ticket)s and %(subscription)s, the first one. gives: the rows, as texts."""

    sql: str
    gives: list[list[str | int | None]]


class More(_File):
    say: str
    told: list[str] = []


class Script(_File):
    """opening: paraphrases of the first message. answers: by the text that the agent said, what the customer says to
    it; of several, one after another. then: what they say when nothing is asked any more. told: facts of the reply
    before that. never: parts that no reply may hold. ends: 'reply', 'approval', 'handoff' or 'draft'.
    """

    name: str
    category: str
    language: str
    opening: list[str]
    answers: dict[str, str | list[str]] = {}
    then: list[More] = []
    ends: str = "reply"
    handoff: str | None = None
    subscriptions: list[Held] = [Held()]
    country: str = "DE"
    today: datetime | None = None
    photos: int = 0
    told: list[str] = []
    heard: list[str] = []
    never: list[str] = []
    rows: list[Rows] = []
    tasks: list[list[str]] | None = None
    second: str | None = None
    signed_in: bool = False


def scripts() -> Iterator[Script]:
    for path in sorted(FOLDER.glob("*.yaml")):
        for number, one in enumerate(yaml.safe_load(path.read_text("utf-8"))):
            yield Script.model_validate(one | {"name": f"{path.stem}: {one.get('name', number)}"})


@dataclass
class Person:
    customer: Customer
    subscription_id: int


@dataclass
class Told:
    """What was said in one conversation, and how it ended."""

    lines: list[tuple[str, str]] = field(default_factory=list)
    outcome: Outcome | None = None
    before: str = ""
    thread: str = ""
    stranger: str = ""

    @property
    def replies(self) -> list[str]:
        return [text for who, text in self.lines if who == "agent"]

    def transcript(self) -> str:
        return "\n".join(f"{'> ' if who == 'customer' else '  '}{text}" for who, text in self.lines)


def filled(shop: SqlWorld, script: Script) -> Person:
    """The customer of a script, with their subscriptions and boxes."""
    shop.clock.moment = script.today or datetime(2026, 11, 10, 9, 0, tzinfo=UTC)
    customer = shop.customer(script.country)
    ids = [_subscription(shop, customer, held) for held in script.subscriptions]
    return Person(customer, ids[0] if ids else 0)


def _subscription(shop: SqlWorld, customer: Customer, held: Held) -> int:
    values = {"plan": held.plan, "frequency": held.frequency, "status": held.status, "paused_until": held.paused_until}
    made = shop.subscription(customer.customer_id, **values)
    usual = [Box(month="2026-10", left=date(2026, 9, 23), arrived=date(2026, 10, 5))]
    usual.append(Box(month="2026-11", left=date(2026, 10, 23), arrived=date(2026, 11, 3)))
    for box in usual if held.boxes is None else held.boxes:
        days = {"shipped_at": box.left, "delivered_at": box.arrived}
        times = {name: datetime(d.year, d.month, d.day, 8, tzinfo=UTC) for name, d in days.items() if d is not None}
        shop.box(made.subscription_id, box.month, box.status, **times)
    for _ in range(held.ended_pauses):
        _do(shop, customer, made.subscription_id, months=1)
        _do(shop, customer, made.subscription_id, end=True)
    return made.subscription_id


def _do(shop: SqlWorld, customer: Customer, subscription_id: int, **arguments: int | bool) -> None:
    """A pause that was made in an earlier conversation."""
    from support_agent.approvals import ByCustomer
    from support_agent.models import Proposal

    there, now = dialogue(shop, customer), shop.clock.now()
    found = TOOLS["pause_subscription"].proposed(
        situation(shop, customer), {"subscription_id": subscription_id, **arguments}
    )
    assert isinstance(found, Proposal), found
    task = approvals(shop).propose(there.ticket_id, found, customer.customer_id, now)
    approvals(shop).decide(task.task_id, True, ByCustomer(customer.customer_id, there.ticket_id), now)


def held(shop: Shop, script: Script, opening: str, who: Person) -> Told:
    """One conversation, from its opening until the customer has nothing more to say."""
    talk = shop.talk()
    told = Told(thread=talk.thread, stranger=f"stranger{next(STRANGERS)}@example.com")
    left = {key: [says] if isinstance(says, str) else list(says) for key, says in script.answers.items()}
    rest = list(script.then)
    message: str | None = opening
    while message is not None and len(told.lines) < 2 * LONGEST:
        reply = _said(shop, talk.thread, message, told, script, who)
        if isinstance(told.outcome, Handoff):
            told.before = told.before or reply
            break
        message = answer_to(script.language, reply, left)
        if message is None:
            told.before = told.before or reply
            message = rest.pop(0).say if rest else None
    return told


def _said(shop: Shop, thread: str, message: str, told: Told, script: Script, who: Person) -> str:
    number = script.photos if "@photos" in message else 0
    photos = tuple(Attachment(f"f{at}", f"photo{at}.jpg", "image", 10_000) for at in range(number))
    text = (
        message.replace("@photos", "").replace("@email", who.customer.email).replace("@nobody", told.stranger).strip()
    )
    if "@code" in text:
        text = text.replace("@code", shop.code(who.customer.email))
    known = who.customer.customer_id if script.signed_in else None
    told.outcome = shop.office.desk.handle(InboundMessage("chat", thread, text, attachments=photos, customer_id=known))
    found = told.outcome.reply if isinstance(told.outcome, NeedsApproval) else told.outcome
    reply = found.text if isinstance(found, Reply | Handoff) else f"({type(found).__name__})"
    told.lines += [("customer", message if "@" in message else text), ("agent", reply)]
    return reply


def answer_to(language: str, reply: str, left: Mapping[str, list[str]]) -> str | None:
    """What the customer says to it: by the first text among their answers that stands in the reply."""
    for key, says in left.items():
        if says and any(pattern.search(reply) for pattern in _patterns(language, key)):
            return says.pop(0)
    return None


@cache
def _patterns(language: str, key: str) -> Sequence[re.Pattern[str]]:
    found = texts(language)[key]
    forms = [found] if isinstance(found, str) else list(found.values())
    parts = [re.split(r"\{\w+\}", form) for form in forms]
    return [re.compile(".+?".join(map(re.escape, each)), re.DOTALL) for each in parts]


def wrongs(shop: Shop, script: Script, told: Told, who: Person, thread_key: str) -> Iterator[str]:
    """What does not hold after a conversation."""
    ended = _ended(told.outcome)
    if ended != script.ends:
        yield f"ended with {ended}"
    if script.handoff is not None and isinstance(told.outcome, Handoff) and told.outcome.note.reason != script.handoff:
        yield f"handed over for {told.outcome.note.reason}"
    yield from words_wrong(script, told)
    yield from rows_wrong(shop, script, who, thread_key)


def words_wrong(script: Script, told: Told) -> Iterator[str]:
    """What the customer was not told, and what no reply should have said."""
    yield from (f"not told: {fact}" for fact in script.told if fact not in told.before)
    spoken = "\n".join(told.replies)
    yield from (f"never heard: {fact}" for fact in script.heard if fact not in spoken)
    yield from (f"said: {part}" for part in script.never if part.casefold() in spoken.casefold())
    last = told.replies[-1] if told.replies else ""
    yield from (f"not told at the end: {fact}" for more in script.then[-1:] for fact in more.told if fact not in last)


def _ended(outcome: Outcome | None) -> str:
    match outcome:
        case NeedsApproval():
            return "approval"
        case Reply(draft_id=draft):
            return "reply" if draft is None else "draft"
        case Handoff():
            return "handoff"
        case _:
            return type(outcome).__name__


def rows_wrong(shop: SqlWorld, script: Script, who: Person, thread_key: str) -> Iterator[str]:
    """What the tables have otherwise than the script says."""
    with psycopg.connect(shop.database.owner) as connection:
        ticket = connection.execute(
            "SELECT ticket_id, request_type, secondary_request_type, language, customer_id"
            " FROM support_threads_data WHERE thread_key = %s",
            (thread_key,),
        ).fetchone()
        assert ticket is not None
        about = {ticket[1], ticket[2]} if script.second is not None else {ticket[1]}
        if about != {script.category, script.second} - {None}:
            yield f"the ticket is about {about}"
        if ticket[3] != script.language:
            yield f"the ticket is in {ticket[3]}"
        values = {"customer": who.customer.customer_id, "subscription": who.subscription_id, "ticket": ticket[0]}
        for rows in script.rows:
            found = [[_plain(cell) for cell in row] for row in connection.execute(rows.sql.encode(), values)]
            if found != rows.gives:
                yield f"{rows.sql} gives {found}"
        tasks = connection.execute(
            "SELECT task_type, status FROM ai_agent_tasks WHERE ticket_id = %s ORDER BY task_id", (ticket[0],)
        ).fetchall()
        if script.tasks is not None and sorted(map(list, tasks)) != sorted(script.tasks):
            yield f"tasks are {tasks}"


def _plain(cell: Any) -> str | int | None:
    return cell if cell is None or isinstance(cell, int) else str(cell)


def pass_hat_k(passed: int, of: int, k: int) -> float:
    """How likely k tries drawn from those that were made all pass."""
    return comb(passed, k) / comb(of, k)
