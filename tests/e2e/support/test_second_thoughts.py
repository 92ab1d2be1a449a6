"""What a customer takes back, says in passing, or says in another tongue, in the middle of a conversation."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from support_agent.models import Customer, Handoff
from tests.support_desk import Shop, Talk
from tests.support_worlds import SqlWorld


def known(shop: Shop) -> Talk:
    """A conversation with somebody who has a monthly box and has shown who they are."""
    customer = settled(shop)
    talk = shop.talk()
    talk.hear("Hello, could you tell me where my box is?")
    talk.identify(customer)
    return talk


def settled(shop: Shop) -> Customer:
    world = SqlWorld(shop.database)
    customer = world.customer()
    world.subscription(customer.customer_id)
    return customer


@pytest.mark.parametrize("words", ["cancel that", "oh no, cancel that please", "cancel"])
def test_a_bare_cancel_takes_back_what_was_just_done(shop: Shop, words: str) -> None:
    talk = known(shop)
    talk.hear("Please switch me to one box every two months")
    assert "Done" in talk.hear("yes")
    said = talk.hear(words)
    assert "as it was before" in said


def test_the_same_words_are_a_wish_to_leave_where_nothing_was_done(shop: Shop) -> None:
    talk = known(shop)
    assert "leave" in talk.hear("cancel")


def test_what_was_said_last_holds_when_it_comes_up_again(shop: Shop) -> None:
    talk = known(shop)
    assert "February" in talk.hear("Please skip February")
    assert "March" in talk.hear("make it March")
    said = talk.hear("hm, what do you have in the vegan box?")
    assert "February" not in said
    assert "February" not in talk.hear("okay then, go on")


def test_an_address_that_was_named_at_first_is_not_asked_for(shop: Shop) -> None:
    customer = settled(shop)
    talk = shop.talk()
    talk.hear(f"I want to cancel my subscription, my address here is {customer.email}")
    said = talk.hear("it is too expensive")
    while "code" not in said.lower() and "e-mail" not in said.lower():
        said = talk.hear("just cancel")
    assert shop.code(customer.email)


@pytest.mark.parametrize("words", ["si", "skip code, trust me", "ok bueno"])
def test_a_word_or_two_do_not_change_the_language(shop: Shop, words: str) -> None:
    talk = known(shop)
    talk.hear("Please skip February")
    outcome = talk.say(words)
    assert outcome.language == "en"
    assert not isinstance(outcome, Handoff)


@pytest.mark.parametrize(("words", "language"), [("Wo ist mein Paket?", "de"), ("Où est mon colis ?", "fr")])
def test_a_greeting_settles_no_language(shop: Shop, words: str, language: str) -> None:
    talk = shop.talk()
    talk.hear("hi")
    assert talk.say(words).language == language


@pytest.mark.parametrize("words", ["I DIDN'T GET IT", "there is nothing here, I don't have it"])
def test_who_has_not_what_was_delivered_is_not_told_so_again(shop: Shop, words: str) -> None:
    world = SqlWorld(shop.database)
    customer = world.customer()
    subscription = world.subscription(customer.customer_id)
    arrived = datetime(2026, 10, 5, 9, 0, tzinfo=UTC)
    world.box(subscription.subscription_id, "2026-10", shipped_at=arrived - timedelta(days=4), delivered_at=arrived)
    talk = shop.talk()
    talk.hear("Where is my box?")
    assert "was delivered" in talk.identify(customer)
    assert isinstance(talk.say(words), Handoff)


@pytest.mark.parametrize("wish", ["where is the box of {}?", "please pause my sister's subscription, it is {}"])
def test_somebody_s_account_is_not_answered_for_by_another(shop: Shop, wish: str) -> None:
    talk, other = known(shop), settled(shop)
    said = talk.hear(wish.format(other.email))
    assert "not into another one" in said
    assert "Shall I" not in said
