"""A person takes over. Needs nobody's yes."""

from __future__ import annotations

from typing import Final

from pydantic import Field

from support_agent.models import Consent, NotPossible, Proposal
from support_agent.tools.tool import Situation, Tool, ToolArguments

NAME: Final = "escalate_to_human"


class HandoverArguments(ToolArguments):
    """reason: a code or a few words for staff, nothing personal."""

    reason: str = Field(max_length=80)


def check(situation: Situation, given: HandoverArguments) -> Proposal | NotPossible:  # noqa: ARG001
    return Proposal(NAME, {"reason": given.reason}, Consent.NONE)


HANDOVER: Final = Tool(
    NAME,
    "Hands the conversation over to a person, with a reason in a few words.",
    HandoverArguments,
    Consent.NONE,
    identified=False,
    check=check,
)
