"""The one way from a request to `Dash`, on our own routes and through AgentOS: counted, and without SQL for those
who don't see it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime
from time import perf_counter

from dash_agent.bootstrap import Running
from dash_agent.errors import WrongUse
from dash_agent.insight.wording import Wording
from dash_agent.models.answer import Answer
from dash_agent.models.principal import Principal, sees_sql
from dash_agent.models.wire import answer_json
from dash_agent.server.auth import ADMIN
from dash_agent.server.metrics import Metrics

OnProgress = Callable[[str], None]


class Asking:
    def __init__(self, running: Running, metrics: Metrics) -> None:
        self._running = running
        self._metrics = metrics

    def answer(
        self,
        question: str,
        principal: Principal,
        *,
        session: str | None = None,
        now: datetime | None = None,
        engine: str = "auto",
        on_progress: OnProgress | None = None,
    ) -> Answer:
        """As of `Dash.ask`."""
        began = perf_counter()
        answer = self._running.dash.ask(
            question, principal, session=session, now=now, engine=engine, on_progress=on_progress
        )
        self._metrics.answered(answer, perf_counter() - began)
        return answer

    def ask(
        self, question: str, user: str | None, session: str | None, on_progress: OnProgress | None = None
    ) -> Answer:
        """For AgentOS, which knows a principal by name. What the asker may not see is left out of the answer."""
        principal = self._known(user)
        answer = self.answer(question, principal, session=session, on_progress=on_progress)
        return answer if sees_sql(principal) else replace(answer, sql=None)

    def wording(self, language: str) -> Wording:
        return self._running.dash.wording(language)

    def _known(self, user: str | None) -> Principal:
        if user == ADMIN.user:
            return ADMIN
        principal = self._running.principals.get(user or "")
        if principal is None:
            raise WrongUse("the access file of this installation does not name you")
        return principal


def seen_by(principal: Principal, answer: Mapping[str, object]) -> Mapping[str, object]:
    """An answer object as it goes out to somebody. `sql`, and the plan where it is one, are for analysts and admins."""
    if sees_sql(principal):
        return answer
    plan = answer.get("plan")
    shown = {"kind": "sql", "sql": None} if isinstance(plan, Mapping) and plan.get("kind") == "sql" else plan
    return {**answer, "sql": None, "plan": shown}


def answered(principal: Principal, answer: Answer) -> Mapping[str, object]:
    return seen_by(principal, answer_json(answer))
