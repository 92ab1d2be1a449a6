"""Long lists: a part of them, and a button for more."""

from __future__ import annotations

from typing import Final

import streamlit as st

from dashboard.words import Words

AT_ONCE: Final = 20


def shown(of: str) -> int:
    """How many are drawn of a list, by its name."""
    return int(st.session_state.get(_key(of), AT_ONCE))


def more(words: Words, of: str, count: int) -> None:
    """The button, where there is more."""
    drawn = shown(of)
    if count <= drawn:
        return
    if st.button(words("knowledge.more", number=count - drawn), icon=":material/expand_more:", key=f"{_key(of)}.more"):
        st.session_state[_key(of)] = drawn + AT_ONCE
        st.rerun()


def _key(of: str) -> str:
    return f"shown.{of}"
