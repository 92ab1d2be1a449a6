"""The dashboard over HTTP: Streamlit's application, with pages of its own address and the doors in front of it."""

from __future__ import annotations

import hmac
import socket
from collections.abc import Callable
from pathlib import Path
from typing import Final
from urllib.parse import urlencode

import structlog
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route
from streamlit.file_util import get_static_dir
from streamlit.runtime.pages_manager import PagesManager
from streamlit.runtime.secrets import SecretsValue
from streamlit.web.server.starlette.starlette_app import App

from dash_agent.in_service import watched
from dash_agent.logs import configure_logging
from dash_agent.server.serving import serve
from dash_agent.settings import Settings
from dashboard import opened
from dashboard.door import SIGN_IN, Threshold, door_routes
from dashboard.icon import ICON
from dashboard.passes import COOKIE, Attempts, Passes, kept_secret, passes_of

HERE: Final = Path(__file__).parent
SCRIPT: Final = HERE / "app.py"
NAMES: Final = tuple(sorted(path.stem for path in (HERE / "pages").glob("[a-z]*.py")))
"""Of the pages, as they stand in addresses."""

FIRST: Final = "ask"
"""The page that Streamlit serves at '/' alone, and for whose own name it says that there is no such page."""

BASE: Final = """<script>
      window.__streamlit = {BACKEND_BASE_URL: location.origin, MAIN_PAGE_BASE_URL: location.origin}
    </script>
    <script type="module\""""

log = structlog.get_logger()


def run(settings: Settings, listener: socket.socket, *, on_ready: Callable[[], None]) -> None:
    """Opens the house, serves until SIGINT or SIGTERM, and closes it.

    Whoever comes earlier waits in the listener. Raises ContentError, WrongUse and Unavailable.
    """
    configure_logging()
    try:
        with watched(opened.house().running.content, log.info):
            serve(create_app(settings), listener, on_ready=on_ready)
    finally:
        opened.close()


def create_app(settings: Settings) -> App:
    """Its lifespan must run. Raises WrongUse and Unavailable."""
    # As st.navigation does at the first look. Until then, an address of a page runs the page's file without app.py.
    PagesManager.uses_pages_directory = False
    passes = passes_of(settings)
    door = door_routes(passes, Attempts()) if passes is not None else []
    return App(
        SCRIPT,
        routes=[*door, *_pages(None if settings.has_oidc else passes)],
        middleware=[Middleware(Threshold, settings=settings)],
        secrets={"auth": _provider(settings)} if settings.has_oidc else None,
    )


def _provider(settings: Settings) -> dict[str, SecretsValue]:
    """As st.login looks it up."""
    secret = settings.oidc_client_secret
    return {
        "redirect_uri": settings.oidc_redirect_uri or "",
        "cookie_secret": hmac.digest(kept_secret(settings.data_dir), b"oidc", "sha256").hex(),
        "client_id": settings.oidc_client_id or "",
        "client_secret": secret.get_secret_value() if secret else "",
        "server_metadata_url": settings.oidc_metadata_url or "",
    }


def _pages(passes: Passes | None) -> list[Route]:
    """passes: where a pass is the only way in, so that who has none is shown the form at once."""
    page = _page()

    def shell(request: Request) -> Response:
        if passes is not None and not passes.holds(request.cookies.get(COOKIE)):
            there = f"{request.url.path}?{request.url.query}" if request.url.query else request.url.path
            return RedirectResponse(f"{SIGN_IN}?{urlencode({'next': there})}", 303)
        return HTMLResponse(page, headers={"Cache-Control": "no-cache"})

    return [Route(f"/{FIRST}", _at_the_root), *(Route(f"/{name}", shell) for name in ("", *NAMES) if name != FIRST)]


def _at_the_root(request: Request) -> Response:
    """To the only address that Streamlit knows of its first page, with what is asked of it."""
    return RedirectResponse(f"/?{request.url.query}" if request.url.query else "/", 307)


def _page() -> str:
    """Streamlit's page, told where it is. By itself it looks for its server below each page's address first."""
    text = (Path(get_static_dir()) / "index.html").read_text(encoding="utf-8")
    changes = {
        '<script type="module"': BASE,
        "<title>Streamlit</title>": "<title>Dash</title>",
        # Of what st.set_page_config knows, icons and emoji are fetched from elsewhere.
        'href="./favicon.png"': f'href="{ICON}"',
    }
    for before, after in changes.items():
        text = text.replace(before, after, 1)
    return text
