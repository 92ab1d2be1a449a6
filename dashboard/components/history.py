"""Earlier conversations, to be found again and to be shown to others."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import streamlit as st

from dash_agent.insight.wording import Wording
from dash_agent.ports import Session
from dashboard.components.text import label
from dashboard.words import Words

SHOWN = 30
SEARCH = "ask-search"


def new(words: Words, start: Callable[[], None]) -> None:
    st.button(words("ask.new"), icon=":material/add_comment:", on_click=start, width="stretch", key="ask-new")


def search(words: Words) -> str:
    """What is looked for, '' for all."""
    return st.text_input(
        words("ask.search"), key=SEARCH, placeholder=words("ask.search_hint"), max_chars=200, icon=":material/search:"
    )


def listed(
    found: Sequence[Session],
    chosen: str | None,
    looked_for: str,
    words: Words,
    wording: Wording,
    open_: Callable[[str], None],
) -> None:
    """The latest first, each a button. chosen: the one on the page."""
    if not found:
        st.caption(words("ask.nothing_found" if looked_for else "ask.no_history"))
    for one in found:
        st.button(
            label(one.title or words("ask.untitled"), 60),
            key=f"session-{one.session}",
            help=words("ask.session_help", moment=wording.moment(one.last_at), count=one.answers),
            icon=":material/chat:" if one.session == chosen else ":material/chat_bubble:",
            type="secondary" if one.session == chosen else "tertiary",
            on_click=open_,
            args=(one.session,),
            width="stretch",
        )
    if len(found) == SHOWN:
        st.caption(words("ask.more_history"))


def share(words: Words, address: str, shared: bool, change: Callable[[], None], key: str) -> None:
    """The link of a conversation, and whether others may open it. key: of the switch's state."""
    with st.popover(words("ask.share"), icon=":material/share:", key="ask-share"):
        st.toggle(words("ask.share_open"), value=shared, key=key, on_change=change)
        st.caption(words("ask.share_help"))
        st.code(address, language=None, wrap_lines=True)
