"""Who looks at a report, as of when and in which language; every number of a report is asked through it."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from difflib import get_close_matches
from typing import Final

from dash_agent.ask import Dash
from dash_agent.context.business import Metric
from dash_agent.context.catalog import Catalog
from dash_agent.errors import QueryError, UnknownName
from dash_agent.insight.wording import Wording
from dash_agent.models.answer import Answer, Status
from dash_agent.models.plan import Plan
from dash_agent.models.principal import Principal
from dash_agent.semantic.time import Calendar

AT_ONCE: Final = 3
"""Answers that one report asks for side by side; the database has few places, and others ask, too."""


@dataclass(frozen=True, slots=True)
class View:
    """now: aware, and of a whole minute: within it an answer is found again instead of being counted again."""

    dash: Dash
    principal: Principal
    now: datetime
    language: str

    @classmethod
    def of(cls, dash: Dash, principal: Principal, now: datetime, language: str) -> View:
        return cls(dash, principal, now.replace(second=0, microsecond=0), language)

    @property
    def catalog(self) -> Catalog:
        return self.dash.catalog

    @property
    def calendar(self) -> Calendar:
        return self.dash.calendar(self.now)

    @property
    def wording(self) -> Wording:
        return self.dash.wording(self.language)

    def metric(self, name: str) -> Metric:
        """Raises UnknownName."""
        if name not in self.catalog.metrics:
            raise UnknownName("metric", name, get_close_matches(name, list(self.catalog.metrics), 3))
        return self.catalog.metrics[name]

    def answer(self, plan: Plan) -> Answer:
        """As `Dash.answer`: kept, with an id. Raises Unavailable."""
        return self.dash.answer(plan, self.principal, now=self.now, language=self.language)

    def answers(self, plans: Sequence[Plan]) -> tuple[Answer, ...]:
        """In the order of the plans, a few at a time side by side. Raises Unavailable."""
        if len(plans) < 2:
            return tuple(map(self.answer, plans))
        with ThreadPoolExecutor(AT_ONCE) as pool:
            return tuple(pool.map(self.answer, plans))

    def answered(self, plan: Plan) -> Answer:
        """Raises QueryError with what the answer says where it gives no rows, and Unavailable."""
        return given(self.answer(plan))


def given(answer: Answer) -> Answer:
    """Raises QueryError, in the words of the answer, where it has no rows to give."""
    if answer.status is not Status.ANSWERED:
        raise QueryError(answer.text)
    return answer
