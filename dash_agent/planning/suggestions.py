"""Questions that are worth asking next, each of which is answered."""

from __future__ import annotations

from dash_agent.models.plan import Plan
from dash_agent.planning.parser import Parser
from dash_agent.semantic.time import Calendar


def suggestions(plan: Plan, parser: Parser, calendar: Calendar, language: str) -> tuple[str, ...]:
    """At most three, in the language of the answer, none the question itself."""
    return ()
