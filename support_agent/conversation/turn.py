"""What one turn has gathered so far. The only thing of the desk that changes while it works; it ends with the turn."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date, datetime
from decimal import Decimal

from support_agent.models import (
    Arguments,
    Customer,
    Dialogue,
    DialogueState,
    InboundMessage,
    Incoming,
    Intent,
    Mood,
    RedLine,
    Route,
    Said,
    Task,
    Urgency,
    Written,
)
from support_agent.speaking import Speaker


@dataclass(slots=True)
class Turn:
    """state: as it will be kept. said: parts of the reply so far. done: actions that were really done in this turn.

    handoff: why a person takes over, None where none does. grounds: what tools returned and pages say, which the reply
    may rest on. instructions: what a model was told. links: made by us in this turn. by_model:
    whether a part of the reply is in a model's words.
    """

    dialogue: Dialogue
    message: InboundMessage
    now: datetime
    speaker: Speaker
    state: DialogueState
    history: tuple[Said, ...]
    found: Incoming
    customer: Customer | None = None
    said: list[str] = field(default_factory=list)
    substance: bool = False
    sources: list[str] = field(default_factory=list)
    looked: list[str] = field(default_factory=list)
    tasks: list[Task] = field(default_factory=list)
    done: list[Task] = field(default_factory=list)
    handoff: str | None = None
    red_line: RedLine | None = None
    tried: list[str] = field(default_factory=list)
    written: list[Written] = field(default_factory=list)
    routed: Route | None = None
    grounds: list[str] = field(default_factory=list)
    instructions: list[str] = field(default_factory=list)
    links: list[str] = field(default_factory=list)
    by_model: bool = False

    @property
    def text(self) -> str:
        return self.message.text

    @property
    def language(self) -> str:
        return self.speaker.language

    @property
    def today(self) -> date:
        """In the business time zone."""
        return self.now.astimezone(self.speaker.zone).date()

    @property
    def intent(self) -> Intent | None:
        """The one that is worked on."""
        return self.state.queue[0] if self.state.queue else None

    @property
    def category(self) -> str | None:
        return self.intent.category if self.intent is not None else None

    def say(self, text: str, *, substance: bool = False) -> None:
        """Adds to the reply. substance: it answers something, and is not only a question back."""
        if text and text not in self.said:
            self.said.append(text)
        self.substance = self.substance or substance

    def change(self, **changes: object) -> None:
        """Sets fields of the state."""
        self.state = replace(self.state, **changes)  # type: ignore[arg-type]

    def hand_over(self, reason: str) -> None:
        """The first reason holds."""
        self.handoff = self.handoff or reason

    def next_intent(self) -> None:
        """What was worked on is finished: the next one that waits comes up, with nothing prepared."""
        arguments: Arguments = {}
        self.change(queue=self.state.queue[1:], tool=None, arguments=arguments, asked=None, subscription_id=None)

    def heard_more(self, mood: Mood, urgency: Urgency) -> None:
        self.change(mood=mood, urgency=max(self.state.urgency, urgency, key=list(Urgency).index))

    def as_written(self) -> Written:
        """The whole reply, with what models have used for it."""
        text = "\n\n".join(self.said)
        models = [one.model for one in self.written if one.model is not None]
        return Written(
            text,
            self.language,
            self.substance,
            tuple(dict.fromkeys(self.sources)),
            tuple(dict.fromkeys(self.looked)),
            models[-1] if models and self.by_model else None,
            sum(one.prompt_tokens for one in self.written),
            sum(one.completion_tokens for one in self.written),
            sum((one.cost_usd for one in self.written), Decimal(0)),
        )
