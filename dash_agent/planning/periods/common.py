"""Rules that hold in every language, over classes of words: a question may mix languages within one period."""

from __future__ import annotations

from dash_agent.planning.periods import makers as make
from dash_agent.planning.periods.rules import Rule, rules
from dash_agent.planning.periods.spec import Before, Between, InYear, LastHours, Weekday

NUMBERS: tuple[Rule, ...] = (
    *rules("COUNT", make.same, "NUMBER"),
    *rules("COUNT", lambda tens, ones: tens + ones, "TENS ONES"),
    *rules("DAYNO", make.within(31), "NUMBER"),
    *rules("IN", InYear, "YEARNO"),
    *rules("IN", make.always(InYear(ago=0)), "THIS YEAR_UNIT"),
    *rules("IN", make.always(InYear(ago=1)), "LAST|PREVIOUS YEAR_UNIT"),
    *rules("IN", make.always(InYear(ago=2)), "BEFORE_LAST YEAR_UNIT"),
)

DAYS: tuple[Rule, ...] = (
    *rules("DAY", make.same, "DATE", "DM_SURE"),
    *rules("DAY", make.date, "DAYNO MONTH_OF IN?"),
    *rules("DAY", make.day_away, "DAYWORD"),
    *rules("DAY", Weekday, "THIS? WEEKDAY"),
    *rules("DAY", make.over_weekday, "LAST|PREVIOUS WEEKDAY"),
    *rules("EDGE", make.same, "WHOLE", "PART", "DM"),
    *rules("DAY_EDGE", make.same, "DAY", "DM"),
)

WHOLES: tuple[Rule, ...] = (
    *rules("WHOLE", make.same, "DAY", "MONTH_DATE"),
    *rules("WHOLE", make.away(0), "THIS UNIT"),
    *rules("WHOLE", make.away(1), "LAST FULL? UNIT", "PAST FULL UNIT"),
    *rules("WHOLE", make.away(2), "BEFORE_LAST UNIT"),
    *rules("WHOLE", make.away(-1), "NEXT UNIT"),
    *rules("WHOLE", make.one_before, "PREVIOUS FULL? UNIT"),
    *rules("WHOLE", make.of_year(1), "MONTH IN?"),
    *rules("WHOLE", make.of_this_year, "THIS MONTH"),
    *rules("WHOLE", make.over(1), "LAST|PREVIOUS MONTH"),
    *rules("WHOLE", make.of_year(3), "QUARTER IN?"),
    *rules("WHOLE", make.of_year_first(3), "YEARNO QUARTER"),
    *rules("WHOLE", make.of_year(6), "HALF_YEAR IN?"),
    *rules("WHOLE", make.of_year_first(6), "YEARNO HALF_YEAR"),
    *rules("WHOLE", make.season, "SEASON IN?"),
    *rules("WHOLE", make.this_season, "THIS SEASON"),
    *rules("WHOLE", make.last_season, "LAST|PREVIOUS SEASON"),
    *rules("WHOLE", make.season_of_two, "SEASON YEARNO YEARNO"),
    *rules("WHOLE", make.whole_year, "YEARNO"),
)

LENGTHS: tuple[Rule, ...] = (
    *rules("SPEC", make.length, "MANY_LAST COUNT UNITS", "SPAN COUNT UNITS"),
    *rules("BARE", make.length, "COUNT UNITS"),
    *rules("SPEC", make.full_length, "MANY_LAST|SPAN COUNT FULL UNITS", "MANY_LAST FULL COUNT UNITS"),
    *rules("SPEC", make.minutes, "MANY_LAST|SPAN COUNT MINUTES"),
    *rules("SPEC", make.several_before, "MANY_PREVIOUS COUNT UNITS"),
    *rules("SPEC", make.bare_length, "PAST UNIT"),
    *rules("SPEC", make.always(LastHours(1)), "LAST|PAST|PREVIOUS HOUR"),
)

RANGES: tuple[Rule, ...] = (
    *rules("RANGE", Between, "DAY_EDGE - DAY_EDGE"),
    *rules("RANGE", make.between_wholes, "WHOLE - WHOLE", unless="comparing"),
    *rules("RANGE", make.days_of_month, "DAYNO - DAYNO MONTH_OF IN?"),
)

TIMES: tuple[Rule, ...] = (
    *rules("SPEC", make.same, "WHOLE", "PART", "RANGE"),
    *rules("SPEC", make.always(Before()), "BARE_PREVIOUS"),
    *rules("TIME", make.same, "SPEC"),
)

COMMON: tuple[Rule, ...] = (*NUMBERS, *DAYS, *WHOLES, *LENGTHS, *RANGES, *TIMES)
