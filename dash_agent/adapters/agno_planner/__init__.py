"""A language model as a planner: an Agno agent that looks up, tries, and ends by submitting a plan.

`planner` is what bootstrap takes and imports nothing heavy; `runs` and `tools` import agno, at the first question that
needs a model.
"""

from __future__ import annotations

from dash_agent.adapters.agno_planner.models import Access, Choice
from dash_agent.adapters.agno_planner.planner import AgnoPlanner

__all__ = ["Access", "AgnoPlanner", "Choice"]
