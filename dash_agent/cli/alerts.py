"""`dash-agent alerts`: what is looked for, what was found and told, what people made of it, and looking now."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime, timedelta
from difflib import get_close_matches
from html import unescape
from typing import TYPE_CHECKING, Annotated, Final

import typer

from dash_agent.cli.options import NowOption, moment
from dash_agent.cli.tables import print_table
from dash_agent.cli.terminal import printable, progress_line
from dash_agent.errors import UnknownName, WrongUse
from dash_agent.reports.reasons import reason_told

if TYPE_CHECKING:
    from dash_agent.bootstrap import Running
    from dash_agent.models.alarm import Address, Alert, Mute, Precision
    from dash_agent.models.message import Message
    from dash_agent.sending.alarms import Alarms

alerts = typer.Typer(
    name="alerts", help="What is looked for again and again, and told where it is found.", invoke_without_command=True
)

RuleArgument = Annotated[str, typer.Argument(help="The name of an alert.", show_default=False)]
ToOption = Annotated[
    str | None, typer.Option("--to", metavar="CHAT", help="A name of TELEGRAM_CHAT_IDS, or an id; everybody otherwise.")
]
SHOWN: Final = 20


@alerts.callback()
def list_(context: typer.Context) -> int:
    """Lists the alerts with their last look and what people made of them, then what holds now."""
    if context.invoked_subcommand is not None:
        return 0
    with _opened(None) as (alarms, _):
        _list_rules(alarms)
        held = alarms.alerts.listed(only_open=True, limit=SHOWN)
        if held:
            print()
            print_table(("since", "alert", "to", "", "told"), [_held(one) for one in held])
    return 0


@alerts.command()
def look(
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Shows what would be told, keeps nothing and sends nothing.")
    ] = False,
    now: NowOption = None,
) -> int:
    """Looks by every alert now, and tells what there is to tell, as by its schedule."""
    with _opened(now) as (alarms, running):
        if dry_run:
            return _show(alarms, running)
        from dash_agent.sending.looking import LOOK
        from dash_agent.warehouse.jobs import SqlJobs
        from dash_agent.worker.alerts import work_now

        before = alarms.clock.now()
        key = f"alerts by hand {running.ids.new()}"
        SqlJobs(running.parts["database"]).put(LOOK, key, {"rules": list(alarms.rules)})
        work_now(alarms, running, running.ids.new())
        return _told_since(alarms, before)


@alerts.command()
def mute(
    rule: RuleArgument,
    to: ToOption = None,
    days: Annotated[int, typer.Option("--days", min=1, max=3650, metavar="N", help="For how long.")] = 30,
) -> int:
    """Keeps an alert from being told; it is looked at and noted all the same. 'heartbeat' is the daily line."""
    from dash_agent.models.alarm import Mute, MuteState

    with _opened(None) as (alarms, _):
        _known(alarms, rule)
        at = alarms.clock.now()
        until = at + timedelta(days=days)
        alarms.alerts.mute(Mute(0, rule, _address(alarms, to), MuteState.MUTED, at, until, by="command"))
        print(f"Muted until {until.astimezone(alarms.zone):%Y-%m-%d %H:%M}.")
    return 0


@alerts.command()
def unmute(rule: RuleArgument, to: ToOption = None) -> int:
    """Has an alert told again."""
    with _opened(None) as (alarms, _):
        _known(alarms, rule)
        count = alarms.alerts.unmute(rule, None if to is None else _address(alarms, to))
        print("It was not muted." if not count else f"No longer muted: {count}.")
    return 0


@alerts.command("test")
def try_(
    rule: RuleArgument,
    to: Annotated[str, typer.Option("--to", metavar="CHAT", help="A name of TELEGRAM_CHAT_IDS, or an id.")],
    language: Annotated[str, typer.Option("--lang", help="'en' or 'ru'.")] = "en",
) -> int:
    """Sends a sample of an alert to a chat, marked as a test. Nothing is kept of it."""
    from dash_agent.sending.samples import sample

    with _opened(None) as (alarms, running):
        _known(alarms, rule)
        if rule not in alarms.rules:
            raise WrongUse("the daily line has no sample", "name an alert")
        address = _address(alarms, to)
        messenger = alarms.messengers.get(address.channel)
        if messenger is None:
            raise WrongUse(alarms.closed.get(address.channel, "there is no way to a chat"), "see docs/alerts.md")
        said = sample(alarms, alarms.rules[rule], language)
        messenger.ready(address.to, said)
        messenger.send(address.to, said, running.ids.new())
        print(f"Sent to {address.to}.")
    return 0


@contextmanager
def _opened(now: str | None) -> Iterator[tuple[Alarms, Running]]:
    from dash_agent.adapters.clock import FrozenClock
    from dash_agent.bootstrap import open_dash
    from dash_agent.settings import load_settings
    from dash_agent.worker.alerts import alarms_of
    from dash_agent.worker.digests import dispatch_of

    settings = load_settings()
    at = moment(now, settings)
    with open_dash(settings, on_progress=progress_line) as running:
        dispatch = dispatch_of(running, settings, FrozenClock(at) if at is not None else None)
        yield alarms_of(running, dispatch), running


def _list_rules(alarms: Alarms) -> None:
    from dash_agent.models.alarm import Precision

    precision, mutes, now = alarms.alerts.precision(), alarms.alerts.mutes(), alarms.clock.now()
    told, left = alarms.listeners()
    rows = []
    for rule in alarms.rules.values():
        last = alarms.alerts.last_look((rule.name,))
        to = [str(one.address) for one in told if rule.name in one.rules]
        made = _precision(precision.get(rule.name, Precision()))
        muted = "; ".join(_muted(one) for one in mutes if one.rule == rule.name and one.holds(now))
        looked = f"{last.at.astimezone(alarms.zone):%Y-%m-%d %H:%M}" if last else "never"
        rows.append((rule.name, rule.kind, rule.severity, rule.look, looked, made, ", ".join(to) or "nobody", muted))
    print_table(("name", "kind", "severity", "look", "last look", "useful", "to", "muted"), rows)
    for one in left:
        progress_line(f"{one.address} is not told: {one.why}")


def _precision(made: Precision) -> str:
    return "" if made.share is None else f"{made.useful} of {made.count} ({made.share:.0%})"


def _muted(one: Mute) -> str:
    return f"{one.address.to or 'for all'} until {one.until:%Y-%m-%d}"


def _held(one: Alert) -> tuple[str, ...]:
    told = f"{one.told_at:%Y-%m-%d %H:%M}" if one.told_at else ""
    became = f" ({one.last})" if one.last else ""
    return f"{one.cause.chief.since:%Y-%m-%d %H:%M}", one.key, str(one.address), one.stage, f"{told}{became}"


def _show(alarms: Alarms, running: Running) -> int:
    now = alarms.clock.now()
    for group, found in alarms.looked(alarms.groups(list(alarms.rules)), now, note=False):
        for one in found.withheld:
            progress_line(f"{one.rule}: not looked at, {one.why or 'its data is not right'}")
        for listener in group.listeners:
            with running.parts["database"].transaction() as transaction:
                decided = list(alarms.decided(transaction, listener, group, found, now))
            print(printable(f"== {listener.address}: {found.checked} segments, {len(found.causes)} found"))
            for step, said in decided:
                if said is None:
                    print(printable(f"-- {step.alert.key}: {step.alert.stage}, nothing is told"))
                else:
                    print(printable(f"-- {step.alert.key}: {step.tell}\n{_text(said)}"))
    return 0


def _text(said: Message) -> str:
    from dash_agent.models.message import message_json
    from dash_agent.reports.render import TAG

    shown = message_json(said, pictures=False)
    return str(shown.get("text") or unescape(TAG.sub("", str(shown.get("html", "")))))


def _told_since(alarms: Alarms, since: datetime) -> int:
    """1 where somebody did not get what there was to tell."""
    from dash_agent.models.digest import Outcome

    found = [(alert, one) for alert, one in alarms.alerts.tellings(1_000) if one.at >= since]
    for alert, one in found:
        why = f": {reason_told('en', one.why)}" if one.why else ""
        print(printable(f"{alert.key} to {alert.address}, {one.kind}: {one.outcome}{why}"))
    held = len(alarms.alerts.listed(only_open=True, limit=10_000))
    print(f"Messages: {len(found)}. Alerts that hold: {held}.")
    return int(any(one.outcome not in (Outcome.SENT, Outcome.SKIPPED) for _, one in found))


def _known(alarms: Alarms, rule: str) -> None:
    from dash_agent.sending.telling import HEARTBEAT_RULE

    names = [*alarms.rules, HEARTBEAT_RULE]
    if rule not in names:
        raise UnknownName("alert", rule, get_close_matches(rule, names, 3))


def _address(alarms: Alarms, to: str | None) -> Address:
    from dash_agent.models.alarm import EVERYBODY, Address
    from dash_agent.settings import CHAT_ID

    if to is None:
        return EVERYBODY
    chats: Mapping[str, str] = alarms.chats
    if to not in chats and not CHAT_ID.fullmatch(to):
        raise UnknownName("chat", to, get_close_matches(to, list(chats), 3))
    return Address("telegram", chats.get(to, to))
