"""In front of the pages: who may come near at all, and the form for the administrator's password.

A form of HTML, because only an answer to a request can set a cookie that no script reads.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from typing import Final
from urllib.parse import parse_qs, urlsplit

import structlog
from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from dash_agent.settings import Settings
from dashboard.form import form_page
from dashboard.passes import COOKIE, HOURS, LONGEST, Attempts, Passes
from dashboard.words import LANGUAGES, Words

SIGN_IN: Final = "/signin"
SIGN_OUT: Final = "/signout"
FORM_COOKIE: Final = "dash_form"
FORM_S: Final = 3600
LONGEST_BODY: Final = 8 * LONGEST
LOCAL: Final = frozenset({"localhost", "127.0.0.1", "[::1]"})

POLICY: Final = (
    "default-src 'self'; img-src 'self' data: blob:; font-src 'self' data:; style-src 'self' 'unsafe-inline'; "
    "script-src 'self' 'unsafe-inline' 'unsafe-eval' blob:; worker-src 'self' blob:; connect-src 'self'; "
    "object-src 'none'; base-uri 'self'; form-action 'self'; frame-ancestors 'none'"
)
"""Nothing is fetched from elsewhere, whatever a text of a customer or a model asks for."""

HEADERS: Final = (
    (b"content-security-policy", POLICY.encode()),
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"same-origin"),
)

log = structlog.get_logger()


class Threshold:
    """Answers 403 to pages of other origins and, where nobody signs in, to other names than this machine's own."""

    def __init__(self, app: ASGIApp, settings: Settings) -> None:
        self._app = app
        self._only_local = not settings.has_sign_in
        self._named = urlsplit(settings.oidc_redirect_uri).netloc if settings.oidc_redirect_uri else None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
        elif (reason := self._refusal(Headers(scope=scope))) is None:
            await self._app(scope, receive, _with_headers(send))
        elif scope["type"] == "websocket":
            await receive()
            await send({"type": "websocket.close", "code": 1008})
        else:
            await PlainTextResponse(reason, 403)(scope, receive, send)

    def _refusal(self, headers: Headers) -> str | None:
        host = headers.get("host", "")
        if self._only_local and _name(host) not in LOCAL:
            return "Nobody can sign in here, so only this machine may look, by the name localhost."
        origin = headers.get("origin")
        if origin is None or urlsplit(origin).netloc in {host, self._named}:
            return None
        return "Pages of another origin may not do this."


def _with_headers(send: Send) -> Send:
    async def sending(message: Message) -> None:
        if message["type"] == "http.response.start":
            message = {**message, "headers": [*message.get("headers", ()), *HEADERS]}
        await send(message)

    return sending


def _name(host: str) -> str:
    """Without its port."""
    return host[: host.index("]") + 1] if host.startswith("[") and "]" in host else host.partition(":")[0].lower()


def door_routes(passes: Passes, attempts: Attempts) -> list[Route]:
    """The form, where it is sent to, and the way out."""

    def form(request: Request) -> Response:
        if passes.holds(request.cookies.get(COOKIE)):
            return RedirectResponse(_there(request.query_params.get("next", "")), 303)
        return _form(request, passes)

    async def enter(request: Request) -> Response:
        sent = await _sent(request)
        if sent is None or not passes.is_sealed(request.cookies.get(FORM_COOKIE, ""), sent.get("seal", "")):
            return _form(request, passes, "signin.stale", 403)
        address = request.client.host if request.client else ""
        wait = attempts.wait_s(address)
        if wait:
            log.warning("signin_too_often")
            return _form(request, passes, "signin.too_often", 429, wait=wait)
        if not passes.is_password(sent.get("password", "")):
            log.warning("signin_wrong_password")
            return _form(request, passes, "signin.wrong", 401)
        attempts.forget(address)
        response = RedirectResponse(_there(request.query_params.get("next", "")), 303)
        _set(response, request, COOKIE, passes.issue(), HOURS * 3600, "lax")
        response.delete_cookie(FORM_COOKIE, SIGN_IN)
        return response

    def leave(request: Request) -> Response:
        given = request.cookies.get(COOKIE, "")
        response = RedirectResponse(SIGN_IN, 303)
        # Another page can name this address, but not the mark.
        if passes.is_sealed(given, request.query_params.get("mark", "")):
            passes.give_back(given)
            response.delete_cookie(COOKIE)
        return response

    return [
        Route(SIGN_IN, form, methods=["GET"]),
        Route(SIGN_IN, enter, methods=["POST"]),
        Route(SIGN_OUT, leave, methods=["GET"]),
    ]


async def _sent(request: Request) -> Mapping[str, str] | None:
    """The fields of the form, None where that is no form of ours."""
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > LONGEST_BODY:
            return None
    try:
        fields = parse_qs(body.decode("ascii"), keep_blank_values=True, max_num_fields=5)
    except ValueError:
        return None
    return {name: values[0] for name, values in fields.items()}


def _there(asked: str) -> str:
    """A page of ours."""
    parts = urlsplit(asked)
    ours = asked.startswith("/") and not asked.startswith("//") and "\\" not in asked and asked.isprintable()
    return asked if ours and not parts.scheme and not parts.netloc else "/"


def _set(response: Response, request: Request, name: str, value: str, seconds: int, same_site: str) -> None:
    response.set_cookie(
        name,
        value,
        max_age=seconds,
        path=SIGN_IN if name == FORM_COOKIE else "/",
        secure=request.url.scheme == "https",
        httponly=True,
        samesite="strict" if same_site == "strict" else "lax",
    )


def _form(request: Request, passes: Passes, problem: str | None = None, status: int = 200, wait: int = 0) -> Response:
    words = Words(_language(request))
    text = words(problem, count=-(-wait // 60)) if wait and problem else words(problem) if problem else ""
    nonce = secrets.token_urlsafe(16)
    page = form_page(words, action=_action(request), seal=passes.seal(nonce), problem=text)
    response = HTMLResponse(page, status, headers={"Cache-Control": "no-store"})
    if wait:
        response.headers["Retry-After"] = str(wait)
    _set(response, request, FORM_COOKIE, nonce, FORM_S, "strict")
    return response


def _action(request: Request) -> str:
    return f"{SIGN_IN}?{request.url.query}" if request.url.query else SIGN_IN


def _language(request: Request) -> str:
    """The first of what the browser asks for that we speak."""
    for asked in request.headers.get("accept-language", "").split(","):
        name = asked.partition(";")[0].strip().lower()[:2]
        if name in LANGUAGES:
            return name
    return LANGUAGES[0]
