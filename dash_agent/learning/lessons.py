"""All of learning on one set of ports, for the command line and the server."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from dash_agent.models.learning import Correction, Evidence, Learning, Origin, Reach
from dash_agent.models.wire import plan_text

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
        """Keeps what each of a model's plans failed by, and what ran in its place."""
        from dash_agent.learning.feedback import LONGEST
        from dash_agent.learning.intake import Proposal
        from dash_agent.learning.teaching import tidy

        ran, evidence = plan_text(mended.plan), Evidence(mended.question, mended.answer_id)
        failed = {plan_text(one.plan): tidy(one.problem)[:LONGEST] for one in mended.failed}
        failed.pop(ran, None)
        for plan, problem in failed.items():
            payload = Correction(mended.question, failed=plan, problem=problem, mended=ran)
            self.intake.take(Proposal(payload, principal, Reach.ALL, Origin.MENDED, evidence))

    def heard(self, answer: Answer, principal: Principal) -> Answer:
        """Learns from an answer whose question was a choice that the one before it offered."""
        if answer.session_id is None:
            return answer
        from dash_agent.learning.heard import heard

        dash = self.dash()
        calendar, wording = dash.calendar(answer.as_of), dash.wording(answer.language)
        return heard(answer, principal, self.learnings, self.intake, dash.parser, calendar, wording)
