"""The script behind every look at a page: who looks, which pages there are, and the one that was chosen."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import streamlit as st

from dash_agent.errors import DashError
from dash_agent.models.principal import Role
from dashboard import opened, signin, state
from dashboard.components.failures import notice, shown_failures
from dashboard.icon import ICON
from dashboard.words import Words

EVERYBODY: Final = frozenset(Role)


@dataclass(frozen=True, slots=True)
class Entry:
    """A page: its file in pages/ and its part of the address have its name, and texts/*/nav.json its title."""

    name: str
    icon: str
    roles: frozenset[Role] = EVERYBODY


ENTRIES: Final[Sequence[Entry]] = (
    Entry("ask", "forum"),
    Entry("overview", "monitoring"),
    Entry("funnel", "filter_alt"),
    Entry("quality", "balance"),
    Entry("knowledge", "menu_book"),
    Entry("digests", "forward_to_inbox", state.MANAGERS),
    Entry("costs", "health_metrics", state.MANAGERS),
    Entry("settings", "settings"),
)


def main() -> None:
    st.set_page_config(page_title="Dash", page_icon=ICON, layout="wide")
    try:
        house = opened.house()
        principal = signin.signed_in(house)
    except DashError as error:
        notice(Words(signin.browser_language()), error, "start")
        return
    words = Words(signin.language(house, principal))
    st.session_state[state.DESK] = state.Desk(house, principal, words)
    pages = [
        st.Page(
            f"pages/{entry.name}.py",
            title=words(f"nav.{entry.name}"),
            icon=f":material/{entry.icon}:",
            url_path=entry.name,
            default=entry is ENTRIES[0],
        )
        for entry in ENTRIES
        if principal.role in entry.roles
    ]
    chosen = st.navigation(pages)
    signin.account(house, principal, words)
    with shown_failures(words, chosen.url_path or ENTRIES[0].name):
        chosen.run()


main()
