"""How planning says no: a refusal or a question back, in place of a plan."""

from __future__ import annotations

from dash_agent.models.plan import AskBack, Clarification, Refusal, RefusalReason


class NotPlanned(Exception):
    """Carries the refusal or clarification that stands in for a plan."""

    def __init__(self, plan: Refusal | Clarification) -> None:
        super().__init__(str(plan))
        self.plan = plan


def unsupported(*words: str) -> NotPlanned:
    return NotPlanned(Refusal(RefusalReason.NOT_SUPPORTED, words))


def ask_back(why: AskBack, *words: str) -> NotPlanned:
    return NotPlanned(Clarification(why, words))
