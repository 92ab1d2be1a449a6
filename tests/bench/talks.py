"""Customers' conversations over HTTP, by the scripts that judge the desk: who talks, what comes next, what was wrong.

Everybody has a name, an address, a street and tracking numbers of their own, so that whatever is another's shows.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from itertools import product
from pathlib import Path
from random import Random
from typing import Any, Final

import jwt
import psycopg

from tests.e2e.support.scripts import Person, Script, Told, answer_to, filled, rows_wrong, scripts, words_wrong
from tests.support_desk import SHOP_KEY
from tests.support_worlds import SqlWorld

NOW: Final = datetime(2026, 11, 10, 9, 0, tzinfo=UTC)
"""What the facts of the scripts are true of."""
BEGINNINGS: Final = "Bel Cor Dal Fen Gar Hal Jor Kel Lor Mir Nor Pel Quin Ros Sel Tor Vel Wim Yor Zan".split()
ENDS: Final = "ada eno ilo ura yse iko omi une aro ite elka owin usta inde obry ulf eska andro ivo".split()
NAMES: Final = tuple(map("".join, product(BEGINNINGS, ENDS)))
"""First names that no text of ours has."""
STATUS: Final = {"reply": "active", "approval": "active", "handoff": "escalated", "draft": "waiting"}
LINK: Final = re.compile(r"https?://\S+?/cancel/[\w.=-]*[\w=-]")


@dataclass(frozen=True, slots=True)
class Guest:
    """One who talks. place: the network address that they write from. tracking: numbers of their boxes."""

    script: Script
    opening: str
    person: Person
    name: str
    email: str
    stranger: str
    place: str
    tracking: frozenset[str]


class Outbox:
    """Codes from the mails that came since it was made. folder: where they are files."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._read = {file.name for file in folder.glob("*.eml")}
        self._codes: dict[str, str] = {}

    def code(self, address: str) -> str | None:
        """Of the newest mail to an address, None while there is none."""
        for file in sorted(self._folder.glob("*.eml")):
            if file.name not in self._read:
                self._read.add(file.name)
                self._keep(file.read_bytes())
        return self._codes.pop(address, None)

    def _keep(self, mail: bytes) -> None:
        found = message_from_bytes(mail, policy=policy.default)
        code = re.search(r"\d{6}", found.get_content())
        if code is not None:
            self._codes[found["To"]] = code.group()


def guests(world: SqlWorld, number: int, run: str) -> Iterator[Guest]:
    """So many customers with what their scripts need, of all scripts and openings by turns. run: of this one only."""
    usual = [script for script in scripts() if script.today in (None, NOW) and not script.photos]
    chosen = [(script, opening) for script in usual for opening in script.opening]
    Random(0).shuffle(chosen)
    with psycopg.connect(world.database.owner, autocommit=True) as connection:
        _make_room(connection)
        for at in range(number):
            script, opening = chosen[at % len(chosen)]
            yield _settled(connection, script, opening, filled(world, script), at, run)


def _make_room(connection: psycopg.Connection[Any]) -> None:
    """What a run that was broken off has left has names that the next one gives."""
    connection.execute(
        "UPDATE customers SET email = 'left' || customer_id || '@example.com' WHERE email ~ '^ada[0-9]+@example.com$'"
    )
    connection.execute(
        "UPDATE shipments SET tracking_number = 'LEFT' || shipment_id WHERE tracking_number ~ '^TRACK[0-9]+$'"
    )


def _settled(
    connection: psycopg.Connection[Any], script: Script, opening: str, person: Person, at: int, run: str
) -> Guest:
    name, customer = NAMES[at], person.customer.customer_id
    email = f"{name}.{run}@example.com".lower()
    connection.execute(
        "UPDATE customers SET full_name = %s, email = %s WHERE customer_id = %s", (f"{name} Example", email, customer)
    )
    street = f"Old Name, {name}weg {at + 1}, 10115 Berlin, DE"
    connection.execute("UPDATE subscriptions SET shipping_address = %s WHERE customer_id = %s", (street, customer))
    numbers = connection.execute(
        "UPDATE shipments SET tracking_number = %s || shipment_id FROM subscriptions s"
        " WHERE s.subscription_id = shipments.subscription_id AND s.customer_id = %s RETURNING tracking_number",
        ("PARCEL", customer),
    )
    place = f"10.{int(run[:2], 16)}.{int(run[2:4], 16) ^ at >> 7}.{at % 128 + 1}"
    stranger = f"nobody.{name}.{run}@example.com".lower()
    return Guest(script, opening, person, name, email, stranger, place, frozenset(one for (one,) in numbers))


@dataclass(slots=True)
class Talk:
    """What was said so far. next: what the customer says now, None when nothing is left to say."""

    guest: Guest
    next: str | None
    dialog_id: str = ""
    token: str = field(default="", repr=False)
    told: Told = field(default_factory=Told)
    sent: list[str] = field(default_factory=list)
    status: str = ""
    wrong: list[str] = field(default_factory=list)
    _left: dict[str, list[str]] = field(default_factory=dict)
    _rest: list[str] = field(default_factory=list)

    @classmethod
    def of(cls, guest: Guest) -> Talk:
        answers = guest.script.answers.items()
        left = {key: [says] if isinstance(says, str) else list(says) for key, says in answers}
        return cls(guest, guest.opening, _left=left, _rest=[more.say for more in guest.script.then])

    @property
    def wants_code(self) -> bool:
        return self.next is not None and "@code" in self.next

    def text(self, code: str | None) -> str:
        """What goes out, with the customer's own address and code."""
        said = (self.next or "").replace("@email", self.guest.email).replace("@nobody", self.guest.stranger)
        return said.replace("@code", code or "")

    def body(self, text: str) -> Mapping[str, object]:
        """Of the request: the first one begins the dialogue."""
        if self.dialog_id:
            return {"message": text}
        if not self.guest.script.signed_in:
            return {"initial_message": text}
        claims = {"sub": str(self.guest.person.customer.customer_id), "exp": NOW + timedelta(minutes=5)}
        return {"initial_message": text, "customer_token": jwt.encode(claims, SHOP_KEY, algorithm="HS256")}

    def hear(self, text: str, answer: Mapping[str, Any]) -> None:
        """Takes in an answer, and what is wrong with it; chooses what to say next."""
        if not self.dialog_id:
            self.dialog_id, self.token = str(answer["dialog_id"]), str(answer["dialogue_token"])
        elif answer["dialog_id"] != self.dialog_id:
            self.wrong.append("an answer of another dialogue")
        reply, self.status = str(answer["response"]), str(answer["status"])
        self.sent.append(text)
        self.told.lines += [("customer", self.next or ""), ("agent", reply)]
        self.wrong += self._strange(reply)
        self.next = None if self.status == "escalated" else answer_to(self.guest.script.language, reply, self._left)
        if self.next is None:
            self.told.before = self.told.before or reply
            self.next = self._rest.pop(0) if self._rest and self.status != "escalated" else None

    def _strange(self, reply: str) -> Iterator[str]:
        """Whatever is another customer's in a reply."""
        guest = self.guest
        names = set(re.findall(rf"\b({'|'.join(NAMES)})", reply, re.IGNORECASE))
        yield from (f"the name {name}" for name in names if name.lower() != guest.name.lower())
        numbers = set(re.findall(r"PARCEL\d+", reply))
        yield from (f"the parcel {number}" for number in numbers - guest.tracking)
        addresses = set(re.findall(r"[\w.]+@example\.com", reply.lower()))
        yield from (f"the address {address}" for address in addresses - {guest.email, guest.stranger})


def mixed_up(talk: Talk, shown: Mapping[str, Any]) -> Iterator[str]:
    """What does not belong to a dialogue, or stands at another turn than it was said. shown: as the API tells it."""
    yield from talk.wrong
    kept = [(one["role"], one["message"]) for one in shown["messages"]]
    pairs = zip(talk.sent, talk.told.replies, strict=True)
    said = [line for text, reply in pairs for line in (("customer", text), ("ai", LINK.sub("…", reply)))]
    if kept != said:
        yield f"kept are {kept}, said was {said}"
    own = talk.guest.person.customer.customer_id
    if shown["customer_id"] not in (None, own):
        yield f"it is customer {shown['customer_id']}'s, who talked is {own}"


def unlike(world: SqlWorld, talk: Talk, shown: Mapping[str, Any]) -> Iterator[str]:
    """How a dialogue that is over ended otherwise than its script says: in status, words, and rows."""
    script = talk.guest.script
    if talk.status != STATUS[script.ends]:
        yield f"ended as {talk.status}"
    reasons = [one["reason"] for one in shown["handoffs"]]
    if script.handoff is not None and reasons != [script.handoff]:
        yield f"handed over for {reasons}"
    yield from words_wrong(script, talk.told)
    yield from rows_wrong(world, script, talk.guest.person, f"chat:{talk.dialog_id}")
