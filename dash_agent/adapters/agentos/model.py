"""A model that is none: it calls `ask` with what the user said, and replies with what `ask` returned."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Self
from uuid import uuid4

from agno.exceptions import ModelProviderError
from agno.media import Image
from agno.metrics import MessageMetrics
from agno.models.base import Model
from agno.models.message import Message
from agno.models.response import ModelResponse

from dash_agent.adapters.agentos.drawing import Drawing
from dash_agent.adapters.agentos.tool import NAME, Asked, Told


@dataclass
class AskModel(Model):
    """Stateless between runs. The same with a key and without: who plans the answer is decided in `Dash`."""

    id: str = "dash"
    name: str | None = "Dash"
    provider: str | None = "Dash"
    asked: Asked = field(default_factory=Asked)
    drawing: Drawing | None = None

    async def ainvoke(self, messages: Sequence[Message], **kwargs: Any) -> ModelResponse:
        if messages[-1].role != "tool":
            return _call(messages[-1])
        told = self._told(kwargs)
        return _replied(messages[-1], await self._images(told), told)

    async def ainvoke_stream(self, messages: Sequence[Message], **kwargs: Any) -> AsyncIterator[ModelResponse]:
        """The text by paragraphs, and the picture when it is drawn."""
        if messages[-1].role != "tool":
            yield _call(messages[-1])
            return
        told = self._told(kwargs)
        first, *others = str(_replied(messages[-1], None, told).content).split("\n\n")
        yield ModelResponse(content=first)
        for paragraph in others:
            yield ModelResponse(content=f"\n\n{paragraph}")
        yield ModelResponse(images=await self._images(told), response_usage=_usage(told))

    def invoke(self, messages: Sequence[Message], **kwargs: Any) -> ModelResponse:
        """Without a picture: the browser that draws belongs to the event loop."""
        return _call(messages[-1]) if messages[-1].role != "tool" else _replied(messages[-1], None, self._told(kwargs))

    def invoke_stream(self, messages: Sequence[Message], **kwargs: Any) -> Iterator[ModelResponse]:
        yield self.invoke(messages, **kwargs)

    def _parse_provider_response(self, response: Any, **_: Any) -> ModelResponse:
        return response  # type: ignore[no-any-return]

    def _parse_provider_response_delta(self, response: Any) -> ModelResponse:
        return response  # type: ignore[no-any-return]

    def _told(self, kwargs: dict[str, Any]) -> Told:
        return self.asked.take(getattr(kwargs.get("run_response"), "run_id", None))

    async def _images(self, told: Told) -> list[Image] | None:
        if self.drawing is None or told.chart is None:
            return None
        png = await self.drawing.png(told.chart)
        return [Image(content=png, mime_type="image/png", format="png", alt_text=told.chart.alt)] if png else None

    def __deepcopy__(self, memo: dict[int, Any]) -> Self:
        # Nothing in it belongs to one run.
        return self


def _call(message: Message) -> ModelResponse:
    arguments = json.dumps({"question": message.get_content_string()}, ensure_ascii=False)
    call = {"id": f"call_{uuid4().hex}", "type": "function", "function": {"name": NAME, "arguments": arguments}}
    return ModelResponse(role="assistant", tool_calls=[call])


def _replied(message: Message, images: list[Image] | None, told: Told) -> ModelResponse:
    """Raises ModelProviderError, which makes the run's status an error, where there is no answer."""
    if message.tool_call_error:
        raise ModelProviderError(message.get_content_string() or "the question could not be asked")
    return ModelResponse(
        role="assistant", content=message.get_content_string(), images=images, response_usage=_usage(told)
    )


def _usage(told: Told) -> MessageMetrics:
    usage = told.usage
    return MessageMetrics(
        input_tokens=usage.prompt, output_tokens=usage.completion, total_tokens=usage.prompt + usage.completion
    )
