"""What is told of the looks themselves: the daily line that shows that silence means normal, and gaps."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from html import escape
from typing import Final

from babel.dates import format_time
from babel.lists import format_list

from dash_agent.context.alerts import Alert as Rule
from dash_agent.insight.messages import locale
from dash_agent.insight.wording import Wording
from dash_agent.models.alarm import DATA, Gap, Look
from dash_agent.models.message import Letter, Message, Text
from dash_agent.reports.alert_render import title_of
from dash_agent.reports.alert_words import counted, tell
from dash_agent.reports.reasons import reason_told
from dash_agent.reports.render import PAGE, cut

LONGEST_WHY: Final = 300


def pulse_told(wording: Wording, looks: Sequence[Look], found: int, channel: str, name: str) -> Message:
    """One line about the looks of the last day, the latest first. found: alerts that held in it."""
    done, failed = [one for one in looks if not one.error], [one for one in looks if one.error]
    language = wording.language
    said = [tell(language, "pulse.none")] if not done else [_pulse(wording, done, found)]
    if failed:
        why = _why(language, failed[0].error)
        said.append(tell(language, "pulse.failing", failed=counted(language, "failed", len(failed)), why=why))
    return _quietly(language, said, channel, name)


def _pulse(wording: Wording, done: Sequence[Look], count: int) -> str:
    language = wording.language
    # Rules that are looked at together hold the same segments at every look.
    segments = {one.rules: one.segments for one in reversed(done)}
    last = done[0].at.astimezone(wording.zone)
    return tell(
        language,
        "pulse",
        looks=counted(language, "looks", len(done)),
        segments=counted(language, "segments", sum(segments.values())),
        at=format_time(last, "HH:mm", locale=locale(language)),
        found=counted(language, "alerts", count) if count else tell(language, "nothing"),
    )


def gap_told(wording: Wording, gap: Gap, rules: Sequence[Rule], channel: str) -> Message:
    language = wording.language
    start, end = _clock(wording, gap.start, gap.end), _clock(wording, gap.end, gap.end)
    if rules:
        titles = format_list([title_of(rule, language) for rule in rules], locale=locale(language))
        said = [tell(language, "gap.rules", start=start, end=end, titles=titles)]
    else:
        said = [tell(language, "gap", start=start, end=end)]
    if gap.why:
        said.append(tell(language, "gap.why", why=_why(language, gap.why)))
    return _quietly(language, said, channel, f"alerts-gap-{gap.end:%Y%m%d-%H%M}")


def _clock(wording: Wording, moment: datetime, other: datetime) -> str:
    """With its day where that is not the other's."""
    local = moment.astimezone(wording.zone)
    if local.date() == other.astimezone(wording.zone).date():
        return format_time(local, "HH:mm", locale=locale(wording.language))
    return wording.moment(moment)


def _why(language: str, error: str) -> str:
    return tell(language, DATA) if error == DATA else cut(reason_told(language, error), LONGEST_WHY)


def _quietly(language: str, said: Sequence[str], channel: str, name: str) -> Message:
    html = "\n".join(escape(line, quote=False) for line in said)
    if channel == "telegram":
        return Text(html, silent=True)
    page = PAGE.format(language=language, title=escape(said[0]), body=html.replace("\n", "<br>\n"))
    return Letter(name, said[0], page, "\n".join(said) + "\n")
