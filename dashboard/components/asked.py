"""What people asked: how often the content answered, and the questions that it did not."""

from __future__ import annotations

from typing import Final

import streamlit as st

from dash_agent.models.asked import sees_questions_of_others
from dash_agent.reports.catalogue import entries
from dashboard import state
from dashboard.components import more
from dashboard.components.unanswered import unanswered as card
from dashboard.components.uses import uses as table
from dashboard.state import Desk

ASK: Final = "pages/ask.py"
DAYS: Final = (7, 30, 90)
USUAL: Final = 30
COUNTED: Final = ("metric", "pattern")
"""Layers of which it is told what nobody uses."""


def uses(desk: Desk) -> None:
    words = desk.words
    st.caption(words("knowledge.uses_told"))
    days, questions = _days(desk), desk.running.questions
    found = questions.uses(days) if questions is not None else ()
    if not found:
        st.info(words("knowledge.uses_empty"))
        return
    known = entries(desk.dash.catalog, (), words.language)
    table(words, desk.wording, found, {(one.layer, one.name): one.label for one in known})
    used = {(one.layer, one.name) for one in found}
    unused = [one for one in known if one.layer in COUNTED and (one.layer, one.name) not in used]
    if unused:
        with st.expander(words("knowledge.unused", count=len(unused))):
            st.text("\n".join(f"{one.label} ({one.name})" for one in unused))


def unanswered(desk: Desk) -> None:
    words, everybody = desk.words, sees_questions_of_others(desk.principal)
    st.caption(words("knowledge.unanswered_told" if everybody else "knowledge.unanswered_own"))
    days, questions = _days(desk), desk.running.questions
    found = questions.unanswered(desk.principal, days) if questions is not None else ()
    if not found:
        st.info(words("knowledge.unanswered_empty"))
    for number, one in enumerate(found[: more.shown("unanswered")]):
        clicked = card(words, desk.wording, one, number, users=everybody)
        if clicked is not None and clicked.ask:
            st.switch_page(ASK, query_params={"q": one.example})
        if clicked is not None:
            state.put_in_address(section="learnings", teach=one.words)
            st.rerun()
    more.more(words, "unanswered", len(found))


def _days(desk: Desk) -> int:
    chosen = st.pills(
        desk.words("knowledge.period"),
        DAYS,
        default=USUAL,
        required=True,
        format_func=lambda days: desk.words("knowledge.days", count=days),
        label_visibility="collapsed",
        key="knowledge.days",
    )
    return chosen or USUAL
