"""What becomes of a ticket: who answers, when each stage is reached, and where it stands at now.

The whole course is drawn first, as if now never came; then every time later than now is struck out and the status
is read from the times that are left. So statuses and stage times can't disagree.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np

from dash_agent.warehouse.demo import profile
from dash_agent.warehouse.demo.calendar import DAY_MS, HOUR_MS, to_ms
from dash_agent.warehouse.demo.copytext import NEVER
from dash_agent.warehouse.demo.incidents import BadInstruction
from dash_agent.warehouse.demo.opening import Opening
from dash_agent.warehouse.demo.streams import Flags, Floats, Ints, Use, lognormal, pick, stream
from dash_agent.warehouse.demo.vocabulary import URGENCIES, grid, row, vocabulary

COLLECTED, ANSWERED, DRAFTED, SENT, ESCALATED, ERROR = range(6)
# Codes of what may happen to a ticket; REVIEWED is the usual one.
_REVIEWED, _AUTO, _PASSED_ON, _PASSED_AT_ONCE, _PASSED_THEN_SENT, _PASSED_WITH_DRAFT, _FAILED, _FAILED_LATE = range(8)
_SECOND = 1000
_MINUTE = 60 * _SECOND
_LONGEST_REVIEW = 22 * HOUR_MS
_STUCK_SHARE, _WAITING_SHARE = 0.045, 0.06
_CSAT_SHARE = 0.33


@dataclass(frozen=True)
class Course:
    """Times are milliseconds, NEVER where they have not come. agent: -1 where the AI owns the ticket.

    human_ms: when a person's own words went out. follow_ms, reply_ms: the customer's next message and its answer.
    reply_by_ai: who gave that answer. bad: the points of penalty that a bad instruction adds.
    """

    status: Ints
    answered_ms: Ints
    drafted_ms: Ints
    sent_ms: Ints
    escalated_ms: Ints
    updated_ms: Ints
    human_ms: Ints
    follow_ms: Ints
    reply_ms: Ints
    reply_by_ai: Flags
    auto_sent: Flags
    agent: Ints
    model: Ints
    latency_ms: Ints
    csat: Ints
    bad: Floats


@dataclass(frozen=True)
class Conditions:
    """What holds for the whole desk. ramp_ms: start and end of the period."""

    now_ms: int
    start_ms: int
    model_change_ms: int
    bad_instructions: Sequence[BadInstruction]


@dataclass(frozen=True)
class _Tables:
    unresolved: Floats
    unresolved_model: Floats
    unresolved_language: Floats
    unresolved_channel: Floats
    error: Floats
    auto: Floats  # category x (share, start)
    latency: Floats
    queue: Floats
    review: Floats
    review_urgency: Floats
    reply: Floats
    follow_up: Floats
    agents: Floats
    quality_language: Floats
    penalty: Floats


@cache
def _tables() -> _Tables:
    words = vocabulary()
    return _Tables(
        unresolved=row(words.category, profile.UNRESOLVED),
        unresolved_model=row(words.model, profile.UNRESOLVED_MODEL, 1.0),
        unresolved_language=row(words.language, profile.UNRESOLVED_LANGUAGE, 1.0),
        unresolved_channel=row(words.channel, profile.UNRESOLVED_CHANNEL, 1.0),
        error=row(words.category, profile.ERROR, profile.ERROR_DEFAULT),
        auto=np.array([profile.AUTO_SEND[name] for name in words.category]),
        latency=row(words.model, profile.LATENCY_MS),
        queue=row(words.channel, profile.QUEUE_SECONDS),
        review=row(words.channel, profile.REVIEW_MINUTES),
        review_urgency=row(URGENCIES, profile.REVIEW_URGENCY),
        reply=row(words.channel, profile.REPLY_MINUTES),
        follow_up=row(words.channel, profile.FOLLOW_UP),
        agents=grid(words.language, words.agent, profile.AGENTS_OF_LANGUAGE, 0.0),
        quality_language=row(words.language, profile.QUALITY_LANGUAGE, 1.0),
        penalty=row(words.category, profile.PENALTY),
    )


def draw_course(opening: Opening, conditions: Conditions, forced_errors: Ints, seed: int) -> Course:
    """forced_errors: for each ticket the time at which its processing is given up, NEVER for almost all."""
    rng = stream(seed, Use.COURSE, opening.first)
    count, tables, now_ms = len(opening), _tables(), conditions.now_ms
    model = _models(rng, opening, conditions)
    bad = _badness(opening, conditions.bad_instructions)
    end = _endings(rng, opening, model, bad, conditions)
    stuck_at = _stuck(rng, opening, now_ms)
    forced = forced_errors < NEVER
    stuck_at = np.where(forced, -1, stuck_at)
    end = np.where(forced, _FAILED, np.where(stuck_at >= 0, _REVIEWED, end))
    latency = np.minimum(lognormal(rng, tables.latency[model], 0.38, count), 60_000).astype(np.int64)
    times = _timeline(rng, opening, end, latency)
    times.failed = np.where(forced, forced_errors, times.failed)
    times.hold(stuck_at)
    times.strike_out(now_ms)
    answered, drafted, sent = times.answered, times.drafted, times.sent
    escalated, failed = times.escalated, times.failed
    status = np.select(
        [failed < NEVER, sent < NEVER, escalated < NEVER, drafted < NEVER, answered < NEVER],
        [ERROR, SENT, ESCALATED, DRAFTED, ANSWERED],
        COLLECTED,
    )
    auto = (end == _AUTO) & (status == SENT)
    agent = _agents(rng, opening, status, auto)
    rewritten = (rng.random(count) < profile.REWRITTEN) & ~auto
    own_words = (status == SENT) & (rewritten | (escalated < NEVER))
    taken = (status == ESCALATED) & (agent >= 0) & (rng.random(count) < 0.6)
    takeover = escalated + (lognormal(rng, 25.0, 0.8, count) * _MINUTE).astype(np.int64)
    human = np.where(own_words, sent, np.where(taken & (takeover <= now_ms), takeover, NEVER))
    follow, reply = _follow_up(rng, opening, sent, now_ms)
    csat, rated = _csat(rng, opening, sent, auto, model, bad, now_ms)
    updated = opening.created_ms
    for touched in (answered, drafted, sent, escalated, failed, human, follow, reply, rated):
        updated = np.maximum(updated, np.where(touched < NEVER, touched, 0))
    return Course(
        status=status,
        answered_ms=answered,
        drafted_ms=drafted,
        sent_ms=sent,
        escalated_ms=escalated,
        updated_ms=updated,
        human_ms=human,
        follow_ms=follow,
        reply_ms=reply,
        reply_by_ai=(rng.random(count) < 0.72) | auto,
        auto_sent=auto,
        agent=agent,
        model=np.where(answered < NEVER, model, -1),
        latency_ms=latency,
        csat=csat,
        bad=bad,
    )


@dataclass
class _Times:
    """When each stage is reached, in milliseconds: first as if now never came, NEVER where it never is."""

    answered: Ints
    drafted: Ints
    sent: Ints
    escalated: Ints
    failed: Ints

    def hold(self, stage: Ints) -> None:
        """Leave tickets at a stage for good; -1 leaves nothing."""
        self.answered = np.where(stage == COLLECTED, NEVER, self.answered)
        self.drafted = np.where((stage == COLLECTED) | (stage == ANSWERED), NEVER, self.drafted)
        self.sent = np.where(stage >= 0, NEVER, self.sent)

    def strike_out(self, now_ms: int) -> None:
        """Whatever is later than now has not come."""
        self.answered, self.drafted, self.sent, self.escalated, self.failed = (
            np.where(times > now_ms, NEVER, times)
            for times in (self.answered, self.drafted, self.sent, self.escalated, self.failed)
        )


def _timeline(rng: np.random.Generator, opening: Opening, end: Ints, latency: Ints) -> _Times:
    tables, count = _tables(), len(opening)
    queue = np.minimum(lognormal(rng, tables.queue[opening.channel], 0.7, count) * _SECOND, 25 * _MINUTE)
    answered = opening.created_ms + queue.astype(np.int64) + latency
    drafted = answered + (lognormal(rng, 3.0, 0.5, count) * _SECOND).astype(np.int64)
    review = _review(rng, opening)
    later = answered + (lognormal(rng, 6.0, 0.9, count) * _MINUTE).astype(np.int64)
    failed_early = opening.created_ms + (lognormal(rng, 3.5, 0.8, count) * _MINUTE).astype(np.int64)
    handover = drafted + (0.2 * review).astype(np.int64)
    at_once = opening.created_ms + (queue * 0.9).astype(np.int64) + _SECOND
    escalated = np.select(
        [end == _PASSED_AT_ONCE, end == _PASSED_ON, end == _PASSED_WITH_DRAFT, end == _PASSED_THEN_SENT],
        [at_once, later, np.maximum(later, drafted + _MINUTE), handover],
        NEVER,
    )
    sent = np.select(
        [end == _AUTO, end == _REVIEWED, end == _PASSED_THEN_SENT],
        [drafted, drafted + review, np.minimum(handover + 2 * review, drafted + _LONGEST_REVIEW)],
        NEVER,
    )
    return _Times(
        answered=np.where(np.isin(end, (_PASSED_AT_ONCE, _FAILED)), NEVER, answered),
        drafted=np.where(np.isin(end, (_PASSED_AT_ONCE, _FAILED, _PASSED_ON, _FAILED_LATE)), NEVER, drafted),
        sent=sent,
        escalated=escalated,
        failed=np.select([end == _FAILED, end == _FAILED_LATE], [failed_early, later], NEVER),
    )


def _models(rng: np.random.Generator, opening: Opening, conditions: Conditions) -> Ints:
    """The old model before the change, the new one after it, and a share on trial with the third throughout."""
    old, new, other = (vocabulary().model.index(name) for name in ("gpt-5.1", "gpt-5.2", "claude-sonnet-4-5"))
    main = np.where(opening.created_ms < conditions.model_change_ms, old, new)
    return np.where(rng.random(len(opening)) < profile.CLAUDE_SHARE, other, main)


def _badness(opening: Opening, incidents: Sequence[BadInstruction]) -> Floats:
    added = np.zeros(len(opening))
    for bad in incidents:
        inside = (opening.created_ms >= to_ms(bad.start)) & (opening.created_ms < to_ms(bad.end))
        concerned = opening.category == vocabulary().category.index(bad.category)
        added = np.where(inside & concerned, added + bad.penalty_added, added)
    return added


def _endings(rng: np.random.Generator, opening: Opening, model: Ints, bad: Floats, conditions: Conditions) -> Ints:
    """How each ticket would end: exclusive chances, one draw each."""
    tables, count = _tables(), len(opening)
    error = tables.error[opening.category]
    unresolved = (
        tables.unresolved[opening.category]
        * tables.unresolved_model[model]
        * tables.unresolved_language[opening.language]
        * tables.unresolved_channel[opening.channel]
        * np.where(bad > 0, 1.6, 1.0)
        * np.where(opening.flooded, 1.25, 1.0)
        * np.where(opening.outstanding, 1.8, 1.0)
    )
    at_once = np.where(opening.outstanding, 5.0, 1.0) * profile.ESCALATED_AT_ONCE
    chances = np.stack(
        [
            error * 0.72,
            error * 0.28,
            at_once,
            np.minimum(unresolved, 0.55),
            np.full(count, profile.ESCALATED_THEN_SENT),
            np.full(count, profile.ESCALATED_WITH_DRAFT),
            _auto_share(opening, bad, conditions),
        ],
        axis=1,
    )
    # The last one is a share of what the others leave.
    chances[:, -1] *= 1 - chances[:, :-1].sum(axis=1)
    usual = np.clip(1 - chances.sum(axis=1, keepdims=True), 0, 1)
    codes = np.array(
        [_FAILED, _FAILED_LATE, _PASSED_AT_ONCE, _PASSED_ON, _PASSED_THEN_SENT, _PASSED_WITH_DRAFT, _AUTO, _REVIEWED]
    )
    return codes[pick(rng, np.hstack([chances, usual]))]


def _auto_share(opening: Opening, bad: Floats, conditions: Conditions) -> Floats:
    """Trust grows: little before a category's start, then up to its share within a fifth of the period."""
    share, begins = _tables().auto[opening.category].T
    age = (opening.created_ms - conditions.start_ms) / max(conditions.now_ms - conditions.start_ms, 1)
    ramp = np.clip((age - begins) / 0.2, 0, 1)
    wanted = np.minimum(profile.AUTO_SEND_BEFORE, share) * (1 - ramp) + share * ramp
    held_back = opening.outstanding | (bad > 0) | (opening.urgency == URGENCIES.index("high"))
    return np.where(held_back, 0.0, wanted)


def _stuck(rng: np.random.Generator, opening: Opening, now_ms: int) -> Ints:
    """The stage at which a recent ticket stays lying, -1 for nearly all: old ones are cleared away by then."""
    age = now_ms - opening.created_ms
    u = rng.random(len(opening))
    forgotten = (age > 26 * HOUR_MS) & (age < 9 * DAY_MS) & (u < _STUCK_SHARE)
    waiting = (age < 20 * HOUR_MS) & (u < _WAITING_SHARE)
    stage = rng.choice(3, len(opening), p=(0.36, 0.28, 0.36))
    return np.where(forgotten | waiting, stage, -1)


def _review(rng: np.random.Generator, opening: Opening) -> Ints:
    tables = _tables()
    slow = np.where((opening.hour < 8) | (opening.hour >= 21), profile.NIGHT_FACTOR, 1.0)
    slow = slow * np.where(np.isin(opening.weekday, (4, 5)), profile.WEEKEND_FACTOR, 1.0)
    slow = slow * np.where(opening.flooded, 1.35, 1.0)
    median = tables.review[opening.channel] * tables.review_urgency[opening.urgency] * slow
    minutes = lognormal(rng, median, 0.85, len(opening))
    return np.minimum((minutes * _MINUTE).astype(np.int64), _LONGEST_REVIEW)


def _agents(rng: np.random.Generator, opening: Opening, status: Ints, auto: Flags) -> Ints:
    """Whoever sent it or took it over has it; some drafts are picked up already."""
    chance = np.array([0.0, 0.0, 0.35, 1.0, 0.85, 0.15])[status]
    owned = (rng.random(len(opening)) < chance) & ~auto
    return np.where(owned, pick(rng, _tables().agents[opening.language]), -1)


def _follow_up(rng: np.random.Generator, opening: Opening, sent: Ints, now_ms: int) -> tuple[Ints, Ints]:
    tables, count = _tables(), len(opening)
    median = tables.reply[opening.channel]
    writes = rng.random(count) < tables.follow_up[opening.channel]
    gap = np.minimum(lognormal(rng, median, 0.9, count), 3000) * _MINUTE
    follow = np.where(writes & (sent < NEVER), sent + gap.astype(np.int64), NEVER)
    answers = rng.random(count) < 0.55
    wait = np.minimum(lognormal(rng, np.maximum(median * 0.3, 1.0), 0.6, count), 1000) * _MINUTE
    reply = np.where(answers & (follow < NEVER), follow + wait.astype(np.int64), NEVER)
    return np.where(follow > now_ms, NEVER, follow), np.where(reply > now_ms, NEVER, reply)


def _csat(
    rng: np.random.Generator, opening: Opening, sent: Ints, auto: Flags, model: Ints, bad: Floats, now_ms: int
) -> tuple[Ints, Ints]:
    """Stars and when they were given: fewer for slow answers, weak categories and bad instructions."""
    tables, count = _tables(), len(opening)
    hours = np.where(sent < NEVER, sent - opening.created_ms, 0) / HOUR_MS
    mood = (
        4.55
        - tables.penalty[opening.category] / 34
        - 0.5 * (tables.quality_language[opening.language] - 1)
        - 0.16 * np.log1p(hours)
        - bad / 25
        - np.where(opening.flooded, 0.7, 0.0)
        + np.where(auto, 0.06, 0.0)
        + np.where(model == vocabulary().model.index("gpt-5.1"), -0.10, 0.05)
        + rng.normal(0.0, 0.95, count)
    )
    given = (rng.random(count) < _CSAT_SHARE) & (sent < NEVER)
    rated = np.where(given, sent + (lognormal(rng, 2.0, 1.0, count) * HOUR_MS).astype(np.int64), NEVER)
    given &= rated <= now_ms
    return np.where(given, np.clip(np.rint(mood), 1, 5), 0).astype(np.int64), np.where(given, rated, NEVER)
