"""OpenAI's chat completions, plain and streamed, with the checks that OpenAI makes of a request."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from jsonschema import Draft202012Validator
from jsonschema.exceptions import SchemaError

from tests.stubs.scripted import Bad, Call, Json, Protocol, Provider, Reply, Script, Text, tokens

KEY = "sk-stub-0123456789"
WINDOW = 128_000
FIELDS = frozenset(
    "model messages tools tool_choice stream stream_options temperature top_p max_tokens max_completion_tokens n stop "
    "seed user response_format parallel_tool_calls reasoning_effort verbosity store metadata service_tier "
    "presence_penalty frequency_penalty logit_bias logprobs top_logprobs modalities".split()
)
ROLES = ("system", "developer", "user", "assistant", "tool")
MESSAGE_FIELDS = frozenset("role content name tool_calls tool_call_id refusal".split())
NAME = re.compile(r"[A-Za-z0-9_-]{1,64}")
MOST_ENUMERATED = 1_000
LONGEST_DESCRIPTION = 1_024


class ChatCompletions(Protocol):
    path = "/v1/chat/completions"

    def __init__(self, key: str | None = KEY, window: int = WINDOW) -> None:
        """key: None for a server that wants none. window: tokens that a prompt may have."""
        self._key = key
        self._window = window

    def check(self, body: Json, headers: Mapping[str, str]) -> int:
        if self._key is not None and headers.get("authorization") != f"Bearer {self._key}":
            shown = headers.get("authorization", "").removeprefix("Bearer ")
            raise Bad(401, f"Incorrect API key provided: {shown}.", "invalid_api_key")
        for name in body:
            if name not in FIELDS:
                raise Bad(400, f"Unrecognized request argument supplied: {name}")
        if not isinstance(body.get("model"), str) or not body.get("messages"):
            raise Bad(400, "you must provide a model and messages")
        _check_messages(body["messages"])
        for tool in body.get("tools", ()):
            _check_tool(tool)
        if "tool_choice" in body and not body.get("tools"):
            raise Bad(400, "'tool_choice' is only allowed when 'tools' are specified")
        prompt = tokens(body["messages"]) + (tokens(body["tools"]) if body.get("tools") else 0)
        if prompt > self._window:
            limit = f"This model's maximum context length is {self._window} tokens; the messages have {prompt}"
            raise Bad(400, limit, "context_length_exceeded")
        return prompt

    def reply(self, reply: Call | Text, body: Json, prompt: int) -> Json:
        return {
            "id": "chatcmpl-stub",
            "object": "chat.completion",
            "created": 1,
            "model": body["model"],
            "choices": [{"index": 0, "finish_reason": _reason(reply), "message": _message(reply)}],
            "usage": _usage(reply, prompt),
        }

    def stream(self, reply: Call | Text, body: Json, prompt: int) -> Iterator[str]:
        def chunk(choices: list[Any], **more: Any) -> str:
            told = {"id": "chatcmpl-stub", "object": "chat.completion.chunk", "created": 1, "model": body["model"]}
            return f"data: {json.dumps({**told, 'choices': choices, **more})}\n\n"

        for delta in _deltas(reply):
            yield chunk([{"index": 0, "delta": delta, "finish_reason": None}])
        yield chunk([{"index": 0, "delta": {}, "finish_reason": _reason(reply)}])
        if (body.get("stream_options") or {}).get("include_usage"):
            yield chunk([], usage=_usage(reply, prompt))
        yield "data: [DONE]\n\n"

    def error(self, bad: Bad) -> Json:
        return {"error": {"message": bad.message, "type": "invalid_request_error", "param": None, "code": bad.code}}


def openai_server(*script: Reply | Any, key: str | None = KEY, window: int = WINDOW, otherwise: Any = None) -> Provider:
    """A provider to be entered; its base URL is `url` + '/v1'."""
    replies: Script = script
    return Provider(ChatCompletions(key, window), replies, otherwise)


def _message(reply: Call | Text) -> Json:
    if isinstance(reply, Text):
        return {"role": "assistant", "content": reply.text, "refusal": None}
    call = {"id": "call_1", "type": "function", "function": {"name": reply.tool, "arguments": _arguments(reply)}}
    return {"role": "assistant", "content": None, "refusal": None, "tool_calls": [call]}


def _deltas(reply: Call | Text) -> Iterator[Json]:
    yield {"role": "assistant", "content": "" if isinstance(reply, Text) else None}
    if isinstance(reply, Text):
        for start in range(0, len(reply.text), 8):
            yield {"content": reply.text[start : start + 8]}
        return
    opening = {"index": 0, "id": "call_1", "type": "function", "function": {"name": reply.tool, "arguments": ""}}
    yield {"tool_calls": [opening]}
    arguments = _arguments(reply)
    for start in range(0, len(arguments), 8):
        yield {"tool_calls": [{"index": 0, "function": {"arguments": arguments[start : start + 8]}}]}


def _arguments(call: Call) -> str:
    return call.arguments if isinstance(call.arguments, str) else json.dumps(call.arguments)


def _reason(reply: Call | Text) -> str:
    return "tool_calls" if isinstance(reply, Call) else "stop"


def _usage(reply: Call | Text, prompt: int) -> Json:
    given = tokens(reply.text if isinstance(reply, Text) else _arguments(reply))
    return {"prompt_tokens": prompt, "completion_tokens": given, "total_tokens": prompt + given}


def _check_messages(messages: list[Json]) -> None:
    """Each call of a tool is answered before anything else is said, and nothing is answered that was not called."""
    waiting: set[str] = set()
    for at, message in enumerate(messages):
        if message.get("role") not in ROLES:
            raise Bad(400, f"messages[{at}].role: {message.get('role')!r} is not one of {ROLES}")
        strange = message.keys() - MESSAGE_FIELDS
        if strange:
            raise Bad(400, f"messages[{at}]: unknown field '{min(strange)}'")
        if message["role"] == "tool":
            if message.get("tool_call_id") not in waiting:
                raise Bad(400, f"messages[{at}]: no call '{message.get('tool_call_id')}' precedes it")
            waiting.discard(message["tool_call_id"])
        elif waiting:
            raise Bad(400, f"messages[{at}]: tool calls without an answer: {sorted(waiting)}")
        waiting |= {call["id"] for call in message.get("tool_calls") or ()}
    if waiting:
        raise Bad(400, f"tool calls without an answer: {sorted(waiting)}")


def _check_tool(tool: Json) -> None:
    function = tool.get("function", {})
    if tool.get("type") != "function" or function.keys() - {"name", "description", "parameters", "strict"}:
        raise Bad(400, f"tools: unknown fields in {sorted(function)}")
    if not NAME.fullmatch(function.get("name", "")):
        raise Bad(400, f"tools: '{function.get('name')}' is no name")
    if len(function.get("description", "")) > LONGEST_DESCRIPTION:
        raise Bad(400, f"tools: the description of {function['name']} is too long")
    schema = function.get("parameters", {})
    try:
        Draft202012Validator.check_schema(schema)
    except SchemaError as error:
        raise Bad(400, f"Invalid schema for function '{function['name']}': {error.message}") from None
    if schema.get("type") != "object":
        raise Bad(400, f"Invalid schema for function '{function['name']}': its type is not 'object'")
    _check_schema(schema, function["name"])


def _check_schema(schema: Any, name: str) -> None:
    """What OpenAI wants beyond JSON Schema."""
    if not isinstance(schema, dict):
        return
    if schema.get("type") == "array" and "items" not in schema:
        raise Bad(400, f"Invalid schema for function '{name}': array schema missing items")
    if "enum" in schema and not 0 < len(schema["enum"]) <= MOST_ENUMERATED:
        raise Bad(400, f"Invalid schema for function '{name}': an enum of {len(schema['enum'])} values")
    nested = (*schema.get("properties", {}).values(), *schema.get("anyOf", ()), schema.get("items"))
    for one in nested:
        _check_schema(one, name)
