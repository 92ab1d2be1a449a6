"""Errors over HTTP: one shape, and nothing of the inside in it."""

from __future__ import annotations

import json
import logging
import math
from datetime import timedelta
from typing import Final

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse

from dash_agent.errors import DashError, QueryError, Unavailable, UnknownName, WrongUse
from dash_agent.extensions import NotStaff
from support_agent.desk import Closed
from support_agent.ports import Busy

log = logging.getLogger(__name__)

CODES: Final = {
    401: "unauthorized",
    403: "forbidden",
    404: "not_found",
    405: "method_not_allowed",
    409: "conflict",
    413: "too_large",
    422: "invalid_request",
    429: "too_many",
}


class Json(JSONResponse):
    """UTF-8 JSON. A lone surrogate, which UTF-8 does not have, goes out as its escape."""

    def render(self, content: object) -> bytes:
        return json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "backslashreplace")


class Refused(DashError):
    """A request that is answered by an error status. wait: after which it may come again."""

    def __init__(self, status: int, message: str, hint: str = "", wait: timedelta | None = None) -> None:
        super().__init__(message, hint)
        self.status = status
        self.wait = wait


def add_handlers(app: FastAPI) -> None:
    app.add_exception_handler(DashError, _failed)
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(Exception, _bug)


def failure(error: DashError) -> Json:
    """The response to an error that has words of its own."""
    match error:
        case Refused():
            after = None if error.wait is None else {"Retry-After": str(max(1, math.ceil(error.wait.total_seconds())))}
            return _shaped(error.status, CODES.get(error.status, "error"), error.message, error.hint, after)
        case NotStaff():
            headers = {"WWW-Authenticate": "Bearer"} if error.status == 401 else None
            return _shaped(error.status, CODES.get(error.status, "error"), error.message, error.hint, headers)
        case Busy():
            return _shaped(429, error.code, error.message, error.hint, {"Retry-After": "1"})
        case Closed():
            return _shaped(409, error.code, error.message, error.hint)
        case UnknownName():
            return _shaped(404, "not_found", error.message, error.hint)
        case WrongUse() | QueryError():
            return _shaped(422, error.code, error.message, error.hint)
        case _:
            log.error("failed: %s: %s", error.code, error.message)
            status = 503 if isinstance(error, Unavailable) else 500
            return _shaped(status, error.code, "the service can't answer now", "try again in a moment")


def bug(error: Exception) -> Json:
    log.error("bug in a door", exc_info=error)
    return _shaped(500, "internal", "something broke here, and it is in the log", "report it")


def body_of(response: Json) -> str:
    return bytes(response.body).decode()


def _shaped(status: int, code: str, message: str, hint: str = "", headers: dict[str, str] | None = None) -> Json:
    return Json({"error": {"code": code, "message": message, "hint": hint}}, status, headers=headers)


async def _failed(request: Request, error: Exception) -> Json:
    del request
    assert isinstance(error, DashError)
    return failure(error)


async def _http(request: Request, error: Exception) -> Json:
    del request
    assert isinstance(error, HTTPException)
    message = {404: "there is nothing here", 405: "this method is not for this address"}
    status = error.status_code
    return _shaped(status, CODES.get(status, "error"), message.get(status, str(error.detail)))


async def _invalid(request: Request, error: Exception) -> Json:
    """Says which fields are wrong and how, and repeats none of their values."""
    del request
    assert isinstance(error, RequestValidationError)
    found = "; ".join(f"{'.'.join(str(part) for part in each['loc'])}: {each['msg']}" for each in error.errors())
    return _shaped(422, CODES[422], found, "send JSON with the fields of docs/support.md")


async def _bug(request: Request, error: Exception) -> Json:
    del request
    return bug(error)
