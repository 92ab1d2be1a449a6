"""What can be done with an answer: think well or badly of it, keep it in view, take its rows along."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import streamlit as st

from dash_agent.learning.feedback import LONGEST, Opinion
from dashboard.components.text import label, paragraphs
from dashboard.words import Words

UP: Final = 1
Give = Callable[[Opinion], str | None]


def thumbs(give: Give, key: str) -> None:
    """A thumb up counts at once; one down asks what was meant first. give: tells what became of an opinion."""
    told = f"told-{key}"
    if told in st.session_state:
        st.caption(paragraphs(st.session_state[told]))
        return
    st.feedback("thumbs", key=f"thumbs-{key}", on_change=_up, args=(give, key))


def correction(words: Words, give: Give, key: str) -> None:
    """What is asked of who put a thumb down."""
    if f"told-{key}" in st.session_state or st.session_state.get(f"thumbs-{key}") != 0:
        return
    with st.form(f"wrong-{key}", border=True):
        st.text_area(
            words("ask.correction"),
            key=f"meant-{key}",
            max_chars=LONGEST,
            placeholder=words("ask.correction_hint"),
            help=words("ask.correction_help"),
            height=80,
        )
        st.text_input(words("ask.comment"), key=f"comment-{key}", max_chars=LONGEST)
        st.form_submit_button(words("ask.send"), on_click=_down, args=(give, key), type="primary")


def _up(give: Give, key: str) -> None:
    if st.session_state[f"thumbs-{key}"] == UP:
        _given(give, Opinion(1), key)


def _down(give: Give, key: str) -> None:
    meant, comment = (st.session_state.get(f"{name}-{key}", "") for name in ("meant", "comment"))
    _given(give, Opinion(-1, comment, meant), key)


def _given(give: Give, opinion: Opinion, key: str) -> None:
    told = give(opinion)
    if told is not None:
        st.session_state[f"told-{key}"] = told


def choices(found: tuple[tuple[str, str], ...], put: Callable[[str], None], key: str, icon: str) -> None:
    """Questions to click, in words of their own. found: labels and questions."""
    with st.container(horizontal=True, key=f"choices-{key}"):
        for place, (name, question) in enumerate(found):
            st.button(label(name), key=f"choice-{key}-{place}", icon=icon, on_click=put, args=(question,))
