"""JSON on the wire."""

from __future__ import annotations

import json

from fastapi.responses import JSONResponse


class Json(JSONResponse):
    """UTF-8 JSON. A lone surrogate, which UTF-8 does not have, goes out as its escape."""

    def render(self, content: object) -> bytes:
        return json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "backslashreplace")


def error_body(code: str, message: str, hint: str = "") -> dict[str, dict[str, str]]:
    """The one shape of every error."""
    return {"error": {"code": code, "message": message, "hint": hint}}
