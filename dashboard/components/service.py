"""How answering has gone: its numbers of some days, and their course."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

import streamlit as st

from dash_agent.insight.charts.theme import SERIES
from dash_agent.insight.wording import Wording
from dash_agent.models.operations import Operated, Service
from dash_agent.models.usage import Cost
from dashboard.components.figures import figure
from dashboard.components.over_days import Course, bars, lines
from dashboard.words import Words

WIDTH: Final = 174
"""Pixels of a number's frame."""

ENDS: Final[Mapping[str, str]] = {
    "answered": SERIES[0],
    "clarified": SERIES[3],
    "refused": SERIES[4],
    "failed": SERIES[1],
}


def numbers(found: Service, words: Words, wording: Wording) -> None:
    shown = (
        ("questions", wording.number(found.questions, None, 0)),
        ("answered", _share(found.answered, found.questions, wording)),
        ("refused", _share(found.refused + found.clarified, found.questions, wording)),
        ("failed", wording.number(found.failed, None, 0)),
        ("p50", wording.measure(found.p50_ms, "milliseconds", 0)),
        ("p95", wording.measure(found.p95_ms, "milliseconds", 0)),
        ("by_model", _share(found.by_model, found.answered, wording)),
        ("reused", _share(found.reused, found.questions, wording)),
    )
    figures([(words(f"costs.{name}"), value, words(f"costs.{name}_help")) for name, value in shown])
    if found.shown:
        st.caption(words("costs.shown", count=found.shown))


def figures(shown: Sequence[tuple[str, str, str | None]]) -> None:
    """Names, values and what they mean, side by side: two on a telephone."""
    with st.container(horizontal=True, gap="xsmall"):
        for name, value, meaning in shown:
            st.metric(name, value, help=meaning, border=True, width=WIDTH)


def questions_by_day(found: Operated, words: Words, wording: Wording) -> None:
    days = list(found.days)
    courses = [
        _course(words(f"costs.end_{name}"), [float(getattr(day, name)) for day in found.days.values()], wording, colour)
        for name, colour in ENDS.items()
    ]
    alt = words("costs.questions_alt", count=found.whole.questions)
    figure(bars(days, courses, None, wording, alt), "questions-by-day")


def latency_by_day(found: Operated, words: Words, wording: Wording) -> None:
    days = list(found.days)
    courses = []
    for name, colour in (("p50", SERIES[0]), ("p95", SERIES[1])):
        values = [getattr(day, f"{name}_ms") for day in found.days.values()]
        told = [wording.measure(value, "milliseconds", 0) for value in values]
        courses.append(Course(words(f"costs.{name}"), values, told, colour))
    alt = words(
        "costs.latency_alt",
        p50=wording.measure(found.whole.p50_ms, "milliseconds", 0),
        p95=wording.measure(found.whole.p95_ms, "milliseconds", 0),
    )
    figure(lines(days, courses, "milliseconds", wording, alt), "latency-by-day")


def costs_by_day(found: Operated, costs: Sequence[Cost], words: Words, wording: Wording) -> None:
    by_day = {cost.key: float(cost.usage.cost_usd) for cost in costs}
    values = [by_day.get(day.isoformat(), 0.0) for day in found.days]
    told = [wording.number(value, "usd", 4) for value in values]
    course = Course(words("costs.cost"), values, told, SERIES[0])
    alt = words("costs.costs_alt", cost=wording.number(sum(values), "usd", 2))
    figure(bars(list(found.days), [course], "usd", wording, alt), "costs-by-day")


def _course(name: str, values: Sequence[float], wording: Wording, colour: str) -> Course:
    return Course(name, values, [wording.number(value, None, 0) for value in values], colour)


def _share(part: int, whole: int, wording: Wording) -> str:
    return wording.measure(100 * part / whole if whole else None, "percent", 1)
