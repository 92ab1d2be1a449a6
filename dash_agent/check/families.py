"""The families of rules, each with its title, in the order in which they are told."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from dash_agent.check import (
    access,
    alerts,
    board,
    digests,
    documents,
    examples,
    guarded,
    live,
    meant,
    patterns,
    prices,
    reading,
    sql,
    tables,
    targets,
    words,
)
from dash_agent.check.rule import Rule
from dash_agent.check.subject import Subject

READING: Final[tuple[Rule[Subject], ...]] = reading.RULES
"""Of what reading found: its places are the files' own."""

ON_WHAT_WAS_READ: Final[Mapping[str, tuple[Rule[Subject], ...]]] = {
    "Tables": tables.RULES,
    "Metrics and derived tables": sql.RULES,
    "Patterns": patterns.RULES,
    "Words": words.RULES,
    "What a question leaves open": meant.RULES,
    "Questions": examples.RULES,
    "Documents": documents.RULES,
    "Targets": targets.RULES,
    "Board": board.RULES,
    "Digests": digests.RULES,
    "Alerts": alerts.RULES,
    "Prices": prices.RULES,
    "Access": access.RULES,
    "Statements": guarded.RULES,
    "Against the database": live.RULES,
}

FAMILIES: Final[Mapping[str, tuple[Rule[Subject], ...]]] = {"Reading": READING, **ON_WHAT_WAS_READ}
