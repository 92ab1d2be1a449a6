"""AgentOS as an application to mount: agent `dash`, those of extensions, MCP, and who may what."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

from agno.agent import Agent
from agno.db.postgres import PostgresDb
from agno.os import AgentOS
from agno.os.authz import Authorization
from agno.os.config import AgentOSConfig, ChatConfig, CORSConfig, Manifest, MCPConfig
from agno.os.schema import InfoResponse, McpInfo
from agno.registry import Registry
from agno.tools.function import Function
from fastapi import FastAPI

from dash_agent.adapters.agentos.drawing import Drawing
from dash_agent.adapters.agentos.model import AskModel
from dash_agent.adapters.agentos.tool import DESCRIPTION, Asked, Asker, ask_tool, mcp_tool

ID: Final = "dash"
PROMPTS: Final = 3
"""Quick prompts that a control plane shows."""

AuthMode = Literal["none", "security_key", "jwt"]


@dataclass(frozen=True, slots=True)
class Inside:
    """How requests that the server has let in are known to AgentOS. secret: of this process, for tokens of seconds."""

    secret: str
    audience: str


def agent_os(
    asker: Asker,
    db: PostgresDb,
    base: FastAPI,
    *,
    inside: Inside,
    auth_mode: AuthMode,
    drawing: Drawing,
    prompts: Sequence[str],
    extensions: Sequence[Any] = (),
    version: str,
) -> FastAPI:
    """`base` with AgentOS on it. Its lifespan must run.

    auth_mode: what clients are told to send. prompts: to begin with. extensions: agents of theirs.
    """
    asked = Asked()
    tool, model = ask_tool(asker, asked), AskModel(asked=asked, drawing=drawing)
    prompts = list(prompts[:PROMPTS])
    system = AgentOS(
        id=ID,
        name="Dash",
        description="Answers about a support desk's data, with SQL and definitions",
        version=version,
        db=db,
        agents=[_agent(tool, model, db), *extensions],
        authorization=Authorization(
            db=db,
            verification_keys=[inside.secret],
            algorithm="HS256",
            verify_audience=True,
            audience=inside.audience,
        ),
        user_isolation=True,
        cors=CORSConfig(origins=[], merge_base_app=False),
        config=AgentOSConfig(
            chat=ChatConfig(quick_prompts={ID: prompts}),
            manifest={ID: Manifest(description=DESCRIPTION, quick_prompts=prompts)},
        ),
        mcp=MCPConfig(name="Dash", version=version, instructions=DESCRIPTION, tools=[mcp_tool(asker)]),
        registry=Registry(name="Dash", tools=[tool], models=[model], dbs=[db]),
        base_app=base,
        on_route_conflict="preserve_base_app",
        telemetry=False,
    )
    _info(base, system, auth_mode)
    return system.get_app()


def _agent(tool: Function, model: AskModel, db: PostgresDb) -> Agent:
    """Follow-ups are of `Dash`'s own turns, so no history goes to the model."""
    return Agent(
        id=ID,
        name="Dash",
        description=DESCRIPTION,
        model=model,
        tools=[tool],
        db=db,
        add_history_to_context=False,
        telemetry=False,
    )


def _info(base: FastAPI, system: AgentOS, auth_mode: AuthMode) -> None:
    """AgentOS would tell how it is guarded inside; clients need to know what to send to us."""

    @base.get("/info")
    def info() -> Mapping[str, Any]:
        from agno import __version__ as agno_version

        told = InfoResponse(
            os_id=ID,
            name=system.name,
            os_version=system.version or "",
            agno_version=agno_version,
            agent_count=len(system.agents or []),
            team_count=0,
            workflow_count=0,
            mcp=McpInfo(enabled=True, path="/mcp", oauth=None, tool_run_endpoint=True),
            auth_mode=auth_mode,
            user_isolation=True,
        )
        return told.model_dump()
