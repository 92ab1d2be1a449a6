"""The real server on a free port, in a thread of its own."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import jwt
import uvicorn

from dash_agent.bootstrap import Running
from dash_agent.cli.listening import listen
from dash_agent.extensions import Extensions
from dash_agent.logs import configure_logging
from dash_agent.server import create_app
from dash_agent.settings import Settings
from tests.conftest import ZONE

KEY = "a key of the staff"
JWT_KEY = "a secret that signs the tokens of the staff"
AUDIENCE = "dash-tests"


def settings(**given: object) -> Settings:
    """Of nothing but what is given."""
    return Settings.model_construct(**{**Settings.model_construct().model_dump(), "timezone": ZONE.key, **given})


@contextmanager
def served(
    running: Running, given: Settings | None = None, *, agents: bool = False, extensions: Extensions | None = None
) -> Iterator[httpx.Client]:
    configure_logging()
    app = create_app(running, given or settings(), agents=agents, extensions=extensions)
    with listen("127.0.0.1", 0) as listener:
        server = uvicorn.Server(uvicorn.Config(app, log_config=None, lifespan="on"))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()
        try:
            with httpx.Client(base_url=f"http://127.0.0.1:{listener.getsockname()[1]}", timeout=60) as client:
                yield client
        finally:
            server.should_exit = True
            thread.join(30)


def token(
    email: str | None, *, key: str = JWT_KEY, audience: str = AUDIENCE, minutes: float = 5, **more: object
) -> str:
    claims: dict[str, object] = {
        "sub": "somebody",
        "aud": audience,
        "exp": datetime.now(UTC) + timedelta(minutes=minutes),
        **({"email": email} if email else {}),
        **more,
    }
    return jwt.encode(claims, key, algorithm="HS256")


def bearer(sent: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {sent}"}


def run(client: httpx.Client, message: str, session: str | None = None, **more: Any) -> Mapping[str, Any]:
    """A plain run of agent dash."""
    form = {"message": message, "stream": "false", **({"session_id": session} if session else {}), **more}
    response = client.post("/agents/dash/runs", data=form)
    assert response.status_code == 200, response.text
    return dict(response.json())


def streamed(client: httpx.Client, message: str, session: str | None = None) -> list[tuple[str, Mapping[str, Any]]]:
    """The events of a run, in order."""
    form = {"message": message, "stream": "true", **({"session_id": session} if session else {})}
    found: list[tuple[str, Mapping[str, Any]]] = []
    name = ""
    with client.stream("POST", "/agents/dash/runs", data=form) as response:
        assert response.status_code == 200
        assert response.headers["content-type"].startswith("text/event-stream")
        for line in response.iter_lines():
            if line.startswith("event: "):
                name = line.removeprefix("event: ")
            elif line.startswith("data: "):
                found.append((name, json.loads(line.removeprefix("data: "))))
    return found


def error(response: httpx.Response, status: int) -> str:
    """The code of an error in the one shape there is."""
    assert response.status_code == status, response.text
    body = response.json()
    assert set(body) == {"error"}
    assert set(body["error"]) == {"code", "message", "hint"}
    assert all(isinstance(part, str) for part in body["error"].values())
    assert "Traceback" not in response.text
    return str(body["error"]["code"])
