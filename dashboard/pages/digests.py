"""Digests and alerts: what goes out, to whom, when, and why not; and steering it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import streamlit as st

from dash_agent.context.digests import Digest
from dash_agent.sending.alarm_steering import AlarmSteering
from dash_agent.sending.steering import Steering
from dashboard import state
from dashboard.components.alarm_rules import card as rule_card
from dashboard.components.alarms import now, pulse, told
from dashboard.components.digest_card import card
from dashboard.components.digest_form import EMPTY, form
from dashboard.components.digest_history import history
from dashboard.components.failures import shown_failures
from dashboard.components.steered import alarms, open_or_close, opened, steering
from dashboard.components.text import label, plain
from dashboard.state import Desk

ALERTS: Final = "alerts"
PARTS: Final = ("digests", ALERTS)
NEW: Final = ""
"""In place of a name, of a digest that is being made."""


def main() -> None:
    desk = state.desk()
    words = desk.words
    st.title(words("nav.digests"))
    if not desk.may(state.MANAGERS):
        st.error(words("common.no_rights", role=desk.principal.role), icon=":material/lock:")
        return
    part = _part(desk)
    with shown_failures(words, f"digests.{part}"):
        if part == ALERTS:
            _alerts(desk, alarms(desk))
        else:
            _digests(desk, steering(desk))


def _part(desk: Desk) -> str:
    """In the address, so that a link shows the same."""
    chosen = st.segmented_control(
        desk.words("alerts.part"),
        PARTS,
        default=ALERTS if state.address().get("part") == ALERTS else PARTS[0],
        format_func=lambda one: desk.words(f"{one}.{one}"),
        required=True,
        label_visibility="collapsed",
        key="digests-part",
    )
    state.put_in_address(part=ALERTS if chosen == ALERTS else None)
    return str(chosen)


def _digests(desk: Desk, steered: Steering) -> None:
    words = desk.words
    st.caption(words("digests.zone", zone=plain(desk.settings.timezone)))
    for channel, why in steered.dispatch.closed.items():
        st.info(words(f"digests.closed_{channel}", why=plain(why)), icon=":material/link_off:")
    found = steered.standing(desk.principal)
    for one in found:
        card(desk, steered, one)
    if not found:
        st.info(words("digests.none"), icon=":material/forward_to_inbox:")
    _new(desk, steered, {one.digest.name: one.digest for one in found})
    st.subheader(words("digests.history"))
    with shown_failures(words, "digests.history"):
        history(desk, steered, {one.digest.name: _title(desk, one.digest) for one in found})


def _new(desk: Desk, steered: Steering, known: Mapping[str, Digest]) -> None:
    words = desk.words
    is_open = opened(NEW) == "new"
    st.button(
        words("digests.new"),
        key="new-digest",
        icon=":material/close:" if is_open else ":material/add:",
        on_click=open_or_close,
        args=(NEW, "new"),
    )
    if not is_open:
        return
    with st.container(border=True, key="new-digest-form"), shown_failures(words, "digests.new"):
        begun = st.selectbox(
            words("digests.begin_with"),
            [NEW, *known],
            format_func=lambda name: label(_title(desk, known[name])) if name else words("digests.begin_empty"),
            key="new-digest-from",
        )
        form(desk, steered, known[begun] if begun else EMPTY, new=True)


def _alerts(desk: Desk, steered: AlarmSteering) -> None:
    words = desk.words
    st.caption(words("digests.zone", zone=plain(desk.settings.timezone)))
    with shown_failures(words, "alerts.pulse"):
        pulse(desk, steered)
    st.subheader(words("alerts.now"))
    with shown_failures(words, "alerts.now"):
        now(desk, steered)
    st.subheader(words("alerts.rules"))
    with shown_failures(words, "alerts.rules"):
        rules = steered.rules(desk.principal)
        for one in rules:
            rule_card(desk, steered, one)
        if not rules:
            st.info(words("alerts.no_rules"), icon=":material/notifications:")
    st.subheader(words("alerts.told_lately"))
    with shown_failures(words, "alerts.told"):
        told(desk, steered)


def _title(desk: Desk, digest: Digest) -> str:
    return desk.wording.label(digest.title, digest.name)


main()
