"""The check of the content files, run at a click, with what it found."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

import streamlit as st

from dash_agent.bootstrap import live_of
from dash_agent.check import linter
from dash_agent.check.linter import Report
from dash_agent.errors import WrongUse
from dash_agent.models.learning import may_review
from dashboard.components.problems import problems
from dashboard.state import Desk

KEPT: Final = "knowledge.report"
LIVE, OFFLINE = "live", "offline"


@dataclass(frozen=True, slots=True)
class Checked:
    report: Report
    at: datetime


def check(desk: Desk) -> None:
    """Raises WrongUse for who may not look into the files, ContentError, Unavailable."""
    if not may_review(desk.principal):
        raise WrongUse(f"{desk.principal.user} is a {desk.principal.role}, and analysts and admins check the files")
    words = desk.words
    st.caption(words("knowledge.check_told"))
    with st.container(horizontal=True, vertical_alignment="bottom"):
        against = st.segmented_control(
            words("knowledge.check_where"),
            [LIVE, OFFLINE],
            default=LIVE,
            required=True,
            format_func=lambda name: words(f"knowledge.check_{name}"),
            key="knowledge.against",
        )
        clicked = st.button(words("knowledge.check_button"), type="primary", icon=":material/fact_check:")
    if clicked:
        st.session_state[KEPT] = _checked(desk, against == LIVE)
    checked = st.session_state.get(KEPT)
    if isinstance(checked, Checked):
        _told(desk, checked)
    else:
        st.info(words("knowledge.check_empty"))


def _checked(desk: Desk, live: bool) -> Checked:
    """Takes seconds, and says how far it is."""
    text = desk.words("knowledge.checking")
    bar = st.progress(0.0, text)

    def done(part: float) -> None:
        bar.progress(part, text)

    try:
        database = live_of(desk.running) if live else None
        report = linter.check(desk.settings.content_dir, desk.dash.calendar(desk.now), database, done)
    finally:
        bar.empty()
    return Checked(report, desk.now)


def _told(desk: Desk, checked: Checked) -> None:
    words, report = desk.words, checked.report
    files, moment = words("knowledge.check_files", count=report.files), desk.wording.moment(checked.at)
    if not report.problems:
        st.success(words("knowledge.check_fine", files=files, moment=moment), icon=":material/task_alt:")
        return
    errors = words("knowledge.check_errors", count=report.errors)
    warnings = words("knowledge.check_warnings", count=report.warnings)
    st.markdown(words("knowledge.check_done", moment=moment, errors=errors, warnings=warnings, files=files))
    problems(words, report.problems)
