"""What was learned: teaching, and deciding on what others propose."""

from __future__ import annotations

from typing import Final

import streamlit as st

from dash_agent.cli.promoting import problems_of
from dash_agent.insight.learned import payload_told
from dash_agent.learning.forms import EXAMPLES
from dash_agent.learning.promotion import Patch, patch
from dash_agent.models.learning import Learning, LearningStatus, Reach, may_review
from dashboard import state
from dashboard.components.failures import shown_failures
from dashboard.components.learnings import Choice, Decided, learning
from dashboard.components.problems import problems
from dashboard.components.text import plain
from dashboard.state import Desk

TOLD: Final = "knowledge.told"
PATCHED: Final = "knowledge.patched"
STATUS: Final = "knowledge.status"
MOST: Final = 30
"""Learnings that are drawn, the newest ones."""


def learnings(desk: Desk) -> None:
    """For everybody what is theirs or in force for them; for reviewers all, with the decisions that are open."""
    told = st.session_state.pop(TOLD, None)
    if told:
        st.success(told, icon=":material/check:")
    _teaching(desk)
    words, review = desk.words, desk.running.lessons.review
    st.subheader(words("knowledge.learnings_told"))
    everything = review.listed(desk.principal)
    counts = {status: sum(one.learning.status is status for one in everything) for status in LearningStatus}
    status = st.pills(
        words("knowledge.status"),
        list(LearningStatus),
        default=LearningStatus.PROPOSED,
        required=True,
        format_func=lambda one: words(
            "knowledge.with_count", name=words(f"knowledge.status_{one}"), number=counts[one]
        ),
        label_visibility="collapsed",
        key=STATUS,
    )
    found = [one for one in everything if one.learning.status is status]
    if not found:
        proposed = status is LearningStatus.PROPOSED
        st.info(words("knowledge.learnings_empty_proposed" if proposed else "knowledge.learnings_empty"))
    for one in found[:MOST]:
        key = one.learning.learning_id
        decided = learning(
            words, desk.wording, one, review.history(one.learning), may_decide=may_review(desk.principal)
        )
        with shown_failures(words, f"knowledge.learning.{key}"):
            if decided is not None:
                _act(desk, one.learning, decided)
            if st.session_state.get(PATCHED) == key:
                _patched(desk, one.learning)


def _teaching(desk: Desk) -> None:
    words = desk.words
    start = state.address().get("teach", "")
    examples = EXAMPLES.get(words.language, EXAMPLES["en"])
    with st.expander(words("knowledge.teach"), expanded=bool(start), icon=":material/school:"):
        with st.form("knowledge.teach", border=False):
            sentence = st.text_input(
                words("knowledge.teach_label"),
                value=words("knowledge.teach_start", words=start) if start else "",
                max_chars=400,
                key=f"knowledge.sentence.{start}",
                help=plain(words("knowledge.teach_help", one=examples[0], two=examples[1])),
            )
            reaches = [Reach.USER, *([Reach.TEAM] if desk.principal.team else []), Reach.ALL]
            reach = st.segmented_control(
                words("knowledge.teach_reach"),
                reaches,
                default=Reach.ALL,
                required=True,
                format_func=lambda one: words(f"knowledge.reach_{one}"),
                key="knowledge.reach",
            )
            given = st.form_submit_button(words("knowledge.teach_button"), type="primary")
        with shown_failures(words, "knowledge.teach"):
            if given and sentence and sentence.strip():
                _taught(desk, sentence, reach or Reach.ALL)


def _taught(desk: Desk, sentence: str, reach: Reach) -> None:
    """Raises NotRead, Conflict, WrongUse."""
    taught = desk.running.lessons.teach(sentence, desk.principal, reach)
    state_of = "active" if taught.status is LearningStatus.ACTIVE else "waiting"
    told = desk.words("knowledge.taught", told=plain(payload_told(taught, desk.wording)))
    state.put_in_address(teach=None)
    _again(f"{told}. {desk.words(f'knowledge.taught_{state_of}')}")


def _act(desk: Desk, one: Learning, decided: Decided) -> None:
    """Raises WrongUse, and Conflict where something stands against it."""
    review = desk.running.lessons.review
    match decided.choice:
        case Choice.APPROVE:
            review.approve(one, desk.principal)
            _again(desk.words("knowledge.approved"))
        case Choice.REJECT:
            review.reject(one, desk.principal, decided.reason)
            _again(desk.words("knowledge.rejected"))
        case Choice.RETIRE:
            review.retire(one, desk.principal, decided.reason)
            _again(desk.words("knowledge.retired"))
        case Choice.PROMOTE:
            st.session_state[PATCHED] = one.learning_id


def _again(told: str) -> None:
    st.session_state[TOLD] = told
    st.rerun()


def _patched(desk: Desk, one: Learning) -> None:
    """Raises WrongUse for what has no place in the files."""
    words, lessons = desk.words, desk.running.lessons
    given = one.evidence.answer_id
    made = patch(
        lessons.review.promotable(one, desk.principal),
        desk.dash.catalog.files,
        desk.running.answers.get(given) if given else None,
    )
    st.markdown(words("knowledge.patch", file=f"`{made.file}`"))
    st.code(made.text, language="diff", wrap_lines=True)
    with st.container(horizontal=True):
        st.download_button(
            words("knowledge.patch_download"),
            made.text,
            file_name=f"learning-{one.learning_id}.patch",
            mime="text/x-diff",
            on_click="ignore",
            icon=":material/download:",
            key=f"download-{one.learning_id}",
        )
        checking = st.button(words("knowledge.patch_check"), key=f"check-{one.learning_id}")
        if st.button(words("knowledge.patch_close"), key=f"close-{one.learning_id}"):
            del st.session_state[PATCHED]
            st.rerun()
    if checking:
        _checked(desk, made)


def _checked(desk: Desk, made: Patch) -> None:
    words = desk.words
    with st.spinner(words("knowledge.patch_checking")):
        found = problems_of(made, desk.settings, desk.now)
    if not found:
        st.success(words("knowledge.patch_fine"), icon=":material/task_alt:")
        return
    st.warning(words("knowledge.patch_wrong", count=len(found)))
    problems(words, found)
