"""What a model submits: the form that it fills in, and the way from there to a Plan.

The form is the plan as answers carry it, so that the plan of the turn before can be shown and sent back changed.
"""

from __future__ import annotations

from dash_agent.planning.submission.read import Submissions

__all__ = ["Submissions"]
