"""A learning: what it says, where it comes from, who decided what, and the decisions that are open."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

import streamlit as st

from dash_agent.insight.learned import payload_told
from dash_agent.insight.wording import Wording
from dash_agent.learning.review import Listed
from dash_agent.models.learning import Decision, Learning, LearningStatus
from dashboard.components.text import plain
from dashboard.words import Words


class Choice(StrEnum):
    APPROVE = "approve"
    REJECT = "reject"
    RETIRE = "retire"
    PROMOTE = "promote"


OPEN = {
    LearningStatus.PROPOSED: (Choice.APPROVE, Choice.REJECT, Choice.RETIRE, Choice.PROMOTE),
    LearningStatus.ACTIVE: (Choice.RETIRE, Choice.PROMOTE),
    LearningStatus.REJECTED: (),
    LearningStatus.RETIRED: (),
}


@dataclass(frozen=True, slots=True)
class Decided:
    choice: Choice
    reason: str = ""


def learning(
    words: Words, wording: Wording, listed: Listed, history: Sequence[Decision], *, may_decide: bool
) -> Decided | None:
    """Draws it, and returns what was decided on it. What can't be undone is asked twice."""
    one = listed.learning
    with st.container(border=True, gap="xsmall", key=f"learning-{one.learning_id}"):
        st.markdown(f"**{plain(payload_told(one, wording))}**")
        st.caption(plain(" · ".join(_told(words, wording, one))))
        if one.evidence.words:
            st.caption(words("knowledge.evidence"))
            st.text(one.evidence.words)
        if listed.conflict:
            st.warning(f"{words('knowledge.without_effect')} {plain(listed.conflict)}", icon=":material/block:")
        if one.evidence.answer_id:
            st.page_link(
                "pages/ask.py",
                label=words("knowledge.its_answer"),
                icon=":material/receipt_long:",
                query_params={"answer": one.evidence.answer_id},
            )
        with st.expander(words("knowledge.history"), key=f"history-{one.learning_id}"):
            for decision in history:
                st.text(_decided(words, wording, decision))
        return _choices(words, one) if may_decide else None


def _told(words: Words, wording: Wording, one: Learning) -> list[str]:
    told = [
        words(f"knowledge.kind_{one.kind}"),
        words("knowledge.for_owner", owner=one.owner) if one.owner else words("knowledge.for_all"),
        words("knowledge.by", author=one.author),
        words(f"knowledge.origin_{one.origin}"),
        wording.moment(one.created),
    ]
    if one.backers:
        told.append(words("knowledge.backed", backers=", ".join(one.backers)))
    if one.hits:
        told.append(words("knowledge.used", count=one.hits))
    if one.expires is not None:
        told.append(words("knowledge.until", moment=wording.moment(one.expires)))
    return told


def _decided(words: Words, wording: Wording, decision: Decision) -> str:
    said = words(
        "knowledge.decided",
        moment=wording.moment(decision.at),
        what=words(f"knowledge.what_{decision.what}"),
        user=decision.user,
    )
    return f"{said} ({decision.reason})" if decision.reason else said


def _choices(words: Words, one: Learning) -> Decided | None:
    made = None
    with st.container(horizontal=True):
        for choice in OPEN[one.status]:
            key = f"{choice}-{one.learning_id}"
            if choice in (Choice.REJECT, Choice.RETIRE):
                made = _asked_twice(words, choice, key) or made
            elif st.button(
                words(f"knowledge.{choice}"), key=key, type="primary" if choice is Choice.APPROVE else "secondary"
            ):
                made = Decided(choice)
    return made


def _asked_twice(words: Words, choice: Choice, key: str) -> Decided | None:
    with st.popover(words(f"knowledge.{choice}")):
        st.markdown(words(f"knowledge.{choice}_told"))
        reason = st.text_input(words("knowledge.reason"), key=f"reason-{key}", max_chars=400)
        if st.button(words(f"knowledge.{choice}_sure"), key=f"sure-{key}", type="primary"):
            return Decided(choice, reason or "")
    return None
