"""What went wrong at the demo desk: drawn by the seed, or given; written down for whoever checks the analytics."""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Literal, TypeAlias

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, ValidationError

from dash_agent.errors import WrongUse
from dash_agent.warehouse.demo.streams import Use, stream
from dash_agent.warehouse.demo.vocabulary import vocabulary

_OUTAGE_CARRIERS = ("DHL", "UPS", "USPS", "Israel Post")


@dataclass(frozen=True, slots=True)
class CarrierOutage:
    """Boxes of a carrier lie still and customers ask where they are.

    factor: arrivals of the category in [start, end), times this. extra_tickets: how many of the seeded tickets
    are there because of it (0 until seeded).
    """

    start: datetime
    end: datetime
    carrier: str
    factor: float
    category: str = "shipping_inquiry"
    extra_tickets: int = 0


@dataclass(frozen=True, slots=True)
class BadInstruction:
    """An instruction version that makes the AI's answers worse in [start, end).

    penalty_added: points that the judge's penalty_score of the category rises by, on average, before its cap at 100.
    """

    start: datetime
    end: datetime
    penalty_added: float
    instruction_version: int
    category: str = "payment_issue"


Incident: TypeAlias = CarrierOutage | BadInstruction


def draw(seed: int, start: datetime, now: datetime, model_change: datetime) -> tuple[Incident, ...]:
    """One of each kind, where the period is long enough to hold it with a quiet time on both sides."""
    rng = stream(seed, Use.INCIDENTS)
    outage_days, bad_days = rng.uniform(12.5, 15.5), rng.uniform(9.0, 11.0)
    outage = _place(rng.random(), start, now, outage_days)
    bad = _place(rng.random(), start, now, bad_days)
    carrier = _OUTAGE_CARRIERS[int(rng.integers(len(_OUTAGE_CARRIERS)))]
    factor, penalty = round(rng.uniform(2.4, 3.2), 2), round(rng.uniform(17.0, 26.0), 1)
    drawn: list[Incident] = []
    if outage is not None:
        drawn.append(CarrierOutage(*outage, carrier=carrier, factor=factor))
    if bad is not None:
        version = 3 if model_change <= bad[0] else 2
        drawn.append(BadInstruction(*bad, penalty_added=penalty, instruction_version=version))
    return tuple(drawn)


def _place(u: float, start: datetime, now: datetime, days: float) -> tuple[datetime, datetime] | None:
    """A whole-hour span of that many days; None where the period has no room for it."""
    span = (now - start).total_seconds() / 86400
    quiet = min(21.0, span / 6)
    room = span - 2 * quiet - days
    if room <= 0:
        return None
    begin = start + timedelta(hours=round((quiet + u * room) * 24))
    return begin, begin + timedelta(hours=round(days * 24))


class _OutageRecord(BaseModel):
    model_config = ConfigDict(extra="forbid", allow_inf_nan=False)
    kind: Literal["carrier_outage"]
    start: AwareDatetime
    end: AwareDatetime
    category: str = "shipping_inquiry"
    carrier: str
    factor: float = Field(ge=1, le=20)
    extra_tickets: int = Field(default=0, ge=0)


class _BadInstructionRecord(BaseModel):
    model_config = ConfigDict(extra="forbid", allow_inf_nan=False)
    kind: Literal["bad_instruction"]
    start: AwareDatetime
    end: AwareDatetime
    category: str = "payment_issue"
    penalty_added: float = Field(ge=0, le=100)
    instruction_version: int = Field(ge=2)


class _IncidentFile(BaseModel):
    model_config = ConfigDict(extra="ignore")
    incidents: list[_OutageRecord | _BadInstructionRecord]


def load(path: Path) -> tuple[Incident, ...]:
    """The incidents of a file of the shape that `save` writes. Raises WrongUse with the place of what is wrong."""
    try:
        raw = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise WrongUse(f"{path}: can't be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise WrongUse(f"{path}: is not UTF-8 text") from error
    except json.JSONDecodeError as error:
        raise WrongUse(f"{path}: line {error.lineno}, column {error.colno}: {error.msg}") from error
    return parse(raw, str(path))


def parse(raw: object, source: str) -> tuple[Incident, ...]:
    """source: what an error calls the place it came from."""
    _check_kinds(raw, source)
    try:
        file = _IncidentFile.model_validate(raw)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        raise WrongUse(f"{source}: {_json_path(first['loc'])}: {first['msg']}") from error
    return tuple(_incident(item, f"{source}: incidents[{i}]") for i, item in enumerate(file.incidents))


def _check_kinds(raw: object, source: str) -> None:
    """Told apart here: a union's own errors would name both kinds for each mistake."""
    items = raw.get("incidents") if isinstance(raw, dict) else None
    if not isinstance(items, list):
        raise WrongUse(f"{source}: incidents: a list is wanted", 'as in {"incidents": []}')
    for place, item in enumerate(items):
        kind = item.get("kind") if isinstance(item, dict) else None
        if kind not in ("carrier_outage", "bad_instruction"):
            raise WrongUse(f"{source}: incidents[{place}].kind: {kind!r} is not 'carrier_outage' or 'bad_instruction'")


def _json_path(loc: Sequence[int | str]) -> str:
    kept = [part for part in loc if not str(part).startswith("_")]
    return "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in kept).lstrip(".")


def _incident(item: _OutageRecord | _BadInstructionRecord, place: str) -> Incident:
    if item.end <= item.start:
        raise WrongUse(f"{place}.end: {item.end.isoformat()} is not after start")
    if item.category not in vocabulary().category:
        raise WrongUse(f"{place}.category: '{item.category}' is not a category")
    start, end = item.start.astimezone(UTC), item.end.astimezone(UTC)
    if isinstance(item, _BadInstructionRecord):
        return BadInstruction(start, end, item.penalty_added, item.instruction_version, item.category)
    if item.carrier not in vocabulary().carrier:
        raise WrongUse(f"{place}.carrier: '{item.carrier}' is not a carrier", ", ".join(vocabulary().carrier))
    return CarrierOutage(start, end, item.carrier, item.factor, item.category, item.extra_tickets)


def to_json(seed: int, now: datetime, incidents: Sequence[Incident]) -> str:
    data = {"seed": seed, "now": now.isoformat(), "incidents": [_record(incident) for incident in incidents]}
    return json.dumps(data, indent=2, ensure_ascii=False) + "\n"


def _record(incident: Incident) -> dict[str, Any]:
    span = {"start": incident.start.isoformat(), "end": incident.end.isoformat(), "category": incident.category}
    if isinstance(incident, CarrierOutage):
        size = {"carrier": incident.carrier, "extra_tickets": incident.extra_tickets, "factor": incident.factor}
        return {"kind": "carrier_outage", **span, **size}
    version = {"penalty_added": incident.penalty_added, "instruction_version": incident.instruction_version}
    return {"kind": "bad_instruction", **span, **version}


def prepare(path: Path) -> None:
    """Make the folder of the file. Raises WrongUse where `save` could not write, before any work is done."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise WrongUse(f"{path.parent}: can't be made: {error.strerror}") from error
    if not os.access(path.parent, os.W_OK | os.X_OK):
        raise WrongUse(f"{path.parent}: can't be written to")


def save(path: Path, seed: int, now: datetime, incidents: Sequence[Incident]) -> None:
    """Whole or not at all: a reader never sees half a file."""
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=path.name, suffix=".part")
    part = Path(name)
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(to_json(seed, now, incidents))
        part.replace(path)
    except BaseException:
        part.unlink(missing_ok=True)
        raise
