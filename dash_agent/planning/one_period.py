"""A period that is given by itself, as `--period` takes it: the planner's own grammar, and ISO dates."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from dash_agent.errors import WrongUse
from dash_agent.models.query import Grain, Period
from dash_agent.planning.languages import LANGUAGES
from dash_agent.planning.periods.grammar import PeriodGrammar
from dash_agent.planning.periods.place import before, place
from dash_agent.planning.periods.spec import Between, Day, InYear, Months, TimeSpec
from dash_agent.planning.terms import Span, TimeTerm
from dash_agent.planning.tokens import Analyser, Token
from dash_agent.semantic.time import Calendar, floor, shift

EXAMPLES: Final = (
    "write it like 'last month', 'this week', 'last 7 days', 'October 2026', 'октябрь' or 2026-09-01..2026-10-01"
)
YEARS: Final = range(1970, 2200)
MONTHS_OF: Final = {Grain.MONTH: 1, Grain.QUARTER: 3, Grain.YEAR: 12}
_ISO: Final = re.compile(r"(?P<year>\d{4})-(?P<month>\d{2})(-(?P<day>\d{2}))?")


@dataclass(frozen=True, slots=True)
class OnePeriod:
    """spec: how it was said, so that the period before is found."""

    period: Period
    spec: TimeSpec

    def before(self, calendar: Calendar) -> Period:
        """The one right before: the same span of it where this one is unfinished, else all of it."""
        return before(self.spec, self.period, calendar)


def read_period(text: str, calendar: Calendar) -> OnePeriod:
    """The one period that `text` names. Raises WrongUse, with examples, for anything else."""
    stripped = text.strip()
    if ".." in stripped:
        return _range(stripped, calendar)
    spec = _dates(*_iso(stripped, text)) if _ISO.fullmatch(stripped) else _spec(text)
    period = place(spec, calendar)
    if period is None and spec.relative:
        raise WrongUse(f"the period '{text}' does not say the previous what", EXAMPLES)
    if period is None:
        raise WrongUse(f"'{text}' is on no calendar", EXAMPLES)
    return OnePeriod(period, spec)


def _range(text: str, calendar: Calendar) -> OnePeriod:
    """`A..B`: from the start of A to the start of B, which is not in it."""
    start, _, end = text.partition("..")
    first, after = _iso(start.strip(), text)[0], _iso(end.strip(), text)[0]
    if after <= first:
        raise WrongUse(f"the period '{text}' ends before it begins; its last day is the one before the second date")
    return OnePeriod(calendar.days(first, after), _dates(first, after))


def _iso(given: str, text: str) -> tuple[date, date]:
    """The first day and the day after of a day or a month."""
    found = _ISO.fullmatch(given)
    try:
        year, month, day = (int(found[key] or 0) for key in ("year", "month", "day")) if found else (0, 0, 0)
        if year not in YEARS:
            raise ValueError(year)
        first = date(year, month, day or 1)
        return first, shift(first, Grain.DAY if day else Grain.MONTH, 1)
    except ValueError:
        raise WrongUse(f"'{given}' of the period '{text}' is no date", EXAMPLES) from None


def _dates(first: date, after: date) -> TimeSpec:
    """These days, as the month, quarter or year that they are."""
    for unit, months in MONTHS_OF.items():
        if floor(first, unit) == first and shift(first, unit, 1) == after:
            return Months(first.month, months, InYear(first.year))
    ends = (first, after - timedelta(days=1))
    return Between(*(Day(end.day, end.month, InYear(end.year)) for end in ends))


def _spec(text: str) -> TimeSpec:
    analyser = Analyser()
    tokens = analyser.tokens(text)
    found = [span for span in PeriodGrammar(analyser).spans(tokens) if isinstance(span.term, TimeTerm)]
    fillers = _filler_lemmas(analyser)
    whole = [span for span in found if not _left_out(tokens, [span], fillers)]
    if not whole:
        raise _unread(text, _left_out(tokens, found, fillers))
    term = max(whole, key=lambda span: span.end - span.start).term
    if not isinstance(term, TimeTerm):
        raise _unread(text, ())
    return term.spec


def _filler_lemmas(analyser: Analyser) -> frozenset[str]:
    words = (word for language in LANGUAGES for word in language.fillers)
    return frozenset(lemma for word in words for lemma in (*analyser.forms(word)[0], word))


def _left_out(tokens: Sequence[Token], spans: Sequence[Span], fillers: frozenset[str]) -> list[str]:
    """Words that neither a span nor a filler explains."""
    inside = {at for span in spans for at in range(span.start, span.end)}
    outside = (token for at, token in enumerate(tokens) if at not in inside)
    return [token.text for token in outside if token.norm not in fillers and not token.lemmas & fillers]


def _unread(text: str, words: Sequence[str]) -> WrongUse:
    if words:
        said = ", ".join(f"'{word}'" for word in words)
        return WrongUse(f"the period '{text}' can't be read: {said} is not understood", EXAMPLES)
    return WrongUse(f"'{text}' is not one period", EXAMPLES)
