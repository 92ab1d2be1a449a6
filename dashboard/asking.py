"""What the Ask page does: opens conversations, asks, changes plans, pins, takes opinions. It draws nothing."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import streamlit as st
import structlog

from dash_agent.context.runtime import live_values
from dash_agent.errors import DashError, Unavailable, WrongUse
from dash_agent.insight.learned import payload_told
from dash_agent.learning.feedback import Opinion
from dash_agent.models.answer import Answer
from dash_agent.models.plan import Clarification, Executable, Refusal
from dash_agent.planning.editing import unread
from dash_agent.ports import Pin, Pins, Sessions
from dashboard import state
from dashboard.conversation import Conversation, of_answer, of_session
from dashboard.state import Desk

log = structlog.get_logger()

TALK: Final = "ask.talk"
OPENED: Final = "ask.opened"
NEXT: Final = "ask.next"
TROUBLE: Final = "ask.trouble"
VALUES: Final = "ask.values"
LONGEST_ADDRESS: Final = 2_000
"""Characters of a question that an address brings: no longer one than a person may ask."""


@dataclass(frozen=True, slots=True)
class Changed:
    """A plan that a chip was changed in. language: of the answer that it was."""

    plan: Executable
    language: str


Next = str | Changed


@dataclass(frozen=True, slots=True)
class Asking:
    desk: Desk

    @property
    def sessions(self) -> Sessions:
        found = self.desk.running.sessions
        if found is None:
            raise WrongUse("this process keeps no sessions", "give it a database of its own")
        return found

    @property
    def pins(self) -> Pins:
        found = self.desk.running.pins
        if found is None:
            raise WrongUse("this process keeps no pins", "give it a database of its own")
        return found

    # Conversations

    def talk(self) -> Conversation:
        """The one that the address names, a new one where it names none. Raises Unavailable."""
        address, principal = state.address(), self.desk.principal
        wanted = (address.get("session", ""), address.get("answer", ""), principal)
        if st.session_state.get(OPENED) != wanted:
            st.session_state[TALK] = self._opened(wanted[0], wanted[1])
            st.session_state[OPENED] = wanted
        found = st.session_state[TALK]
        assert isinstance(found, Conversation)
        return found

    def _opened(self, session: str, answer: str) -> Conversation:
        if answer:
            return of_answer(answer, self.desk.running.answers, self.sessions, self.desk.principal)
        return of_session(session, self.sessions, self.desk.principal) if session else Conversation()

    def start(self) -> None:
        """Callback: a new conversation."""
        st.session_state.pop(NEXT, None)
        state.put_in_address(session=None, answer=None, q=None)

    def open(self, session: str) -> None:
        """Callback: an earlier one."""
        st.session_state.pop(NEXT, None)
        state.put_in_address(session=session, answer=None, q=None)

    def share(self, session: str, key: str) -> Callable[[], None]:
        """A callback: lets others open it, as the switch of this key says."""
        return lambda: self._shared(session, shared=bool(st.session_state[key]))

    def _shared(self, session: str, *, shared: bool) -> None:
        self._tried(lambda: self.sessions.share(self.desk.principal.user, session, shared))
        st.session_state.pop(OPENED, None)

    # Questions

    def put(self, asked: Next) -> None:
        """Callback: what is to be answered at the next look."""
        st.session_state[NEXT] = asked

    def changing(self, answer: Answer) -> Callable[[Executable], None]:
        return lambda plan: self.put(Changed(plan, answer.language))

    def typed(self, key: str) -> None:
        """Callback: of the field with this key."""
        self.put(str(st.session_state[key] or ""))

    def next(self) -> Next | None:
        """What is to be answered now: typed, clicked, or brought by the address. It stays until it is answered."""
        if NEXT not in st.session_state and (brought := state.address().get("q", "").strip()):
            self.put(brought[:LONGEST_ADDRESS])
        found = st.session_state.get(NEXT)
        return found if isinstance(found, str | Changed) else None

    def answered(self, asked: Next, talk: Conversation, on_progress: Callable[[str], None]) -> Answer:
        """Asks, and goes on with the conversation. Raises Unavailable, and leaves the question to be asked again."""
        running, principal = self.desk.running, self.desk.principal
        session = talk.session_for(principal) or running.ids.new()
        st.session_state.pop(NEXT, None)
        try:
            if isinstance(asked, Changed):
                answer = self.desk.dash.answer(asked.plan, principal, language=asked.language, session=session)
            else:
                answer = self.desk.dash.ask(asked, principal, session=session, on_progress=on_progress)
        except Unavailable:
            self.put(asked)
            raise
        st.session_state[TALK] = talk.with_answer(answer, principal)
        st.session_state[OPENED] = (session, "", principal)
        state.put_in_address(session=session, answer=None, q=None)
        return st.session_state[TALK].answers[-1]  # type: ignore[no-any-return]

    # Pins

    def pinned(self, answer: Answer, pins: Sequence[Pin]) -> Pin | None:
        plan = executable(answer)
        wanted = unread(plan) if plan is not None else None
        return next((one for one in pins if one.plan == wanted), None)

    def pin(self, answer: Answer, title: str) -> None:
        """Callback."""
        plan = executable(answer)
        if plan is not None:
            made = Pin(self.desk.running.ids.new(), title, answer.language, unread(plan), answer.as_of)
            self._tried(lambda: self.pins.add(self.desk.principal.user, made))

    def unpin(self, pin: Pin) -> None:
        """Callback."""
        self._tried(lambda: self.pins.remove(self.desk.principal.user, pin.pin_id))

    # Opinions

    def opinion(self, answer: Answer, opinion: Opinion) -> str | None:
        """Callback: what became of it, in the page's words; None where it could not be kept."""
        told: list[str] = []
        self._tried(lambda: told.append(self._opinion(answer, opinion)))
        return told[0] if told else None

    def _opinion(self, answer: Answer, opinion: Opinion) -> str:
        words, running = self.desk.words, self.desk.running
        kept = running.answers.get(answer.answer_id)
        if kept is None:
            return words("ask.opinion_lost")
        given = running.lessons.opinion(kept, opinion, self.desk.principal)
        if given.learning is not None:
            told = payload_told(given.learning, self.desk.wording)
            return words(f"ask.opinion_{given.learning.status}", learning=told)
        return words("ask.opinion_unread", problem=given.problem) if given.problem else words("ask.opinion_thanks")

    # What fails before a look is told in it

    def _tried(self, work: Callable[[], object]) -> None:
        try:
            work()
        except DashError as error:
            log.warning("ask_action_failed", error=str(error))
            st.session_state[TROUBLE] = error

    def trouble(self) -> DashError | None:
        """What a callback ran into, told once."""
        found = st.session_state.pop(TROUBLE, None)
        return found if isinstance(found, DashError) else None

    # Values

    def values(self, dimension: str) -> Sequence[str]:
        """Those that a dimension has, as far as whoever looks may see their rows. Raises Unavailable."""
        mine = [set(one.values) for one in self.desk.principal.scope if one.dimension == dimension]
        named = (one.value for one in self.desk.dash.catalog.values if one.dimension == dimension and one.value)
        found = dict.fromkeys((*self._live().get(dimension, ()), *named))
        return tuple(one for one in found if all(one in values for values in mine))

    def _live(self) -> Mapping[str, tuple[str, ...]]:
        """Of small columns; looked up once a session and content."""
        catalog, ports = self.desk.dash.catalog, self.desk.running.ports
        if ports is None:
            return {}
        if st.session_state.get(VALUES, ("",))[0] != catalog.version:
            st.session_state[VALUES] = (catalog.version, live_values(catalog, ports.introspection))
        found = st.session_state[VALUES][1]
        assert isinstance(found, Mapping)
        return found


def executable(answer: Answer) -> Executable | None:
    """The plan that it was counted by, None where nothing was."""
    plan = answer.plan
    return None if plan is None or isinstance(plan, Clarification | Refusal) else plan
