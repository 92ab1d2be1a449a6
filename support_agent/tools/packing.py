"""Boxes, their months and the packing day, as knowledge/policies/boxes-and-packing-day.md has it. Pure.

A box belongs to a month, written as its first day, and is packed on the 20th of the month before, in the business time
zone. What arrives until the end of the 19th reaches it. A box counts as packed from that day on, and before it where
its shipment says so.
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Collection, Iterator, Sequence
from datetime import date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from support_agent.models import Shipment, Subscription

PACKED_ON: Final = 20
RHYTHM: Final = {"monthly": 1, "bimonthly": 2, "quarterly": 3}
"""Frequency → months from one box to the next."""

SKIPPED: Final = "skipped"
PREPARING: Final = "preparing"
FAR: Final = 36
"""Months ahead in which the next box is looked for."""


def today(now: datetime, zone: ZoneInfo) -> date:
    return now.astimezone(zone).date()


def month_of(day: date) -> date:
    return day.replace(day=1)


def months_after(day: date, months: int) -> date:
    """The same day of another month, or that month's last where it has no such day. months: may be negative."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def months_between(first: date, last: date) -> int:
    """From the month of one day to that of another, negative where it lies before."""
    return (last.year - first.year) * 12 + last.month - first.month


def packing_day(box_month: date) -> date:
    return months_after(month_of(box_month), -1).replace(day=PACKED_ON)


def packed_from(box_month: date, zone: ZoneInfo) -> datetime:
    """The moment from which changes no longer reach a box: 00:00 of its packing day."""
    return datetime.combine(packing_day(box_month), time(), zone)


def last_day(box_month: date) -> date:
    """On which a change still reaches a box."""
    return packing_day(box_month) - timedelta(days=1)


def packed_by(day: date) -> date:
    """The month of the latest box whose packing day has come by the end of a day."""
    return months_after(month_of(day), 1 if day.day >= PACKED_ON else 0)


def of_month(shipments: Sequence[Shipment], box_month: date) -> Shipment | None:
    return next((box for box in shipments if box.box_month == box_month), None)


def is_packed(box_month: date, shipments: Sequence[Shipment], now: datetime, zone: ZoneInfo) -> bool:
    """Whether a box is out of the agent's reach. A skipped one is from its day on, for it can't be had any more."""
    if now >= packed_from(box_month, zone):
        return True
    box = of_month(shipments, box_month)
    return box is not None and box.status not in (PREPARING, SKIPPED)


def waits_past_its_day(box_month: date, shipments: Sequence[Shipment], now: datetime, zone: ZoneInfo) -> bool:
    """Whether a person may still change a box that the agent may not: its day has come, and it is still preparing."""
    box = of_month(shipments, box_month)
    return box is not None and box.status == PREPARING and now >= packed_from(box_month, zone)


def first_open_month(shipments: Sequence[Shipment], now: datetime, zone: ZoneInfo) -> date:
    """The first month whose box a change would still reach, whether or not one is due then."""
    month = months_after(packed_by(today(now, zone)), 1)
    while is_packed(month, shipments, now, zone):
        month = months_after(month, 1)
    return month


def due_months(
    subscription: Subscription, shipments: Sequence[Shipment], now: datetime, zone: ZoneInfo
) -> Iterator[date]:
    """The months that have a box by its rhythm, after the latest one whose day has come; skips and pauses aside."""
    step, open_until = RHYTHM[subscription.frequency], packed_by(today(now, zone))
    past = [box.box_month for box in shipments if box.box_month <= open_until]
    first = months_after(packed_by(today(subscription.started_at, zone)), 1)
    month = months_after(max(past), step) if past else first
    for _ in range(FAR):
        yield month
        month = months_after(month, step)


def coming_boxes(
    subscription: Subscription,
    shipments: Sequence[Shipment],
    now: datetime,
    zone: ZoneInfo,
    without: Collection[date] = (),
) -> Iterator[date]:
    """Months of the boxes that come and are not packed yet, the next one first.

    A box whose packing day lies in a pause does not come. without: months that are left out.
    """
    if subscription.status == "cancelled":
        return
    paused_until = subscription.paused_until if subscription.status == "paused" else None
    known = {box.box_month: box for box in shipments}
    for month in sorted({*known, *due_months(subscription, shipments, now, zone)}):
        box = known.get(month)
        if is_packed(month, shipments, now, zone) or month in without or (box is not None and box.status == SKIPPED):
            continue
        if paused_until is None or packing_day(month) > paused_until:
            yield month


def next_box(
    subscription: Subscription,
    shipments: Sequence[Shipment],
    now: datetime,
    zone: ZoneInfo,
    without: Collection[date] = (),
) -> date | None:
    """The month of the next box that is not packed; None where none comes any more."""
    return next(coming_boxes(subscription, shipments, now, zone, without), None)


def most_in_a_year(months: Collection[date], added: date) -> int:
    """How many of some months, with another one, lie in the fullest twelve months in a row that have the other."""
    among = [*map(month_of, months), month_of(added)]
    windows = (months_after(month_of(added), -back) for back in range(12))
    return max(sum(0 <= months_between(start, month) < 12 for month in among) for start in windows)


def working_days(first: date, last: date) -> int:
    """Days from Sunday to Thursday after the first day, up to and with the last."""
    days = (first + timedelta(days=ahead) for ahead in range(1, (last - first).days + 1))
    return sum(day.weekday() not in (4, 5) for day in days)
