"""Who writes a ticket, from where, on which channel, about what: all that is known when it comes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np

from dash_agent.warehouse.demo import profile
from dash_agent.warehouse.demo.arrivals import Arrivals
from dash_agent.warehouse.demo.calendar import Hours, clock
from dash_agent.warehouse.demo.incidents import CarrierOutage
from dash_agent.warehouse.demo.people import Customers, choose
from dash_agent.warehouse.demo.streams import Flags, Floats, Ints, Use, pick, stream
from dash_agent.warehouse.demo.vocabulary import URGENCIES, grid, row, vocabulary


@dataclass(frozen=True)
class Opening:
    """One chunk of tickets; ticket_id is `first` plus the place plus 1. Codes are positions in the vocabulary.

    customer: position, -1 where unidentified. subtype, secondary: -1 where there is none. hour, weekday, month:
    of created_ms on the local clock.
    """

    first: int
    created_ms: Ints
    hour: Ints
    weekday: Ints
    month: Ints
    category: Ints
    subtype: Ints
    secondary: Ints
    country: Ints
    carrier: Ints
    customer: Ints
    channel: Ints
    language: Ints
    urgency: Ints
    outstanding: Flags
    flooded: Flags

    def __len__(self) -> int:
        return len(self.created_ms)


@dataclass(frozen=True)
class _Tables:
    """The profile as arrays, in the order of the vocabulary."""

    country: Floats  # hour of day x category x country
    channel: Floats  # country x category x language x channel
    spoken: Floats  # country x language
    unidentified: Floats
    urgency: Floats
    outstanding: Floats
    subtype: Floats  # category x subtype
    flooded_subtype: Floats
    carrier: Floats  # country x carrier


@cache
def _tables() -> _Tables:
    words = vocabulary()
    awake = np.array([[profile.AWAKE[(h + profile.HOURS_FROM_DESK[c]) % 24] for c in words.country] for h in range(24)])
    wants = grid(words.country, words.category, profile.COUNTRY_CATEGORY, 1.0).T
    country = row(words.country, profile.COUNTRY) * awake[:, None, :] * wants[None, :, :]
    of_country = grid(words.country, words.channel, profile.COUNTRY_CHANNEL, 1.0)
    of_category = grid(words.category, words.channel, profile.CATEGORY_CHANNEL, 1.0)
    of_language = grid(words.language, words.channel, profile.LANGUAGE_CHANNEL, 1.0)
    channel = (
        row(words.channel, profile.CHANNEL)
        * of_country[:, None, None, :]
        * of_category[None, :, None, :]
        * of_language[None, None, :, :]
    )
    urgency = {name: profile.URGENCY.get(name, profile.URGENCY_DEFAULT) for name in words.category}
    return _Tables(
        country=country,
        channel=channel,
        spoken=grid(words.country, words.language, profile.LANGUAGE_OF, 0.0),
        unidentified=row(words.channel, profile.UNIDENTIFIED),
        urgency=grid(words.category, URGENCIES, urgency, 0.0),
        outstanding=row(words.category, profile.OUTSTANDING, profile.OUTSTANDING_DEFAULT),
        subtype=_subtypes(profile.SUBTYPE, 1.0),
        flooded_subtype=_subtypes(profile.FLOODED_SUBTYPE, 0.0),
        carrier=grid(words.country, words.carrier, profile.CARRIERS_OF, 0.0),
    )


def _subtypes(weights: dict[str, float], default: float) -> Floats:
    """category x the longest list of subtypes, 0 beyond a category's own."""
    lists = vocabulary().subtype
    table = np.zeros((len(lists), max(map(len, lists))))
    for place, names in enumerate(lists):
        table[place, : len(names)] = [weights.get(name, default) for name in names]
        if not table[place].any():
            table[place, : len(names)] = 1.0
    return table


def draw_opening(
    arrivals: Arrivals, span: range, hours: Hours, customers: Customers, outages: Sequence[CarrierOutage], seed: int
) -> Opening:
    rng = stream(seed, Use.OPENING, span.start)
    tables, part = _tables(), slice(span.start, span.stop)
    created, category, cause = arrivals.created_ms[part], arrivals.category[part], arrivals.cause[part]
    count = len(created)
    hour, weekday, month = clock(created, hours)
    country = pick(rng, tables.country[hour, category] * _reach(outages)[cause])
    carrier = pick(rng, tables.carrier[country])
    for place, outage in enumerate(outages):
        carrier = np.where(cause == place, vocabulary().carrier.index(outage.carrier), carrier)
    customer = choose(customers, rng, country, created)
    country = customers.country[customer]
    language = customers.language[customer]
    channel = pick(rng, tables.channel[country, category, language])
    unidentified = rng.random(count) < tables.unidentified[channel]
    foreign = rng.random(count) < profile.FOREIGN_TICKET
    language = np.where(unidentified, pick(rng, tables.spoken[country]), language)
    language = np.where(foreign & ~unidentified, vocabulary().language.index("en"), language)
    subtype = np.where(cause >= 0, pick(rng, tables.flooded_subtype[category]), pick(rng, tables.subtype[category]))
    shift = rng.integers(1, len(vocabulary().category), count)
    return Opening(
        first=span.start,
        created_ms=created,
        hour=hour,
        weekday=weekday,
        month=month,
        category=category,
        subtype=np.where(rng.random(count) < profile.NO_SUBTYPE, -1, subtype),
        secondary=np.where(rng.random(count) < profile.SECONDARY, (category + shift) % len(vocabulary().category), -1),
        country=country,
        carrier=carrier,
        customer=np.where(unidentified, -1, customer),
        channel=channel,
        language=language,
        urgency=pick(rng, tables.urgency[category]),
        outstanding=rng.random(count) < tables.outstanding[category],
        flooded=cause >= 0,
    )


def _reach(outages: Sequence[CarrierOutage]) -> Floats:
    """outages x countries: how much of a country's boxes the carrier has; the last row, all ones, is no outage's."""
    carriers = [vocabulary().carrier.index(outage.carrier) for outage in outages]
    table = _tables().carrier
    shares = table / table.sum(axis=1, keepdims=True)
    return np.vstack([shares[:, carriers].T, np.ones((1, table.shape[0]))])
