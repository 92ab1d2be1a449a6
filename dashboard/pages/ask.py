"""A conversation with the support desk's numbers."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Final

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from dash_agent.models.answer import Answer, Status
from dash_agent.ports import Pin
from dashboard import state
from dashboard.asking import Asking, Next, executable
from dashboard.components import actions, history
from dashboard.components.answer import AnswerView
from dashboard.components.chips import Chips, differences, name_of
from dashboard.components.failures import notice, shown_failures
from dashboard.components.table import downloads
from dashboard.components.text import label, paragraphs
from dashboard.components.verified import offered as verified_offered
from dashboard.conversation import Conversation, link
from dashboard.state import Desk

# Answers of a long conversation that are drawn, the latest ones.
TURNS: Final = 20
# Characters of a question that are drawn.
LONGEST_QUESTION: Final = 600
STAGES: Final = ("planning", "model", "running", "checking")
INPUT: Final = "ask-input"


def main() -> None:
    desk = state.desk()
    asking = Asking(desk)
    st.title(desk.words("nav.ask"))
    st.chat_input(desk.words("ask.placeholder"), key=INPUT, on_submit=asking.typed, args=(INPUT,))
    trouble = asking.trouble()
    if trouble is not None:
        notice(desk.words, trouble, "ask.action")
    talk = asking.talk()
    with st.sidebar, shown_failures(desk.words, "ask.history"):
        earlier(desk, asking, talk)
    asked = asking.next()
    if talk.closed is not None and asked is None:
        st.warning(desk.words(f"ask.closed_{talk.closed}"), icon=":material/lock:")
        st.button(desk.words("ask.new"), on_click=asking.start, key="ask-new-here", icon=":material/add_comment:")
        return
    if talk.answers:
        above(desk, asking, talk)
    elif asked is None:
        examples(desk, asking)
    pins = pinned(desk, asking)
    drawn = talk.answers[-TURNS:]
    for place, answer in enumerate(drawn):
        before = drawn[place - 1] if place else None
        turn(desk, asking, answer, before, pins, last=answer is drawn[-1] and asked is None)
    if asked is not None:
        answered(desk, asking, talk, asked)


def earlier(desk: Desk, asking: Asking, talk: Conversation) -> None:
    history.new(desk.words, asking.start)
    looked_for = history.search(desk.words)
    found = asking.sessions.of(desk.principal.user, looked_for, history.SHOWN)
    history.listed(found, talk.session, looked_for, desk.words, desk.wording, asking.open)


def above(desk: Desk, asking: Asking, talk: Conversation) -> None:
    """Whose conversation it is, what is not shown of it, and its link."""
    words = desk.words
    own = talk.session_for(desk.principal)
    if own is not None:
        key = f"shared-{own}"
        address = link(st.context.url or "", {"session": own})
        history.share(words, address, talk.shared, asking.share(own, key), key)
    elif talk.owner != desk.principal.user:
        st.info(words("ask.of_another", user=label(talk.owner)), icon=":material/group:")
    if talk.hidden:
        st.caption(words("ask.hidden", count=talk.hidden))
    if len(talk.answers) > TURNS:
        st.caption(words("ask.cut", count=TURNS))


def examples(desk: Desk, asking: Asking) -> None:
    st.markdown(desk.words("ask.welcome"))
    found = desk.dash.catalog.rules.examples.get(desk.words.language, ())
    actions.choices(tuple((one, one) for one in found), asking.put, "examples", ":material/chat_bubble:")


def pinned(desk: Desk, asking: Asking) -> Sequence[Pin]:
    found = list[Pin]()
    with shown_failures(desk.words, "ask.pins"):
        found += asking.pins.of(desk.principal.user)
    return found


def turn(desk: Desk, asking: Asking, answer: Answer, before: Answer | None, pins: Sequence[Pin], *, last: bool) -> None:
    with st.chat_message("user"):
        said(answer.question, answer, before, view_of(desk, asking, answer).chips)
    with st.chat_message("assistant", avatar=":material/monitoring:"), shown_failures(desk.words, answer.answer_id):
        told(desk, asking, answer, pins, last=last)


def said(question: str | None, answer: Answer, before: Answer | None, chips: Chips) -> None:
    """The question, or what was changed of the plan before."""
    if question:
        cut = question if len(question) <= LONGEST_QUESTION else f"{question[:LONGEST_QUESTION]}…"
        st.markdown(paragraphs(cut))
        return
    now, then = executable(answer), executable(before) if before is not None else None
    changed = differences(then, now, chips) if now is not None else ()
    st.markdown(f":material/tune: {label('; '.join(changed) or chips.words('ask.plan'), 600)}")


def told(desk: Desk, asking: Asking, answer: Answer, pins: Sequence[Pin], *, last: bool) -> None:
    """The answer with all that can be done with it. last: its questions to go on with are still open."""
    words, key, view = desk.words, answer.answer_id, view_of(desk, asking, answer)
    view.draw(answer, key)
    if answer.status is Status.ANSWERED:
        with st.container(horizontal=True, vertical_alignment="center", key=f"actions-{key}"):
            actions.thumbs(lambda opinion: asking.opinion(answer, opinion), key)
            pin_button(desk, asking, answer, asking.pinned(answer, pins), view.chips)
            downloads(answer, view.wording, words, key)
            verified_offered(desk, answer, key)
        actions.correction(words, lambda opinion: asking.opinion(answer, opinion), key)
        view.how(answer, key)
    if last and answer.options:
        found = tuple((one.label, one.question) for one in answer.options)
        actions.choices(found, asking.put, f"options-{key}", ":material/arrow_forward:")
    if last and answer.suggestions:
        st.caption(words("ask.suggestions"))
        found = tuple((one, one) for one in answer.suggestions)
        actions.choices(found, asking.put, f"next-{key}", ":material/chat_bubble:")


def pin_button(desk: Desk, asking: Asking, answer: Answer, pin: Pin | None, chips: Chips) -> None:
    words, key = desk.words, f"pin-{answer.answer_id}"
    if pin is not None:
        st.button(
            words("ask.unpin"), icon=":material/keep_off:", type="tertiary", key=key, on_click=asking.unpin, args=(pin,)
        )
        return
    plan = executable(answer)
    if plan is None:
        return
    title = answer.question or name_of(plan, chips)
    st.button(
        words("ask.pin"),
        icon=":material/keep:",
        type="tertiary",
        key=key,
        help=words("ask.pin_help"),
        on_click=asking.pin,
        args=(answer, title[:200]),
    )


def answered(desk: Desk, asking: Asking, talk: Conversation, asked: Next) -> None:
    """Asks, and shows how far it is."""
    words = desk.words
    with st.chat_message("user"):
        st.markdown(paragraphs(asked[:LONGEST_QUESTION]) if isinstance(asked, str) else words("ask.changing"))
    with st.chat_message("assistant", avatar=":material/monitoring:"):
        progress = st.empty()
        with shown_failures(words, "ask.answer"), cleared(progress):
            status = progress.status(words("ask.progress.planning"))

            def on_progress(stage: str) -> None:
                known = stage if stage in STAGES else "running"
                status.update(label=words(f"ask.progress.{known}"))

            asking.answered(asked, talk, on_progress)
            st.rerun()


@contextmanager
def cleared(place: DeltaGenerator) -> Iterator[None]:
    """Nothing stays there after the block, however it ends."""
    try:
        yield
    finally:
        place.empty()


def view_of(desk: Desk, asking: Asking, answer: Answer) -> AnswerView:
    now = desk.dash.calendar(desk.now)
    chips = Chips(desk.words, desk.wording, now, asking.values, asking.changing(answer))
    return AnswerView(desk.words, desk.dash.wording(answer.language), chips, st.context.theme.type == "dark")


main()
