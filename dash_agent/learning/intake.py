"""New learnings: looked at for conflicts, merged with what says nearly the same, and kept."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from dash_agent.errors import WrongUse
from dash_agent.learning import conflicts
from dash_agent.models.learning import (
    Correction,
    Decision,
    Evidence,
    Kind,
    Learning,
    LearningStatus,
    Origin,
    Payload,
    Preference,
    Reach,
    Synonym,
)
from dash_agent.models.plan import Clarification, Refusal
from dash_agent.models.principal import Principal
from dash_agent.planning.learned.same import identity, look, near
from dash_agent.planning.parser import Parser
from dash_agent.ports import Clock, Ids, Learnings
from dash_agent.semantic.time import Calendar

NO_EVIDENCE: Final = Evidence()


class Conflict(WrongUse):
    """Something that can't be learned, since the files or another learning say otherwise."""

    code = "conflict"


@dataclass(frozen=True, slots=True)
class Proposal:
    """What somebody taught. expires: the moment from which it is not to hold, None for good."""

    payload: Payload
    by: Principal
    reach: Reach
    origin: Origin
    evidence: Evidence = NO_EVIDENCE
    expires: datetime | None = None


class Intake:
    """Takes in what people teach."""

    def __init__(
        self,
        learnings: Learnings,
        clock: Clock,
        ids: Ids,
        parser: Callable[[], Parser],
        calendar: Callable[[datetime], Calendar],
    ) -> None:
        self._learnings = learnings
        self._clock = clock
        self._ids = ids
        self._parser = parser
        self._calendar = calendar

    def take(self, proposal: Proposal) -> Learning:
        """What is kept of it: a new learning, or one that said the same and is backed now. Raises Conflict, WrongUse.

        One's own for oneself is active at once; what is for others waits for review.
        """
        now = self._clock.now()
        proposal = replace(proposal, reach=_reach(proposal))
        owner = _owner(proposal)
        self._check(proposal.payload, now)
        alive = [one for one in self._learnings.alive() if one.holds(now)]
        mine = [one for one in alive if (one.reach, one.owner) == (proposal.reach, owner)]
        same = _near_same(proposal.payload, mine)
        if same is not None:
            return self._merged(same, proposal, now)
        if proposal.reach is Reach.USER:
            self._outdate(proposal, mine, now)
        return self._learnings.propose(
            Learning(
                learning_id=self._ids.new(),
                payload=proposal.payload,
                status=LearningStatus.ACTIVE if proposal.reach is Reach.USER else LearningStatus.PROPOSED,
                reach=proposal.reach,
                owner=owner,
                author=proposal.by.user,
                origin=proposal.origin,
                identity=identity(proposal.payload),
                created=now,
                evidence=proposal.evidence,
                expires=proposal.expires,
            )
        )

    def check(self, payload: Payload) -> None:
        """Raises Conflict where the files, as they are now, stand against it."""
        self._check(payload, self._clock.now())

    def overridden(self, payload: Payload) -> str:
        """Why the files, as they are now, leave it without effect; '' where they don't."""
        return conflicts.overridden(payload, self._parser())

    def _check(self, payload: Payload, now: datetime) -> None:
        parser, calendar = self._parser(), self._calendar(now)
        match payload:
            case Synonym():
                reason = conflicts.against(payload, parser, calendar)
                if reason is not None:
                    raise Conflict(reason)
            case Correction(question=question, meant=meant) if meant:
                if look(question) == look(meant):
                    raise Conflict("the correction says what the question says: there is nothing to learn")
                if isinstance(parser.plan(meant, calendar), Clarification | Refusal):
                    raise Conflict(f"“{meant}” is no question that I can answer, so nothing can be read as it")
            case _:
                pass

    def _merged(self, same: Learning, proposal: Proposal, now: datetime) -> Learning:
        """The one that is there, with the new wording and its author behind it."""
        user = proposal.by.user
        merged = _with_words(same, proposal.payload)
        backed = user not in (same.author, *same.backers)
        if backed:
            merged = replace(merged, backers=(*same.backers, user))
        if merged != same:
            said = proposal.payload.phrasings[0] if isinstance(proposal.payload, Synonym) else ""
            decision = Decision(now, user, "backed" if backed else "merged", said)
            self._learnings.change(merged, decision, same.status)
        return merged

    def _outdate(self, proposal: Proposal, mine: Sequence[Learning], now: datetime) -> None:
        """What a person taught for themselves before, and now otherwise."""
        for one in mine:
            if _replaces(proposal.payload, one.payload):
                decision = Decision(now, proposal.by.user, "retired", "taught anew")
                self._learnings.change(replace(one, status=LearningStatus.RETIRED), decision, one.status)


def _reach(proposal: Proposal) -> Reach:
    """A preference is its person's own."""
    return Reach.USER if isinstance(proposal.payload, Preference) else proposal.reach


def _owner(proposal: Proposal) -> str:
    match proposal.reach:
        case Reach.USER:
            return proposal.by.user
        case Reach.TEAM if not proposal.by.team:
            raise WrongUse(f"{proposal.by.user} is in no team", "give them a `team` in business/access.json")
        case Reach.TEAM:
            return proposal.by.team
        case Reach.ALL:
            return ""


def _near_same(payload: Payload, learnings: Sequence[Learning]) -> Learning | None:
    """One that says the same; of synonyms also one whose words for the same thing differ by a slip."""
    said = identity(payload)
    for one in learnings:
        if one.identity == said:
            return one
        other = one.payload
        if isinstance(payload, Synonym) and isinstance(other, Synonym) and _alike(payload, other):
            return one
    return None


def _alike(one: Synonym, other: Synonym) -> bool:
    return _same_target(one, other) and any(near(words, known) for words in one.phrasings for known in other.phrasings)


def _same_target(one: Synonym, other: Synonym) -> bool:
    return (one.target, one.name, one.values) == (other.target, other.name, other.values)


def _with_words(learning: Learning, payload: Payload) -> Learning:
    known = learning.payload
    if not isinstance(known, Synonym) or not isinstance(payload, Synonym):
        return learning
    new = [words for words in payload.phrasings if look(words) not in map(look, known.phrasings)]
    return replace(learning, payload=replace(known, phrasings=(*known.phrasings, *new)))


def _replaces(new: Payload, old: Payload) -> bool:
    match new, old:
        case Synonym(), Synonym():
            return bool(set(map(look, new.phrasings)) & set(map(look, old.phrasings)))
        case Correction(), Correction():
            return bool(new.meant and old.meant) and look(new.question) == look(old.question)
        case Preference(), Preference():
            return new.habit is old.habit and (new.name == old.name or new.habit != "filter")
        case _:
            return False


def follows_up(kind: Kind, status: LearningStatus) -> str:
    """What is left to do for a learning, in a sentence; '' where nothing is."""
    if status is not LearningStatus.PROPOSED:
        return ""
    if kind in (Kind.GOTCHA, Kind.PATTERN):
        return "it changes nothing until an analyst approves it"
    return "it holds for you now, and for the others once an analyst approves it"
