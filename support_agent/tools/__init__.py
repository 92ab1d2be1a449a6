"""What the agent can do, one module a matter. `TOOLS` names them all; `tool.py` says what a tool is."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from support_agent.tools.address import ADDRESS
from support_agent.tools.claims import CLAIM, REPLACEMENT
from support_agent.tools.frequency import FREQUENCY
from support_agent.tools.handover import HANDOVER
from support_agent.tools.leaving import LINK, OFFER
from support_agent.tools.lookups import ORDERS, PAGES, SUBSCRIPTION, TRACKING
from support_agent.tools.pause import PAUSE
from support_agent.tools.skip import SKIP
from support_agent.tools.tool import AnyTool, Situation, Tool, ToolArguments

ALL: Final[tuple[AnyTool, ...]] = (
    *(SUBSCRIPTION, ORDERS, TRACKING, PAGES),
    *(PAUSE, SKIP, FREQUENCY, ADDRESS, CLAIM, REPLACEMENT, OFFER, LINK, HANDOVER),
)
TOOLS: Final[Mapping[str, AnyTool]] = {tool.name: tool for tool in ALL}

__all__ = ["ALL", "TOOLS", "AnyTool", "Situation", "Tool", "ToolArguments"]
