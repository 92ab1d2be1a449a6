"""The agent `support` on AgentOS, for staff who try it: over a model that is none, every turn is one of the desk's."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Self

from agno.agent import Agent
from agno.exceptions import ModelProviderError
from agno.metrics import MessageMetrics
from agno.models.base import Model
from agno.models.message import Message
from agno.models.response import ModelResponse

from dash_agent.adapters.daemon_threads import in_daemon_thread
from dash_agent.errors import DashError, WrongUse
from support_agent.models import Handoff, InboundMessage, NeedsApproval, Outcome, Reply

AGENT_ID: Final = "support"
CHANNEL: Final = "chat"
SILENT: Final = "(A person has this conversation: the message was kept, and nothing is sent.)"

Handle = Callable[[InboundMessage], Outcome]


def staff_agent(handle: Handle) -> Agent:
    """One session of AgentOS is one conversation; nothing of a user id proves a customer."""
    return Agent(
        id=AGENT_ID,
        name="Support",
        description="Answers customers of the shop. For test conversations of staff.",
        model=DeskModel(handle=handle),
        telemetry=False,
    )


def _nobody(message: InboundMessage) -> Outcome:
    raise WrongUse(f"no desk answers '{message.thread}'")


@dataclass
class DeskModel(Model):
    """Stateless between runs: where a conversation stands is kept by the desk."""

    id: str = AGENT_ID
    name: str | None = "Support desk"
    provider: str | None = "Dash"
    handle: Handle = field(default=_nobody)

    def invoke(self, messages: Sequence[Message], **kwargs: Any) -> ModelResponse:
        return self._answered(messages, kwargs)

    async def ainvoke(self, messages: Sequence[Message], **kwargs: Any) -> ModelResponse:
        return await in_daemon_thread(lambda: self._answered(messages, kwargs))

    def invoke_stream(self, messages: Sequence[Message], **kwargs: Any) -> Iterator[ModelResponse]:
        yield self._answered(messages, kwargs)

    async def ainvoke_stream(self, messages: Sequence[Message], **kwargs: Any) -> AsyncIterator[ModelResponse]:
        """Whole: what is not checked by the guards is not shown, not even in part."""
        yield await self.ainvoke(messages, **kwargs)

    def _answered(self, messages: Sequence[Message], kwargs: dict[str, Any]) -> ModelResponse:
        """Raises ModelProviderError, which makes the run's status an error."""
        run = kwargs.get("run_response")
        session = getattr(run, "session_id", None)
        if not session:
            raise ModelProviderError("a conversation needs a session_id")
        text = messages[-1].get_content_string()
        event = str(getattr(run, "run_id", "") or "")
        try:
            outcome = self.handle(InboundMessage(CHANNEL, f"staff:{session}", text, event))
        except WrongUse as error:
            raise ModelProviderError(str(error)) from None
        except DashError:
            raise ModelProviderError("the service can't answer now; try again in a moment") from None
        reply = _reply(outcome)
        tokens = reply.tokens if reply is not None else 0
        return ModelResponse(
            role="assistant", content=_text(outcome), response_usage=MessageMetrics(total_tokens=tokens)
        )

    def _parse_provider_response(self, response: Any, **_: Any) -> ModelResponse:
        return response  # type: ignore[no-any-return]

    def _parse_provider_response_delta(self, response: Any) -> ModelResponse:
        return response  # type: ignore[no-any-return]

    def __deepcopy__(self, memo: dict[int, Any]) -> Self:
        # Nothing in it belongs to one run.
        return self


def _reply(outcome: Outcome) -> Reply | None:
    return outcome.reply if isinstance(outcome, NeedsApproval) else outcome if isinstance(outcome, Reply) else None


def _text(outcome: Outcome) -> str:
    reply = _reply(outcome)
    if reply is not None:
        return reply.text
    return outcome.text if isinstance(outcome, Handoff) else SILENT
