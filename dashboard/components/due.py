"""When something is due: told in words, and chosen."""

from __future__ import annotations

from datetime import time
from typing import Final

import streamlit as st
from babel.dates import format_time
from babel.lists import format_list

from dash_agent.sending.timetable import DAYS, Kind, TimeTable, is_valid, often, read
from dashboard.components.text import plain
from dashboard.words import Words

STEP_S: Final = 300
WORKDAYS: Final = DAYS[:5]


def told(cron: str, words: Words) -> str:
    """'Every day at 08:00': Markdown."""
    found = read(cron)
    if found.kind is Kind.OWN:
        return _often(cron, words)
    at = format_time(time(found.hour, found.minute), "HH:mm", locale=words.language)
    if found.weekdays == WORKDAYS and found.kind is Kind.WEEKLY:
        return words("digests.due_workdays", time=at)
    days = format_list([words(f"digests.on_{day}") for day in found.weekdays], locale=words.language)
    return words(f"digests.due_{found.kind}", time=at, days=days, day=found.day)


def _often(cron: str, words: Words) -> str:
    found = often(cron)
    if found is None:
        return words("digests.due_own", cron=plain(cron))
    if found.minutes:
        return words("digests.due_minutes", count=found.minutes)
    if found.every:
        return words("digests.due_hours", count=found.every, minute=found.at)
    times = [format_time(time(hour, found.at), "HH:mm", locale=words.language) for hour in found.hours]
    return words("digests.due_daily", time=format_list(times, locale=words.language))


def chosen(cron: str, words: Words, key: str) -> str:
    """Asks for one, beginning with this; what is chosen may be no time table yet."""
    before = read(cron)
    left, right = st.columns(2)
    kinds = tuple(map(str, Kind))
    chosen_kind = left.selectbox(
        words("digests.due"),
        kinds,
        index=kinds.index(before.kind),
        format_func=lambda one: words(f"digests.kind_{one}"),
        key=f"{key}-kind",
    )
    kind = Kind(chosen_kind)
    if kind is Kind.OWN:
        fields = right.text_input("cron", before.own or before.cron, key=f"{key}-cron", help=words("digests.cron_help"))
        found = " ".join((fields or "").split())
        if not is_valid(found):
            st.warning(words("digests.wrong_schedule"))
        return found
    at = right.time_input(words("digests.time"), time(before.hour, before.minute), step=STEP_S, key=f"{key}-time")
    weekdays, day = list(before.weekdays), before.day
    if kind is Kind.WEEKLY:
        picked = st.pills(
            words("digests.weekdays"),
            DAYS,
            selection_mode="multi",
            default=weekdays,
            format_func=lambda one: words(f"digests.short_{one}"),
            key=f"{key}-days",
        )
        weekdays = [one for one in DAYS if one in picked] or weekdays
    if kind in (Kind.MONTHLY, Kind.QUARTERLY):
        day = int(st.number_input(words("digests.day"), 1, 28, min(day, 28), key=f"{key}-day"))
    return TimeTable(kind, at.hour, at.minute, tuple(weekdays), day).cron
