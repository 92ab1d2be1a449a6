"""What holds when: which models answer from when on, and which instruction version is in production."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np

from dash_agent.warehouse.demo import copytext
from dash_agent.warehouse.demo.calendar import to_ms
from dash_agent.warehouse.demo.incidents import BadInstruction, Incident
from dash_agent.warehouse.demo.streams import Use, stream
from dash_agent.warehouse.demo.vocabulary import data_file, vocabulary

_WRITTEN_BEFORE = timedelta(days=120)
_FIXED_AGAIN = "rollback"


def model_change(start: datetime, now: datetime, seed: int) -> datetime:
    """When the newer model takes over: near the middle of the period, on a whole hour."""
    share = stream(seed, Use.INCIDENTS, 1).uniform(0.46, 0.58)
    return start + timedelta(hours=round((now - start).total_seconds() / 3600 * share))


@dataclass(frozen=True, slots=True)
class Version:
    """One production version of a category's instructions. change: why it was written."""

    category: str
    number: int
    since: datetime
    change: str


def versions(
    category: str, start: datetime, now: datetime, change: datetime, incidents: Sequence[Incident]
) -> list[Version]:
    """In order of time; the numbers rise, and a bad version has the one that its incident gives it."""
    events: list[tuple[datetime, str, int]] = [(start - _WRITTEN_BEFORE, "first", 1)]
    if change <= now:
        events.append((change, "model", 0))
    for bad in incidents:
        if isinstance(bad, BadInstruction) and bad.category == category and bad.start <= now:
            events.append((bad.start, "bad", bad.instruction_version))
            if bad.end <= now:
                events.append((bad.end, _FIXED_AGAIN, 0))
    made: list[Version] = []
    for since, why, wanted in sorted(events):
        number = max(wanted, made[-1].number + 1 if made else 1)
        made.append(Version(category, number, since, why))
    return made


def instruction_rows(
    start: datetime, now: datetime, change: datetime, incidents: Sequence[Incident]
) -> tuple[str, int]:
    """COPY lines of every category's versions, the last one enabled, and a staging draft of the next; and how many."""
    texts = data_file("instructions.json")
    lines: list[tuple[str, ...]] = []
    for category in vocabulary().category:
        history = versions(category, start, now, change, incidents)
        for version in history:
            enabled = version is history[-1]
            lines.append(_line(texts, version, "production", enabled, len(lines) + 1, now))
        draft = Version(category, history[-1].number + 1, now - timedelta(days=4), "staging")
        lines.append(_line(texts, draft, "staging", True, len(lines) + 1, now))
    return "".join("\t".join(line) + "\n" for line in lines), len(lines)


def _line(
    texts: dict[str, dict[str, str]], version: Version, stage: str, enabled: bool, key: int, now: datetime
) -> tuple[str, ...]:
    logic = texts["logic"][version.category]
    if version.change in texts["changes"]:
        logic = f"{logic} {texts['changes'][version.change]}"
    parts = (
        texts["persona"]["text"],
        texts["red_lines"]["text"],
        logic,
        texts["format"]["text"],
        texts["examples"][version.category],
    )
    since = copytext.times(np.array([to_ms(min(version.since, now))], dtype=np.int64))
    status = "enabled" if enabled else "disabled"
    head = (str(key), version.category, stage, status, str(version.number))
    return (*head, *map(copytext.escape, parts), *since)
