"""Customers: where they live, what they speak, since when, and how they spell their address."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np

from dash_agent.warehouse.demo import copytext, profile
from dash_agent.warehouse.demo.calendar import DAY_MS, HOUR_MS
from dash_agent.warehouse.demo.streams import Ints, Use, pick, stream
from dash_agent.warehouse.demo.vocabulary import data_file, grid, row, vocabulary

_EARLIER_DAYS = 900


@dataclass(frozen=True)
class Names:
    """Names of a language: as written, and in the letters of an e-mail address."""

    first: tuple[str, ...]
    first_latin: tuple[str, ...]
    last: tuple[str, ...]
    last_latin: tuple[str, ...]


@cache
def names_of(language: str) -> Names:
    data = data_file("names.json")[language]
    first, last = data["first"], data["last"]
    return Names(
        tuple(written for written, _ in first),
        tuple(latin for _, latin in first),
        tuple(written for written, _ in last),
        tuple(latin for _, latin in last),
    )


@dataclass(frozen=True)
class Customers:
    """All customers in the order they came; customer_id is the position plus 1.

    in_country: for each country, the positions of its customers, in the same order.
    """

    created_ms: Ints
    country: Ints
    language: Ints
    name_seed: Ints
    in_country: tuple[Ints, ...]

    def __len__(self) -> int:
        return len(self.created_ms)

    def first_name(self, position: int) -> str:
        first = names_of(vocabulary().language[self.language[position]]).first
        return first[int(self.name_seed[position]) % len(first)]

    def called(self, position: int, language: int) -> str:
        """The first name as a reply in that language writes it: in Latin letters where it is not the customer's."""
        if self.language[position] == language:
            return self.first_name(position)
        names = names_of(vocabulary().language[self.language[position]])
        return names.first_latin[int(self.name_seed[position]) % len(names.first_latin)].capitalize()

    def full_name(self, position: int) -> str:
        return f"{self.first_name(position)} {self._last(position, latin=False)}"

    def email(self, position: int) -> str:
        """Lower case, unique by the number at its end."""
        names = names_of(vocabulary().language[self.language[position]])
        first = names.first_latin[int(self.name_seed[position]) % len(names.first_latin)]
        return f"{first}.{self._last(position, latin=True)}{position + 1}@example.com"

    def _last(self, position: int, *, latin: bool) -> str:
        names = names_of(vocabulary().language[self.language[position]])
        last = names.last_latin if latin else names.last
        return last[int(self.name_seed[position]) // 997 % len(last)]


def customer_count(tickets: int) -> int:
    return max(profile.FEWEST_CUSTOMERS, round(tickets * profile.CUSTOMERS_PER_TICKET))


def draw_customers(count: int, start_ms: int, now_ms: int, seed: int) -> Customers:
    rng = stream(seed, Use.CUSTOMERS)
    words = vocabulary()
    earlier = rng.random(count) < profile.EARLIER_CUSTOMERS
    # One at least is older than every ticket, so that any ticket finds a customer.
    earlier[0] = True
    u = rng.random(count)
    before = start_ms - HOUR_MS - (u**1.3 * _EARLIER_DAYS * DAY_MS).astype(np.int64)
    within = start_ms + (u**0.9 * max(now_ms - start_ms - HOUR_MS, 0)).astype(np.int64)
    created = np.sort(np.where(earlier, before, within))
    country = pick(rng, np.tile(row(words.country, profile.COUNTRY), (count, 1)))
    spoken = grid(words.country, words.language, profile.LANGUAGE_OF, 0.0)
    language = pick(rng, spoken[country])
    name_seed = rng.integers(0, 1_000_000, count)
    in_country = tuple(np.flatnonzero(country == code) for code in range(len(words.country)))
    return Customers(created, country, language, name_seed, in_country)


def choose(customers: Customers, rng: np.random.Generator, country: Ints, created_ms: Ints) -> Ints:
    """A customer of the country for each ticket, among those who were there already; some write far more often."""
    u = rng.random(len(country)) ** 1.25
    known = np.searchsorted(customers.created_ms, created_ms, side="right")
    chosen = (u * known).astype(np.int64)
    for code, positions in enumerate(customers.in_country):
        here = np.flatnonzero(country == code)
        there = np.searchsorted(customers.created_ms[positions], created_ms[here], side="right")
        found = there > 0
        chosen[here[found]] = positions[(u[here[found]] * there[found]).astype(np.int64)]
    return chosen


def typed(email: str, style: int) -> str:
    """The address as a customer types it. style: 0-99."""
    if style < 66:
        return email
    if style < 84:
        return email[0].upper() + email[1:]
    if style < 94:
        local, domain = email.split("@")
        return f"{local.title()}@{domain.capitalize()}"
    return email.upper()


def customer_rows(customers: Customers, first: int, last: int) -> str:
    """COPY lines of the customers at [first, last)."""
    span = range(first, last)
    words = vocabulary()
    return copytext.rows(
        [str(position + 1) for position in span],
        [customers.full_name(position) for position in span],
        [customers.email(position) for position in span],
        copytext.labels(words.country, customers.country[first:last]),
        copytext.labels(words.language, customers.language[first:last]),
        copytext.times(customers.created_ms[first:last]),
    )
