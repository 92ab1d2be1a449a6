"""Charts as plain plotly figures, chosen from an answer's shape. `themed` puts one on a light or a dark ground."""

from __future__ import annotations

from dash_agent.insight.charts.choose import chart
from dash_agent.insight.charts.theme import recoloured, themed

__all__ = ["chart", "recoloured", "themed"]
