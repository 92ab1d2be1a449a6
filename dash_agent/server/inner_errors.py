"""Errors of AgentOS in our shape: it has some that say `detail`, and some that are bare text."""

from __future__ import annotations

import json

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from dash_agent.server.failures import CODES, HINTS
from dash_agent.server.responses import Json, error_body

TEXTS = {404: "there is nothing at {path}", 405: "{method} is not for this address"}


class InnerErrors:
    """Around AgentOS. What speaks a protocol of its own (MCP) passes as it is."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or (scope["path"] == "/mcp" and scope["method"] == "POST"):
            await self._app(scope, receive, send)
            return
        begun: Message | None = None
        body = b""

        async def watch(message: Message) -> None:
            nonlocal begun, body
            if message["type"] == "http.response.start" and message["status"] >= 400:
                begun = message
                return
            if begun is None:
                await send(message)
                return
            body += message.get("body", b"")
            if not message.get("more_body", False):
                await _told(begun, body, scope)(scope, receive, send)

        await self._app(scope, receive, watch)


def _told(begun: Message, body: bytes, scope: Scope) -> Json:
    status = int(begun["status"])
    headers = Headers(raw=begun["headers"])
    kept = {name: headers[name] for name in ("www-authenticate", "retry-after", "allow") if name in headers}
    said = _json(body)
    if isinstance(said, dict) and set(said) == {"error"} and isinstance(said["error"], dict):
        return Json(said, status, headers=kept)
    detail = said.get("detail") if isinstance(said, dict) else None
    text = TEXTS.get(status, "the request failed") if detail in (None, "Not Found", "Method Not Allowed") else ""
    message = text.format(path=scope["path"], method=scope["method"]) if text else str(detail)
    return Json(error_body(CODES.get(status, "error"), message, HINTS.get(status, "")), status, headers=kept)


def _json(body: bytes) -> object:
    try:
        return json.loads(body)
    except ValueError:
        return None
