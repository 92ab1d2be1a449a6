"""Subscriptions: who has which, since when, and who left, paused or came back."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from zoneinfo import ZoneInfo

import numpy as np

from dash_agent.warehouse.demo import copytext, profile
from dash_agent.warehouse.demo.calendar import DAY_MS, HOUR_MS, from_ms
from dash_agent.warehouse.demo.copytext import NEVER, NULL
from dash_agent.warehouse.demo.people import Customers
from dash_agent.warehouse.demo.streams import Flags, Ints, Use, pick, stream
from dash_agent.warehouse.demo.vocabulary import FREQUENCIES, PLANS, data_file, row, vocabulary

_NONE, _TWO = 0.07, 0.08
_LEAVES_A_YEAR = 0.17
_CAME_BACK = 0.05
_PAUSED = 0.07
_GIFT_MONTHS = (3, 6, 12)


@dataclass(frozen=True)
class Subscriptions:
    """All subscriptions in customer order; subscription_id is the position plus 1.

    cancelled_ms: NEVER where it was not. returned: cancelled once, active again. first_of: the position of each
    customer's first subscription, -1 where there is none.
    """

    customer: Ints
    plan: Ints
    frequency: Ints
    started_ms: Ints
    cancelled_ms: Ints
    returned: Flags
    paused_days: Ints
    first_of: Ints

    def __len__(self) -> int:
        return len(self.customer)


def draw_subscriptions(customers: Customers, now_ms: int, seed: int) -> Subscriptions:
    rng = stream(seed, Use.SUBSCRIPTIONS)
    u = rng.random(len(customers))
    held = np.where(u < _NONE, 0, np.where(u < _NONE + _TWO, 2, 1))
    held[0] = 1
    customer = np.repeat(np.arange(len(customers)), held)
    count = len(customer)
    first_of = np.where(held > 0, np.cumsum(held) - held, -1)
    since = customers.created_ms[customer]
    second = np.arange(count) != first_of[customer]
    # From an hour after the account to three days; a second subscription comes later in the customer's time here.
    wait = np.where(second, rng.random(count) * 0.8 * (now_ms - since), HOUR_MS + rng.random(count) * 3 * DAY_MS)
    started = np.minimum(since + wait.astype(np.int64), now_ms)
    plan = pick(rng, np.tile(row(PLANS, profile.PLAN), (count, 1)))
    frequency = pick(rng, np.tile(row(FREQUENCIES, profile.FREQUENCY), (count, 1)))
    left = started + DAY_MS + (rng.exponential(365 / _LEAVES_A_YEAR, count) * DAY_MS).astype(np.int64)
    gift_end = started + np.array(_GIFT_MONTHS)[rng.integers(0, 3, count)] * 30 * DAY_MS
    stays_on = rng.random(count) < 0.55
    left = np.where((plan == PLANS.index("gift")) & ~stays_on, np.minimum(left, gift_end), left)
    cancelled = np.where(left <= now_ms, left, NEVER)
    returned = (cancelled < NEVER) & (rng.random(count) < _CAME_BACK)
    active = (cancelled == NEVER) | returned
    paused = active & ~returned & (rng.random(count) < _PAUSED)
    paused_days = np.where(paused, rng.integers(4, 100, count), 0)
    return Subscriptions(customer, plan, frequency, started, cancelled, returned, paused_days, first_of)


def subscription_rows(
    subscriptions: Subscriptions, customers: Customers, now_ms: int, zone: ZoneInfo, first: int, last: int
) -> str:
    """COPY lines of the subscriptions at [first, last)."""
    part = slice(first, last)
    cancelled, returned = subscriptions.cancelled_ms[part], subscriptions.returned[part]
    days = subscriptions.paused_days[part]
    status = np.where((cancelled < NEVER) & ~returned, 2, np.where(days > 0, 1, 0))
    today = from_ms(now_ms).astimezone(zone).date()
    customer = subscriptions.customer[part]
    return copytext.rows(
        [str(position + 1) for position in range(first, last)],
        copytext.numbers(customer + 1),
        copytext.labels(PLANS, subscriptions.plan[part]),
        copytext.labels(FREQUENCIES, subscriptions.frequency[part]),
        copytext.labels(("active", "paused", "cancelled"), status),
        [f"{profile.PRICE_USD[PLANS[plan]]:.2f}" for plan in subscriptions.plan[part].tolist()],
        copytext.times(subscriptions.started_ms[part]),
        [(today + timedelta(days=count)).isoformat() if count else NULL for count in days.tolist()],
        copytext.times(cancelled),
        _addresses(customers, customer, first),
    )


def _addresses(customers: Customers, customer: Ints, first: int) -> list[str]:
    """Invented ones: streets that many towns have, towns of the country, a house number."""
    places = data_file("places.json")
    names = vocabulary().country
    written = []
    for offset, position in enumerate(customer.tolist()):
        place = places[names[int(customers.country[position])]]
        number = int(customers.name_seed[position]) + (first + offset) * 7
        street = place["streets"][number % len(place["streets"])]
        town = place["towns"][number // 13 % len(place["towns"])]
        written.append(place["form"].format(street=street, number=number % 180 + 1, town=town))
    return written
