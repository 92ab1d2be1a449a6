"""Actions that the AI took or asked to take on the tickets, and who decided on them."""

from __future__ import annotations

import json
from functools import cache

import numpy as np

from dash_agent.warehouse.demo import copytext
from dash_agent.warehouse.demo.calendar import HOUR_MS
from dash_agent.warehouse.demo.copytext import NEVER, Column
from dash_agent.warehouse.demo.course import ERROR, Course
from dash_agent.warehouse.demo.opening import Opening
from dash_agent.warehouse.demo.streams import Flags, Floats, Ints, Use, lognormal, pick, stream
from dash_agent.warehouse.demo.subscriptions import Subscriptions
from dash_agent.warehouse.demo.vocabulary import FREQUENCIES, Json, data_file, grid, row, vocabulary

TASK_TYPES = (
    "pause_subscription", "skip_month", "change_frequency", "change_address", "create_damage_claim",
    "issue_replacement", "generate_cancel_link", "retention_offer", "escalate_to_human",
)  # fmt: skip
_CHANCES = {
    "cancel_subscription": {"retention_offer": 0.36, "generate_cancel_link": 0.33},
    "pause_subscription": {"pause_subscription": 0.78},
    "skip_month": {"skip_month": 0.84},
    "change_frequency": {"change_frequency": 0.80},
    "change_address": {"change_address": 0.76},
    "shipping_inquiry": {"issue_replacement": 0.05},
    "damaged_item": {"create_damage_claim": 0.58, "issue_replacement": 0.22},
    "payment_issue": {"escalate_to_human": 0.10},
}
# Money and goods want a person of the staff; changes to one's own subscription want the customer's word.
_STAFF = ("create_damage_claim", "issue_replacement", "retention_offer")
_DECISION_MINUTES = {"create_damage_claim": 55.0, "issue_replacement": 95.0, "retention_offer": 40.0}
_CUSTOMER_MINUTES = 6.0
_WORK_SECONDS = {"issue_replacement": 18_000.0, "create_damage_claim": 1800.0}
_HANDED_OVER = 0.4
_EXPIRES_MS = 48 * HOUR_MS
_STATUSES = ("pending_approval", "approved", "rejected", "done", "failed", "expired")
_PENDING, _APPROVED, _REJECTED, _DONE, _FAILED, _EXPIRED = range(6)
_FAILURES = (
    "subscription system did not answer in 30 s",
    "box of the month is packed already",
    "address not recognised by the carrier",
    "claim refused: order older than 60 days",
)
_REASONS = (
    "customer asks for a person",
    "low confidence",
    "refund above the limit",
    "legal wording",
    "repeated contact",
)


@cache
def _chances() -> Floats:
    """category x (task types, nothing)."""
    words = vocabulary()
    table = grid(words.category, TASK_TYPES, _CHANCES, 0.0)
    return np.hstack([table, 1 - table.sum(axis=1, keepdims=True)])


def task_rows(
    opening: Opening, course: Course, subscriptions: Subscriptions, now_ms: int, first_id: int, seed: int
) -> tuple[str, int]:
    """COPY lines and how many: at most one action a ticket, on the customer's first subscription."""
    rng = stream(seed, Use.TASKS, opening.first)
    kind, asked = _asked(rng, opening, course, subscriptions)
    place = np.flatnonzero(asked <= now_ms)
    kind, asked, count = kind[place], asked[place], len(place)
    approval = kind != TASK_TYPES.index("escalate_to_human")
    by_staff = np.isin(kind, [TASK_TYPES.index(name) for name in _STAFF])
    status, decided, finished = _decided(rng, kind, asked, approval, by_staff, now_ms)
    agents = pick(rng, np.ones((count, len(vocabulary().agent))))
    decider = np.where(decided == NEVER, -1, np.where(by_staff, agents + 1, 0))
    failure = np.where(status == _FAILED, rng.integers(0, len(_FAILURES), count), -1)
    owned = subscriptions.first_of[opening.customer[place]]
    text = copytext.rows(
        copytext.numbers(first_id + np.arange(count)),
        copytext.numbers(opening.first + 1 + place),
        copytext.labels(TASK_TYPES, kind),
        _arguments(rng, kind, owned, opening, place, asked),
        copytext.labels(_STATUSES, status),
        copytext.flags(approval),
        copytext.labels(("customer", *vocabulary().agent), decider),
        copytext.labels(_FAILURES, failure),
        copytext.times(asked),
        copytext.times(decided),
        copytext.times(finished),
    )
    return text, count


def _asked(
    rng: np.random.Generator, opening: Opening, course: Course, subscriptions: Subscriptions
) -> tuple[Ints, Ints]:
    """The kind of action and its time for each ticket, NEVER where there is none."""
    count = len(opening)
    kind = pick(rng, _chances()[opening.category])
    has_subscription = (opening.customer >= 0) & (subscriptions.first_of[opening.customer] >= 0)
    acts = (kind < len(TASK_TYPES)) & has_subscription & (course.answered_ms < NEVER) & (course.status != ERROR)
    handed_over = (course.escalated_ms < NEVER) & (rng.random(count) < _HANDED_OVER)
    acts &= course.escalated_ms == NEVER
    time = np.where(acts, course.answered_ms + rng.integers(500, 4000, count), NEVER)
    kind = np.where(handed_over, TASK_TYPES.index("escalate_to_human"), kind)
    return kind, np.where(handed_over, course.escalated_ms, time)


def _decided(
    rng: np.random.Generator, kind: Ints, asked: Ints, approval: Flags, by_staff: Flags, now_ms: int
) -> tuple[Ints, Ints, Ints]:
    """Status, decision and end: drawn as if now never came, then what is later than now is struck out."""
    count = len(kind)
    u = rng.random(count)
    minutes = np.where(by_staff, row(TASK_TYPES, _DECISION_MINUTES, 1.0)[kind], _CUSTOMER_MINUTES)
    wait = np.minimum(lognormal(rng, minutes, 1.0, count) * 60_000, _EXPIRES_MS - HOUR_MS)
    decided = np.where(approval, asked + wait.astype(np.int64), NEVER)
    started = np.where(approval, decided, asked)
    work = lognormal(rng, row(TASK_TYPES, _WORK_SECONDS, 2.5)[kind], 0.6, count) * 1000
    finished = started + work.astype(np.int64)
    expires = approval & (u < np.where(by_staff, 0.02, 0.06))
    rejects = approval & ~expires & (u > np.where(by_staff, 0.88, 0.96))
    fails = ~expires & ~rejects & (rng.random(count) < 0.035)
    decided = np.where(expires | (decided > now_ms), NEVER, decided)
    finished = np.where(
        expires, asked + _EXPIRES_MS, np.where(rejects | (approval & (decided == NEVER)), NEVER, finished)
    )
    finished = np.where(finished > now_ms, NEVER, finished)
    ended = finished < NEVER
    status = np.select(
        [ended & expires, ended & fails, ended, decided == NEVER, rejects],
        [_EXPIRED, _FAILED, _DONE, _PENDING, _REJECTED],
        _APPROVED,
    )
    # What needs no approval can't wait for one: at the very edge of now it is simply done.
    at_edge = ~approval & ~ended
    return np.where(at_edge, _DONE, status), decided, np.where(at_edge, asked, finished)


def _arguments(rng: np.random.Generator, kind: Ints, owned: Ints, opening: Opening, place: Ints, asked: Ints) -> Column:
    """JSON of each action, COPY-escaped."""
    month = asked.astype("datetime64[ms]").astype("datetime64[M]")
    coming, later = (month + 1).astype(str).tolist(), (month + rng.integers(2, 5, len(kind))).astype(str).tolist()
    number = rng.integers(0, 1_000_000, len(kind)).tolist()
    countries = opening.country[place].tolist()
    written = []
    for code, position, following, until, noise, country in zip(
        kind.tolist(), owned.tolist(), coming, later, number, countries, strict=True
    ):
        detail = _detail(TASK_TYPES[code], f"{following}-01", f"{until}-01", noise, vocabulary().country[country])
        known = {} if position < 0 else {"subscription_id": position + 1}
        written.append(copytext.escape(json.dumps({**known, **detail}, ensure_ascii=False)))
    return written


def _detail(kind: str, following: str, until: str, noise: int, country: str) -> dict[str, Json]:
    match kind:
        case "pause_subscription":
            return {"until": until}
        case "skip_month" | "issue_replacement":
            return {"month": following}
        case "change_frequency":
            return {"frequency": FREQUENCIES[1 + noise % 2]}
        case "change_address":
            return {"shipping_address": _new_address(country, noise)}
        case "create_damage_claim":
            return {"photo": noise % 5 != 0}
        case "retention_offer":
            return {"discount_percent": (10, 15, 20)[noise % 3]}
        case "escalate_to_human":
            return {"reason": _REASONS[noise % len(_REASONS)]}
        case _:
            return {}


@cache
def _places() -> Json:
    return data_file("places.json")


def _new_address(country: str, noise: int) -> str:
    place = _places()[country]
    street, town = place["streets"][noise % len(place["streets"])], place["towns"][noise // 7 % len(place["towns"])]
    address: str = place["form"].format(street=street, number=noise % 160 + 1, town=town)
    return address
