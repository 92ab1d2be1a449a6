"""Every metric of the catalogue, worked out by hand from the page of business definitions.

A metric is a function over the rows that it is counted from: a frame that holds the period's rows of one group.
Exact throughout: counts are int, everything else is a Fraction, or None where it has no value.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from math import floor
from typing import Any

import pandas as pd

from dash_agent.models.query import Scalar
from tests.oracle.frames import (
    COMPARISONS,
    CUSTOMERS,
    DATED,
    FIRST_REPLIES,
    MESSAGES,
    RECORD,
    SHIPMENTS,
    SUBSCRIPTIONS,
    TASKS,
    TICKETS,
)

Number = int | Fraction
Cell = Any


@dataclass(frozen=True)
class Span:
    """A period's bounds as the definitions have them: an unfinished one ends at now, inclusive."""

    start: datetime
    end: datetime
    inclusive: bool = False

    def holds(self, moment: datetime | None) -> bool:
        if moment is None or moment < self.start:
            return False
        return moment <= self.end if self.inclusive else moment < self.end


@dataclass(frozen=True)
class Asked:
    """What a metric may depend on beside its rows."""

    now: datetime
    parameters: Mapping[str, Scalar] = field(default_factory=dict)
    span: Span | None = None

    @property
    def stuck_since(self) -> datetime:
        return self.now - timedelta(hours=int(self.parameters.get("stuck_hours") or 24))


Value = Callable[[pd.DataFrame, Asked], Number | None]
Where = Callable[[Cell, Asked], bool]


@dataclass(frozen=True)
class ByHand:
    """dated: the column that a period goes by. where: rows of a counted metric, for those that are plain counts.

    adds_up: parts of a whole make sense. state: may be asked without a period. cohort: counted from who was there
    when the period began.
    """

    table: str
    value: Value
    decimals: int = 0
    dated: str = DATED
    where: Where | None = None
    adds_up: bool = False
    state: bool = False
    cohort: bool = False
    percentile: bool = False

    @property
    def whole_number(self) -> bool:
        """Whether the answer's cells are int."""
        return self.where is not None


def records(frame: pd.DataFrame) -> Iterable[Cell]:
    """The rows themselves, with their columns as attributes."""
    return frame[RECORD]


def count(table: str, where: Where = lambda row, asked: True, *, dated: str = DATED, state: bool = False) -> ByHand:
    def value(frame: pd.DataFrame, asked: Asked) -> Number:
        return sum(1 for row in records(frame) if where(row, asked))

    return ByHand(table, value, dated=dated, where=where, adds_up=True, state=state)


def rate(table: str, numerator: Where, denominator: Where = lambda row, asked: True) -> ByHand:
    """A percentage over all rows of the group."""

    def value(frame: pd.DataFrame, asked: Asked) -> Number | None:
        parts = sum(1 for row in records(frame) if numerator(row, asked))
        whole = sum(1 for row in records(frame) if denominator(row, asked))
        return Fraction(100 * parts, whole) if whole else None

    return ByHand(table, value, decimals=1)


def total(table: str, of: Callable[[Cell], Number], decimals: int) -> ByHand:
    def value(frame: pd.DataFrame, asked: Asked) -> Number:
        return sum((Fraction(of(row)) for row in records(frame)), Fraction(0))

    return ByHand(table, value, decimals=decimals, adds_up=True)


def mean(table: str, of: Callable[[Cell], Number | None], decimals: int, *, state: bool = False) -> ByHand:
    def value(frame: pd.DataFrame, asked: Asked) -> Number | None:
        return average([number for row in records(frame) if (number := of(row)) is not None])

    return ByHand(table, value, decimals=decimals, state=state)


def median(table: str, of: Callable[[Cell], Number | None], decimals: int) -> ByHand:
    """The median, unless the question says average or a percentile."""

    def value(frame: pd.DataFrame, asked: Asked) -> Number | None:
        numbers = [number for row in records(frame) if (number := of(row)) is not None]
        if asked.parameters.get("aggregate") == "average":
            return average(numbers)
        return percentile(numbers, Fraction(str(asked.parameters.get("percentile") or "0.5")))

    return ByHand(table, value, decimals=decimals, percentile=True)


def average(numbers: list[Number]) -> Fraction | None:
    return Fraction(sum(numbers)) / len(numbers) if numbers else None


def percentile(numbers: list[Number], share: Fraction) -> Fraction | None:
    """percentile_cont: the place share × (n − 1) of the sorted numbers, between two of them in proportion."""
    if not numbers:
        return None
    ranked = sorted(numbers)
    place = share * (len(ranked) - 1)
    below = ranked[floor(place)]
    above = ranked[min(floor(place) + 1, len(ranked) - 1)]
    return Fraction(below) + (place - floor(place)) * (above - below)


def given(column: str) -> Where:
    return lambda row, asked: getattr(row, column) is not None


def missing(column: str) -> Where:
    return lambda row, asked: getattr(row, column) is None


def among(column: str, *values: object) -> Where:
    return lambda row, asked: getattr(row, column) in values


def both(*conditions: Where) -> Where:
    return lambda row, asked: all(condition(row, asked) for condition in conditions)


def units(start: datetime | None, end: datetime | None, unit: timedelta) -> Fraction | None:
    """The time between two moments, exactly."""
    if start is None or end is None:
        return None
    microsecond = timedelta(microseconds=1)
    return Fraction((end - start) // microsecond, unit // microsecond)


def minutes(start: str, end: str) -> Callable[[Cell], Fraction | None]:
    return lambda row: units(getattr(row, start), getattr(row, end), timedelta(minutes=1))


def cost_per_answered(frame: pd.DataFrame, asked: Asked) -> Number | None:
    answered = sum(1 for row in records(frame) if row.ai_answered_at is not None)
    return sum((dollars(row) for row in records(frame)), Fraction(0)) / answered if answered else None


def dollars(row: Cell) -> Fraction:
    return Fraction(row.cost_usd or 0)


def hours_saved(row: Cell) -> Fraction:
    if row.auto_sent:
        return Fraction(8, 60)
    return Fraction(4, 60) if row.draft_created_at is not None else Fraction(0)


def penalty(row: Cell) -> Fraction | None:
    text = (row.penalty_score or "").strip()
    return Fraction(Decimal(text)) if text else None


def distinct_tickets(frame: pd.DataFrame, asked: Asked) -> int:
    return len({row.ticket_id for row in records(frame)})


def distinct_customers(frame: pd.DataFrame, asked: Asked) -> int:
    return len({row.customer_id for row in records(frame)} - {None})


def messages_per_ticket(frame: pd.DataFrame, asked: Asked) -> Number | None:
    return Fraction(len(frame), distinct_tickets(frame, asked)) if len(frame) else None


def members(frame: pd.DataFrame, asked: Asked) -> int:
    """The rows of a cohort are its members already."""
    return len(frame)


def leavers(frame: pd.DataFrame, asked: Asked) -> int:
    return sum(1 for row in records(frame) if asked.span is not None and asked.span.holds(row.cancelled_at))


def churn(frame: pd.DataFrame, asked: Asked) -> Number | None:
    return Fraction(100 * leavers(frame, asked), len(frame)) if len(frame) else None


def is_member(row: Cell, start: datetime) -> bool:
    """Began before `start` and was not cancelled before it."""
    return row.started_at < start and (row.cancelled_at is None or row.cancelled_at >= start)


ON_THE_WAY = ("Data collected", "AI Answered", "Draft Created")
WITH_A_THUMB = both(among("role", "ai"), given("feedback"))
DECIDED = both(among("requires_approval", True), lambda row, asked: row.status != "pending_approval")

METRICS: Mapping[str, ByHand] = {
    "tickets": count(TICKETS),
    "ai_answered": count(TICKETS, given("ai_answered_at")),
    "resolved": count(TICKETS, given("draft_created_at")),
    "resolution_rate": rate(TICKETS, given("draft_created_at"), given("ai_answered_at")),
    "sent": count(TICKETS, given("sent_at")),
    "auto_sent": count(TICKETS, among("auto_sent", True)),
    "auto_send_rate": rate(TICKETS, among("auto_sent", True), given("ai_answered_at")),
    "escalated": count(TICKETS, given("escalated_at")),
    "escalation_rate": rate(TICKETS, given("escalated_at")),
    "errors": count(TICKETS, among("status", "Error"), dated="updated_at"),
    "tickets_in_error": count(TICKETS, among("status", "Error")),
    "error_rate": rate(TICKETS, among("status", "Error")),
    "identified": count(TICKETS, given("customer_id")),
    "unidentified": count(TICKETS, missing("customer_id")),
    "identification_rate": rate(TICKETS, given("customer_id")),
    "unidentified_rate": rate(TICKETS, missing("customer_id")),
    "unassigned": count(TICKETS, missing("assigned_to")),
    "several_intents": count(TICKETS, given("secondary_request_type")),
    "outstanding": count(TICKETS, among("is_outstanding", True)),
    "customers_with_tickets": ByHand(TICKETS, distinct_customers, where=given("customer_id")),
    "response_time": median(TICKETS, minutes("created_at", "sent_at"), 1),
    "time_to_ai_answer": median(TICKETS, minutes("created_at", "ai_answered_at"), 1),
    "time_to_draft": median(TICKETS, minutes("ai_answered_at", "draft_created_at"), 1),
    "review_time": median(TICKETS, minutes("draft_created_at", "sent_at"), 1),
    "time_to_escalation": median(TICKETS, minutes("created_at", "escalated_at"), 1),
    "stuck": count(
        TICKETS,
        both(among("status", *ON_THE_WAY), lambda row, asked: row.updated_at < asked.stuck_since),
        state=True,
    ),
    "backlog": count(TICKETS, both(among("status", *ON_THE_WAY, "Escalated"), missing("sent_at")), state=True),
    "time_to_first_message": median(FIRST_REPLIES, minutes("created_at", "replied_at"), 1),
    "csat": mean(TICKETS, lambda row: row.csat, 2),
    "drafts_waiting": count(TICKETS, among("status", "Draft Created"), state=True),
    "csat_ratings": count(TICKETS, given("csat")),
    "cost": total(TICKETS, dollars, 2),
    "cost_per_ticket": ByHand(TICKETS, cost_per_answered, decimals=4),
    "tokens": total(TICKETS, lambda row: (row.prompt_tokens or 0) + (row.completion_tokens or 0), 0),
    "prompt_tokens": total(TICKETS, lambda row: row.prompt_tokens or 0, 0),
    "completion_tokens": total(TICKETS, lambda row: row.completion_tokens or 0, 0),
    "hours_saved": total(TICKETS, hours_saved, 1),
    "penalty": mean(COMPARISONS, penalty, 2),
    "similarity": mean(COMPARISONS, lambda row: Fraction(row.similarity), 3),
    "ai_better": count(COMPARISONS, among("verdict", "ai_better")),
    "equal": count(COMPARISONS, among("verdict", "equal")),
    "human_better": count(COMPARISONS, among("verdict", "human_better")),
    "ai_wins": count(COMPARISONS, among("verdict", "ai_better", "equal")),
    "ai_win_rate": rate(COMPARISONS, among("verdict", "ai_better", "equal")),
    "comparisons": count(COMPARISONS),
    "ai_errors": count(COMPARISONS, given("error_type")),
    "ai_error_rate": rate(COMPARISONS, given("error_type")),
    "tasks": count(TASKS),
    "tasks_done": count(TASKS, among("status", "done")),
    "tasks_finished": count(TASKS, among("status", "done", "failed")),
    "task_success_rate": rate(TASKS, among("status", "done"), among("status", "done", "failed")),
    "approvals_decided": count(TASKS, DECIDED),
    "approvals_granted": count(TASKS, both(DECIDED, among("status", "approved", "done", "failed"))),
    "approval_rate": rate(TASKS, both(DECIDED, among("status", "approved", "done", "failed")), DECIDED),
    "approval_time": median(
        TASKS, lambda row: minutes("created_at", "decided_at")(row) if row.requires_approval else None, 1
    ),
    "pending_approvals": count(TASKS, among("status", "pending_approval"), state=True),
    "messages": count(MESSAGES),
    "tickets_with_messages": ByHand(MESSAGES, distinct_tickets, where=lambda row, asked: True),
    "messages_per_ticket": ByHand(MESSAGES, messages_per_ticket, decimals=2),
    "feedback_given": count(MESSAGES, WITH_A_THUMB),
    "customer_messages": count(MESSAGES, among("role", "customer")),
    "ai_messages": count(MESSAGES, among("role", "ai")),
    "human_messages": count(MESSAGES, among("role", "human")),
    "thumbs_up": count(MESSAGES, both(WITH_A_THUMB, among("feedback", 1))),
    "thumbs_down": count(MESSAGES, both(WITH_A_THUMB, among("feedback", -1))),
    "negative_feedback_rate": rate(MESSAGES, both(WITH_A_THUMB, among("feedback", -1)), WITH_A_THUMB),
    "positive_feedback_rate": rate(MESSAGES, both(WITH_A_THUMB, among("feedback", 1)), WITH_A_THUMB),
    "ai_latency": median(MESSAGES, lambda row: row.latency_ms if row.role == "ai" else None, 0),
    "subscriptions": count(SUBSCRIPTIONS, state=True),
    "new_subscriptions": count(SUBSCRIPTIONS),
    "active_subscriptions": count(SUBSCRIPTIONS, among("status", "active"), state=True),
    "paused_subscriptions": count(SUBSCRIPTIONS, among("status", "paused"), state=True),
    "cancelled_subscriptions": count(SUBSCRIPTIONS, among("status", "cancelled"), state=True),
    "average_price": mean(
        SUBSCRIPTIONS, lambda row: Fraction(row.price_usd) if row.status == "active" else None, 2, state=True
    ),
    "customers_total": count(CUSTOMERS, state=True),
    "new_customers": count(CUSTOMERS),
    "cancellations": count(SUBSCRIPTIONS, given("cancelled_at"), dated="cancelled_at"),
    "subscriptions_at_start": ByHand(SUBSCRIPTIONS, members, where=lambda row, asked: True, adds_up=True, cohort=True),
    "subscriptions_churned": ByHand(SUBSCRIPTIONS, leavers, where=lambda row, asked: True, adds_up=True, cohort=True),
    "churn_rate": ByHand(SUBSCRIPTIONS, churn, decimals=1, cohort=True),
    "shipments": count(SHIPMENTS),
    "deliveries_lost": count(SHIPMENTS, among("status", "lost")),
    "shipments_delivered": count(SHIPMENTS, among("status", "delivered")),
    "shipments_returned": count(SHIPMENTS, among("status", "returned")),
    "delivery_days": median(
        SHIPMENTS,
        lambda row: units(row.shipped_at, row.delivered_at, timedelta(days=1)) if row.status == "delivered" else None,
        1,
    ),
}  # fmt: skip
