"""Anthropic's messages, plain: as much of the protocol as a planner uses."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from jsonschema import Draft202012Validator
from jsonschema.exceptions import SchemaError

from tests.stubs.openai_server import KEY
from tests.stubs.scripted import Bad, Call, Json, Protocol, Provider, Text, tokens

FIELDS = frozenset(
    "model messages max_tokens system tools tool_choice stream temperature top_p top_k stop_sequences metadata "
    "thinking service_tier".split()
)


class Messages(Protocol):
    path = "/v1/messages"

    def __init__(self, key: str = KEY) -> None:
        self._key = key

    def check(self, body: Json, headers: Mapping[str, str]) -> int:
        # Versions of the client send the key in the one header or the other; the service takes both.
        if self._key not in (headers.get("x-api-key"), headers.get("authorization", "").removeprefix("Bearer ")):
            raise Bad(401, "invalid x-api-key")
        if "anthropic-version" not in headers:
            raise Bad(400, "anthropic-version: header is required")
        for name in body:
            if name not in FIELDS:
                raise Bad(400, f"{name}: Extra inputs are not permitted")
        if not isinstance(body.get("max_tokens"), int) or not body.get("messages"):
            raise Bad(400, "max_tokens and messages: Field required")
        if body["messages"][0].get("role") != "user":
            raise Bad(400, "messages: first message must use the user role")
        for tool in body.get("tools", ()):
            if tool.keys() - {"name", "description", "input_schema", "type", "cache_control", "strict"}:
                raise Bad(400, f"tools: Extra inputs are not permitted: {sorted(tool)}")
            try:
                Draft202012Validator.check_schema(tool["input_schema"])
            except SchemaError as error:
                raise Bad(400, f"tools.{tool.get('name')}.input_schema: {error.message}") from None
        return sum(tokens(body[part]) for part in ("system", "messages", "tools") if body.get(part))

    def reply(self, reply: Call | Text, body: Json, prompt: int) -> Json:
        return {
            "id": "msg_stub",
            "type": "message",
            "role": "assistant",
            "model": body["model"],
            "content": [_block(reply)],
            "stop_reason": "tool_use" if isinstance(reply, Call) else "end_turn",
            "stop_sequence": None,
            "usage": {"input_tokens": prompt, "output_tokens": tokens(json.dumps(_block(reply)))},
        }

    def stream(self, reply: Call | Text, body: Json, prompt: int) -> Iterator[str]:
        raise Bad(400, "this stub does not stream")

    def error(self, bad: Bad) -> Json:
        return {"type": "error", "error": {"type": "invalid_request_error", "message": bad.message}}


def claude_server(*script: Any, key: str = KEY, otherwise: Any = None) -> Provider:
    """A provider to be entered; its base URL is `url`."""
    return Provider(Messages(key), script, otherwise)


def _block(reply: Call | Text) -> Json:
    if isinstance(reply, Text):
        return {"type": "text", "text": reply.text}
    given = reply.arguments if isinstance(reply.arguments, dict) else {"raw": reply.arguments}
    return {"type": "tool_use", "id": "toolu_1", "name": reply.tool, "input": given}
