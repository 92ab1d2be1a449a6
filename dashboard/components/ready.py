"""Each category's numbers against the thresholds of auto-send, marked by a sign and a word."""

from __future__ import annotations

from collections.abc import Mapping

import streamlit as st

from dash_agent.context.patterns import OutputColumn
from dash_agent.insight.wording import Wording
from dash_agent.reports.readiness import CATEGORY, PATTERN, Check, Readiness, Threshold
from dashboard.components.judged import pinned
from dashboard.words import Words


def ready(words: Words, wording: Wording, readiness: Readiness) -> None:
    columns = wording.catalog.patterns[PATTERN].header.columns
    names = {one: _name(words, wording, columns, one) for one in readiness.thresholds}
    shown = []
    for category in readiness.categories:
        verdict = words("quality.ready") if category.ready else words("quality.not_ready", count=category.missed)
        row = {words("quality.category"): wording.value(CATEGORY, category.category), words("quality.verdict"): verdict}
        row |= {names[check.threshold]: _checked(words, wording, columns, check) for check in category.checks}
        shown.append(row)
    count, every = sum(category.ready for category in readiness.categories), len(readiness.categories)
    st.markdown(
        words("quality.ready_count", count=count, of=every) if count else words("quality.ready_none", count=every)
    )
    alt, first = words("quality.readiness_alt"), pinned(words)
    st.dataframe(shown, hide_index=True, column_config=first, alt=alt, key="quality.readiness")


def _name(words: Words, wording: Wording, columns: Mapping[str, OutputColumn], one: Threshold) -> str:
    column = columns[one.column]
    whole = one.bound == one.bound.to_integral_value()
    bound = wording.number(one.bound, column.unit, 0 if whole else column.decimals or 0)
    key = "quality.at_least" if one.at_least else "quality.at_most"
    return words(key, name=wording.label(column.label, one.column), bound=bound)


def _checked(words: Words, wording: Wording, columns: Mapping[str, OutputColumn], check: Check) -> str:
    column = columns[check.threshold.column]
    value = wording.measure(check.value, column.unit, column.decimals or 0)
    return words("quality.passed" if check.passed else "quality.missed", value=value)
