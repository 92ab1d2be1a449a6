"""The page behind a cancel link. Opening it asks, for mail scanners open links too; only its button ends anything."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Mapping
from functools import cache
from html import escape
from pathlib import Path
from typing import Final

from fastapi import FastAPI, Request
from starlette.responses import HTMLResponse

from support_agent.cancel_links import CancelLink
from support_agent.channels.office import Office

Run = Callable[[Callable[[], HTMLResponse]], Awaitable[HTMLResponse]]
HEADERS: Final = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; "
    "form-action 'self'; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
    "X-Robots-Tag": "noindex",
    "X-Content-Type-Options": "nosniff",
}
PAGE: Final = """<!doctype html>
<html lang="{language}" dir="{direction}"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1"><title>{title}</title>
<style>body{{font:1.1rem/1.5 system-ui,sans-serif;max-width:32rem;margin:4rem auto;padding:0 1rem}}
button{{font:inherit;padding:.6rem 1.2rem}}</style></head>
<body><main><h1>{title}</h1><p>{text}</p>{form}</main></body></html>
"""
FORM: Final = '<form method="post"><button type="submit">{button}</button></form>'
RIGHT_TO_LEFT: Final = frozenset({"he"})
TEXTS: Final = Path(__file__).parent / "cancel_page.json"


def cancel_routes(app: FastAPI, office: Office, run: Run) -> None:
    """run: does what blocks elsewhere."""

    @app.get("/cancel/{token}")
    async def ask(request: Request, token: str) -> HTMLResponse:
        return await run(lambda: _page(office, request, token, act=False))

    @app.post("/cancel/{token}")
    async def act(request: Request, token: str) -> HTMLResponse:
        return await run(lambda: _page(office, request, token, act=True))


def _page(office: Office, request: Request, token: str, *, act: bool) -> HTMLResponse:
    now = office.clock.now()
    link = office.links.read(token, now)
    language = _language(office, request, link)
    if link is None:
        return _shown(language, "over", 410)
    if not act:
        burned = office.cancellations.is_burned(link.jti)
        return _shown(language, "used" if burned else "ask", 410 if burned else 200)
    ended = office.cancellations.cancel(link.jti, link.customer_id, link.subscription_id, now)
    return _shown(language, "done" if ended else "used", 200 if ended else 410)


def _language(office: Office, request: Request, link: CancelLink | None) -> str:
    """The customer's, and for nobody we know the browser's."""
    customer = office.customers.by_id(link.customer_id) if link is not None else None
    wanted = customer.language if customer is not None else request.headers.get("accept-language", "")[:2].lower()
    return wanted if wanted in _texts() else "en"


def _shown(language: str, state: str, status: int) -> HTMLResponse:
    texts = _texts()[language]
    form = FORM.format(button=escape(texts["button"])) if state == "ask" else ""
    page = PAGE.format(
        language=language,
        direction="rtl" if language in RIGHT_TO_LEFT else "ltr",
        title=escape(texts["title"]),
        text=escape(texts[state]),
        form=form,
    )
    return HTMLResponse(page, status, headers=HEADERS)


@cache
def _texts() -> Mapping[str, Mapping[str, str]]:
    return json.loads(TEXTS.read_text(encoding="utf-8"))  # type: ignore[no-any-return]
