"""Digests as people steer them: what there is, what became of it, and what may be done about it, by whom.

Viewers have no part in it. Who sees some rows only sees and steers what is told of those alone. Whatever is done leaves
its note in the audit first.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from dash_agent.context.digests import Digest, problems, readers, scope_of
from dash_agent.errors import UnknownName, WrongUse
from dash_agent.models.digest import Issue, IssueKey, Outcome, Recipient
from dash_agent.models.job import JobState
from dash_agent.models.principal import Principal, Role, ScopeFilter, covers
from dash_agent.models.wire import Json
from dash_agent.ports import Audit, Jobs, Schedules
from dash_agent.sending.dispatch import Dispatch
from dash_agent.sending.orders import DELIVER, named
from dash_agent.sending.previews import Preview, preview, readings, recipients, send_test
from dash_agent.sending.timetable import is_valid, next_at
from dash_agent.settings import CHAT_ID

Scope = tuple[ScopeFilter, ...]

DEAD: Final = frozenset({Outcome.IN_DOUBT, Outcome.REFUSED, Outcome.FAILED})
"""What may be sent once more."""
MOST_DEAD: Final = 10_000


@dataclass(frozen=True, slots=True)
class Standing:
    """A digest, and how it stands. file: whether it is one of business/digests. cron: by which it goes, which may be
    another than its own. next_at: None while it is paused. audience: of whom one may know, with what became of the
    latest for each. mine: whether one may steer it.
    """

    digest: Digest
    file: bool
    cron: str
    paused: bool
    next_at: datetime | None
    audience: tuple[tuple[Recipient, Issue | None], ...]
    mine: bool


@dataclass(frozen=True, slots=True)
class Mistake:
    """place: in the digest, as a check has it. rule: a check's, or 'schedule', 'chat' or 'rows'."""

    place: str
    said: str
    rule: str


@dataclass(frozen=True, slots=True)
class Steering:
    """schedule: the name of a digest's own. bring: brings the schedules to what digests say. people: who may look, and
    how far.
    """

    dispatch: Dispatch
    schedules: Schedules
    jobs: Jobs
    audit: Audit
    schedule: Callable[[str], str]
    bring: Callable[[], None]
    people: Callable[[], Sequence[Principal]]

    def close(self) -> None:
        """Ends the lines that messages go out by."""
        for one in self.dispatch.messengers.values():
            end: Callable[[], None] | None = getattr(one, "close", None)
            if end is not None:
                end()

    # Looking

    def standing(self, who: Principal) -> tuple[Standing, ...]:
        _check(who)
        kept = {one.name: one for one in self.schedules.listed()}
        latest = {(one.key.digest, one.key.channel, one.key.address): one for one in self.dispatch.digests.latest()}
        found = []
        for digest in self.dispatch.known.values():
            everybody = list(recipients(self.dispatch, digest))
            seen = [one for one in everybody if covers(who.scope, one.scope)]
            if everybody and not seen:
                continue
            schedule = kept.get(self.schedule(digest.name))
            cron = schedule.cron if schedule is not None else digest.schedule
            paused = schedule is not None and not schedule.enabled
            told = tuple((one, self._last(latest.get((digest.name, one.channel, one.address)), who)) for one in seen)
            found.append(
                Standing(
                    digest,
                    digest.name in self._files,
                    cron,
                    paused,
                    None if paused else next_at(cron, self.dispatch.clock.now(), self.dispatch.zone),
                    told,
                    len(seen) == len(everybody),
                )
            )
        return tuple(found)

    def history(
        self, who: Principal, digest: str | None = None, outcomes: Sequence[Outcome] | None = None, limit: int = 200
    ) -> tuple[Issue, ...]:
        """The latest change first, without numbers and messages."""
        _check(who)
        found = self.dispatch.digests.listed(digest, limit, outcomes)
        return tuple(one for one in found if _may_see(who, one))

    def issue(self, who: Principal, key: IssueKey) -> Issue | None:
        """With what was sent, as far as that is kept; None where there is none that one may see."""
        _check(who)
        found = self.dispatch.digests.get(key)
        return found if found is not None and _may_see(who, found) else None

    def scopes(self, who: Principal) -> tuple[Scope, ...]:
        """Rows that a digest may be narrowed to: those that are held for somebody already, within one's own."""
        known = [(), who.scope, *(one.scope for one in self.people())]
        known += [
            scope_of(one) for digest in self.dispatch.dash().catalog.digests.values() for _, one in readers(digest)
        ]
        return tuple(dict.fromkeys(one for one in known if covers(who.scope, one)))

    def left_out(self, recipient: Recipient) -> bool:
        """Whether there is no way to somebody, as things are set."""
        if recipient.channel in self.dispatch.closed:
            return True
        return recipient.channel == "telegram" and not CHAT_ID.fullmatch(recipient.address)

    def readers(self, who: Principal, digest: Digest) -> tuple[Recipient, ...]:
        """Of its audience, of whom one may know."""
        return tuple(one for one in recipients(self.dispatch, digest) if covers(who.scope, one.scope))

    def readings(self, who: Principal, digest: Digest, language: str) -> tuple[Recipient, ...]:
        return readings(self.dispatch, digest, who, language)

    def preview(self, who: Principal, digest: Digest, recipient: Recipient) -> Preview:
        _check(who, recipient.scope)
        return preview(self.dispatch, digest, recipient)

    # Steering

    def send_test(self, who: Principal, digest: Digest, recipient: Recipient, channel: str, to: str, key: str) -> int:
        """As of `previews.send_test`. to: a name of a chat will do."""
        _check(who, recipient.scope)
        address = self.dispatch.chats.get(to, to)
        if channel == "telegram" and not CHAT_ID.fullmatch(address):
            raise UnknownName("chat", to, list(self.dispatch.chats)[:3])
        detail: Mapping[str, Json] = {"channel": channel, "address": address, "language": recipient.language}
        self.audit.note(who.user, "digest.test", digest.name, detail)
        return send_test(self.dispatch, digest, recipient, channel, address, key)

    def pause(self, who: Principal, name: str, *, paused: bool) -> None:
        """Switches its schedule. What was missed meanwhile is not made up for."""
        self._mine(who, named(self.dispatch.known, name))
        self.audit.note(who.user, "digest.paused" if paused else "digest.resumed", name, {})
        if not self.schedules.change(self.schedule(name), enabled=not paused):
            self.bring()
            if not self.schedules.change(self.schedule(name), enabled=not paused):
                raise WrongUse(f"the digest '{name}' has no schedule", "see 'dash-agent check'")

    def resend(self, who: Principal, key: IssueKey, *, looked: bool = False) -> bool:
        """Orders once more what was given up; False where its job is no dead letter any more.

        looked: of one in doubt, whether somebody has looked that it did not arrive. Raises WrongUse where nobody has.
        """
        if who.role is not Role.ADMIN:
            raise WrongUse("only an admin may send a digest once more")
        found = self.issue(who, key)
        if found is None or found.outcome not in DEAD:
            raise WrongUse(f"'{key}' is nothing that was given up")
        if found.outcome is Outcome.IN_DOUBT and not looked:
            raise WrongUse("it may have arrived, and would arrive twice", "look there first")
        dead = [one for one in self.jobs.listed(JobState.DEAD, MOST_DEAD) if one.job.key == str(key)]
        chosen = next((one.job.job_id for one in dead if one.job.kind == DELIVER), None)
        self.audit.note(who.user, "digest.resent", str(key), {"outcome": found.outcome, "why": found.why})
        return chosen is not None and self.jobs.retry(chosen)

    # Making

    def mistakes(self, who: Principal, digest: Digest) -> tuple[Mistake, ...]:
        """All that a check would say of it, and what only shows here."""
        catalog = self.dispatch.dash().catalog
        found = [Mistake(*one) for one in problems(digest, catalog.metrics, catalog.dimensions)]
        if not is_valid(digest.schedule):
            found.append(Mistake("schedule", f"'{digest.schedule}' is no time table", "schedule"))
        for index, chat in enumerate(digest.audience.telegram):
            if chat.chat not in self.dispatch.chats and not CHAT_ID.fullmatch(chat.chat):
                found.append(Mistake(f"audience.telegram[{index}]", f"there is no chat '{chat.chat}'", "chat"))
        known = self.scopes(who)
        found += [
            Mistake(place, "these rows are not held for anybody", "rows")
            for place, one in readers(digest)
            if scope_of(one) not in known
        ]
        return tuple(found)

    def define(self, who: Principal, digest: Digest, *, new: bool) -> tuple[Mistake, ...]:
        """Keeps it, unless there are mistakes, which it returns; by its schedule at once.

        Raises WrongUse for a file's, and for one that is there already (new) or is not (otherwise).
        """
        _check(who)
        known, name = self.dispatch.known, digest.name
        if name in self._files:
            raise WrongUse(f"the digest '{name}' is a file", "change it there")
        if new and name in known:
            raise WrongUse(f"there is a digest '{name}' already", "take another name")
        if not new:
            self._mine(who, named(known, name))
        found = self.mistakes(who, digest)
        if not found:
            made: dict[str, Json] = digest.model_dump(mode="json", exclude_defaults=True, exclude_none=True)
            self.audit.note(who.user, "digest.defined", name, {"definition": made, "new": new})
            self.dispatch.digests.define(name, made, who.user)
            self.bring()
        return found

    def forget(self, who: Principal, name: str) -> None:
        """What became of it stays listed. Raises WrongUse for a file's."""
        if name in self._files:
            raise WrongUse(f"the digest '{name}' is a file", "remove it there")
        self._mine(who, named(self.dispatch.known, name))
        self.audit.note(who.user, "digest.forgotten", name, {})
        self.dispatch.digests.forget(name)
        self.bring()

    @property
    def _files(self) -> Mapping[str, Digest]:
        return self.dispatch.dash().catalog.digests

    def _mine(self, who: Principal, digest: Digest) -> None:
        """Raises WrongUse for whom it tells of rows that they don't see."""
        _check(who)
        if not all(covers(who.scope, scope_of(one)) for _, one in readers(digest)):
            raise WrongUse(f"the digest '{digest.name}' tells of rows that you don't see")

    def _last(self, issue: Issue | None, who: Principal) -> Issue | None:
        return issue if issue is not None and _may_see(who, issue) else None


def _check(who: Principal, scope: Scope | None = None) -> None:
    """Raises WrongUse for who has no part in it, or does not see these rows."""
    if who.role is Role.VIEWER:
        raise WrongUse("digests are for managers, analysts and admins")
    if scope is not None and not covers(who.scope, scope):
        raise WrongUse("it tells of rows that you don't see")


def _may_see(who: Principal, issue: Issue) -> bool:
    return covers(who.scope, issue.scope or ())
