"""Conversations as tickets: what is kept when, and what is dropped."""

from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from uuid import uuid4

import pytest

from dash_agent.errors import UnknownName
from support_agent.models import (
    DialogueState,
    DialogueStatus,
    Expecting,
    InboundMessage,
    Intent,
    Mood,
    Route,
    Urgency,
    Written,
)
from tests.support_worlds import World, dialogue

ANSWER = Written("Your box is on its way.", "en", True, prompt_tokens=10, completion_tokens=5, cost_usd=Decimal("0.01"))
QUESTION = Written("Which address is it?", "en", False)


def route(*categories: str, urgency: Urgency = Urgency.LOW) -> Route:
    return Route(tuple(Intent(one, 0.9, "") for one in categories), "de", urgency, Mood.CALM, "A summary")


def test_a_dialogue_is_a_ticket_from_its_first_message(world: World) -> None:
    dialog_id = str(uuid4())
    message = InboundMessage("chat", f"chat:{dialog_id}", "Hello", language="ru")
    made = world.dialogues.opened(message)
    assert (made.dialog_id, made.status, made.epoch) == (dialog_id, DialogueStatus.ACTIVE, 0)
    assert world.dialogues.opened(message).ticket_id == made.ticket_id
    ticket = world.ticket(made.ticket_id)
    assert (ticket["status"], ticket["language"], ticket["ai_answered_at"]) == ("Data collected", "ru", None)


def test_another_channel_names_its_own_threads(world: World) -> None:
    thread = f"telegram:{uuid4()}"
    made = world.dialogues.opened(InboundMessage("telegram", thread, "Hello"))
    assert (made.thread, made.channel) == (thread, "telegram")
    assert world.dialogues.get(made.dialog_id) == made


def test_the_state_comes_back_as_it_was_kept(world: World) -> None:
    made, customer = dialogue(world), world.customer()
    state = DialogueState(
        language="he",
        customer_id=customer.customer_id,
        email="Ada@example.com",
        queue=(Intent("skip_month", 0.75, "skip it", "next_month"),),
        expecting=Expecting.CONSENT,
        asked="until",
        tool="pause_subscription",
        arguments={"until": "2026-12-09", "end": False, "n": 3, "nothing": None},
        task_id=7,
        subscription_id=8,
        mood=Mood.ANGRY,
        urgency=Urgency.HIGH,
        answered=2,
        misunderstood=1,
        offered=True,
        attachments=("f1",),
    )
    assert world.dialogues.keep(made, state, DialogueStatus.WAITING)
    again = world.dialogues.get(made.dialog_id)
    assert again is not None
    assert (again.state, again.status) == (state, DialogueStatus.WAITING)
    ticket = world.ticket(made.ticket_id)
    assert (ticket["customer_id"], ticket["customer_email"]) == (customer.customer_id, "Ada@example.com")


def test_a_message_of_a_channel_is_kept_once(world: World) -> None:
    made = dialogue(world)
    message = InboundMessage("chat", made.thread, "One", "m1")
    assert world.dialogues.heard(made, message) is not None
    assert world.dialogues.heard(made, message) is None
    without_id = InboundMessage("chat", made.thread, "Two\0")
    assert world.dialogues.heard(made, without_id) is not None
    assert world.dialogues.heard(made, without_id) is not None
    assert [said.role for said in world.dialogues.messages(made.dialog_id)] == ["customer"] * 3


def test_a_question_back_is_no_answer_yet(world: World) -> None:
    made = dialogue(world)
    assert world.dialogues.said(made, QUESTION, sent=True, latency_ms=3) is not None
    ticket = world.ticket(made.ticket_id)
    assert (ticket["status"], ticket["ai_answered_at"]) == ("Data collected", None)


def test_an_answer_that_goes_out_by_itself_is_all_stages_at_once(world: World) -> None:
    made, began = dialogue(world), world.clock.now()
    world.dialogues.said(made, ANSWER, sent=True, latency_ms=3)
    world.clock.later(minutes=5)
    world.dialogues.said(made, ANSWER, sent=True, latency_ms=3)
    ticket = world.ticket(made.ticket_id)
    assert (ticket["status"], ticket["auto_sent"]) == ("Sent", True)
    assert ticket["ai_answered_at"] == ticket["draft_created_at"] == ticket["sent_at"] == began


def test_a_held_reply_waits_unseen_until_staff_send_it(world: World) -> None:
    made = dialogue(world)
    held = world.dialogues.said(made, ANSWER, sent=False, latency_ms=3)
    assert held is not None
    assert held.role == "draft"
    assert world.dialogues.messages(made.dialog_id) == ()
    assert world.ticket(made.ticket_id)["status"] == "Draft Created"
    world.clock.later(minutes=7)
    sent = world.drafts.send(held.message_id, "Maya")
    assert sent is not None
    assert (sent.role, sent.text) == ("ai", ANSWER.text)
    assert world.drafts.send(held.message_id, "Maya") is None
    ticket = world.ticket(made.ticket_id)
    assert (ticket["status"], ticket["auto_sent"], ticket["sent_at"]) == ("Sent", False, world.clock.now())


def test_a_reply_that_a_person_changed_is_theirs(world: World) -> None:
    made = dialogue(world)
    held = world.dialogues.said(made, ANSWER, sent=False, latency_ms=3)
    assert held is not None
    sent = world.drafts.send(held.message_id, "Maya", "It left on Monday.")
    assert sent is not None
    assert (sent.role, sent.author, sent.text) == ("human", "Maya", "It left on Monday.")


def test_a_rejected_reply_is_never_sent(world: World) -> None:
    made = dialogue(world)
    held = world.dialogues.said(made, ANSWER, sent=False, latency_ms=3)
    assert held is not None
    assert world.drafts.reject(held.message_id, "Maya", "not true")
    assert world.drafts.send(held.message_id, "Maya") is None
    assert world.dialogues.messages(made.dialog_id) == ()


def test_what_was_computed_before_a_takeover_is_dropped(world: World) -> None:
    made = dialogue(world)
    held = world.dialogues.said(made, ANSWER, sent=False, latency_ms=3)
    assert held is not None
    taken = world.dialogues.taken_over(made.dialog_id, "Maya", "asked for a person")
    assert (taken.status, taken.epoch, taken.taken_by) == (DialogueStatus.ESCALATED, 1, "Maya")
    assert world.dialogues.said(made, ANSWER, sent=True, latency_ms=3) is None
    assert not world.dialogues.keep(made, DialogueState(answered=9))
    assert world.drafts.send(held.message_id, "Maya") is None
    assert world.dialogues.messages(made.dialog_id) == ()
    ticket = world.ticket(made.ticket_id)
    assert (ticket["status"], ticket["assigned_to"], ticket["escalated_at"]) == ("Escalated", "Maya", world.clock.now())


def test_a_released_dialogue_is_the_agents_again(world: World) -> None:
    made = dialogue(world)
    world.dialogues.taken_over(made.dialog_id, None, "red line")
    said = world.dialogues.answered(made.dialog_id, "Maya", "I am here.")
    assert (said.role, said.author) == ("human", "Maya")
    assert world.ticket(made.ticket_id)["assigned_to"] == "Maya"
    back = world.dialogues.released(made.dialog_id)
    assert (back.status, back.taken_by) == (DialogueStatus.ACTIVE, None)
    assert world.ticket(made.ticket_id)["assigned_to"] is None
    assert world.dialogues.said(back, ANSWER, sent=True, latency_ms=3) is not None


def test_a_closed_dialogue_stays_closed(world: World) -> None:
    made = dialogue(world)
    closed = world.dialogues.closed(made.dialog_id, "solved")
    assert (closed.status, closed.closed_at) == (DialogueStatus.CLOSED, world.clock.now())
    world.clock.later(hours=1)
    assert world.dialogues.closed(made.dialog_id, "again") == closed
    assert world.dialogues.taken_over(made.dialog_id, "Maya", "late").status is DialogueStatus.CLOSED
    assert world.dialogues.released(made.dialog_id).status is DialogueStatus.CLOSED
    assert world.dialogues.said(made, ANSWER, sent=True, latency_ms=1) is None


def test_a_failure_is_an_error_until_an_answer_comes(world: World) -> None:
    made = dialogue(world)
    world.dialogues.failed(made, "the model was not there")
    ticket = world.ticket(made.ticket_id)
    assert (ticket["status"], ticket["error_message"]) == ("Error", "the model was not there")
    world.dialogues.said(made, ANSWER, sent=True, latency_ms=3)
    ticket = world.ticket(made.ticket_id)
    assert (ticket["status"], ticket["error_message"]) == ("Sent", None)


def test_later_routes_add_a_second_matter_and_raise_the_urgency(world: World) -> None:
    made = dialogue(world)
    world.dialogues.routed(made, route())
    assert world.ticket(made.ticket_id)["request_type"] == "other"
    world.dialogues.routed(made, route("shipping_inquiry", urgency=Urgency.HIGH))
    world.dialogues.routed(made, route("shipping_inquiry"))
    ticket = world.ticket(made.ticket_id)
    assert (ticket["request_type"], ticket["secondary_request_type"]) == ("shipping_inquiry", None)
    world.dialogues.routed(made, route("skip_month", urgency=Urgency.MEDIUM))
    ticket = world.ticket(made.ticket_id)
    assert (ticket["request_type"], ticket["secondary_request_type"]) == ("shipping_inquiry", "skip_month")
    assert (ticket["urgency"], ticket["language"]) == ("high", "de")


def test_nobody_answers_to_an_unknown_id(world: World) -> None:
    assert world.dialogues.get(str(uuid4())) is None
    assert world.dialogues.get("nonsense") is None
    with pytest.raises(UnknownName), world.dialogues.turn(str(uuid4())):
        pass


def test_turns_of_one_dialogue_go_one_at_a_time(world: World) -> None:
    made, other = dialogue(world), dialogue(world)
    order: list[int] = []
    began = threading.Event()

    def turn(number: int) -> None:
        with world.dialogues.turn(made.dialog_id):
            order.append(number)
            began.set()
            time.sleep(0.05)
            order.append(number)

    with ThreadPoolExecutor(4) as pool:
        waiting = [pool.submit(turn, number) for number in range(4)]
        assert began.wait(20)
        with world.dialogues.turn(other.dialog_id) as free:
            assert free.dialog_id == other.dialog_id
        for one in waiting:
            one.result(20)
    assert order[::2] == order[1::2]
    assert sorted(order[::2]) == [0, 1, 2, 3]
