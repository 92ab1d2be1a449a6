"""An alert in words, and those words as a message: for Telegram, a mail or a folder. No number is asked for here."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from html import escape, unescape
from math import floor, log10
from typing import Final
from urllib.parse import urlencode

from babel.dates import format_date, format_time
from babel.lists import format_list
from babel.numbers import format_decimal

from dash_agent.context.alerts import SEGMENT
from dash_agent.context.alerts import Alert as Rule
from dash_agent.insight.messages import locale
from dash_agent.insight.wording import Wording
from dash_agent.models.alarm import Precision, TellingKind
from dash_agent.models.alert import Cause, Finding, Verdict
from dash_agent.models.message import Button, Letter, Message, Text
from dash_agent.models.principal import ScopeFilter
from dash_agent.models.query import Period
from dash_agent.reports.alert_words import counted, tell
from dash_agent.reports.render import LONGEST_TEXT, PAGE, TAG, cut, length

MARKS: Final = {"info": "🔵", "warning": "🟠", "critical": "🔴"}
MOST_ALSO: Final = 3
LONGEST_LINE: Final = 600
RAREST: Final = 1_000_000
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
NOBODY: Final = Precision()
MUTE, KEEP = "mute", "keep"


@dataclass(frozen=True, slots=True)
class Told:
    """lines: in HTML of Telegram. buttons: none for a mail. silent: arrives without a sound."""

    name: str
    head: str
    language: str
    lines: tuple[str, ...]
    buttons: tuple[tuple[Button, ...], ...] = ()
    silent: bool = False


def telling(
    wording: Wording, rule: Rule, cause: Cause, kind: TellingKind, scope: tuple[ScopeFilter, ...], link: str
) -> Told:
    """What is told of a cause. link: of the dashboard. The buttons are for who knows the alert's id to add."""
    language, chief = wording.language, cause.chief
    severity, title = tell(language, rule.severity), title_of(rule, language)
    head = tell(language, f"head.{kind}", severity=severity, title=title)
    if kind is TellingKind.OVER:
        lines = tuple(_over(wording, chief, scope))
        return Told(rule.name, f"🟢 {head}", language, lines, silent=True)
    lines = tuple(_lines(wording, rule, cause, scope, link))
    return Told(rule.name, f"{MARKS[rule.severity]} {head}", language, lines, silent=rule.severity == "info")


def title_of(rule: Rule, language: str) -> str:
    return rule.title.get(language) or rule.title.get("en") or rule.name


def as_test(told: Told) -> Told:
    return replace(told, head=tell(told.language, "head.test", head=told.head))


def message(told: Told, channel: str, name: str) -> Message:
    """name: of a letter, fit for a file."""
    html = "\n".join((f"<b>{_plain(told.head)}</b>", *told.lines))
    if channel == "telegram":
        return Text(_short(html), told.buttons, told.silent)
    page = PAGE.format(language=told.language, title=_plain(told.head), body=html.replace("\n", "<br>\n"))
    return Letter(name, told.head, page, unescape(TAG.sub("", html)) + "\n")


def verdict_buttons(language: str, alert_id: int, verdicts: Precision = NOBODY) -> tuple[tuple[Button, ...], ...]:
    """With how many pressed each, once anybody has."""
    counts = {Verdict.USEFUL: verdicts.useful, Verdict.NOISE: verdicts.noise}
    made = []
    for verdict, count in counts.items():
        label = tell(language, verdict)
        shown = tell(language, "marked", label=label, count=count) if count else label
        made.append(Button(shown, f"a:{alert_id}:{verdict}"))
    return (tuple(made),)


def proposal(wording: Wording, rule: Rule, precision: Precision) -> str:
    """That a rule is noise more often than not, and whether to mute it."""
    language = wording.language
    head = tell(language, "propose", title=title_of(rule, language))
    share = wording.number(100 * (precision.share or 0.0), "percent", 0)
    why = tell(language, "propose.why", useful=precision.useful, count=precision.count, share=share)
    return f"<b>{_plain(head)}</b>\n{_plain(why)}"


def mute_buttons(language: str, mute_id: int, chosen: str = "") -> tuple[tuple[Button, ...], ...]:
    """chosen: 'mute' or 'keep' once somebody has."""
    made = []
    for what in (MUTE, KEEP):
        label = tell(language, what)
        shown = tell(language, "chosen", label=label) if what == chosen else label
        made.append(Button(shown, f"m:{mute_id}:{what}"))
    return (tuple(made),)


# What is found


def _lines(wording: Wording, rule: Rule, cause: Cause, scope: tuple[ScopeFilter, ...], link: str) -> Iterator[str]:
    language, chief = wording.language, cause.chief
    beside = "; ".join(_beside(wording, rule, chief))
    label = _plain(_label(wording, chief))
    yield f"{label}: <b>{_plain(_value(wording, chief, chief.observed))}</b>" + (
        f" ({_plain(beside)})" if beside else ""
    )
    yield _plain(f"{_rows(wording, chief.segment)} · {_span(wording, chief)}")
    if scope:
        yield _plain(tell(language, "narrowed", rows=_rows(wording, scope)))
    for key, moment in _moments(cause):
        yield _plain(tell(language, key, moment=wording.moment(moment)))
    if chief.p is not None:
        yield _plain(_chance(language, chief))
    if chief.driver:
        yield _plain(tell(language, "driver", rows=_rows(wording, chief.driver)))
    if cause.also:
        yield _plain(cut(tell(language, "also", found=_also(wording, cause)), LONGEST_LINE))
    question = question_of(wording, rule, chief)
    if question:
        address = escape(f"{link}/?{urlencode([('q', question)])}")
        asked = f'<a href="{address}">{_plain(question)}</a>'
        yield tell(language, "question", question=asked)
    yield f'<a href="{escape(_link(wording, chief, link))}">{_plain(tell(language, "link"))}</a>'


def _moments(cause: Cause) -> Iterator[tuple[str, datetime]]:
    """Since when, and the change of ours that another rule holds the same rows against."""
    chief = cause.chief
    if chief.changed_at is not None:
        yield "changed", chief.changed_at
        return
    yield "since", chief.since
    changes = [one.changed_at for one in cause.also if one.changed_at is not None and one.segment == chief.segment]
    if changes:
        yield "change", max(changes)


def _beside(wording: Wording, rule: Rule, found: Finding) -> Iterator[str]:
    language = wording.language
    if found.expected is not None:
        yield tell(language, "usual", value=_value(wording, found, found.expected), when=_usually(wording, found))
    else:
        for side, bound in (("above", rule.above), ("below", rule.below)):
            if bound is not None:
                yield tell(language, f"limit.{side}", value=_value(wording, found, bound))
    if found.sample and found.metric:
        shown = format_decimal(found.sample, "#,##0", locale=locale(language))
        yield counted(language, "sample", found.sample, shown)


def _over(wording: Wording, found: Finding, scope: tuple[ScopeFilter, ...]) -> Iterator[str]:
    yield _plain(f"{_label(wording, found)} · {_rows(wording, found.segment)}")
    if scope:
        yield _plain(tell(wording.language, "narrowed", rows=_rows(wording, scope)))
    start, end = wording.moment(found.since), wording.moment(found.end)
    yield _plain(tell(wording.language, "was", start=start, end=end))


def _also(wording: Wording, cause: Cause) -> str:
    told = [_other(wording, one) for one in cause.also[:MOST_ALSO]]
    if len(cause.also) > MOST_ALSO:
        told.append(counted(wording.language, "more", len(cause.also) - MOST_ALSO))
    return "; ".join(told)


def _other(wording: Wording, one: Finding) -> str:
    observed = _value(wording, one, one.observed)
    if one.expected is not None:
        expected = _value(wording, one, one.expected)
        observed = tell(wording.language, "instead", observed=observed, expected=expected)
    label, rows = _label(wording, one), _rows(wording, one.segment)
    return tell(wording.language, "also.one", label=label, rows=rows, observed=observed)


def question_of(wording: Wording, rule: Rule, found: Finding) -> str:
    """With the values that were found in their place; '' where the rule has none in this language."""
    asked = rule.question.get(wording.language) or rule.question.get("en") or ""
    values = [wording.value(one.dimension, value) for one in found.segment for value in one.values]
    return " ".join(
        asked.replace(SEGMENT, format_list(values, locale=locale(wording.language)) if values else "").split()
    )


def _label(wording: Wording, found: Finding) -> str:
    """A metric that is gone from the content goes by its name."""
    metric = wording.catalog.metrics.get(found.metric)
    if metric is not None:
        return wording.label(metric.label, found.metric)
    return found.metric or tell(wording.language, "count")


def _value(wording: Wording, found: Finding, value: float) -> str:
    metric = wording.catalog.metrics.get(found.metric)
    if metric is None:
        return wording.number(value, None, 0 if float(value).is_integer() else 2)
    decimals = metric.decimals
    if metric.unit in (None, "count", "tickets") and not float(value).is_integer():
        # What is usual of a count is no count.
        decimals = max(decimals, 1 if abs(value) < 10 else 0)
    return wording.number(value, metric.unit, decimals)


def _rows(wording: Wording, rows: tuple[ScopeFilter, ...]) -> str:
    if not rows:
        return tell(wording.language, "everything")
    return "; ".join(_filter(wording, one) for one in rows)


def _filter(wording: Wording, one: ScopeFilter) -> str:
    dimension = wording.catalog.dimensions.get(one.dimension)
    label = one.dimension if dimension is None else wording.label(dimension.label, one.dimension)
    values = format_list([wording.value(one.dimension, value) for value in one.values], locale=locale(wording.language))
    return tell(wording.language, "rows", dimension=label, values=values)


# When, and how unusual


def _span(wording: Wording, found: Finding) -> str:
    start, end = found.start.astimezone(wording.zone), found.end.astimezone(wording.zone)
    if start >= end:
        return wording.moment(end)
    if start.time() == end.time() == start.min.time():
        return wording.period(Period(start, end), end)
    if start.date() == end.date():
        return f"{wording.moment(start)}–{format_time(end, 'HH:mm', locale=locale(wording.language))}"
    return f"{wording.moment(start)} – {wording.moment(end)}"


def _usually(wording: Wording, found: Finding) -> str:
    """The weekday and hours that it is held against, or the days before a change."""
    here = locale(wording.language)
    if found.changed_at is not None:
        return tell(wording.language, "usual.before")
    start, end = found.start.astimezone(wording.zone), found.end.astimezone(wording.zone)
    key, of = ("usual.hour", start) if found.end - found.start < DAY else ("usual.day", end)
    clock = {"start": format_time(start, "HH:mm", locale=here), "end": format_time(end, "HH:mm", locale=here)}
    return tell(wording.language, key, day=format_date(of.date(), "EEEE", locale=here), **clock)


def _chance(language: str, found: Finding) -> str:
    """Rounded as far as anybody can tell: to tens, and from 100 on to two digits."""
    assert found.p is not None
    if found.p * RAREST < 1:
        return tell(language, "chance.rare")
    once = 1 / min(found.p, 0.1)
    step = 10 ** max(1, floor(log10(once)) - 1)
    shown = format_decimal(round(once / step) * step, "#,##0", locale=locale(language))
    length_of = {HOUR: "hour", DAY: "day"}.get(found.end - found.start, "period")
    return tell(language, f"chance.{length_of}", count=shown)


def _link(wording: Wording, found: Finding, link: str) -> str:
    """The same days and rows in the dashboard."""
    first = found.start.astimezone(wording.zone).date()
    last = max(first, (found.end - timedelta(microseconds=1)).astimezone(wording.zone).date())
    chosen = [("period", f"{first}..{last}")]
    chosen += [(f"f_{one.dimension}", value) for one in found.segment for value in one.values]
    return f"{link}/overview?{urlencode(chosen)}"


def _plain(text: str) -> str:
    return escape(text, quote=False)


def _short(html: str) -> str:
    """Whole lines, as many as Telegram takes."""
    lines = html.split("\n")
    while length("\n".join(lines)) > LONGEST_TEXT and len(lines) > 1:
        lines.pop(-2 if len(lines) > 2 else -1)
    return "\n".join(lines)
