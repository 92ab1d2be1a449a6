"""The one tool: asks `Dash` as the user of the run, and tells how far it is."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final, Protocol, Self

import structlog
from agno.run.agent import BaseAgentRunEvent, CustomEvent, RunEvent
from agno.run.base import RunContext
from agno.tools.function import Function

from dash_agent.adapters.agentos.reply import reply
from dash_agent.adapters.daemon_threads import in_daemon_thread
from dash_agent.errors import DashError, QueryError, WrongUse
from dash_agent.insight.wording import Wording
from dash_agent.models.answer import Answer, Chart
from dash_agent.models.usage import NOTHING, Usage

logger = structlog.get_logger(__name__)

NAME: Final = "ask"
DESCRIPTION: Final = (
    "Answers a question about the support desk's data, in English or Russian, with the rows, the definitions it rests "
    "on and the SQL. Questions of one session follow up on one another."
)
UNANSWERED: Final = 64
"""Runs whose chart is kept for their reply, at most; one that was given up leaves its own behind."""


class Asker(Protocol):
    def ask(
        self, question: str, user: str | None, session: str | None, on_progress: Callable[[str], None] | None = None
    ) -> Answer:
        """user: Agno's, which the server has verified. Raises DashError."""
        ...

    def wording(self, language: str) -> Wording: ...


class CouldNotAsk(Exception):
    """In words that may go out."""


@dataclass(init=False)
class Progress(CustomEvent):
    """A stage of an answer: planning, running. It is no part of the reply, so it reads as nothing."""

    stage: str = ""

    def __init__(self, stage: str) -> None:
        # Of the event before it became custom: what every event has.
        BaseAgentRunEvent.__init__(self)
        self.event = RunEvent.custom_event.value
        self.stage = stage

    def __str__(self) -> str:
        return ""


@dataclass(frozen=True, slots=True)
class Told:
    """What a run's reply has beside its text."""

    chart: Chart | None = None
    usage: Usage = NOTHING


class Asked:
    """What was answered in runs whose reply is still to be given. Used within one event loop."""

    def __init__(self) -> None:
        self._runs: OrderedDict[str, Told] = OrderedDict()

    def put(self, run: str, told: Told) -> None:
        self._runs[run] = told
        while len(self._runs) > UNANSWERED:
            self._runs.popitem(last=False)

    def take(self, run: str | None) -> Told:
        return self._runs.pop(run, Told()) if run else Told()

    def __deepcopy__(self, memo: Mapping[int, Any]) -> Self:
        # AgentOS copies an agent with its model for every run; what it asked stays here.
        return self


def ask_tool(asker: Asker, asked: Asked) -> Function:
    """For an agent's run. Follow-ups go by Agno's session id."""

    async def ask(question: str, run_context: RunContext) -> AsyncIterator[Progress | str]:
        stages: asyncio.Queue[str | None] = asyncio.Queue()
        loop = asyncio.get_running_loop()

        def on_progress(stage: str) -> None:
            loop.call_soon_threadsafe(stages.put_nowait, stage)

        user, session = run_context.user_id, run_context.session_id
        asking = asyncio.create_task(in_daemon_thread(lambda: answered(asker, question, user, session, on_progress)))
        asking.add_done_callback(lambda _: stages.put_nowait(None))
        while (stage := await stages.get()) is not None:
            yield Progress(stage)
        answer, text = await asking
        asked.put(run_context.run_id, Told(answer.chart, answer.usage))
        yield text

    return Function(name=NAME, description=DESCRIPTION, entrypoint=ask)


def mcp_tool(asker: Asker) -> Callable[..., Any]:
    """For clients of the MCP server, which fills in `user_id` itself and shows nobody that it is there."""

    async def ask(question: str, session_id: str | None = None, user_id: str | None = None) -> str:
        _, text = await in_daemon_thread(lambda: answered(asker, question, user_id, session_id, None))
        return text

    ask.__doc__ = DESCRIPTION
    return ask


def answered(
    asker: Asker, question: str, user: str | None, session: str | None, on_progress: Callable[[str], None] | None
) -> tuple[Answer, str]:
    """The answer and its reply. Raises CouldNotAsk."""
    try:
        answer = asker.ask(question, user, session, on_progress)
    except (WrongUse, QueryError) as error:
        raise CouldNotAsk(str(error)) from None
    except DashError as error:
        # What goes out names no server, role or file of ours.
        logger.error("failed", code=error.code, reason=error.message)
        raise CouldNotAsk("the service can't answer now; try again in a moment") from None
    return answer, reply(answer, asker.wording(answer.language))
