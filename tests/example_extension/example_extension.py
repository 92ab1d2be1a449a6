"""An extension with one of each part, as docs/extensions.md describes them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from agno.agent import Agent
from agno.models.base import Model
from agno.models.response import ModelResponse
from fastapi import FastAPI

from dash_agent.errors import Unavailable
from dash_agent.extensions import Host, Parts
from dash_agent.models.job import JobKind, Work
from dash_agent.models.principal import Principal, Role


class Echo(Model):
    """Says what it is told."""

    def invoke(self, messages: Any, **_: Any) -> ModelResponse:
        return ModelResponse(role="assistant", content=f"You said: {messages[-1].content}")

    async def ainvoke(self, messages: Any, **_: Any) -> ModelResponse:
        return self.invoke(messages)

    def invoke_stream(self, messages: Any, **_: Any) -> Any:
        yield self.invoke(messages)

    async def ainvoke_stream(self, messages: Any, **_: Any) -> Any:
        yield self.invoke(messages)

    def _parse_provider_response(self, response: Any, **_: Any) -> Any:
        return response

    def _parse_provider_response_delta(self, response: Any) -> Any:
        return response


class Example:
    """An entry point may name a class that needs no arguments, or an object."""

    def build(self, host: Host) -> Parts:
        routes = FastAPI(telemetry={"tracing": False})

        @routes.get("/webhooks/example")
        def tickets() -> dict[str, object]:
            reader = Principal("example extension", Role.VIEWER)
            answer = host.dash().ask("How many tickets were there in October 2026?", reader)
            return {"tickets": answer.rows[0][0], "at": host.clock.now().isoformat()}

        @routes.get("/webhooks/example/{name}")
        def below(name: str) -> dict[str, str]:
            return {"name": name}

        def keep(work: Work) -> None:
            (host.data_dir / f"{work.job.key}.txt").write_text(str(work.job.payload), encoding="utf-8")

        return Parts(
            agents=(Agent(id="echo", name="Echo", model=Echo(id="echo"), telemetry=False),),
            asgi_routes={"/webhooks/example": routes},
            jobs={"example.keep": JobKind(keep)},
            suites=(Path(__file__).with_name("cases.jsonl"),),
            health={"line": lambda: None, "engine": lambda: Unavailable("the engine of 10.0.0.7 is off")},
        )


class Broken:
    def build(self, host: Host) -> Parts:
        raise RuntimeError("no luck")
