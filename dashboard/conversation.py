"""What the Ask page goes on from: the answers of one session, as far as whoever looks may see them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

import structlog

from dash_agent.models.again import BadAnswer, answer_of
from dash_agent.models.answer import Answer, Status
from dash_agent.models.principal import Principal, covers, sees_sql
from dash_agent.ports import Answers, Kept, Sessions
from dash_agent.replay.replay import may_see

log = structlog.get_logger()


class Closed(StrEnum):
    """Why a link leads nowhere."""

    UNKNOWN = "unknown"
    WIDER = "wider"


@dataclass(frozen=True, slots=True)
class Conversation:
    """session: what a next question belongs to, None where it begins one. owner: whose it is, '' of a new one.

    hidden: answers that whoever looks may not see. closed: why nothing of it may be seen.
    """

    session: str | None = None
    owner: str = ""
    answers: tuple[Answer, ...] = ()
    shared: bool = False
    hidden: int = 0
    closed: Closed | None = None

    def with_answer(self, answer: Answer, principal: Principal) -> Conversation:
        """Gone on by the next answer; in somebody else's, it is the first of a conversation of one's own."""
        said = (seen(answer, principal),)
        if self.session != answer.session_id:
            return Conversation(answer.session_id, principal.user, said)
        return replace(self, owner=principal.user, answers=(*self.answers, *said))

    def session_for(self, principal: Principal) -> str | None:
        """The one that a next question goes into, None for a new one."""
        return self.session if self.owner == principal.user else None


def seen(answer: Answer, principal: Principal) -> Answer:
    """The answer as somebody may see it: SQL is for those who work on definitions."""
    return answer if sees_sql(principal) else replace(answer, sql=None)


def of_session(session: str, sessions: Sessions, principal: Principal) -> Conversation:
    """One's own where one has it, else the latest of this name that was shared. Raises Unavailable."""
    found = sorted(sessions.named(session), key=lambda one: one.user != principal.user)
    closed = Closed.UNKNOWN
    for one in found:
        kept = sessions.answers(one.user, session)
        visible = [answer for answer in kept if may_open(principal, answer, shared=one.shared)]
        if visible:
            answers = tuple(seen(answer, principal) for answer in read(visible))
            return Conversation(session, one.user, answers, one.shared, len(kept) - len(visible))
        closed = Closed.WIDER if one.shared else closed
    return Conversation(closed=closed)


def of_answer(answer_id: str, answers: Answers, sessions: Sessions, principal: Principal) -> Conversation:
    """An answer alone. Raises Unavailable."""
    kept = answers.kept(answer_id) if answer_id.isalnum() else None
    if kept is None:
        return Conversation(closed=Closed.UNKNOWN)
    session = kept.answer.get("session_id")
    shared = isinstance(session, str) and sessions.is_shared(kept.user, session)
    if not may_open(principal, kept, shared=shared):
        return Conversation(closed=Closed.WIDER if shared else Closed.UNKNOWN)
    # A question asked beside it begins a conversation of its own.
    return Conversation(None, kept.user, tuple(seen(answer, principal) for answer in read([kept])))


def may_open(principal: Principal, kept: Kept, *, shared: bool) -> bool:
    """Who may see an answer by its id, and of a shared session who sees all rows that it was counted among."""
    if may_see(principal, kept):
        return True
    return shared and (kept.answer["status"] != Status.ANSWERED or covers(principal.scope, kept.scope))


def read(kept: Sequence[Kept]) -> Sequence[Answer]:
    """The answers, without those that an earlier version kept in a form that is not known any more."""
    found = []
    for one in kept:
        try:
            found.append(answer_of(one.answer))
        except BadAnswer as error:
            log.warning("kept_answer_unreadable", answer_id=one.answer.get("answer_id"), error=str(error))
    return found


def link(base: str, parts: Mapping[str, str]) -> str:
    """The address of a page's part. base: the page's own, whatever stands behind its question mark."""
    from urllib.parse import urlencode, urlsplit, urlunsplit

    split = urlsplit(base)
    return urlunsplit((split.scheme, split.netloc, split.path, urlencode(parts), ""))
