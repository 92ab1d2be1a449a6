"""What the doors stand on: the desk, and the ports that they use beside it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from dash_agent.ports import Clock
from support_agent.approvals import Approvals
from support_agent.cancel_links import CancelLinks
from support_agent.desk import Desk
from support_agent.ports import (
    Cancellations,
    Customers,
    Dialogues,
    Drafts,
    Limits,
    Passes,
    Ratings,
    Records,
    Repeats,
    Tasks,
)
from support_agent.settings import SupportSettings


@dataclass(frozen=True, slots=True)
class Office:
    """data_dir: for files. warm: learns, once, what examples and pages mean; it takes seconds the first time."""

    desk: Desk
    clock: Clock
    dialogues: Dialogues
    tasks: Tasks
    approvals: Approvals
    drafts: Drafts
    limits: Limits
    repeats: Repeats
    passes: Passes
    records: Records
    ratings: Ratings
    links: CancelLinks
    cancellations: Cancellations
    customers: Customers
    settings: SupportSettings
    data_dir: Path
    warm: Callable[[], None]
