"""What became of digests: each issue by itself, what was sent, and sending once more what was given up."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import streamlit as st

from dash_agent.models.digest import Issue, Outcome
from dash_agent.models.principal import Role
from dash_agent.sending.steering import DEAD, Steering
from dashboard.components import messages, more, recipients
from dashboard.components.failures import shown_failures
from dashboard.components.text import label, plain
from dashboard.state import Desk, address, put_in_address

LIST: Final = "digest-issues"
SHOWN: Final = "digests.issue"


Titles = Mapping[str, str]
"""Of the digests that there are, by name."""


def history(desk: Desk, steering: Steering, titles: Titles) -> None:
    words = desk.words
    digest, outcomes = _filters(desk, titles)
    found = steering.history(desk.principal, digest, outcomes or None)
    if not found:
        st.info(words("digests.no_history"), icon=":material/history:")
        return
    for issue in found[: more.shown(LIST)]:
        _issue(desk, steering, issue, titles)
    more.more(words, LIST, len(found))


def _filters(desk: Desk, titles: Titles) -> tuple[str | None, list[Outcome]]:
    """In the address, so that a link shows the same."""
    words, given = desk.words, address()
    wanted, names = given.get("digest"), list(titles)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        digest = st.selectbox(
            words("digests.digest"),
            names,
            index=names.index(wanted) if wanted in names else None,
            format_func=lambda one: label(titles[one]),
            placeholder=words("digests.all"),
            key="history-digest",
        )
        asked = (given.get("outcome") or "").split(",")
        outcomes = st.multiselect(
            words("digests.outcome"),
            list(Outcome),
            [one for one in Outcome if one in asked],
            format_func=lambda one: words(f"digests.outcome_{one}"),
            placeholder=words("digests.all"),
            key="history-outcomes",
        )
    put_in_address(digest=digest, outcome=",".join(outcomes))
    return digest, outcomes


def _issue(desk: Desk, steering: Steering, issue: Issue, titles: Titles) -> None:
    words, key = desk.words, str(issue.key)
    with st.container(border=True, gap="xsmall", key=f"issue-{key}"):
        to = plain(recipients.address(desk, issue.key.channel, issue.key.address))
        icon = recipients.ICONS.get(issue.key.channel, "send")
        title = plain(titles.get(issue.key.digest, issue.key.digest))
        head = f"{recipients.badge(issue.outcome, words)} **{title}** · :material/{icon}: {to}"
        lines = [f"{head} · :small[{desk.wording.moment(issue.at)} · {recipients.period(desk, issue)}]"]
        told = recipients.why(desk, issue)
        if told:
            lines.append(f":gray[:small[{told}]]")
        st.markdown("  \n".join(lines))
        is_open = st.session_state.get(SHOWN) == key
        if issue.outcome not in (Outcome.SKIPPED, Outcome.WITHHELD):
            st.button(
                words("digests.hide" if is_open else "digests.show"),
                key=f"show-{key}",
                icon=":material/expand_less:" if is_open else ":material/expand_more:",
                type="tertiary",
                on_click=_open,
                args=(None if is_open else key,),
            )
        if issue.outcome in DEAD and desk.principal.role is Role.ADMIN:
            _resend(desk, steering, issue)
        if is_open:
            _sent(desk, steering, issue)


def _open(key: str | None) -> None:
    st.session_state[SHOWN] = key


def _sent(desk: Desk, steering: Steering, issue: Issue) -> None:
    with shown_failures(desk.words, f"digests.issue.{issue.key}"):
        found = steering.issue(desk.principal, issue.key)
        if found is None or not found.messages:
            st.caption(desk.words("digests.nothing_kept"))
            return
        messages.kept(found.messages, desk.words)


def _resend(desk: Desk, steering: Steering, issue: Issue) -> None:
    words, key = desk.words, str(issue.key)
    looked = issue.outcome is not Outcome.IN_DOUBT or st.checkbox(words("digests.looked"), key=f"looked-{key}")
    st.button(
        words("digests.resend"),
        key=f"resend-{key}",
        icon=":material/replay:",
        disabled=not looked,
        on_click=_ordered,
        args=(desk, steering, issue, looked),
    )


def _ordered(desk: Desk, steering: Steering, issue: Issue, looked: bool) -> None:
    with shown_failures(desk.words, f"digests.resend.{issue.key}"):
        done = steering.resend(desk.principal, issue.key, looked=looked)
        st.toast(desk.words("digests.resent" if done else "digests.resent_already"), icon=":material/replay:")
