"""The charts of a digest, a row each."""

from __future__ import annotations

from typing import Any

import streamlit as st

from dash_agent.context.digests import Digest
from dash_agent.models.query import Grain
from dash_agent.reports.spans import Preset
from dashboard.state import Desk


def charts(desk: Desk, before: Digest, key: str) -> list[dict[str, Any]]:
    """As a digest has them. A row without metrics is the funnel."""
    words, wording, catalog = desk.words, desk.wording, desk.dash.catalog
    metrics = {wording.label(one.label, name): name for name, one in catalog.metrics.items()}
    by = {words(f"digests.by_{one}"): str(one) for one in Grain if f"digests.by_{one}" in words}
    by |= {wording.label(one.label, name): name for name, one in catalog.dimensions.items()}
    periods = {words(f"filters.{one}"): str(one) for one in Preset}
    back = {**_turned(metrics), **_turned(by), **_turned(periods)}
    rows = [
        {
            "metrics": [back[name] for name in one.metrics if name in back],
            "by": back.get(one.by or ""),
            "period": back.get(one.period or ""),
        }
        for one in before.charts
    ]
    st.markdown(words("digests.charts"))
    found = st.data_editor(
        rows or [{"metrics": [], "by": None, "period": None}],
        num_rows="dynamic",
        hide_index=True,
        column_config={
            "metrics": st.column_config.MultiselectColumn(words("digests.chart_metrics"), options=list(metrics)),
            "by": st.column_config.SelectboxColumn(words("digests.chart_by"), options=list(by)),
            "period": st.column_config.SelectboxColumn(words("digests.chart_period"), options=list(periods)),
        },
        key=f"{key}-charts",
        alt=words("digests.charts"),
    )
    st.caption(words("digests.charts_told"))
    return [made for row in found if (made := _chart(row, metrics, by, periods)) is not None]


def _chart(
    row: dict[str, Any], metrics: dict[str, str], by: dict[str, str], periods: dict[str, str]
) -> dict[str, Any] | None:
    """None of a row in which nothing stands."""
    named = [metrics[one] for one in row.get("metrics") or () if one in metrics]
    chosen = {"by": by.get(row.get("by") or ""), "period": periods.get(row.get("period") or "")}
    if not named and not any(chosen.values()):
        return None
    return {**({"metrics": named} if named else {}), **{name: one for name, one in chosen.items() if one}}


def _turned(names: dict[str, str]) -> dict[str, str]:
    return {name: told for told, name in names.items()}
