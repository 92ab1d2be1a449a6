"""Who writes, and what nobody learns by asking."""

from __future__ import annotations

import logging
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import jwt
import pytest

from support_agent.identification import (
    LETTERS,
    Asked,
    Identification,
    Refused,
    customer_of_token,
    letter,
    normal_address,
)
from support_agent.models import Customer
from tests.support_fakes import FakeMail
from tests.support_worlds import World

KEY = "a key of the shop that is long enough for HS256"
NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)


class Door:
    def __init__(self, world: World) -> None:
        self.world = world
        self.mail = FakeMail()
        self.known = world.customer()
        self.dialog = str(uuid4())
        self.who = Identification(world.codes, world.customers, self.mail, world.limits, lambda do: do())

    def ask(self, email: str, dialog: str | None = None, place: str | None = None) -> Asked:
        return self.who.ask(dialog or self.dialog, email, "en", self.world.clock.now(), place)

    def answer(self, code: str, dialog: str | None = None, place: str | None = None) -> Customer | Refused:
        return self.who.answer(dialog or self.dialog, code, self.world.clock.now(), place)

    def code(self) -> str:
        return next(word.strip(".") for word in self.mail.sent[-1][2].split() if word.strip(".").isdigit())


@pytest.fixture
def door(world: World) -> Door:
    return Door(world)


def test_the_code_of_the_mail_identifies_once(door: Door) -> None:
    assert door.ask(door.known.email.upper()) is Asked.SENT
    to, _, body = door.mail.sent[0]
    assert (to, len(door.code()), door.code() in body) == (door.known.email, 6, True)
    found = door.answer(f" {door.code()[:3]}-{door.code()[3:]} ")
    assert isinstance(found, Customer)
    assert found.customer_id == door.known.customer_id
    assert door.answer(door.code()) is Refused.WRONG


def test_an_unknown_address_is_answered_like_a_known_one(door: Door) -> None:
    assert door.ask(f"{uuid4()}@example.com") is Asked.SENT
    assert door.mail.sent == []
    answers = [door.answer("000000") for _ in range(5)]
    assert answers == [Refused.WRONG] * 4 + [Refused.TOO_MANY]
    assert door.ask(f"{uuid4()}@example.com") is Asked.TOO_MANY


def test_a_mail_server_that_fails_says_nothing(door: Door, caplog: pytest.LogCaptureFixture) -> None:
    door.mail.broken = True
    with caplog.at_level(logging.DEBUG):
        assert door.ask(door.known.email) is Asked.SENT
    assert "NotSent" in caplog.text
    assert door.known.email not in caplog.text


def test_five_wrong_codes_and_then_an_hour(door: Door) -> None:
    door.ask(door.known.email)
    wrong = "111111" if door.code() != "111111" else "222222"
    answers = [door.answer(wrong) for _ in range(5)]
    assert answers == [Refused.WRONG] * 4 + [Refused.TOO_MANY]
    assert door.answer(door.code()) is Refused.TOO_MANY
    assert door.ask(door.known.email) is Asked.TOO_MANY
    door.world.clock.later(minutes=61)
    assert door.ask(door.known.email) is Asked.SENT
    assert isinstance(door.answer(door.code()), Customer)


def test_a_new_code_does_not_give_new_tries(door: Door) -> None:
    door.ask(door.known.email)
    for _ in range(3):
        door.answer("no")
    door.ask(door.known.email)
    assert door.answer("no") is Refused.WRONG
    assert door.answer("no") is Refused.TOO_MANY
    assert door.answer(door.code()) is Refused.TOO_MANY


def test_a_code_holds_for_ten_minutes(door: Door) -> None:
    door.ask(door.known.email)
    door.world.clock.later(minutes=10)
    assert door.answer(door.code()) is Refused.WRONG


def test_only_the_newest_code_counts(door: Door) -> None:
    door.ask(door.known.email)
    old = door.code()
    door.ask(door.known.email)
    assert old != door.code()
    assert door.answer(old) is Refused.WRONG
    assert isinstance(door.answer(door.code()), Customer)


def test_a_code_is_for_the_dialogue_that_asked(door: Door) -> None:
    door.ask(door.known.email)
    assert door.answer(door.code(), dialog=str(uuid4())) is Refused.WRONG
    assert isinstance(door.answer(door.code()), Customer)


def test_codes_to_one_address_are_limited_over_all_dialogues(door: Door) -> None:
    asked = [door.ask(door.known.email, dialog=str(uuid4())) for _ in range(10)]
    assert asked == [Asked.SENT] * 8 + [Asked.TOO_MANY] * 2
    assert len(door.mail.sent) == 8


def test_tries_at_one_address_are_limited_over_all_dialogues(door: Door) -> None:
    for _ in range(4):
        dialog = str(uuid4())
        door.ask(door.known.email, dialog)
        for _ in range(3):
            last = door.answer("no", dialog)
    assert last is Refused.TOO_MANY
    fresh = str(uuid4())
    assert door.ask(door.known.email, fresh) is Asked.TOO_MANY


def test_one_network_address_asks_for_so_many_codes(door: Door) -> None:
    place = str(uuid4())
    asked = [door.ask(f"{uuid4()}@example.com", str(uuid4()), place) for _ in range(21)]
    assert asked == [Asked.SENT] * 20 + [Asked.TOO_MANY]
    assert door.ask(door.known.email, str(uuid4()), str(uuid4())) is Asked.SENT


def test_limits_begin_anew_when_their_time_is_over(world: World) -> None:
    what, now = str(uuid4()), world.clock.now()
    assert [world.limits.take(what, 2, timedelta(minutes=5), now) for _ in range(2)] == [None, None]
    assert world.limits.take(what, 2, timedelta(minutes=5), now + timedelta(minutes=1)) == timedelta(minutes=4)
    assert world.limits.take(what, 2, timedelta(minutes=5), now + timedelta(minutes=5)) is None


def test_a_request_with_a_key_is_handled_once(world: World) -> None:
    key, now = str(uuid4()), world.clock.now()
    assert world.repeats.begin("create", key, "a", now) is None
    working = world.repeats.begin("create", key, "a", now)
    assert working is not None
    assert (working.answer, working.same) == (None, True)
    world.repeats.end("create", key, '{"ok": true}')
    done = world.repeats.begin("create", key, "b", now)
    assert done is not None
    assert (done.answer, done.same) == ('{"ok": true}', False)
    world.repeats.forget("create", key)
    assert world.repeats.begin("create", key, "a", now) is not None
    other = str(uuid4())
    assert world.repeats.begin("create", other, "a", now) is None
    world.repeats.forget("create", other)
    assert world.repeats.begin("create", other, "a", now) is None


def test_a_cancel_link_ends_a_subscription_once(world: World) -> None:
    customer, other = world.customer(), world.customer()
    owned = world.subscription(customer.customer_id)
    jti, now = str(uuid4()), world.clock.now()
    assert world.cancellations.cancel(str(uuid4()), other.customer_id, owned.subscription_id, now)
    assert world.customers.subscriptions(customer.customer_id)[0].status == "active"
    assert not world.cancellations.is_burned(jti)
    assert world.cancellations.cancel(jti, customer.customer_id, owned.subscription_id, now)
    ended = world.customers.subscriptions(customer.customer_id)[0]
    assert (ended.status, ended.cancelled_at) == ("cancelled", now)
    assert world.cancellations.is_burned(jti)
    assert not world.cancellations.cancel(jti, customer.customer_id, owned.subscription_id, now)


# Without a world


@pytest.mark.parametrize("text", ["ada@example.com", " <Ada@Example.com> ", "a.b+c@sub.example.com"])
def test_addresses(text: str) -> None:
    assert normal_address(text) == text.strip(" <>").lower()


@pytest.mark.parametrize(
    "text",
    [
        "",
        "ada",
        "ada@",
        "@example.com",
        "a@b",
        "a b@example.com",
        "a@example.com\nx",
        "a@b@c.de",
        "x" * 300 + "@example.com",
        "аda@example.com",
    ],
)
def test_what_is_no_address(text: str) -> None:
    assert normal_address(text) is None


def test_letters_tell_the_code_in_every_language() -> None:
    assert set(LETTERS) == {"en", "ru", "he", "es", "fr", "de"}
    for language in (*LETTERS, "xx"):
        subject, body = letter("123456", language)
        assert "123456" in body
        assert "123456" not in subject


def token(**claims: object) -> str:
    return jwt.encode({"sub": "17", "exp": int(NOW.timestamp()) + 60, **claims}, KEY, algorithm="HS256")


def test_the_shops_token_names_the_customer() -> None:
    assert customer_of_token(token(), KEY, NOW) == 17
    assert customer_of_token(token(), KEY, NOW + timedelta(seconds=60)) is None


@pytest.mark.parametrize(
    "claims",
    [
        *[{"sub": None}, {"sub": "x"}, {"sub": "-1"}, {"sub": "1.5"}, {"sub": ""}, {"sub": "9" * 30}, {"sub": "١٧"}],
        *[
            {"exp": None},
            {"exp": "soon"},
            {"exp": True},
            {"exp": int(NOW.timestamp()) - 1},
            {"nbf": int(NOW.timestamp()) + 9},
        ],
        *[{"aud": "others"}],
    ],
)
def test_a_token_that_says_anything_else_names_nobody(claims: dict[str, object]) -> None:
    body = {"sub": "17", "exp": int(NOW.timestamp()) + 60, **claims}
    made = jwt.encode({name: value for name, value in body.items() if value is not None}, KEY, algorithm="HS256")
    assert customer_of_token(made, KEY, NOW) is None


def test_a_token_that_is_signed_otherwise_names_nobody() -> None:
    claims = {"sub": "17", "exp": int(NOW.timestamp()) + 60}
    others = [
        jwt.encode(claims, KEY + "x", algorithm="HS256"),
        jwt.encode(claims, KEY * 2, algorithm="HS512"),
        jwt.encode(claims, "", algorithm="none"),
        token()[:-2],
        "",
        "a.b.c",
    ]
    assert [customer_of_token(one, KEY, NOW) for one in others] == [None] * len(others)
