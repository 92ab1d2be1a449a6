"""A period that is given by itself, as `--period` takes it: the planner's own grammar, and ISO dates."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Final

from dash_agent.errors import WrongUse
from dash_agent.models.query import Grain, Period
from dash_agent.planning.languages import LANGUAGES
from dash_agent.planning.periods.grammar import PeriodGrammar
from dash_agent.planning.periods.place import place
from dash_agent.planning.periods.spec import TimeSpec
from dash_agent.planning.terms import Span, TimeTerm
from dash_agent.planning.tokens import Analyser, Token
from dash_agent.semantic.time import UNITS, Calendar, floor, shift

EXAMPLES: Final = (
    "write it like 'last month', 'this week', 'last 7 days', 'October 2026', 'октябрь' or 2026-09-01..2026-10-01"
)
YEARS: Final = range(1970, 2200)
_ISO: Final = re.compile(r"(?P<year>\d{4})-(?P<month>\d{2})(-(?P<day>\d{2}))?")
_UNITS_OF: Final = {"month": Grain.MONTH, "quarter": Grain.QUARTER, "year": Grain.YEAR, "date": Grain.DAY}


@dataclass(frozen=True, slots=True)
class OnePeriod:
    """unit, count: what it is made of, so that the period before is found; unit None where it is only so many days."""

    period: Period
    unit: Grain | None = None
    count: int = 1

    def before(self, calendar: Calendar) -> Period:
        """The one right before: the same span of it where this one is unfinished, else all of it."""
        if self.unit is Grain.HOUR:
            back = timedelta(hours=self.count)
            return Period(_back(self.period.start, back), _back(self.period.end, back))
        if self.unit is None:
            return calendar.before(self.period)
        return calendar.shifted(self.period, self.unit, -self.count)


def read_period(text: str, calendar: Calendar) -> OnePeriod:
    """The one period that `text` names. Raises WrongUse, with examples, for anything else."""
    stripped = text.strip()
    if ".." in stripped:
        return _range(stripped, calendar)
    if _ISO.fullmatch(stripped):
        first, after, unit = _iso(stripped, text)
        return OnePeriod(calendar.days(first, after), unit)
    spec = _spec(text)
    period = place(spec, calendar)
    if period is None:
        raise WrongUse(f"'{text}' is on no calendar", EXAMPLES)
    return OnePeriod(period, *_length(spec))


def _length(spec: TimeSpec) -> tuple[Grain | None, int]:
    match spec.kind:
        case "current" | "previous":
            return spec.unit, 1
        case "last":
            return spec.unit, spec.count
        case _:
            return _UNITS_OF.get(spec.kind), 1


def _back(moment: datetime, length: timedelta) -> datetime:
    return (moment.astimezone(UTC) - length).astimezone(moment.tzinfo)


def _range(text: str, calendar: Calendar) -> OnePeriod:
    """`A..B`: from the start of A to the start of B, which is not in it."""
    start, _, end = text.partition("..")
    first, after = _iso(start.strip(), text)[0], _iso(end.strip(), text)[0]
    if after <= first:
        raise WrongUse(f"the period '{text}' ends before it begins; its last day is the one before the second date")
    whole = (unit for unit in UNITS if floor(first, unit) == first and shift(first, unit, 1) == after)
    return OnePeriod(calendar.days(first, after), next(whole, None))


def _iso(given: str, text: str) -> tuple[date, date, Grain]:
    """First day, the day after, and whether it is a day or a month."""
    found = _ISO.fullmatch(given)
    try:
        year, month, day = (int(found[key] or 0) for key in ("year", "month", "day")) if found else (0, 0, 0)
        if year not in YEARS:
            raise ValueError(year)
        if day:
            first = date(year, month, day)
            return first, first + timedelta(days=1), Grain.DAY
        first = date(year, month, 1)
        return first, shift(first, Grain.MONTH, 1), Grain.MONTH
    except ValueError:
        raise WrongUse(f"'{given}' of the period '{text}' is no date", EXAMPLES) from None


def _spec(text: str) -> TimeSpec:
    analyser = Analyser()
    tokens = analyser.tokens(text)
    found = [span for span in PeriodGrammar(analyser).spans(tokens) if isinstance(span.term, TimeTerm)]
    fillers = _filler_lemmas(analyser)
    whole = [span for span in found if not _left_out(tokens, [span], fillers)]
    if not whole:
        raise _unread(text, _left_out(tokens, found, fillers))
    term = max(whole, key=lambda span: span.end - span.start).term
    if not isinstance(term, TimeTerm) or (term.spec.kind == "previous" and term.spec.unit is None):
        raise WrongUse(f"the period '{text}' does not say the previous what", EXAMPLES)
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
