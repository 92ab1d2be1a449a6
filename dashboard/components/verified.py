"""An answer as a file for queries/: a patch to download, which has been tried against all other files."""

from __future__ import annotations

from typing import Final

import streamlit as st

from dash_agent.cli.promoting import problems_of
from dash_agent.errors import WrongUse
from dash_agent.learning.feedback import name_of
from dash_agent.learning.promotion import Patch
from dash_agent.learning.verified import Wanted, suggested_phrase, verified
from dash_agent.models.answer import Answer
from dash_agent.models.plan import ListPlan, MetricPlan, SqlPlan
from dashboard.components.failures import shown_failures
from dashboard.components.text import plain
from dashboard.state import ANALYSTS, Desk

LONGEST: Final = 200


def offered(desk: Desk, answer: Answer, key: str) -> None:
    """A button for analysts, under answers that are no verified query yet."""
    if not desk.may(ANALYSTS) or not isinstance(answer.plan, MetricPlan | ListPlan | SqlPlan):
        return
    words = desk.words
    with st.popover(
        words("ask.verify"),
        icon=":material/verified:",
        type="tertiary",
        help=words("ask.verify_help"),
        key=f"verify-{key}",
    ):
        st.caption(words("ask.verify_intro"))
        phrase = suggested_phrase(answer)
        with st.form(f"verify-form-{key}", border=False):
            name = st.text_input(
                words("ask.verify_name"),
                name_of(answer.question or ""),
                max_chars=60,
                help=words("ask.verify_name_help"),
            )
            label = st.text_input(words("ask.verify_label"), phrase.capitalize(), max_chars=LONGEST)
            phrase = st.text_input(
                words("ask.verify_phrase"), phrase, max_chars=LONGEST, help=words("ask.verify_phrase_help")
            )
            wanted = st.form_submit_button(words("ask.verify_make"), type="primary")
        if wanted:
            with shown_failures(words, f"ask.verify-{key}"):
                _made(desk, answer, Wanted(name, label, phrase, answer.question or ""), key)


def _made(desk: Desk, answer: Answer, wanted: Wanted, key: str) -> None:
    words = desk.words
    try:
        patch: Patch = verified(answer, wanted, desk.dash.statement, desk.dash.catalog.files)
    except WrongUse as error:
        st.error(words("ask.verify_not", why=plain(str(error))), icon=":material/error:")
        return
    problems = problems_of(patch, desk.settings, desk.now)
    if problems:
        st.warning(words("ask.verify_bad", count=len(problems)), icon=":material/warning:")
        st.markdown("\n".join(f"- {plain(str(one))}" for one in problems))
    else:
        st.success(words("ask.verify_ok"), icon=":material/check:")
    st.code(patch.text, language="diff", wrap_lines=True)
    st.download_button(
        words("ask.verify_download"),
        patch.text,
        f"{wanted.name}.patch",
        "text/x-diff",
        icon=":material/download:",
        on_click="ignore",
        key=f"verify-download-{key}",
    )
