"""An entry of the content: what it means, what people call it, where it stands, and a question for it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import streamlit as st

from dash_agent.reports.catalogue import Entry, Part
from dashboard.components.text import label, plain
from dashboard.words import Words

FEW: Final = 12
"""Words for one thing that are shown at once."""


def entry(words: Words, one: Entry, questions: Sequence[str], *, sql: bool) -> str | None:
    """Draws it folded. sql: whether its SQL is shown, too. Returns a question that was clicked."""
    with st.expander(f"{label(one.label)} · `{one.name}`", key=f"entry-{one.layer}-{one.name}"):
        st.markdown(plain(one.meaning))
        clicked = _asked(words, one, questions)
        for language, said in one.words.items():
            _said(words, language, said)
        st.caption(words("knowledge.file", file=one.file))
        if one.parts:
            _parts(words, one.name, one.parts)
        if one.sql and sql:
            st.caption(words("knowledge.sql"))
            st.code(one.sql, language="sql", wrap_lines=True)
        if one.body:
            st.caption(words("knowledge.document_text"))
            st.code(one.body, language="markdown", wrap_lines=True, height=360)
        return clicked


def _said(words: Words, language: str, said: Sequence[str]) -> None:
    """A few of the words; the others at a click."""
    few, others = said[:FEW], said[FEW:]
    st.caption(words(f"knowledge.words_{language}", words=plain(", ".join(few))))
    if others:
        with st.popover(words("knowledge.words_more", count=len(others)), type="tertiary"):
            st.text(", ".join(others))


def _parts(words: Words, table: str, parts: Sequence[Part]) -> None:
    names = {"name": "column", "type": "type", "meaning": "meaning", "personal": "personal"}
    shown = [{name: getattr(part, name) for name in names} for part in parts]
    config = {name: st.column_config.Column(words(f"knowledge.{said}")) for name, said in names.items()}
    config["personal"] = st.column_config.CheckboxColumn(
        words("knowledge.personal"), help=words("knowledge.personal_help")
    )
    alt = words("knowledge.columns_alt", name=table)
    st.dataframe(shown, hide_index=True, column_config=config, alt=alt, key=f"columns-{table}")


def _asked(words: Words, one: Entry, questions: Sequence[str]) -> str | None:
    clicked = None
    for number, question in enumerate(questions):
        said = words("knowledge.ask", question=label(question))
        if st.button(said, key=f"ask-{one.layer}-{one.name}-{number}", icon=":material/forum:", type="tertiary"):
            clicked = question
    return clicked
