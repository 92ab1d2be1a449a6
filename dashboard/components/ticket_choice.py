"""Tickets whose answers were compared, to choose one from; the chosen one stands in the address."""

from __future__ import annotations

from typing import Final

import streamlit as st

from dash_agent.insight.wording import Wording
from dash_agent.models.conversation import Compared, Wanted
from dash_agent.ports import Conversations
from dashboard import state
from dashboard.state import Desk
from dashboard.words import Words

TICKET: Final = "ticket"
NUMBER: Final = "quality.number"
CHOSEN: Final = "quality.ticket"


def ticket_choice(desk: Desk, texts: Conversations, wanted: Wanted) -> str | None:
    """What somebody chose, or what the address says: digits where it is a ticket's number."""
    words, wording = desk.words, desk.wording
    left, right = st.columns(2)
    with left:
        verdict = _value(words, wording, "verdict")
    with right:
        error_type = _value(words, wording, "error_type")
    found = texts.listed(Wanted(wanted.start, wanted.end, wanted.within, verdict, error_type), desk.principal)
    if not found:
        st.info(words("quality.conversations_empty"))
    by_number = {str(one.ticket_id): one for one in found}
    asked = state.address().get(TICKET, "")
    st.session_state[CHOSEN] = asked if asked in by_number else None
    st.session_state[NUMBER] = asked
    left, right = st.columns([3, 1])
    left.selectbox(
        words("quality.ticket"),
        list(by_number),
        index=None,
        format_func=lambda ticket: _named(words, wording, by_number[ticket]),
        placeholder=words("quality.choose"),
        key=CHOSEN,
        on_change=_choose,
        args=(CHOSEN,),
    )
    right.text_input(words("quality.ticket_number"), key=NUMBER, max_chars=18, on_change=_choose, args=(NUMBER,))
    return asked or None


def _choose(key: str) -> None:
    state.put_in_address(ticket=(st.session_state[key] or "").strip().removeprefix("#"))


def _value(words: Words, wording: Wording, dimension: str) -> str | None:
    stored = [one.value for one in wording.catalog.values if one.dimension == dimension and one.value is not None]
    return st.selectbox(
        words(f"quality.{dimension}"),
        stored,
        index=None,
        format_func=lambda value: wording.value(dimension, value),
        placeholder=words("quality.any"),
        key=f"quality.{dimension}",
    )


def _named(words: Words, wording: Wording, one: Compared) -> str:
    told = {
        "ticket": one.ticket_id,
        "category": wording.value("request_type", one.category),
        "verdict": wording.value("verdict", one.verdict),
        "similarity": wording.number(one.similarity, None, 3),
        "moment": wording.moment(one.at),
    }
    if one.error_type is None:
        return words("quality.one", **told)
    return words("quality.one_error", **told, error=wording.value("error_type", one.error_type))
