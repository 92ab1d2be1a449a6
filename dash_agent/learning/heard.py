"""Learning from choices: of the questions that an answer offered, one comes next in its session."""

from __future__ import annotations

import logging
from dataclasses import replace

from dash_agent.insight.learned import new_told
from dash_agent.insight.wording import Wording
from dash_agent.learning.intake import Conflict, Intake, Proposal
from dash_agent.learning.meanings import Meaning, meaning
from dash_agent.models.answer import Answer, Status
from dash_agent.models.learning import Correction, Evidence, Offered, Origin, Payload, Reach, Synonym
from dash_agent.models.plan import AskBack, RefusalReason
from dash_agent.models.principal import Principal
from dash_agent.planning.learned.same import look
from dash_agent.planning.parser import Parser
from dash_agent.planning.tokens import Token
from dash_agent.ports import Learnings
from dash_agent.semantic.time import Calendar


def heard(
    answer: Answer,
    principal: Principal,
    learnings: Learnings,
    intake: Intake,
    parser: Parser,
    calendar: Calendar,
    wording: Wording,
) -> Answer:
    """The answer, with what its question taught told in it: it was the choice that the turn before it offered."""
    if answer.session_id is None or answer.question is None or answer.status is not Status.ANSWERED:
        return answer
    offered = learnings.offered(principal.user, answer.session_id)
    if offered is None or look(answer.question) not in map(look, offered.choices):
        return answer
    taught = _taught(offered, answer.question, parser, calendar)
    if taught is None:
        return answer
    payload, reach = taught
    evidence = Evidence(offered.question, offered.answer_id)
    try:
        learning = intake.take(Proposal(payload, principal, reach, Origin.CLARIFICATION, evidence))
    except Conflict as conflict:
        logging.getLogger(__name__).info("nothing learned from a choice: %s", conflict)
        return answer
    return replace(answer, assumptions=(*answer.assumptions, new_told(learning, wording)))


def _taught(offered: Offered, chosen: str, parser: Parser, calendar: Calendar) -> tuple[Payload, Reach] | None:
    """A strange word's meaning, for all once it is reviewed; which of two a question meant, for its asker alone."""
    if offered.reason == RefusalReason.NO_SUCH_DATA:
        synonym = _synonym(offered, chosen, parser, calendar)
        return (synonym, Reach.ALL) if synonym is not None else None
    if offered.reason == AskBack.AMBIGUOUS:
        return Correction(offered.question, chosen), Reach.USER
    return None


def _synonym(offered: Offered, chosen: str, parser: Parser, calendar: Calendar) -> Synonym | None:
    """The words that could not be placed, where the choice differs in them alone and has one meaning in their place."""
    before, after = parser.tokens(offered.question), parser.tokens(chosen)
    strange = {token.norm for words in offered.words for token in parser.tokens(words)}
    start = _shared([*before], [*after])
    end = _shared([*reversed(before[start:])], [*reversed(after[start:])])
    replaced = before[start : len(before) - end]
    instead = after[start : len(after) - end]
    if not replaced or not instead or {token.norm for token in replaced} != strange:
        return None
    found: Meaning | None = meaning(chosen[instead[0].start : instead[-1].end], parser, calendar)
    if found is None or found.period is not None:
        return None
    words = offered.question[replaced[0].start : replaced[-1].end]
    return Synonym((words,), found.target, found.name, found.values)


def _shared(one: list[Token], other: list[Token]) -> int:
    """How many of their first words are the same."""
    return next(
        (at for at, (mine, theirs) in enumerate(zip(one, other, strict=False)) if mine.norm != theirs.norm),
        min(len(one), len(other)),
    )
