"""All of learning on one set of ports, for the command line and the server."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from dash_agent.models.learning import Correction, Evidence, Learning, Origin, Reach
from dash_agent.models.plan import Executable, SqlPlan
from dash_agent.models.wire import plan_json

# What teaching, feedback and review need is loaded when they come: every question would wait for it.
if TYPE_CHECKING:
    from dash_agent.ask import Dash
    from dash_agent.learning.feedback import Given, Opinion
    from dash_agent.learning.intake import Intake
    from dash_agent.learning.review import Review
    from dash_agent.models.answer import Answer
    from dash_agent.models.planned import Mended
    from dash_agent.models.principal import Principal
    from dash_agent.ports import Clock, Ids, Learnings


def _as_text(plan: Executable) -> str:
    """Its SQL, or the plan as JSON."""
    return plan.sql if isinstance(plan, SqlPlan) else json.dumps(plan_json(plan), ensure_ascii=False)


@dataclass(frozen=True, slots=True)
class Lessons:
    """dash: the one in service now."""

    learnings: Learnings
    clock: Clock
    ids: Ids
    dash: Callable[[], Dash]

    @property
    def intake(self) -> Intake:
        from dash_agent.learning.intake import Intake

        return Intake(
            self.learnings, self.clock, self.ids, lambda: self.dash().parser, lambda at: self.dash().calendar(at)
        )

    @property
    def review(self) -> Review:
        from dash_agent.learning.review import Review

        return Review(self.learnings, self.clock, self.intake)

    def teach(
        self, text: str, principal: Principal, reach: Reach = Reach.ALL, expires: datetime | None = None
    ) -> Learning:
        """Takes in a sentence that teaches. Raises NotRead, Conflict, WrongUse."""
        from dash_agent.learning.intake import Proposal
        from dash_agent.learning.teaching import read, tidy

        dash = self.dash()
        payload = read(text, dash.parser, dash.calendar(self.clock.now()))
        return self.intake.take(Proposal(payload, principal, reach, Origin.TAUGHT, Evidence(tidy(text)), expires))

    def opinion(self, answer: Mapping[str, object], opinion: Opinion, principal: Principal) -> Given:
        """Takes feedback on an answer, given as the object that went out. Raises WrongUse."""
        from dash_agent.learning.feedback import FeedbackDesk

        dash = self.dash()
        desk = FeedbackDesk(self.learnings, self.intake, self.clock)
        return desk.take(answer, opinion, principal, dash.parser, dash.calendar(self.clock.now()))

    def mended(self, mended: Mended, principal: Principal) -> None:
        """Keeps what a model's plan failed by, and what ran in its place."""
        from dash_agent.learning.feedback import LONGEST
        from dash_agent.learning.intake import Proposal
        from dash_agent.learning.teaching import tidy

        if mended.failed:
            first = mended.failed[0]
            ran, failed = _as_text(mended.plan), _as_text(first.plan)
            payload = Correction(mended.question, failed=failed, problem=tidy(first.problem)[:LONGEST], mended=ran)
            evidence = Evidence(mended.question, mended.answer_id)
            self.intake.take(Proposal(payload, principal, Reach.ALL, Origin.MENDED, evidence))

    def heard(self, answer: Answer, principal: Principal) -> Answer:
        """Learns from an answer whose question was a choice that the one before it offered."""
        if answer.session_id is None:
            return answer
        from dash_agent.learning.heard import heard

        dash = self.dash()
        calendar, wording = dash.calendar(answer.as_of), dash.wording(answer.language)
        return heard(answer, principal, self.learnings, self.intake, dash.parser, calendar, wording)
