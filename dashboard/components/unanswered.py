"""Words that had no place, with the questions that they stood in."""

from __future__ import annotations

from dataclasses import dataclass

import streamlit as st

from dash_agent.insight.wording import Wording
from dash_agent.models.asked import Unanswered
from dashboard.components.text import plain
from dashboard.words import Words, texts


@dataclass(frozen=True, slots=True)
class Clicked:
    """ask: the example is to be asked again, else its word is to be taught."""

    one: Unanswered
    ask: bool


def unanswered(words: Words, wording: Wording, one: Unanswered, number: int, *, users: bool) -> Clicked | None:
    """users: whether it says how many people asked."""
    with st.container(border=True, gap="xsmall"):
        title = words("knowledge.quoted", words=plain(one.words)) if one.words else words("knowledge.no_words")
        st.markdown(f"**{title}**")
        st.caption(" · ".join(_told(words, wording, one, users)))
        st.markdown(f"{words('knowledge.unanswered_example')} {plain(one.example)}")
        with st.container(horizontal=True):
            ask = st.button(words("knowledge.ask_again"), key=f"again-{number}", icon=":material/forum:")
            teach = bool(one.words) and st.button(
                words("knowledge.teach_it"), key=f"teach-{number}", icon=":material/school:"
            )
    return Clicked(one, ask) if ask or teach else None


def _told(words: Words, wording: Wording, one: Unanswered, users: bool) -> list[str]:
    reason = f"knowledge.reason_{one.reason}"
    told = [words("knowledge.unanswered_count", count=one.count)]
    if users:
        told.append(words("knowledge.unanswered_users", count=one.users))
    told.append(words("knowledge.unanswered_last", moment=wording.moment(one.last)))
    told.append(words(reason if reason in texts(words.language) else "knowledge.reason_other"))
    return [part for part in told if part]
