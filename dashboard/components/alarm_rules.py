"""A rule of alerts: how often it is looked by, who is told, what they make of it; muting it and trying it."""

from __future__ import annotations

from uuid import uuid4

import streamlit as st

from dash_agent.errors import JobError
from dash_agent.models.alarm import EVERYBODY, Address, Mute, MuteState
from dash_agent.models.digest import Recipient
from dash_agent.reports.alert_render import title_of
from dash_agent.sending.alarm_steering import AlarmSteering, RuleStanding
from dash_agent.sending.looking import Listener
from dashboard.components import alarms, due, recipients, steered
from dashboard.components.failures import shown_failures
from dashboard.components.text import label, plain
from dashboard.state import Desk
from dashboard.words import LANGUAGES


def card(desk: Desk, steering: AlarmSteering, one: RuleStanding) -> None:
    words, name = desk.words, one.rule.name
    key = f"rule:{name}"
    with st.container(border=True, gap="xsmall", key=f"rule-{name}"):
        st.markdown(
            f"**{plain(title_of(one.rule, words.language))}** &nbsp; {alarms.severity(desk, one.rule.severity)}"
        )
        st.markdown(" · ".join(_looks(desk, one)))
        st.caption(alarms.usefulness(desk, one.precision))
        if one.listeners:
            st.markdown(" &nbsp; ".join(_listener(desk, listener) for listener in one.listeners))
        else:
            st.caption(words("digests.nobody"))
        for mute in one.mutes:
            _mute(desk, steering, mute)
        with st.container(horizontal=True, gap="small"):
            for what, icon in (("mute", "notifications_off"), ("test", "outgoing_mail")):
                st.button(
                    words("alerts.mute" if what == "mute" else "digests.test"),
                    key=f"{what}-rule-{name}",
                    icon=f":material/{icon}:",
                    type="primary" if steered.opened(key) == what else "secondary",
                    on_click=steered.open_or_close,
                    args=(key, what),
                )
        with shown_failures(words, f"alerts.{name}"):
            match steered.opened(key):
                case "mute":
                    _muting(desk, steering, one)
                case "test":
                    _test(desk, steering, one)


def _listener(desk: Desk, one: Listener) -> str:
    told = Recipient(one.address.channel, one.address.to, one.language, one.scope)
    return recipients.reader(desk, told)


def _looks(desk: Desk, one: RuleStanding) -> list[str]:
    words, wording = desk.words, desk.wording
    last = words("alerts.looked_never")
    if one.last is not None:
        last = words("alerts.looked", moment=wording.moment(one.last.at))
    told = [due.told(one.rule.look, words), last]
    if one.next_at is not None:
        told.append(words("alerts.next_look", moment=wording.moment(one.next_at)))
    return told


def _mute(desk: Desk, steering: AlarmSteering, mute: Mute) -> None:
    words = desk.words
    whom = words("alerts.muted_all")
    if mute.address != EVERYBODY:
        whom = plain(recipients.address(desk, mute.address.channel, mute.address.to))
    if mute.state is MuteState.PROPOSED or mute.until is None:
        told = words("alerts.mute_proposed")
    else:
        told = words("alerts.muted_until", moment=desk.wording.moment(mute.until))
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.markdown(f":orange-badge[:material/notifications_off: {told}] {whom}")
        st.button(
            words("alerts.unmute"),
            key=f"unmute-{mute.mute_id}",
            type="tertiary",
            icon=":material/notifications_active:",
            on_click=_unmute,
            args=(desk, steering, mute),
        )


def _unmute(desk: Desk, steering: AlarmSteering, mute: Mute) -> None:
    with shown_failures(desk.words, f"alerts.unmute.{mute.rule}"):
        steering.unmute(desk.principal, mute.rule, mute.address)
        st.toast(desk.words("alerts.is_unmuted"), icon=":material/notifications_active:")


def _muting(desk: Desk, steering: AlarmSteering, one: RuleStanding) -> None:
    words, name = desk.words, one.rule.name
    addresses: dict[str, Address] = {words("alerts.mute_everybody"): EVERYBODY} if one.mine else {}
    for listener in one.listeners:
        to = recipients.address(desk, listener.address.channel, listener.address.to)
        addresses[to] = listener.address
    if not addresses:
        st.caption(words("digests.nobody"))
        return
    st.caption(words("alerts.mute_told"))
    left, right = st.columns(2)
    whom = left.selectbox(words("alerts.mute_to"), list(addresses), format_func=label, key=f"mute-to-{name}")
    days = right.number_input(words("alerts.mute_days"), 1, 365, 30, key=f"mute-days-{name}")
    if st.button(words("alerts.mute_now"), key=f"mute-now-{name}", type="primary"):
        steering.mute(desk.principal, name, addresses[whom], int(days))
        steered.close()
        st.toast(words("alerts.is_muted"), icon=":material/notifications_off:")
        st.rerun()


def _test(desk: Desk, steering: AlarmSteering, one: RuleStanding) -> None:
    words, name = desk.words, one.rule.name
    if "telegram" in steering.alarms.closed:
        st.info(words("digests.closed_telegram", why=plain(steering.alarms.closed["telegram"])))
        return
    st.caption(words("alerts.sample_told"))
    chats = list(steering.alarms.chats)
    left, right = st.columns(2)
    to: str | None = left.selectbox(
        words("digests.test_to"),
        chats,
        index=0 if chats else None,
        placeholder=words("digests.test_placeholder"),
        accept_new_options=True,
        key=f"sample-to-{name}",
    )
    language = right.selectbox(
        words("digests.language"),
        LANGUAGES,
        index=LANGUAGES.index(words.language),
        format_func=lambda one: words(f"settings.language_{one}"),
        key=f"sample-language-{name}",
    )
    if not st.button(words("digests.test_send"), key=f"sample-send-{name}", type="primary") or not to:
        return
    try:
        steering.send_test(desk.principal, name, to, language, uuid4().hex)
    except JobError as error:
        st.error(words("digests.test_failed", reason=plain(error.message)), icon=":material/error:")
        return
    st.success(words("alerts.sample_sent", to=plain(to)), icon=":material/check:")
