"""A chart of an answer, on the ground of the page's theme."""

from __future__ import annotations

from typing import Final

import streamlit as st

from dash_agent.insight.charts.theme import GROUND, themed
from dash_agent.models.answer import Chart

SEE_THROUGH: Final = {"paper_bgcolor": GROUND, "plot_bgcolor": GROUND}


def is_dark() -> bool:
    return st.context.theme.type == "dark"


def figure(chart: Chart, key: str) -> None:
    """key: one of its own on the page."""
    made = themed(chart, is_dark())
    layout = made["layout"]
    if not isinstance(layout, dict):
        raise TypeError("a figure's layout is a dict")
    st.plotly_chart(
        {**made, "layout": {**layout, **SEE_THROUGH}},
        theme=None,
        key=key,
        config={"displayModeBar": False, "displaylogo": False},
        alt=chart.alt or None,
    )
