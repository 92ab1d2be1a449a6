"""When each ticket comes and what it is about: the rhythm, the mix and the floods."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from dash_agent.warehouse.demo import profile
from dash_agent.warehouse.demo.calendar import Hours, to_ms
from dash_agent.warehouse.demo.incidents import CarrierOutage, Incident
from dash_agent.warehouse.demo.streams import Floats, Ints, Use, stream
from dash_agent.warehouse.demo.vocabulary import row, vocabulary


@dataclass(frozen=True)
class Arrivals:
    """Every ticket in the order it comes. cause: the outage that brought it, by position, or -1."""

    created_ms: Ints
    category: Ints
    cause: Ints

    def __len__(self) -> int:
        return len(self.created_ms)


def draw_arrivals(count: int, hours: Hours, outages: Sequence[CarrierOutage], seed: int) -> Arrivals:
    """Exactly `count` tickets, spread over hours and categories by weight, and within an hour evenly."""
    rng = stream(seed, Use.ARRIVALS)
    cells = np.hstack([_base(hours), *(_extra(hours, outage)[:, None] for outage in outages)])
    counts = rng.multinomial(count, (cells / cells.sum()).ravel()).reshape(cells.shape)
    hour, kind = np.nonzero(counts)
    times = counts[hour, kind]
    hour, kind = np.repeat(hour, times), np.repeat(kind, times)
    offset = (rng.random(count) * hours.length_ms[hour]).astype(np.int64)
    created = hours.start_ms[hour] + offset
    order = np.argsort(created, kind="stable")
    categories = len(vocabulary().category)
    cause = np.where(kind >= categories, kind - categories, -1)
    category = np.where(cause < 0, kind, _categories_of(outages)[cause])
    return Arrivals(created[order], category[order], cause[order])


def _categories_of(outages: Sequence[CarrierOutage]) -> Ints:
    # The last place is what -1 (no outage) reads; it is never used.
    return np.array([vocabulary().category.index(outage.category) for outage in outages] + [0], dtype=np.int64)


def _base(hours: Hours) -> Floats:
    """Weights, hours x categories."""
    names = vocabulary().category
    mix = row(names, profile.CATEGORY)
    season = np.array(
        [row(names, {c: by.get(m + 1, 1.0) for c, by in profile.CATEGORY_SEASON.items()}, 1.0) for m in range(12)]
    )
    weights: Floats = hours.weight[:, None] * mix * season[hours.month]
    return weights


def _extra(hours: Hours, outage: CarrierOutage) -> Floats:
    """Weights that an outage adds to its category: steep at its start, thinning out to its end."""
    start, end = to_ms(outage.start), to_ms(outage.end)
    inside = (hours.start_ms >= start) & (hours.start_ms < end)
    base = _base(hours)[:, vocabulary().category.index(outage.category)]
    progress = np.clip((hours.start_ms - start) / (end - start), 0, 1)
    shape = np.minimum(1.0, 0.35 + 6 * progress) * (1.15 - 0.35 * progress)
    inside_weight = np.where(inside, base, 0.0)
    shaped = inside_weight * shape
    total = shaped.sum()
    wanted = inside_weight.sum() * (outage.factor - 1)
    return shaped * (wanted / total) if total > 0 else shaped


def with_sizes(incidents: Sequence[Incident], arrivals: Arrivals) -> tuple[Incident, ...]:
    """The incidents with the number of tickets that each outage brought."""
    outages = [incident for incident in incidents if isinstance(incident, CarrierOutage)]
    brought = np.bincount(arrivals.cause[arrivals.cause >= 0], minlength=len(outages))
    sizes = iter(brought.tolist())
    return tuple(
        replace(incident, extra_tickets=next(sizes)) if isinstance(incident, CarrierOutage) else incident
        for incident in incidents
    )
