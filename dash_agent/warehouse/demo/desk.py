"""The whole demo desk of an options value: what is drawn once, and each table's rows in chunks."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

import numpy as np

from dash_agent.warehouse.demo.arrivals import Arrivals, draw_arrivals, with_sizes
from dash_agent.warehouse.demo.calendar import (
    DAY_MS,
    Hours,
    from_ms,
    hours_between,
    month_starts,
    period_start,
    to_ms,
)
from dash_agent.warehouse.demo.comparisons import comparison_rows
from dash_agent.warehouse.demo.copytext import NEVER
from dash_agent.warehouse.demo.course import Conditions, draw_course
from dash_agent.warehouse.demo.dialogs import dialog_rows
from dash_agent.warehouse.demo.era import instruction_rows, model_change
from dash_agent.warehouse.demo.incidents import BadInstruction, CarrierOutage, Incident, draw
from dash_agent.warehouse.demo.opening import draw_opening
from dash_agent.warehouse.demo.options import DemoOptions
from dash_agent.warehouse.demo.people import Customers, customer_count, customer_rows, draw_customers
from dash_agent.warehouse.demo.shipments import Months, shipment_rows
from dash_agent.warehouse.demo.streams import Ints, Use, stream
from dash_agent.warehouse.demo.subscriptions import Subscriptions, draw_subscriptions, subscription_rows
from dash_agent.warehouse.demo.tasks import task_rows
from dash_agent.warehouse.demo.texts import write_texts
from dash_agent.warehouse.demo.tickets import ticket_rows
from dash_agent.warehouse.demo.vocabulary import vocabulary

CHUNK = 10_000
_ERROR_CANDIDATES = 60
_STEADY = ("skip_month", "change_address", "change_frequency")
"""Categories whose error rate stays far under the threshold for auto-send."""


@dataclass(frozen=True)
class Rows:
    """COPY lines for a table. size: how many. step: how far the progress goes with them."""

    table: str
    stage: str
    text: str
    size: int
    step: int = 0


@dataclass(frozen=True)
class Desk:
    options: DemoOptions
    start: datetime
    now: datetime
    change: datetime
    hours: Hours
    customers: Customers
    subscriptions: Subscriptions
    arrivals: Arrivals
    incidents: tuple[Incident, ...]

    @property
    def total(self) -> int:
        """Tickets and customers: what progress counts."""
        return len(self.arrivals) + len(self.customers)

    def rows(self) -> Iterator[Rows]:
        """Every table's rows, in an order that foreign keys allow, a bounded number at a time."""
        yield self._instructions()
        yield from self._customers()
        yield from self._subscriptions()
        yield from self._tickets()

    def _instructions(self) -> Rows:
        text, size = instruction_rows(self.start, self.now, self.change, self.incidents)
        return Rows("ai_answerer_instructions", "instructions", text, size)

    def _customers(self) -> Iterator[Rows]:
        for span in _spans(len(self.customers)):
            text = customer_rows(self.customers, span.start, span.stop)
            yield Rows("customers", "customers", text, len(span), step=len(span))

    def _subscriptions(self) -> Iterator[Rows]:
        zone, now_ms = self.options.zone, self.options.now_ms
        months = Months.of(month_starts(self.start, self.now, zone), zone)
        next_id = 1
        for span in _spans(len(self.subscriptions)):
            text = subscription_rows(self.subscriptions, self.customers, now_ms, zone, span.start, span.stop)
            yield Rows("subscriptions", "subscriptions", text, len(span))
            text, size = shipment_rows(
                self.subscriptions, self.customers, months, self._outages(), now_ms, span, next_id, self.options.seed
            )
            next_id += size
            yield Rows("shipments", "shipments", text, size)

    def _tickets(self) -> Iterator[Rows]:
        seed, now_ms = self.options.seed, self.options.now_ms
        forced = recent_errors(self.arrivals, now_ms, seed)
        bad = [incident for incident in self.incidents if isinstance(incident, BadInstruction)]
        conditions = Conditions(now_ms, to_ms(self.start), to_ms(self.change), bad)
        message = comparison = task = 1
        for span in _spans(len(self.arrivals)):
            opening = draw_opening(self.arrivals, span, self.hours, self.customers, self._outages(), seed)
            course = draw_course(opening, conditions, forced[span.start : span.stop], seed)
            rng = stream(seed, Use.DIALOGS, span.start)
            texts = write_texts(rng, opening, course, self.customers)
            text = ticket_rows(rng, opening, course, self.customers, texts.subject)
            yield Rows("support_threads_data", "tickets", text, len(span))
            text, size = dialog_rows(rng, opening, course, texts, message)
            message += size
            yield Rows("support_dialogs", "tickets", text, size)
            text, size = comparison_rows(opening, course, texts, now_ms, comparison, seed)
            comparison += size
            yield Rows("ai_human_comparison", "tickets", text, size)
            text, size = task_rows(opening, course, self.subscriptions, now_ms, task, seed)
            task += size
            yield Rows("ai_agent_tasks", "tickets", text, size, step=len(span))

    def _outages(self) -> list[CarrierOutage]:
        return [incident for incident in self.incidents if isinstance(incident, CarrierOutage)]


def draw_desk(options: DemoOptions) -> Desk:
    """What all chunks share: hours, customers, subscriptions, arrivals, incidents. Pure: no clock, no files."""
    now = from_ms(options.now_ms)
    start = period_start(now, options.months, options.zone)
    change = model_change(start, now, options.seed)
    incidents = draw(options.seed, start, now, change) if options.incidents is None else options.incidents
    hours = hours_between(start, options.now_ms, options.zone, options.seed)
    customers = draw_customers(customer_count(options.tickets), to_ms(start), options.now_ms, options.seed)
    subscriptions = draw_subscriptions(customers, options.now_ms, options.seed)
    outages = [incident for incident in incidents if isinstance(incident, CarrierOutage)]
    arrivals = draw_arrivals(options.tickets, hours, outages, options.seed)
    sized = with_sizes(incidents, arrivals)
    return Desk(options, start, now.astimezone(UTC), change, hours, customers, subscriptions, arrivals, sized)


def recent_errors(arrivals: Arrivals, now_ms: int, seed: int) -> Ints:
    """For each ticket when its processing is given up: within the last hour for three to six of the last day's.

    NEVER for all others; fewer where the last day has fewer.
    """
    rng = stream(seed, Use.RECENT_ERRORS)
    given_up = np.full(len(arrivals), NEVER)
    steady = [vocabulary().category.index(name) for name in _STEADY]
    recent = np.arange(max(len(arrivals) - _ERROR_CANDIDATES, 0), len(arrivals))
    created = arrivals.created_ms[recent]
    recent = recent[(created > now_ms - DAY_MS) & ~np.isin(arrivals.category[recent], steady)]
    chosen = rng.permutation(recent)[: int(rng.integers(3, 7))]
    earliest = np.maximum(arrivals.created_ms[chosen], now_ms - 3_300_000)
    given_up[chosen] = earliest + (rng.random(len(chosen)) * (now_ms - earliest)).astype(np.int64)
    return given_up


def _spans(count: int) -> Iterator[range]:
    for first in range(0, count, CHUNK):
        yield range(first, min(first + CHUNK, count))
