"""Errors as responses: one shape, and nothing of the inside in it."""

from __future__ import annotations

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException

from dash_agent.errors import DashError, QueryError, Unavailable, WrongUse
from dash_agent.server.responses import Json, error_body

logger = structlog.get_logger(__name__)

CODES = {400: "bad_request", 401: "unauthorized", 403: "forbidden", 404: "not_found", 405: "method_not_allowed"}
HINTS = {
    401: "send Authorization: Bearer with the staff key or a token",
    404: "see /api/v1/openapi.json for what there is",
    405: "see /api/v1/openapi.json for the methods",
}


class Refused(DashError):
    """A request that is answered by an error status of its own. headers: sent with it."""

    def __init__(self, status: int, message: str, headers: dict[str, str] | None = None) -> None:
        super().__init__(message, HINTS.get(status, ""))
        self.status = status
        self.headers = headers


def add_handlers(app: FastAPI) -> None:
    app.add_exception_handler(Refused, _refused)
    app.add_exception_handler(DashError, _dash_error)
    app.add_exception_handler(HTTPException, _http_error)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(Exception, _bug)


def status_of(error: DashError) -> int:
    match error:
        case WrongUse() | QueryError():
            return 422
        case Unavailable():
            return 503
        case _:
            return 500


def refusal(error: Refused) -> Json:
    code = CODES.get(error.status, "error")
    return Json(error_body(code, error.message, error.hint), error.status, headers=error.headers)


async def _refused(request: Request, error: Exception) -> Json:
    del request
    assert isinstance(error, Refused)
    return refusal(error)


async def _dash_error(request: Request, error: Exception) -> Json:
    assert isinstance(error, DashError)
    status = status_of(error)
    if status >= 500:
        logger.error("failed", path=request.url.path, code=error.code, reason=error.message)
        # What the outside gets names no server, role or file of ours.
        return Json(error_body(error.code, "the service can't answer now", "try again in a moment"), status)
    return Json(error_body(error.code, error.message, error.hint), status)


async def _http_error(request: Request, error: Exception) -> Json:
    assert isinstance(error, HTTPException)
    status = error.status_code
    message = {404: f"there is nothing at {request.url.path}", 405: f"{request.method} is not for this address"}
    body = error_body(CODES.get(status, "error"), message.get(status, str(error.detail)), HINTS.get(status, ""))
    return Json(body, status, headers=dict(error.headers) if error.headers else None)


async def _invalid(request: Request, error: Exception) -> Json:
    """Says which fields are wrong and how, and repeats none of their values."""
    del request
    assert isinstance(error, RequestValidationError)
    found = [f"{'.'.join(str(part) for part in e['loc'])}: {e['msg']}" for e in error.errors()]
    return Json(
        error_body("invalid_request", "; ".join(found), "send JSON with the fields of /api/v1/openapi.json"), 422
    )


async def _bug(request: Request, error: Exception) -> Json:
    logger.error("bug", path=request.url.path, exc_info=error)
    return Json(error_body("internal", "something broke here, and it is in the log", "report it"), 500)
