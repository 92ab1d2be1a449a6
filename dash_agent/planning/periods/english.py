"""English words for time, and the rules that only English has."""

from __future__ import annotations

from dash_agent.models.query import Grain
from dash_agent.planning.periods import makers as make
from dash_agent.planning.periods.rules import Rule, rules
from dash_agent.planning.periods.spec import (
    Before,
    Between,
    Day,
    Earlier,
    Ever,
    LastWhole,
    Since,
    UnitAway,
    Until,
    Weekend,
)
from dash_agent.planning.periods.words import Doubtful, PeriodLanguage, Words
from dash_agent.planning.terms import GrainTerm

ONE: Words = {
    "day": Grain.DAY,
    "week": Grain.WEEK,
    "month": Grain.MONTH,
    "quarter": Grain.QUARTER,
    "year": Grain.YEAR,
}
SEVERAL: Words = {
    **{word + "s": unit for word, unit in ONE.items()},
    "hours": Grain.HOUR,
    "hrs": Grain.HOUR,
    "h": Grain.HOUR,
    "d": Grain.DAY,
}
MONTHS: Words = {
    **{"january": 1, "february": 2, "march": 3, "april": 4, "may": 5, "june": 6, "july": 7, "august": 8},
    **{"september": 9, "october": 10, "november": 11, "december": 12},
    **{"jan": 1, "feb": 2, "mar": 3, "apr": 4, "jun": 6, "jul": 7, "aug": 8, "sep": 9, "sept": 9, "oct": 10},
    **{"nov": 11, "dec": 12},
}
WEEKDAYS: Words = {
    **{"monday": 0, "tuesday": 1, "wednesday": 2, "thursday": 3, "friday": 4, "saturday": 5, "sunday": 6},
    **{"mon": 0, "tue": 1, "tues": 1, "wed": 2, "thu": 3, "thur": 3, "thurs": 3, "fri": 4, "sat": 5, "sun": 6},
}

CLASSES = {
    "DAYWORD": {"today": 0, "yesterday": 1, "tomorrow": -1},
    "THIS": "this current",
    "LAST": "last",
    "PREVIOUS": "previous prior preceding",
    "PAST": "past",
    "NEXT": "next",
    "MANY_LAST": "last past",
    "MANY_PREVIOUS": "previous prior preceding",
    "BARE_PREVIOUS": "previous prior preceding",
    "SPAN": "for within",
    "FULL": "full whole complete entire",
    "UNIT": ONE,
    "UNITS": {**ONE, **SEVERAL, "hour": Grain.HOUR, "hr": Grain.HOUR},
    "HOUR": "hour",
    "MINUTES": "minute minutes min mins",
    "YEAR_UNIT": "year",
    "MONTH": MONTHS,
    "MONTH_OF": MONTHS,
    "MONTH_NAME": MONTHS,
    "SEASON": {"winter": 12, "spring": 3, "summer": 6, "autumn": 9, "fall": 9},
    "WEEKDAY": WEEKDAYS,
    "ORD": {"first": 1, "second": 2, "third": 3, "fourth": 4},
    "ENDING": "st nd rd th",
    "TO": "to till until through thru",
}

UNREAD_BESIDE = {
    "comparing": frozenset("compare compared comparing comparison versus vs against difference".split()),
    "changing": frozenset("change changed changes compare compared versus vs grow grew rise rose drop dropped".split()),
}

# Lower-case 'may' and 'fall' are mostly verbs.
DOUBTFUL = Doubtful(
    words=frozenset("may march mar fall sat sun wed".split()),
    after=frozenset(
        "in of for during since from until till through between last next previous before after early late vs versus "
        "throughout".split()
    ),
    before=frozenset("vs versus by and or to through till until against per so compared".split()),
    never_before=frozenset(
        "i we you he she it they there this that be have has not need also still the a an of get in".split()
    ),
)

NAMES: tuple[Rule, ...] = (
    *rules("COUNT", make.always(2), "couple of?", "a couple of?"),
    *rules("DAYNO", make.within(31), "NUMBER ENDING"),
    *rules("NTH", make.within(31), "NUMBER ENDING"),
    *rules("IN", make.same, "of IN", "of the year IN"),
    *rules("QUARTER", make.within(4), "q NUMBER", "NUMBER ENDING quarter", "ORD quarter", "quarter NUMBER"),
    *rules("HALF_YEAR", make.within(2), "h NUMBER"),
    *rules("DAY", make.date, "DAYNO of MONTH_OF IN?"),
    *rules("DAY", make.date_month_first, "MONTH_NAME the? DAYNO IN?"),
    *rules("DAY", make.always(UnitAway(Grain.DAY, 2)), "day before yesterday"),
    *rules("DAY", make.weekday_of, "WEEKDAY of? WHOLE"),
    *rules("DAY", Day, "on the NTH"),
)

WHOLES: tuple[Rule, ...] = (
    *rules("WHOLE", make.away(2), "UNIT before last"),
    *rules("WHOLE", make.of_year(1), "month of MONTH IN?"),
    *rules("WHOLE", make.whole_year, "year YEARNO"),
    *rules("WHOLE", make.season, "the SEASON IN?"),
    *rules("WHOLE", make.always(make.season(9)), "in|of|since|during the fall"),
    *rules("WHOLE", make.ago, "COUNT UNITS ago"),
    *rules("WHOLE", make.one_ago, "a UNIT ago"),
    *rules("WHOLE", make.again_before, "UNIT before", "UNIT before that|it"),
    *rules("WHOLE", make.always(Weekend(0)), "this|current weekend"),
    *rules("WHOLE", make.always(Weekend(1)), "last|previous weekend"),
    *rules("WHOLE", make.always(Weekend()), "over the weekend", "this? past weekend"),
    *rules("WHOLE", make.always(UnitAway(Grain.MONTH)), "mtd"),
    *rules("WHOLE", make.always(UnitAway(Grain.QUARTER)), "qtd"),
    *rules("WHOLE", make.always(UnitAway(Grain.YEAR)), "ytd"),
    *rules("WHOLE", make.always(UnitAway(Grain.WEEK)), "wtd"),
)

PARTS: tuple[Rule, ...] = (
    *rules("BLOCK", make.first_blocks, "first COUNT UNITS"),
    *rules("BLOCK", make.nth_block, "ORD UNIT"),
    *rules("BLOCK", make.last_blocks, "last|final COUNT UNITS"),
    *rules("BLOCK", make.last_block, "last|final UNIT"),
    *rules("PART", make.part, "the? BLOCK of|in the? WHOLE"),
    *rules("PART", make.part_of_current, "the? BLOCK of the UNIT"),
    *rules("PART", make.half, "the? ORD half of the? WHOLE"),
    *rules("PART", make.half_of_current, "the? ORD half of the UNIT"),
)

RANGES: tuple[Rule, ...] = (
    *rules("RANGE", Between, "from the? DAY_EDGE TO the? DAY_EDGE", "between the? DAY_EDGE and the? DAY_EDGE"),
    *rules("RANGE", Between, "from the? EDGE TO the? EDGE", unless="changing"),
    *rules("RANGE", Between, "between the? EDGE and the? EDGE", unless="comparing"),
    *rules("RANGE", Between, "EDGE to|through|thru EDGE", unless="comparing"),
    *rules("RANGE", make.days_of_month, "from|between the? DAYNO TO|and the? DAYNO of? MONTH_OF IN?"),
    *rules("RANGE", make.days_of_month, "DAYNO TO the? DAYNO of? MONTH_OF IN?", unless="comparing"),
    *rules("RANGE", make.month_and_days, "from|between MONTH_NAME DAYNO TO|and DAYNO IN?"),
    *rules("RANGE", make.month_and_days, "MONTH_NAME DAYNO TO DAYNO IN?", unless="comparing"),
    *rules("RANGE", make.month_and_days, "MONTH_NAME DAYNO - DAYNO IN?"),
    *rules("RANGE", make.days_of_the_latest, "from|between the NTH TO|and the NTH"),
    *rules("RANGE", make.days_of_the_latest, "from|between the NTH TO|and the NTH of this month"),
    *rules("SPEC", Since, "from|since the? EDGE TO now"),
    *rules("SPEC", Since, "since the? EDGE", "starting|beginning from|on|in|with|since? the? EDGE"),
    *rules("SPEC", Since, "from the? EDGE on|onwards|onward|forward"),
    *rules("SPEC", Since, "since|from the? beginning|start of the? WHOLE"),
    *rules("SPEC", Since, "since|from the? beginning|start of the? WHOLE TO now|today|date"),
    *rules("SPEC", make.away(0), "since|from the? beginning|start of the? UNIT"),
    *rules("SPEC", Until, "until|till|through|thru the? EDGE", "up to|until|till the? EDGE"),
    *rules("SPEC", lambda last: Until(last, before=True), "before the? EDGE", "prior to the? EDGE"),
    *rules("SPEC", make.always(Ever()), "all time", "ever", "of all time", "since the beginning|start"),
)

LENGTHS: tuple[Rule, ...] = (
    *rules("SPEC", make.bare_length, "this past UNIT", "for|within a|one UNIT", "for|within UNIT"),
    *rules("SPEC", make.bare_length, "the? past one UNIT"),
    *rules("SPEC", make.always(LastWhole(Grain.MONTH, 6)), "last|past|for half a? year", "last|past six months"),
    *rules("SPEC", make.always(Before()), "previous|prior|preceding one|period|time", "one|period before", "last one"),
    *rules("SPEC", make.always(Before()), "last $"),
    *rules("SPEC", make.one_earlier, "a|one UNIT earlier|before|prior"),
    *rules("SPEC", make.earlier, "COUNT UNITS earlier|before|prior"),
    *rules("SPEC", make.always(Earlier(Grain.YEAR)), "same period|time|month|quarter|days|dates of|in? last year"),
    *rules("SPEC", make.always(Earlier(Grain.MONTH)), "same period|time|days|dates of|in? last month"),
    *rules("SPEC", make.always(Earlier(Grain.QUARTER)), "same period|time|days|dates of|in? last quarter"),
    *rules("SPEC", make.always(Earlier(Grain.WEEK)), "same period|time|days of|in? last week"),
    *rules("TIME", make.away(0), "UNIT to date", "UNIT so far"),
    *rules("TIME", make.same, "SPEC so far", "SPEC to date", "so far in|on|for? SPEC"),
    *rules("TIME", make.same, "throughout the? SPEC", "over the course of the? SPEC", "in|for|over the period RANGE"),
    *rules("TIME", make.same, "period RANGE"),
)

HOUR_OF_DAY = GrainTerm(Grain.HOUR_OF_DAY)
WEEKDAY = GrainTerm(Grain.WEEKDAY)
HABITUAL = frozenset({"on", "at", "during", "only", "in", "for"})
"""'On weekdays' is a condition, not a split."""

GRAINS: tuple[Rule, ...] = (
    *rules("BY", lambda: 0, "by|per|each|every", "for|in each|every", "broken|split|grouped down? by|per|into"),
    *rules("GRAIN", lambda _, unit: GrainTerm(unit), "BY the? UNIT"),
    *rules("GRAIN", lambda _, unit: GrainTerm(unit), "BY UNITS_OF_TIME"),
    *rules("GRAIN", GrainTerm, "EVERY_UNIT", "on a|an EVERY_UNIT basis"),
    *rules("GRAIN", make.always(GrainTerm(Grain.DAY)), "day by day"),
    *rules("GRAIN", make.always(GrainTerm(Grain.WEEK)), "week by week"),
    *rules("GRAIN", make.always(GrainTerm(Grain.MONTH)), "month by month"),
    *rules("GRAIN", GrainTerm, "UNIT", after=frozenset({"which", "what"})),
    *rules("GRAIN", make.always(HOUR_OF_DAY), "hour", "hours", after=frozenset({"which", "what"})),
    *rules("GRAIN", make.always(WEEKDAY), "weekday", "day|days of the? week"),
    *rules("GRAIN", make.always(WEEKDAY), "weekdays", not_after=HABITUAL),
    *rules("GRAIN", make.always(WEEKDAY), "BY weekday|weekdays", "BY day|days of the? week"),
    *rules("GRAIN", make.always(HOUR_OF_DAY), "hour|hours|time of the? day"),
    *rules("GRAIN", make.always(HOUR_OF_DAY), "BY hour|hours|time of the? day"),
)

CLASSES_OF_GRAINS = {
    "UNITS_OF_TIME": {**SEVERAL, "hour": Grain.HOUR},
    "EVERY_UNIT": {
        **{"hourly": Grain.HOUR, "daily": Grain.DAY, "weekly": Grain.WEEK, "monthly": Grain.MONTH},
        **{"quarterly": Grain.QUARTER, "yearly": Grain.YEAR, "annually": Grain.YEAR, "annual": Grain.YEAR},
    },
}

ENGLISH = PeriodLanguage(
    classes={**CLASSES, **CLASSES_OF_GRAINS},
    rules=(*NAMES, *WHOLES, *PARTS, *RANGES, *LENGTHS, *GRAINS),
    inflected=False,
    said=UNREAD_BESIDE,
    doubtful=DOUBTFUL,
)
