"""`dash-agent digest`: what a digest says, who gets it, and sending it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Final

import typer

from dash_agent.cli.options import NowOption, moment
from dash_agent.cli.tables import print_table
from dash_agent.cli.terminal import printable, progress_line
from dash_agent.errors import WrongUse
from dash_agent.reports.reasons import reason_told

if TYPE_CHECKING:
    from dash_agent.bootstrap import Running
    from dash_agent.context.digests import Digest
    from dash_agent.sending.dispatch import Dispatch
    from dash_agent.sending.orders import LeftOut, Order

USUAL: Final = "daily"


def digest(
    name: Annotated[str | None, typer.Argument(help="Of a digest; 'daily' otherwise.", show_default=False)] = None,
    send: Annotated[bool, typer.Option("--send", help="Sends it to all who get it and did not yet.")] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Shows each message as it would go out, and sends nothing.")
    ] = False,
    listed: Annotated[bool, typer.Option("--list", help="Lists the digests, and what became of the latest.")] = False,
    now: NowOption = None,
) -> int:
    """Shows what a digest says, or sends it: to each address once for a period, as by its schedule."""
    from dash_agent.adapters.clock import FrozenClock
    from dash_agent.bootstrap import open_dash
    from dash_agent.sending.orders import named
    from dash_agent.settings import load_settings
    from dash_agent.worker.digests import dispatch_of

    settings = load_settings()
    at = moment(now, settings)
    with open_dash(settings, on_progress=progress_line) as running:
        dispatch = dispatch_of(running, settings, FrozenClock(at) if at is not None else None)
        if listed:
            return _list(dispatch)
        found = named(dispatch.known, name or _usual(dispatch.known))
        due = dispatch.clock.now()
        if dry_run:
            return _show(dispatch, found, due)
        return _send(dispatch, running, found, due) if send else _tell(dispatch, found, due)


def _usual(known: Mapping[str, Digest]) -> str:
    if not known:
        raise WrongUse("there are no digests", "write one: docs/digests.md")
    return USUAL if USUAL in known else next(iter(known))


def _list(dispatch: Dispatch) -> int:
    rows = [(one.name, one.schedule, one.period, one.title.get("en", "")) for one in dispatch.known.values()]
    print_table(("name", "schedule", "period", "title"), rows)
    latest = dispatch.digests.listed(limit=20)
    if latest:
        print()
        told = [
            (f"{one.at:%Y-%m-%d %H:%M}", str(one.key), one.outcome, reason_told("en", one.why)[:160]) for one in latest
        ]
        print_table(("at", "what", "", "why"), told)
    return 0


def _tell(dispatch: Dispatch, found: Digest, due: datetime) -> int:
    """In each language that it is read in, once, for the first who reads it so; 1 where the data does not bear it."""
    from dash_agent.reports.render import plain_text

    code = 0
    for order in _by_language(dispatch, found, due):
        reasons = dispatch.doubts(order, found)
        for reason in reasons:
            progress_line(f"It would be held back: {reason}")
        code = code or int(bool(reasons))
        print(printable(plain_text(dispatch.told(order, found))))
    return code


def _by_language(dispatch: Dispatch, found: Digest, due: datetime) -> Sequence[Order]:
    from dash_agent.context.digests import readers, scope_of
    from dash_agent.models.digest import IssueKey, Recipient
    from dash_agent.sending.orders import Order, period_key, span_of

    calendar = dispatch.dash().calendar(due)
    period = period_key(span_of(found, calendar).period, calendar)
    key = IssueKey(found.name, period, "terminal", "")
    made: dict[str, Order] = {}
    for _, reader in readers(found):
        recipient = Recipient("terminal", "", reader.language, scope_of(reader))
        made.setdefault(reader.language, Order(key, recipient, due))
    return tuple(made.values()) or (Order(key, Recipient("terminal", "", "en"), due),)


def _show(dispatch: Dispatch, found: Digest, due: datetime) -> int:
    from dash_agent.models.message import message_json
    from dash_agent.sending.orders import LeftOut

    code = 0
    for order in dispatch.ordered(found.name, due):
        if isinstance(order, LeftOut):
            print(printable(f"== {order.address}: left out, {order.why}"))
            continue
        before = dispatch.digests.get(order.key)
        sent = f" (already {before.outcome})" if before is not None else ""
        print(printable(f"== {order.key}{sent}"))
        reasons = dispatch.doubts(order, found)
        if reasons:
            print(printable("\n".join(("held back:", *reasons))))
            code = 1
            continue
        messages, _ = dispatch.messages(order, dispatch.told(order, found))
        for message in messages:
            shown = message_json(message, pictures=False)
            print(printable(str(shown.get("text") or shown.get("html") or "")))
            for one in shown.get("pictures", ()):
                print(printable(f"[{one['name']}] {one['caption']}"))
    return code


def _send(dispatch: Dispatch, running: Running, found: Digest, due: datetime) -> int:
    """1 where somebody who can be reached did not get it."""
    from dash_agent.models.job import JobState
    from dash_agent.sending.orders import LeftOut
    from dash_agent.warehouse.jobs import SqlJobs
    from dash_agent.worker.digests import deliver_now

    state = running.parts["database"]
    ordered = dispatch.ordered(found.name, due)
    with state.transaction() as transaction:
        dispatch.order(transaction, ordered)
    jobs = SqlJobs(state)
    keys = {str(one.key) for one in ordered if not isinstance(one, LeftOut)}
    for dead in jobs.listed(JobState.DEAD, 1_000):
        # What may have arrived is a person's to look at first: `jobs retry`.
        if dead.job.key in keys and not _is_doubtful(dispatch, ordered, dead.job.key):
            jobs.retry(dead.job.job_id)
    deliver_now(dispatch, state, running.ids.new())
    return max((_outcome(dispatch, one) for one in ordered), default=0)


def _is_doubtful(dispatch: Dispatch, ordered: Sequence[Order | LeftOut], key: str) -> bool:
    from dash_agent.models.digest import Outcome
    from dash_agent.sending.orders import LeftOut

    kept = [dispatch.digests.get(one.key) for one in ordered if not isinstance(one, LeftOut) and str(one.key) == key]
    return any(one is not None and one.outcome is Outcome.IN_DOUBT for one in kept)


def _outcome(dispatch: Dispatch, one: Order | LeftOut) -> int:
    from dash_agent.sending.orders import LeftOut

    if isinstance(one, LeftOut):
        print(printable(f"{one.address}: left out, {one.why}"))
        return 0
    kept = dispatch.digests.get(one.key)
    if kept is None:
        print(printable(f"{one.key}: not begun; a worker has it"))
        return 1
    print(printable(f"{one.key}: {kept.outcome}{': ' + reason_told('en', kept.why) if kept.why else ''}"))
    return 0 if kept.outcome.is_final else 1
