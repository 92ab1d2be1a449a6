"""Charts as plain plotly figures, chosen from an answer's shape."""

from __future__ import annotations

from collections.abc import Sequence

from dash_agent.insight.wording import Wording
from dash_agent.models.answer import Answer, Chart
from dash_agent.models.plan import Executable
from dash_agent.semantic.columns import OutColumn


def chart(answer: Answer, plan: Executable, columns: Sequence[OutColumn], wording: Wording) -> Chart | None:
    """answer: with its columns, rows and facts. None where a picture says no more than the words."""
    return None
