"""Alerts: whether anybody looks, what holds now, what is looked for, and what was told."""

from __future__ import annotations

from typing import Final

import streamlit as st

from dash_agent.models.alarm import DATA, Alert, Precision, Telling, TellingKind
from dash_agent.models.alert import Stage
from dash_agent.reports.alert_render import message, telling, title_of
from dash_agent.reports.alert_words import tell
from dash_agent.reports.reasons import reason_told
from dash_agent.sending.alarm_steering import AlarmSteering, Held
from dashboard.components import messages, more, recipients
from dashboard.components.text import plain, sentence
from dashboard.state import Desk

SEVERITIES: Final = {"info": ("blue", "info"), "warning": ("orange", "warning"), "critical": ("red", "error")}
TOLD: Final = "alert-tellings"
SHOWN: Final = "alerts.shown"
MOST_GAPS: Final = 3


def pulse(desk: Desk, steering: AlarmSteering) -> None:
    """Whether silence means that all is as usual."""
    words, wording = desk.words, desk.wording
    found = steering.pulse(desk.principal)
    last = found.watch.last_at
    if last is None:
        st.info(words("alerts.never_looked"), icon=":material/monitor_heart:")
        return
    late = bool(found.watch.late)
    badge = ":red-badge[:material/error: {}]" if late else ":green-badge[:material/check: {}]"
    told = [words("alerts.last_look", moment=wording.moment(last)), words("alerts.looks_day", count=found.looks)]
    if found.failed:
        told.append(words("alerts.failed_looks", count=len(found.failed)))
    st.markdown(f"{badge.format(words('alerts.late' if late else 'alerts.in_time'))} {' · '.join(told)}")
    if late:
        rules = steering.alarms.rules
        titles = ", ".join(title_of(rules[name], words.language) for name in found.watch.late if name in rules)
        st.warning(words("alerts.late_told", titles=plain(titles)), icon=":material/notifications_off:")
    if found.failed:
        st.caption(words("alerts.failed_why", why=plain(_why(desk, found.failed[0].error))))
    for start, end in found.gaps[:MOST_GAPS]:
        st.caption(words("alerts.gap", start=wording.moment(start), end=wording.moment(end)))


def now(desk: Desk, steering: AlarmSteering) -> None:
    found = steering.held(desk.principal)
    if not found:
        st.info(desk.words("alerts.nothing_now"), icon=":material/notifications:")
    for one in found:
        _held(desk, steering, one)


def severity(desk: Desk, name: str) -> str:
    """Markdown: the word says it, too."""
    colour, icon = SEVERITIES[name]
    return f":{colour}-badge[:material/{icon}: {tell(desk.words.language, name)}]"


def usefulness(desk: Desk, made: Precision) -> str:
    """What people made of it, in words."""
    if made.share is None:
        return desk.words("alerts.no_verdicts")
    share = desk.wording.number(100 * made.share, "percent", 0)
    return desk.words("alerts.useful_of", useful=made.useful, count=made.count, share=share)


def _held(desk: Desk, steering: AlarmSteering, one: Held) -> None:
    words = desk.words
    with st.container(border=True, gap="xsmall", key=f"held-{one.alert.alert_id}"):
        _told(desk, steering, one.alert)
        for told in one.told:
            to = plain(recipients.address(desk, told.address.channel, told.address.to))
            line = [f":material/{recipients.ICONS[told.address.channel]}: **{to}**"]
            if told.stage is not Stage.TOLD:
                line.append(f"· {words(f'alerts.stage_{told.stage}')}")
            if told.last is not None and told.told_at is not None:
                became = recipients.badge(told.last, words, "alerts")
                line.append(f"&nbsp; {became} :small[{desk.wording.moment(told.told_at)}]")
            st.markdown(" ".join(line))
        st.caption(usefulness(desk, one.made))


def _told(desk: Desk, steering: AlarmSteering, alert: Alert) -> None:
    """What it is, since when, how unusual, in the page's language. A rule that is gone from the files goes by name."""
    rule = steering.alarms.rules.get(alert.rule)
    if rule is None:
        st.markdown(f"**{plain(alert.rule)}** · {desk.wording.moment(alert.cause.chief.since)}")
        return
    kind = TellingKind.OVER if alert.stage is Stage.OVER else TellingKind.FIRST
    said = telling(desk.wording, rule, alert.cause, kind, (), steering.alarms.link)
    messages.shown([message(said, "telegram", "")], desk.words)


def told(desk: Desk, steering: AlarmSteering) -> None:
    """What went out, or was to."""
    found = steering.told(desk.principal)
    if not found:
        st.info(desk.words("alerts.nothing_told"), icon=":material/history:")
        return
    for alert, one in found[: more.shown(TOLD)]:
        _telling(desk, steering, alert, one)
    more.more(desk.words, TOLD, len(found))


def _telling(desk: Desk, steering: AlarmSteering, alert: Alert, one: Telling) -> None:
    words, key = desk.words, f"{one.alert_id}-{one.number}"
    rule = steering.alarms.rules.get(alert.rule)
    with st.container(border=True, gap="xsmall", key=f"telling-{key}"):
        title = alert.rule if rule is None else title_of(rule, words.language)
        to = plain(recipients.address(desk, alert.address.channel, alert.address.to))
        icon = recipients.ICONS[alert.address.channel]
        kind = words(f"alerts.telling_{one.kind}")
        head = f"{recipients.badge(one.outcome, words, 'alerts')} **{plain(title)}** · {kind}"
        lines = [f"{head} · :material/{icon}: {to} · :small[{desk.wording.moment(one.at)}]"]
        if one.why:
            told = reason_told(words.language, one.why)
            hidden = recipients.hidden(desk, told, alert.address.channel, alert.address.to)
            lines.append(f":gray[:small[{plain(sentence(hidden))}]]")
        st.markdown("  \n".join(lines))
        is_open = st.session_state.get(SHOWN) == key
        st.button(
            words("digests.hide" if is_open else "digests.show"),
            key=f"show-telling-{key}",
            icon=":material/expand_less:" if is_open else ":material/expand_more:",
            type="tertiary",
            on_click=_open,
            args=(None if is_open else key,),
        )
        if is_open and one.message:
            messages.kept([one.message], words)
        elif is_open:
            st.caption(words("digests.nothing_kept"))


def _open(key: str | None) -> None:
    st.session_state[SHOWN] = key


def _why(desk: Desk, error: str) -> str:
    return tell(desk.words.language, DATA) if error == DATA else reason_told(desk.words.language, error)
