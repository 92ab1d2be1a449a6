"""Shipments: a box a due month for every subscription that was there, and how it travelled."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

import numpy as np

from dash_agent.warehouse.demo import copytext, profile
from dash_agent.warehouse.demo.calendar import DAY_MS, MINUTE_MS, to_ms
from dash_agent.warehouse.demo.copytext import NEVER
from dash_agent.warehouse.demo.incidents import CarrierOutage
from dash_agent.warehouse.demo.people import Customers
from dash_agent.warehouse.demo.streams import Flags, Floats, Ints, Use, lognormal, pick, stream
from dash_agent.warehouse.demo.subscriptions import Subscriptions
from dash_agent.warehouse.demo.vocabulary import grid, row, vocabulary

_STATUSES = ("preparing", "in_transit", "delivered", "lost", "returned", "skipped")
_PREPARING, _IN_TRANSIT, _DELIVERED, _LOST, _RETURNED, _SKIPPED = range(6)
_STEP = np.array([1, 2, 3])
_SKIPS, _LOSSES, _RETURNS = 0.045, 0.007, 0.008
_GIVEN_UP_DAYS = 21
_DISPATCH_DAYS = 26
_PACKED_AHEAD_MS = 6 * DAY_MS
# Odd, so that multiplying by it modulo a power of two gives no number twice.
_SCATTER = 2_654_435_761


@dataclass(frozen=True)
class Months:
    """The months of the period: their first days, and those days' 00:00 in the business time zone."""

    first_day: Sequence[date]
    start_ms: Ints

    @classmethod
    def of(cls, first_day: Sequence[date], zone: ZoneInfo) -> Months:
        starts = [to_ms(datetime(day.year, day.month, 1, tzinfo=zone)) for day in first_day]
        return cls(first_day, np.array(starts, dtype=np.int64))


def shipment_rows(
    subscriptions: Subscriptions,
    customers: Customers,
    months: Months,
    outages: Sequence[CarrierOutage],
    now_ms: int,
    span: range,
    first_id: int,
    seed: int,
) -> tuple[str, int]:
    """COPY lines for the subscriptions of the span, and how many. Ids count up from first_id."""
    rng = stream(seed, Use.SHIPMENTS, span.start)
    position, month, shipped = _due(rng, subscriptions, months, now_ms, span)
    count = len(position)
    country = customers.country[subscriptions.customer[position]]
    carrier = pick(rng, grid(vocabulary().country, vocabulary().carrier, profile.CARRIERS_OF, 0.0)[country])
    held = _held(carrier, shipped, outages)
    days = lognormal(rng, row(vocabulary().country, profile.TRANSIT_DAYS)[country], 0.28, count)
    delivered = shipped + ((days + held * lognormal(rng, 7.0, 0.35, count)) * DAY_MS).astype(np.int64)
    status = _status(rng, subscriptions, position, shipped, delivered, held, now_ms)
    sent = ~np.isin(status, (_PREPARING, _SKIPPED))
    ids = first_id + np.arange(count)
    day_text = [day.isoformat() for day in months.first_day]
    text = copytext.rows(
        copytext.numbers(ids),
        copytext.numbers(position + 1),
        copytext.labels(day_text, month),
        copytext.labels(vocabulary().carrier, carrier),
        _tracking(ids, carrier),
        copytext.labels(_STATUSES, status),
        copytext.times(np.where(sent, shipped, NEVER)),
        copytext.times(np.where(status == _DELIVERED, delivered, NEVER)),
    )
    return text, count


def _due(
    rng: np.random.Generator, subscriptions: Subscriptions, months: Months, now_ms: int, span: range
) -> tuple[Ints, Ints, Ints]:
    """Position, month and time of dispatch of each box: every 1, 2 or 3 months from the first, until cancelled.

    A subscription has its own day of the month. Boxes that leave after now are there when packing has begun.
    """
    part = slice(span.start, span.stop)
    started = subscriptions.started_ms[part]
    began = np.floor((started - months.start_ms[0]) / (30.4375 * DAY_MS)).astype(np.int64)
    index = np.arange(len(months.first_day))
    rhythm = (index[None, :] - began[:, None]) % _STEP[subscriptions.frequency[part]][:, None] == 0
    day = started // DAY_MS % _DISPATCH_DAYS
    jitter = rng.integers(7 * 60, 17 * 60, rhythm.shape) * MINUTE_MS
    shipped = months.start_ms[None, :] + day[:, None] * DAY_MS + jitter
    left = np.where(subscriptions.returned[part], NEVER, subscriptions.cancelled_ms[part])
    there = (started[:, None] + DAY_MS < shipped) & (left[:, None] > shipped) & (shipped <= now_ms + _PACKED_AHEAD_MS)
    offset, month = np.nonzero(rhythm & there)
    return offset + span.start, month, shipped[offset, month]


def _held(carrier: Ints, shipped: Ints, outages: Sequence[CarrierOutage]) -> Flags:
    """Boxes that an outage caught: handed over in it, or on their way when it began."""
    held = np.zeros(len(carrier), dtype=np.bool_)
    for outage in outages:
        caught = (shipped >= to_ms(outage.start) - 3 * DAY_MS) & (shipped < to_ms(outage.end))
        held |= caught & (carrier == vocabulary().carrier.index(outage.carrier))
    return held


def _status(
    rng: np.random.Generator,
    subscriptions: Subscriptions,
    position: Ints,
    shipped: Ints,
    delivered: Ints,
    held: Flags,
    now_ms: int,
) -> Ints:
    u: Floats = rng.random(len(position))
    losses = np.where(held, 5 * _LOSSES, _LOSSES)
    paused_now = (subscriptions.paused_days[position] > 0) & (shipped > now_ms - 35 * DAY_MS)
    status = np.where(delivered <= now_ms, _DELIVERED, _IN_TRANSIT)
    settled = shipped + _GIVEN_UP_DAYS * DAY_MS <= now_ms
    status = np.where(settled & (u < losses), _LOST, status)
    status = np.where(settled & (u >= losses) & (u < losses + _RETURNS), _RETURNED, status)
    status = np.where(shipped > now_ms, _PREPARING, status)
    return np.where(paused_now | (u > 1 - _SKIPS), _SKIPPED, status)


def _tracking(ids: Ints, carrier: Ints) -> list[str]:
    scattered = (ids * _SCATTER) % (1 << 36)
    prefixes = [profile.TRACKING_PREFIX[name] for name in vocabulary().carrier]
    return [f"{prefixes[code]}{number:011d}" for code, number in zip(carrier.tolist(), scattered.tolist(), strict=True)]
