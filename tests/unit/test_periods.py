"""What questions say of time becomes the periods of cases/periods.yaml."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
import yaml

from dash_agent.models.query import Grain, Period
from dash_agent.planning.one_period import read_period
from dash_agent.planning.periods.grammar import PeriodGrammar
from dash_agent.planning.periods.place import before, place, same_span
from dash_agent.planning.periods.spec import TimeSpec, UnitAway
from dash_agent.planning.terms import GrainTerm, Span, TimeTerm
from dash_agent.planning.tokens import Analyser, Token
from dash_agent.semantic.time import Calendar
from tests.conftest import CASES, ZONE

LISTED: dict[str, list[Any]] = yaml.safe_load((CASES / "periods.yaml").read_text(encoding="utf-8"))
PLACED = [(group["now"], *case[1:]) for group in LISTED["periods"] for case in group["cases"]]


@pytest.fixture(scope="module")
def analyser() -> Analyser:
    return Analyser()


@pytest.fixture(scope="module")
def grammar(analyser: Analyser) -> PeriodGrammar:
    return PeriodGrammar(analyser)


def at(local: object) -> datetime:
    return datetime.fromisoformat(str(local)).replace(tzinfo=ZONE)


def ends(period: Period | None) -> list[str | None]:
    """First and last local day, with the clock where a bound is not at midnight; 'now' for an end that is now."""
    if period is None:
        return [None, None]
    start, end = period.start.astimezone(ZONE), period.end.astimezone(ZONE)
    first = start.strftime("%Y-%m-%d %H:%M").removesuffix(" 00:00")
    if period.to_now:
        return [first, "now"]
    last = end - timedelta(days=1) if end.time() == end.min.time() else None
    return [first, str(last.date()) if last else end.strftime("%Y-%m-%d %H:%M")]


def expected(first: object, last: object) -> list[str | None]:
    return [None if bound is None else str(bound) for bound in (first, last)]


def period(first: object, last: object, calendar: Calendar) -> Period | None:
    if first is None:
        return None
    if last == "now":
        return Period(at(first), calendar.local_now, to_now=True)
    return Period(at(first), at(last) + timedelta(days=1))


def said(words: str, analyser: Analyser, grammar: PeriodGrammar) -> tuple[TimeSpec, str] | None:
    """The longest period of a text, and the words of it."""
    tokens = analyser.tokens(words)
    found = [span for span in grammar.spans(tokens) if isinstance(span.term, TimeTerm)]
    if not found:
        return None
    longest = max(found, key=lambda span: span.end - span.start)
    assert isinstance(longest.term, TimeTerm)
    return longest.term.spec, words[tokens[longest.start].start : tokens[longest.end - 1].end]


def longest_periods(tokens: Sequence[Token], grammar: PeriodGrammar) -> list[Span]:
    """The periods that are within no other."""
    found = [span for span in grammar.spans(tokens) if isinstance(span.term, TimeTerm)]
    spots = [set(range(span.start, span.end)) for span in found]
    return [span for span, spot in zip(found, spots, strict=True) if not any(spot < other for other in spots)]


def test_there_are_cases_enough_in_both_languages() -> None:
    languages = [case[0] for group in LISTED["periods"] for case in group["cases"]]
    assert min(languages.count("en"), languages.count("ru")) >= 110


@pytest.mark.parametrize(("now", "words", "first", "last"), PLACED, ids=[f"{c[0]} {c[1]}" for c in PLACED])
def test_a_period_by_itself(now: object, words: object, first: object, last: object) -> None:
    calendar = Calendar(at(now).astimezone(UTC), ZONE)
    assert ends(read_period(str(words), calendar).period) == expected(first, last)


@pytest.mark.parametrize(("language", "words", "of_first", "of_last", "first", "last"), LISTED["relative"])
def test_a_period_seen_from_another(
    language: str,
    words: str,
    of_first: date | None,
    of_last: object,
    first: object,
    last: object,
    analyser: Analyser,
    grammar: PeriodGrammar,
    calendar: Calendar,
) -> None:
    found = said(words, analyser, grammar)
    assert found is not None
    assert found[0].relative
    placed = place(found[0], calendar, reference=period(of_first, of_last, calendar))
    assert ends(placed) == expected(first, last)


@pytest.mark.parametrize(("language", "words", "first", "last"), LISTED["trends"])
def test_a_trend_adds_the_current_unit(
    language: str,
    words: str,
    first: object,
    last: object,
    analyser: Analyser,
    grammar: PeriodGrammar,
    calendar: Calendar,
) -> None:
    found = said(words, analyser, grammar)
    assert found is not None
    assert ends(place(found[0], calendar, trend=True)) == expected(first, last)
    assert found[0].adds_current is (last == "now")


@pytest.mark.parametrize(("language", "question", "words"), LISTED["questions"])
def test_a_period_within_a_question(
    language: str, question: str, words: str | None, analyser: Analyser, grammar: PeriodGrammar
) -> None:
    found = said(question, analyser, grammar)
    assert (found and found[1]) == words


@pytest.mark.parametrize(("language", "question", "words"), LISTED["several"])
def test_two_periods_of_a_comparison_stay_two(
    language: str, question: str, words: list[str], analyser: Analyser, grammar: PeriodGrammar
) -> None:
    tokens = analyser.tokens(question)
    longest = longest_periods(tokens, grammar)
    assert [" ".join(token.text for token in tokens[span.start : span.end]) for span in longest] == words


@pytest.mark.parametrize(("language", "question", "periods"), LISTED["shared"])
def test_periods_that_share_a_year(
    language: str,
    question: str,
    periods: list[list[object]],
    analyser: Analyser,
    grammar: PeriodGrammar,
    calendar: Calendar,
) -> None:
    terms = [span.term for span in longest_periods(analyser.tokens(question), grammar)]
    placed = [place(term.spec, calendar) for term in terms if isinstance(term, TimeTerm)]
    assert [ends(period) for period in placed] == [expected(*bounds) for bounds in periods]


@pytest.mark.parametrize(("language", "words", "grain"), LISTED["grains"])
def test_buckets(language: str, words: str, grain: str, analyser: Analyser, grammar: PeriodGrammar) -> None:
    tokens = analyser.tokens(words)
    whole = [s for s in grammar.spans(tokens) if (s.start, s.end) == (0, len(tokens))]
    assert [span.term for span in whole] == [GrainTerm(Grain(grain))]


@pytest.mark.parametrize(
    ("words", "length"),
    [
        ("last 24 hours", (Grain.HOUR, 24)),
        ("for 48 hours", (Grain.HOUR, 48)),
        ("за последние 2 суток", (Grain.DAY, 2)),
        ("за сутки", (Grain.HOUR, 24)),
        ("for 2 weeks", (Grain.WEEK, 2)),
        ("last 120 minutes", (Grain.HOUR, 2)),
        ("last 90 minutes", None),
        ("last week", None),
        ("с 1 октября", None),
    ],
)
def test_lengths_of_time(
    words: str, length: tuple[Grain, int] | None, analyser: Analyser, grammar: PeriodGrammar
) -> None:
    found = said(words, analyser, grammar)
    assert found is not None
    assert found[0].length == length


@pytest.mark.parametrize(
    ("words", "unit", "count"),
    [
        ("October", Grain.MONTH, 1),
        ("last 3 weeks", Grain.WEEK, 3),
        ("last 7 days", Grain.DAY, 7),
        ("Q3", Grain.QUARTER, 1),
        ("2025", Grain.YEAR, 1),
        ("H1 2026", Grain.MONTH, 6),
        ("last summer", Grain.MONTH, 3),
        ("from January to March", Grain.MONTH, 3),
        ("on Monday", Grain.DAY, 1),
        ("с начала месяца", Grain.MONTH, 1),
        ("since the beginning of the year", Grain.YEAR, 1),
        ("QTD", Grain.QUARTER, 1),
        ("с 1 по 5 октября", None, 1),
        ("first two weeks of October", None, 2),
    ],
)
def test_units(words: str, unit: Grain | None, count: int, analyser: Analyser, grammar: PeriodGrammar) -> None:
    found = said(words, analyser, grammar)
    assert found is not None
    assert found[0].unit is unit
    assert unit is None or found[0].count == count


@pytest.mark.parametrize(
    ("words", "first", "last"),
    [
        ("this week", "2026-11-09", "2026-11-13 14:00"),
        ("last week", "2026-11-02", "2026-11-08"),
        ("last 7 days", "2026-11-07", "2026-11-13 14:00"),
        ("last 6 hours", "2026-11-20 02:00", "2026-11-20 08:00"),
        ("last 30 minutes", "2026-11-20 13:00", "2026-11-20 13:30"),
        ("last 3 months", "2026-05-01", "2026-07-31"),
        ("Q3", "2026-04-01", "2026-06-30"),
        ("last summer", "2026-03-01", "2026-05-31"),
        ("from January to March 2026", "2025-10-01", "2025-12-31"),
        ("с 10 по 14 октября", "2026-10-05", "2026-10-09"),
        ("first two weeks of October", "2026-09-17", "2026-09-30"),
        ("since October 1", "2026-08-11", "2026-09-30 14:00"),
        ("yesterday", "2026-11-18", "2026-11-18"),
    ],
)
def test_the_span_before(
    words: str, first: str, last: str, analyser: Analyser, grammar: PeriodGrammar, calendar: Calendar
) -> None:
    found = said(words, analyser, grammar)
    assert found is not None
    placed = place(found[0], calendar)
    assert placed is not None
    assert ends(before(found[0], placed, calendar)) == [first, last]


@pytest.mark.parametrize(
    ("now", "earlier", "span"),
    [
        (("2026-11-01", "now"), ("2026-10-01", "2026-10-31"), ["2026-10-01", "2026-10-20 14:00"]),
        (("2026-11-01", "now"), ("2025-11-01", "2025-11-30"), ["2025-11-01", "2025-11-20 14:00"]),
        (("2026-11-16", "now"), ("2026-11-02", "2026-11-08"), ["2026-11-02", "2026-11-06 14:00"]),
        (("2026-11-20", "now"), ("2026-11-13", "2026-11-13"), ["2026-11-13", "2026-11-13 14:00"]),
        (("2026-10-01", "now"), ("2026-07-01", "2026-09-30"), ["2026-07-01", "2026-08-20 14:00"]),
        (("2026-01-01", "now"), ("2025-01-01", "2025-12-31"), ["2025-01-01", "2025-11-20 14:00"]),
        (("2026-11-01", "now"), ("2025-01-01", "2025-12-31"), [None, None]),
        (("2026-11-01", "now"), ("2026-10-05", "2026-10-11"), [None, None]),
        (("2026-11-14", "now"), ("2026-11-07", "2026-11-13"), [None, None]),
        (("2026-10-01", "2026-10-31"), ("2026-09-01", "2026-09-30"), [None, None]),
    ],
)
def test_the_same_span_of_an_earlier_unit(
    now: tuple[str, str], earlier: tuple[str, str], span: list[str | None], calendar: Calendar
) -> None:
    this, compare = period(*now, calendar), period(*earlier, calendar)
    assert this is not None
    assert compare is not None
    assert ends(same_span(this, compare, calendar)) == span


def test_the_same_span_keeps_the_clock_through_the_change_of_it_and_clamps_the_day() -> None:
    march = Calendar(at("2026-03-31 12:00").astimezone(UTC), ZONE)
    this, february = place(UnitAway(Grain.MONTH), march), place(UnitAway(Grain.MONTH, 1), march)
    assert this is not None
    assert february is not None
    assert ends(same_span(this, february, march)) == ["2026-02-01", "2026-02-28 12:00"]


@pytest.mark.parametrize(
    "words", ["31 February", "from October 5 2026 to October 1 2026", "last 99999 years", "30.02.26"]
)
def test_what_no_calendar_has_is_nowhere(
    words: str, analyser: Analyser, grammar: PeriodGrammar, calendar: Calendar
) -> None:
    found = said(words, analyser, grammar)
    assert found is None or place(found[0], calendar) is None


@pytest.mark.parametrize(
    "words", ["10/05/2026", "from 10/05/2026 to 10/06/2026", "15.13.2026", "last 0 days", "last ² days", "2026-13"]
)
def test_what_may_be_two_dates_or_none_is_not_read(words: str, analyser: Analyser, grammar: PeriodGrammar) -> None:
    assert said(words, analyser, grammar) is None
