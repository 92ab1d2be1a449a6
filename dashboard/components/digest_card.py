"""A digest: when it is due, who gets it, how the last one went, and what can be done about it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import streamlit as st

from dash_agent.sending.steering import Standing, Steering
from dashboard.components import due, recipients, steered
from dashboard.components.digest_form import form
from dashboard.components.digest_preview import preview, test
from dashboard.components.failures import shown_failures
from dashboard.components.text import plain
from dashboard.state import Desk

PANELS: Final[dict[str, Callable[[Desk, Steering, Standing], None]]] = {
    "preview": lambda desk, steering, one: preview(desk, steering, one.digest),
    "test": lambda desk, steering, one: test(desk, steering, one.digest),
    "edit": lambda desk, steering, one: form(desk, steering, one.digest, new=False),
    "forget": lambda desk, steering, one: _forget(desk, steering, one),
}
ICONS: Final = {"preview": "visibility", "test": "outgoing_mail", "edit": "edit", "forget": "delete"}


def card(desk: Desk, steering: Steering, one: Standing) -> None:
    words, name = desk.words, one.digest.name
    with st.container(border=True, gap="xsmall", key=f"digest-{name}"):
        _head(desk, one)
        for recipient, last in one.audience:
            recipients.standing(desk, recipient, last, left_out=steering.left_out(recipient))
        if not one.audience:
            st.caption(words("digests.nobody"))
        _buttons(desk, steering, one)
        what = steered.opened(name)
        if what in PANELS:
            with shown_failures(words, f"digests.{what}.{name}"):
                PANELS[what](desk, steering, one)


def _head(desk: Desk, one: Standing) -> None:
    words = desk.words
    whence = "file" if one.file else "made"
    badges = [f":gray-badge[:material/{'folder_code' if one.file else 'edit_note'}: {words(f'digests.is_{whence}')}]"]
    if one.paused:
        badges.insert(0, f":orange-badge[:material/pause: {words('digests.paused')}]")
    title = plain(desk.wording.label(one.digest.title, one.digest.name))
    st.markdown(f"**{title}** &nbsp; {' '.join(badges)}")
    told = [due.told(one.cron, words), words("digests.tells", period=words(f"filters.{one.digest.period}"))]
    if one.next_at is not None:
        told.append(words("digests.next", moment=desk.wording.moment(one.next_at)))
    st.markdown(" · ".join(told))


def _buttons(desk: Desk, steering: Steering, one: Standing) -> None:
    words, name = desk.words, one.digest.name
    offered = ["preview", "test", *(["edit", "forget"] if one.mine and not one.file else [])]
    with st.container(horizontal=True, gap="small"):
        for what in offered:
            st.button(
                words(f"digests.{what}"),
                key=f"{what}-{name}",
                icon=f":material/{ICONS[what]}:",
                type="primary" if steered.opened(name) == what else "secondary",
                on_click=steered.open_or_close,
                args=(name, what),
            )
        if one.mine:
            st.button(
                words("digests.resume" if one.paused else "digests.pause"),
                key=f"pause-{name}",
                icon=":material/play_arrow:" if one.paused else ":material/pause:",
                help=words("digests.resume_help" if one.paused else "digests.pause_help"),
                on_click=_pause,
                args=(desk, steering, name, not one.paused),
            )


def _pause(desk: Desk, steering: Steering, name: str, paused: bool) -> None:
    with shown_failures(desk.words, f"digests.pause.{name}"):
        steering.pause(desk.principal, name, paused=paused)
        st.toast(desk.words("digests.is_paused" if paused else "digests.is_resumed"), icon=":material/check:")


def _forget(desk: Desk, steering: Steering, one: Standing) -> None:
    words, name = desk.words, one.digest.name
    st.warning(words("digests.forget_told"), icon=":material/delete:")
    if st.button(words("digests.forget_really"), key=f"really-{name}", type="primary"):
        steering.forget(desk.principal, name)
        steered.close()
        st.rerun()
