"""Ticket rows: what is known when they come and what became of them, as COPY lines."""

from __future__ import annotations

import numpy as np

from dash_agent.warehouse.demo import copytext, profile
from dash_agent.warehouse.demo.copytext import NEVER, NULL, Column
from dash_agent.warehouse.demo.course import ERROR, Course
from dash_agent.warehouse.demo.opening import Opening
from dash_agent.warehouse.demo.people import Customers, typed
from dash_agent.warehouse.demo.streams import Flags, Floats, Ints, lognormal
from dash_agent.warehouse.demo.vocabulary import STATUSES, URGENCIES, row, vocabulary

_ERRORS = (
    "mailbox refused the draft: 503 Service Unavailable",
    "model call timed out after 60 s (3 attempts)",
    "language model returned no valid JSON",
    "rate limit of the model reached, retries used up",
    "CRM lookup failed: connection reset",
    "attachment could not be read: unsupported format",
    "shipping API answered 500 for the tracking number",
)
# Odd: multiplying by it modulo 2**64 gives each ticket another key.
_SCATTER = 0x9E3779B97F4A7C15
_WORD = 1 << 64


def ticket_rows(
    rng: np.random.Generator, opening: Opening, course: Course, customers: Customers, subjects: Column
) -> str:
    words, count = vocabulary(), len(opening)
    ids = opening.first + 1 + np.arange(count)
    answered = course.answered_ms < NEVER
    prompt, completion, cost = _usage(rng, course)
    return copytext.rows(
        copytext.numbers(ids),
        _thread_keys(rng, ids, opening.channel),
        copytext.labels(words.channel, opening.channel),
        copytext.labels(words.language, opening.language),
        copytext.numbers(opening.customer + 1, opening.customer >= 0),
        _emails(rng, opening.customer, customers),
        subjects,
        copytext.labels(words.category, opening.category),
        _subtypes(opening),
        copytext.labels(words.category, opening.secondary),
        copytext.labels(URGENCIES, opening.urgency),
        copytext.labels(STATUSES, course.status),
        copytext.flags(opening.outstanding),
        copytext.flags(course.auto_sent),
        copytext.labels(words.agent, course.agent),
        copytext.labels(words.model, course.model),
        copytext.numbers(prompt, answered),
        copytext.numbers(completion, answered),
        copytext.decimals(cost, 5, answered),
        copytext.numbers(course.csat, course.csat > 0),
        copytext.labels(_ERRORS, np.where(course.status == ERROR, rng.integers(0, len(_ERRORS), count), -1)),
        copytext.times(opening.created_ms),
        copytext.times(course.answered_ms),
        copytext.times(course.drafted_ms),
        copytext.times(course.sent_ms),
        copytext.times(course.escalated_ms),
        copytext.times(course.updated_ms),
    )


def _usage(rng: np.random.Generator, course: Course) -> tuple[Ints, Ints, Floats]:
    """Tokens of the answer, and the dollars of all model calls: the router's and the retries' come on top."""
    models, count = vocabulary().model, len(course.status)
    prices = np.array([profile.PRICE[name] for name in models]) / 1_000_000
    prompt = lognormal(rng, row(models, profile.PROMPT_TOKENS)[course.model], 0.32, count).astype(np.int64)
    completion = lognormal(rng, row(models, profile.COMPLETION_TOKENS)[course.model], 0.35, count).astype(np.int64)
    price = prices[course.model]
    turns = 1 + 0.8 * ((course.reply_ms < NEVER) & course.reply_by_ai)
    cost = (prompt * price[:, 0] + completion * price[:, 1]) * turns * rng.uniform(1.05, 1.4, count)
    return prompt, completion, cost


def _thread_keys(rng: np.random.Generator, ids: Ints, channel: Ints) -> Column:
    """'chat:<uuid>' for dialogues held here, the channel's name and an id for the others; no two alike."""
    chat, salt = vocabulary().channel.index("chat"), rng.integers(0, 1 << 62, len(ids)).tolist()
    keys = []
    for ticket, code, noise in zip(ids.tolist(), channel.tolist(), salt, strict=True):
        scattered = f"{ticket * _SCATTER % _WORD:016x}"
        if code == chat:
            tail = f"{noise:016x}"
            # Version and variant digits of a random UUID.
            keys.append(
                f"chat:{scattered[:8]}-{scattered[8:12]}-4{scattered[13:]}-a{tail[1:4]}-{scattered[12]}{tail[5:]}"
            )
        else:
            keys.append(f"{vocabulary().channel[code]}:{scattered}")
    return keys


def _emails(rng: np.random.Generator, customer: Ints, customers: Customers) -> Column:
    """As typed; strangers leave none, or one that no customer has (theirs are at example.com)."""
    style = rng.integers(0, 100, len(customer)).tolist()
    number = rng.integers(1000, 10_000_000, len(customer)).tolist()
    emails = []
    for position, how, tail in zip(customer.tolist(), style, number, strict=True):
        if position >= 0:
            emails.append(typed(customers.email(position), how))
        else:
            emails.append(NULL if how < 55 else typed(f"guest{tail}@example.{'org' if how % 2 else 'net'}", tail % 100))
    return emails


def _subtypes(opening: Opening) -> Column:
    lists = vocabulary().subtype
    width = max(map(len, lists))
    flat = [name for names in lists for name in (*names, *[""] * (width - len(names)))]
    known: Flags = opening.subtype >= 0
    return copytext.labels(flat, np.where(known, opening.category * width + opening.subtype, -1))
