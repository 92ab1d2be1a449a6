"""The values that the demo data uses, and their positions in the arrays that the generator works on."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any, TypeAlias

import numpy as np

from dash_agent.warehouse.demo.streams import Floats

STATUSES = ("Data collected", "AI Answered", "Draft Created", "Sent", "Escalated", "Error")
URGENCIES = ("low", "medium", "high")
PLANS = ("standard", "premium", "gift")
FREQUENCIES = ("monthly", "bimonthly", "quarterly")
VERDICTS = ("ai_better", "equal", "human_better")
ERROR_TYPES = ("wrong_policy", "wrong_tone", "missing_info", "hallucination", "wrong_action")

Json: TypeAlias = Any


def data_file(*path: str) -> Json:
    """A JSON file that lies beside this module."""
    return json.loads(resources.files(__package__).joinpath(*path).read_text(encoding="utf-8"))


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """Value lists in their fixed order; an index into one is a value's code."""

    channel: tuple[str, ...]
    language: tuple[str, ...]
    country: tuple[str, ...]
    agent: tuple[str, ...]
    model: tuple[str, ...]
    carrier: tuple[str, ...]
    category: tuple[str, ...]
    subtype: tuple[tuple[str, ...], ...]


@cache
def vocabulary() -> Vocabulary:
    data = data_file("vocabulary.json")
    subtypes: dict[str, list[str]] = data["request_subtype"]
    return Vocabulary(
        channel=tuple(data["channel"]),
        language=tuple(data["language"]),
        country=tuple(data["country"]),
        agent=tuple(data["assigned_to"]),
        model=tuple(data["model"]),
        carrier=tuple(data["carrier"]),
        category=tuple(subtypes),
        subtype=tuple(tuple(names) for names in subtypes.values()),
    )


def row(names: tuple[str, ...], weights: Mapping[str, float], default: float = 0.0) -> Floats:
    """The weights in the order of names; a name without one has the default."""
    unknown = weights.keys() - set(names)
    if unknown:
        raise ValueError(f"not in the vocabulary: {sorted(unknown)}")
    return np.array([weights.get(name, default) for name in names], dtype=np.float64)


def grid(
    rows: tuple[str, ...], columns: tuple[str, ...], weights: Mapping[str, Mapping[str, float]], default: float
) -> Floats:
    """The same for two dimensions; a row without weights has the default everywhere."""
    unknown = weights.keys() - set(rows)
    if unknown:
        raise ValueError(f"not in the vocabulary: {sorted(unknown)}")
    return np.array([row(columns, weights.get(name, {}), default) for name in rows])
