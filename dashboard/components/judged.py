"""The AI's answers beside people's: by category, and by kind of error."""

from __future__ import annotations

import streamlit as st
from streamlit.elements.lib.column_types import ColumnConfig

from dash_agent.insight.wording import Wording
from dash_agent.reports.quality import CATEGORY, ERROR_TYPE, FIGURES, Quality
from dash_agent.reports.told import Number
from dashboard.words import Words


def categories(words: Words, wording: Wording, quality: Quality) -> None:
    """Sortable by their numbers, which read as everywhere."""
    import pandas as pd

    metrics = {name: wording.catalog.metrics[name] for name in FIGURES}
    labels = {name: wording.label(metric.label, name) for name, metric in metrics.items()}
    shown = [
        {
            words("quality.category"): wording.value(CATEGORY, group.category),
            words("quality.comparisons"): group.comparisons,
            **{labels[name]: _float(group.figures[name]) for name in FIGURES},
            words("quality.sample"): words("quality.few") if group.few else "",
        }
        for group in quality.groups
    ]

    def written(name: str) -> object:
        metric = metrics[name]
        return lambda value: wording.measure(None if pd.isna(value) else value, metric.unit, metric.decimals)

    frame = pd.DataFrame(shown).style.format({labels[name]: written(name) for name in FIGURES})
    alt, first = words("quality.by_category_alt"), pinned(words)
    st.dataframe(frame, hide_index=True, column_config=first, alt=alt, key="quality.categories")


def error_matrix(words: Words, wording: Wording, quality: Quality) -> None:
    """Kinds from left to right and categories from top to bottom, the most frequent first."""
    kinds = quality.error_types
    shown = []
    for category in quality.error_categories:
        counts = [quality.errors.get((category, kind), 0) for kind in kinds]
        row: dict[str, str | int] = {words("quality.category"): wording.value(CATEGORY, category)}
        row[words("quality.all")] = sum(counts)
        shown.append(row | {wording.value(ERROR_TYPE, kind): n for kind, n in zip(kinds, counts, strict=True)})
    alt, first = words("quality.errors_alt"), pinned(words)
    st.dataframe(shown, hide_index=True, column_config=first, alt=alt, key="quality.errors")


def pinned(words: Words) -> dict[str, ColumnConfig]:
    """The categories stay in view where a narrow screen scrolls."""
    return {words("quality.category"): st.column_config.TextColumn(pinned=True)}


def _float(value: Number) -> float | None:
    return None if value is None else float(value)
