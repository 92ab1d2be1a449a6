"""Deciding on what was proposed. Who decided what, and when, is kept with every learning."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from dash_agent.errors import UnknownName, WrongUse
from dash_agent.learning.conflicts import other_meaning
from dash_agent.learning.intake import Conflict, Intake
from dash_agent.models.learning import Decision, Learning, LearningStatus, Reach, Synonym, may_review
from dash_agent.models.principal import Principal
from dash_agent.ports import Clock, Learnings

SHORTEST_ID = 6
"""Characters of an id that stand for it where no other one ends in them."""


@dataclass(frozen=True, slots=True)
class Listed:
    """conflict: why it has no effect now, '' where nothing stands against it."""

    learning: Learning
    conflict: str = ""


class Review:
    """Every change of status goes through here."""

    def __init__(self, learnings: Learnings, clock: Clock, intake: Intake) -> None:
        self._learnings = learnings
        self._clock = clock
        self._intake = intake

    def listed(self, principal: Principal, status: LearningStatus | None = None) -> tuple[Listed, ...]:
        """The newest first: all for reviewers, for others what is theirs or in force for them."""
        now = self._clock.now()
        found = self._learnings.all(status)
        return tuple(self._listed(one, now) for one in found if _may_see(one, principal, now))

    def _listed(self, learning: Learning, now: datetime) -> Listed:
        if learning.status.alive and not learning.holds(now):
            return Listed(learning, "it has expired")
        return Listed(learning, self._intake.overridden(learning.payload) if learning.status.alive else "")

    def found(self, learning_id: str, principal: Principal) -> Learning:
        """By its id, or the end of it where that is enough. Raises UnknownName."""
        known = self._learnings.get(learning_id)
        if known is None and len(learning_id) >= SHORTEST_ID:
            ending = [one for one in self._learnings.all() if one.learning_id.endswith(learning_id.upper())]
            known = ending[0] if len(ending) == 1 else None
        if known is None or not _may_see(known, principal, self._clock.now()):
            raise UnknownName("learning", learning_id)
        return known

    def history(self, learning: Learning) -> Sequence[Decision]:
        return self._learnings.history(learning.learning_id)

    def approve(self, learning: Learning, principal: Principal, *, expires: datetime | None = None) -> Learning:
        """In force for its reach. Raises WrongUse, and Conflict where the files or another one say otherwise."""
        _check_reviewer(principal)
        _check_status(learning, "approve", LearningStatus.PROPOSED)
        self._intake.check(learning.payload)
        now = self._clock.now()
        self._check_others(learning, now)
        approved = replace(learning, status=LearningStatus.ACTIVE, expires=expires or learning.expires)
        if approved.expires is not None and approved.expires <= now:
            raise WrongUse(f"{learning.learning_id} would have expired at {approved.expires}", "give a later --expires")
        return self._changed(learning, approved, principal, "approved", "")

    def reject(self, learning: Learning, principal: Principal, reason: str = "") -> Learning:
        _check_reviewer(principal)
        _check_status(learning, "reject", LearningStatus.PROPOSED)
        return self._changed(learning, replace(learning, status=LearningStatus.REJECTED), principal, "rejected", reason)

    def retire(self, learning: Learning, principal: Principal, reason: str = "") -> Learning:
        """Out of force, by a reviewer or by who taught it for themselves."""
        if not _is_own(learning, principal):
            _check_reviewer(principal)
        _check_status(learning, "retire", LearningStatus.PROPOSED, LearningStatus.ACTIVE)
        return self._changed(learning, replace(learning, status=LearningStatus.RETIRED), principal, "retired", reason)

    def promotable(self, learning: Learning, principal: Principal) -> Learning:
        """One that may go into the files: not turned down, and by a reviewer. Raises WrongUse."""
        _check_reviewer(principal)
        _check_status(learning, "promote", LearningStatus.PROPOSED, LearningStatus.ACTIVE)
        return learning

    def _check_others(self, learning: Learning, now: datetime) -> None:
        if not isinstance(learning.payload, Synonym):
            return
        rivals = [
            one
            for one in self._learnings.alive()
            if one.status is LearningStatus.ACTIVE
            and one.holds(now)
            and (one.reach, one.owner) == (learning.reach, learning.owner)
        ]
        other = other_meaning(learning.payload, rivals)
        if other is not None:
            raise Conflict(
                f"the same words mean something else by {other.learning_id}, which is in force",
                f"retire it first: dash-agent learn retire {other.learning_id}",
            )

    def _changed(self, before: Learning, after: Learning, principal: Principal, what: str, reason: str) -> Learning:
        decision = Decision(self._clock.now(), principal.user, what, reason)
        if not self._learnings.change(after, decision, before.status):
            raise WrongUse(f"somebody else decided on {before.learning_id} meanwhile", "look at it again")
        return after


def _is_own(learning: Learning, principal: Principal) -> bool:
    own = learning.reach is Reach.USER and learning.owner == principal.user
    return own or (learning.status is LearningStatus.PROPOSED and learning.author == principal.user)


def _may_see(learning: Learning, principal: Principal, now: datetime) -> bool:
    return may_review(principal) or learning.author == principal.user or learning.is_for(principal, now)


def _check_reviewer(principal: Principal) -> None:
    if not may_review(principal):
        raise WrongUse(
            f"{principal.user} is a {principal.role}, and analysts and admins decide on learnings",
            "ask one of them, or teach it for yourself with --scope user",
        )


def _check_status(learning: Learning, what: str, *allowed: LearningStatus) -> None:
    if learning.status not in allowed:
        wanted = " or ".join(allowed)
        raise WrongUse(f"{learning.learning_id} is {learning.status}, and to {what} it, it must be {wanted}")
