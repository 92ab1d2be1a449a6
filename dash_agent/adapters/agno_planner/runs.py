"""One run of an agent. Agno gives a provider's errors back as text, so it is the status that is looked at."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from itertools import count
from typing import Any

from agno.agent import Agent
from agno.exceptions import ModelProviderError, redact_secrets
from agno.models.base import Model
from agno.models.response import ModelResponse
from agno.run.agent import RunOutput
from agno.run.base import RunStatus
from agno.tools.function import Function

from dash_agent.models.usage import Usage

logger = logging.getLogger(__name__)

LONGEST_PROBLEM = 200
"""Characters of a provider's own words that are repeated."""

MOST_CALLS = 10
"""To a model in one run. The tools end a run before; but a model may call what it was never given, and again."""


_told_by_us: ContextVar[bool] = ContextVar("told_by_us", default=False)


class _Quiet(logging.Filter):
    """Agno prints errors on standard error that we tell in our own words; those of other agents stay."""

    def filter(self, record: logging.LogRecord) -> bool:
        return record.levelno < logging.WARNING or not _told_by_us.get()


@contextmanager
def _quiet() -> Iterator[None]:
    logging.getLogger("agno").addFilter(_QUIET)
    token = _told_by_us.set(True)
    try:
        yield
    finally:
        _told_by_us.reset(token)


_QUIET = _Quiet()


@dataclass(frozen=True, slots=True)
class Outcome:
    """text: what the model said, '' where it only called tools. problem: None where the run ended as it should.

    retry_after: seconds that the provider wants to be left alone for, None where it said nothing of the kind.
    """

    text: str
    usage: Usage
    problem: str | None = None
    retry_after: float | None = None


def run(
    model: Model, name: str, system: str, user: str, tools: Sequence[Function] = (), *, required: bool = True
) -> Outcome:
    """Does not raise: what went wrong is the outcome's problem. name: of the model, for the usage.

    required: the model has to call a tool, where there are any; else it may answer in words.
    """
    waits: list[float] = []
    agent = Agent(
        model=_limited(model, waits),
        system_message=system,
        tools=list(tools),
        tool_choice="required" if tools and required else None,
        build_context=False,
        telemetry=False,
        # Whatever of a run is kept is kept by us; a question is no session of agno's.
        store_tool_messages=False,
    )
    try:
        with _quiet():
            output = agent.run(user, stream=False)
    except Exception as error:
        # The edge to a framework and its providers' clients: a question never fails because of them.
        logger.exception("a run of %s ended in an error", name)
        return Outcome("", Usage(name, 1), _short(f"{type(error).__name__}: {error}"))
    problem = None if output.status is RunStatus.completed else _short(str(output.content or output.status.value))
    text = output.content if isinstance(output.content, str) and problem is None else ""
    retry_after = waits[-1] if waits and problem is not None else None
    return Outcome(text, _usage(name, output, failed=problem is not None), problem, retry_after)


def _limited(model: Model, waits: list[float]) -> Model:
    """The model, which fails as its provider would at the call after MOST_CALLS. waits: gets what a refusal said of
    when to come again, in seconds.
    """
    invoke, calls = model.invoke, count(1)

    def limited(*arguments: Any, **named: Any) -> ModelResponse:
        if next(calls) > MOST_CALLS:
            raise ModelProviderError(f"it was called {MOST_CALLS} times and came to no end")
        try:
            return invoke(*arguments, **named)
        except ModelProviderError as error:
            waits.extend(_retry_after(error))
            raise

    model.invoke = limited  # type: ignore[method-assign]
    return model


def _retry_after(error: ModelProviderError) -> Iterator[float]:
    """Of the provider's own reply: seconds, or a date."""
    response = getattr(error.__cause__, "response", None)
    said = str(response.headers.get("retry-after", "")).strip() if response is not None else ""
    if re.fullmatch(r"\d+(\.\d+)?", said):
        yield float(said)
    elif said:
        with suppress(ValueError):
            yield max(0.0, (parsedate_to_datetime(said) - datetime.now(UTC)).total_seconds())


def _usage(name: str, output: RunOutput, *, failed: bool) -> Usage:
    """Calls are the model's messages, and one more that did not come."""
    replies = [message for message in output.messages or () if message.role == "assistant"]
    metrics = output.metrics
    return Usage(
        name,
        len(replies) + failed,
        metrics.input_tokens if metrics else 0,
        metrics.output_tokens if metrics else 0,
    )


def _short(text: str) -> str:
    return redact_secrets(" ".join(text.split()))[:LONGEST_PROBLEM]
