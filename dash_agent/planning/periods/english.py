"""English words for time, and the rules that only English has."""

from __future__ import annotations

from dash_agent.models.query import Grain
from dash_agent.planning.periods import makers as make
from dash_agent.planning.periods.rules import Rule, rules
from dash_agent.planning.periods.spec import (
    Before,
    Between,
    Current,
    Day,
    Earlier,
    Ever,
    LastWhole,
    UnitAway,
    Weekend,
)
from dash_agent.planning.periods.words import Doubtful, PeriodLanguage, Words, meaning, numbered
from dash_agent.planning.terms import GrainTerm

ONE = meaning(
    {
        Grain.DAY: "day",
        Grain.WEEK: "week wk",
        Grain.MONTH: "month mth mnth",
        Grain.QUARTER: "quarter qtr",
        Grain.YEAR: "year yr",
    }
)
SEVERAL = {**{word + "s": unit for word, unit in ONE.items()}, **meaning({Grain.HOUR: "hours hrs h", Grain.DAY: "d"})}
MONTHS = {
    **numbered("january february march april may june july august september october november december", 1),
    **numbered("jan feb mar apr may jun jul aug sep oct nov dec", 1),
    "sept": 9,
}
WEEKDAYS = {
    **numbered("monday tuesday wednesday thursday friday saturday sunday", 0),
    **numbered("mon tue wed thu fri sat sun", 0),
    **meaning({1: "tues", 3: "thur thurs"}),
}

CLASSES: dict[str, Words | str] = {
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
    "SEVERAL": SEVERAL,
    "UNITS": {**ONE, **SEVERAL, "hour": Grain.HOUR, "hr": Grain.HOUR},
    "HOUR": "hour",
    "MINUTES": "minute minutes min mins",
    "YEAR_UNIT": "year",
    "MONTH": MONTHS,
    "MONTH_OF": MONTHS,
    "MONTH_NAME": MONTHS,
    "SEASON": {"winter": 12, "spring": 3, "summer": 6, "autumn": 9, "fall": 9},
    "WEEKDAY": WEEKDAYS,
    "ORD": numbered("first second third fourth", 1),
    "ORDINAL": {
        **numbered("first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth thirteenth", 1),
        **numbered("fourteenth fifteenth sixteenth seventeenth eighteenth nineteenth twentieth", 14),
        "thirtieth": 30,
    },
    "ENDING": "st nd rd th",
    "TO": "to till until through thru",
    "UNITS_OF_TIME": {**ONE, **SEVERAL, "hour": Grain.HOUR},
    "EVERY_UNIT": meaning(
        {
            Grain.HOUR: "hourly",
            Grain.DAY: "daily",
            Grain.WEEK: "weekly",
            Grain.MONTH: "monthly",
            Grain.QUARTER: "quarterly",
            Grain.YEAR: "yearly annually",
        }
    ),
}

COMPARING = frozenset("compare compared comparing comparison versus vs against difference".split())
CHANGING = frozenset(
    "change changed changes changing grow grew grown growth rise rose risen increase increased drop dropped fell "
    "fallen decrease decreased decline declined move moved jump jumped go went".split()
)

# Lower-case 'may' and 'fall' are mostly verbs.
DOUBTFUL = Doubtful(
    words=frozenset("may march mar fall sat sun wed".split()),
    after=frozenset(
        "in of for during since from until till through between last next previous before after early late vs versus "
        "throughout".split()
    ),
    before=frozenset("vs versus by and or to through till until against per so compared".split()),
    of=frozenset({"of"}),
    of_a_year=frozenset({"this", "last", "the"}),
    never_before=frozenset(
        "i we you he she it they there this that be have has not need also still the a an of get in".split()
    ),
)

NAMES: tuple[Rule, ...] = (
    *rules("COUNT", make.always(2), "couple of?", "a couple of?"),
    *rules("DAYNO", make.within(31), "NUMBER ENDING"),
    *rules("NTH", make.within(31), "NUMBER ENDING"),
    *rules("IN", make.same, "of IN", "of the year IN"),
    *rules("QUARTER", make.within(4), "q NUMBER", "NUMBER q", "NUMBER ENDING quarter", "ORD quarter", "quarter NUMBER"),
    *rules("HALF_YEAR", make.within(2), "h NUMBER"),
    *rules("DAY", make.date, "DAYNO of MONTH_OF IN?", "ORDINAL of MONTH_OF IN?"),
    *rules("DAY", make.date_month_first, "MONTH_NAME the? DAYNO IN?", "MONTH_NAME the? ORDINAL IN?"),
    *rules("DAY", make.always(UnitAway(Grain.DAY, 2)), "day before yesterday"),
    *rules("DAY", make.weekday_of, "WEEKDAY of? WHOLE"),
    *rules("DAY", Day, "on the NTH"),
)

WHOLES: tuple[Rule, ...] = (
    *rules("WHOLE", make.away(2), "UNIT before last"),
    *rules("WHOLE", make.of_year(1), "month of MONTH IN?"),
    *rules("WHOLE", make.whole_year, "year YEARNO"),
    *rules("WHOLE", make.season, "the SEASON IN?"),
    *rules("WHOLE", lambda year, quarter: make.of_year(3)(quarter, year), "IN s QUARTER"),
    *rules("WHOLE", lambda year, month: make.of_year(1)(month, year), "IN s MONTH"),
    *rules("WHOLE", make.always(make.season(9)), "in|of|since|during the fall"),
    *rules("WHOLE", make.ago, "COUNT UNITS ago"),
    *rules("WHOLE", make.one_ago, "a UNIT ago"),
    *rules("WHOLE", make.again_before, "UNIT before", "UNIT before that|it"),
    *rules("WHOLE", make.always(Weekend(0)), "this|current weekend"),
    *rules("WHOLE", make.always(Weekend(1)), "last|previous weekend"),
    *rules("WHOLE", make.always(Weekend()), "over the weekend", "this? past weekend"),
    *rules("WHOLE", make.always(UnitAway(Grain.DAY)), "since midnight"),
    *rules("WHOLE", make.always(UnitAway(Grain.MONTH)), "mtd"),
    *rules("WHOLE", make.always(UnitAway(Grain.QUARTER)), "qtd"),
    *rules("WHOLE", make.always(UnitAway(Grain.YEAR)), "ytd"),
    *rules("WHOLE", make.always(UnitAway(Grain.WEEK)), "wtd"),
)

PARTS: tuple[Rule, ...] = (
    *rules("BLOCK", make.first_blocks, "first COUNT UNITS"),
    *rules("BLOCK", make.nth_block, "ORD|NTH UNIT"),
    *rules("BLOCK", make.last_blocks, "last|final COUNT UNITS"),
    *rules("BLOCK", make.last_block, "last|final UNIT"),
    *rules("PART", make.part, "the? BLOCK of|in the? WHOLE"),
    *rules("PART", make.part_of_current, "the? BLOCK of the UNIT"),
    *rules("PART", make.day_of_month, "the? NTH of the? WHOLE", "on the NTH of the? WHOLE"),
    *rules("PART", make.days_of_a_month, "from|between the NTH TO|and the? NTH of the? WHOLE"),
    *rules("PART", make.half, "the? ORD half of the? WHOLE"),
    *rules("PART", make.half_of_current, "the? ORD half of the UNIT"),
)

RANGES: tuple[Rule, ...] = (
    *rules("RANGE", Between, "from the? DAY_EDGE TO the? DAY_EDGE", "between the? DAY_EDGE and the? DAY_EDGE"),
    *rules("RANGE", Between, "from the? EDGE TO the? EDGE", unless="changing"),
    *rules("RANGE", Between, "between the? EDGE and the? EDGE", unless="comparing"),
    *rules("RANGE", Between, "EDGE to|through|thru EDGE", unless="changing"),
    *rules("RANGE", make.days_of_month, "from|between the? DAYNO TO|and the? DAYNO of? MONTH_OF IN?"),
    *rules("RANGE", make.days_of_month, "DAYNO TO the? DAYNO of? MONTH_OF IN?", unless="comparing"),
    *rules("RANGE", make.month_and_days, "from|between MONTH_NAME DAYNO TO|and DAYNO IN?"),
    *rules("RANGE", make.month_and_days, "MONTH_NAME DAYNO TO DAYNO IN?", unless="comparing"),
    *rules("RANGE", make.month_and_days, "MONTH_NAME DAYNO - DAYNO IN?"),
    *rules("RANGE", make.days_of_the_latest, "from|between the NTH TO|and the NTH"),
    *rules("RANGE", make.days_of_the_latest, "from|between the NTH TO|and the NTH of this month"),
    *rules("SPEC", make.since, "from|since the? EDGE TO now"),
    *rules("SPEC", make.since, "since the? EDGE", "starting|beginning from|on|in|with|since? the? EDGE"),
    *rules("SPEC", make.since_day, "since the NTH", "since the NTH of this month", "from the NTH on|onwards|onward"),
    *rules("SPEC", make.since, "from the? EDGE on|onwards|onward|forward"),
    *rules("SPEC", make.since, "since|from the? beginning|start of the? WHOLE"),
    *rules("SPEC", make.since, "since|from the? beginning|start of the? WHOLE TO now|today|date"),
    *rules("SPEC", make.away(0), "since|from the? beginning|start of the? UNIT"),
    *rules(
        "SPEC",
        make.until,
        "until|till the? EDGE",
        "through|thru DAY_EDGE",
        "up to|until|till the? EDGE",
        "up to and including the? EDGE",
    ),
    *rules("SPEC", make.until_before, "before the? EDGE", "prior to the? EDGE"),
    *rules("SPEC", make.after, "after the? EDGE"),
    *rules("SPEC", make.always(Ever()), "all time", "ever", "of all time", "since the beginning|start"),
)

GIVEN = frozenset(
    "came come comes coming sent send sends sending gave give given gives giving went go goes going got get gets "
    "gotten brought bring brings taken take takes took paid pay called call calls wrote write writes written replied "
    "moved held hold turned handed bounced shipped mailed put pulled pushed reported it them her him us you one".split()
)
"""'Sent back in March' is not 'back in March': the word belongs to what stands before it."""

LENGTHS: tuple[Rule, ...] = (
    *rules("SPEC", make.bare_length, "this past UNIT", "for|within a|one UNIT", "for|within UNIT"),
    *rules("SPEC", make.bare_length, "the? past one UNIT"),
    *rules("SPEC", make.always(LastWhole(Grain.MONTH, 6)), "last|past|for half a? year", "last|past six months"),
    *rules("SPEC", make.always(Before()), "previous|prior|preceding one|period|time", "one|period before", "last one"),
    *rules("SPEC", make.always(Before()), "last $"),
    *rules("SPEC", make.length_behind, "COUNT last|past SEVERAL"),
    *rules("SPEC", make.always(Current()), "this one $", "the current one $"),
    *rules("SPEC", make.as_many_before, "MANY_PREVIOUS COUNT $"),
    *rules("SPEC", make.one_earlier, "a|one UNIT earlier|before|prior"),
    *rules("SPEC", make.earlier, "COUNT UNITS earlier|prior"),
    *rules("SPEC", make.several_before, "COUNT UNITS before", "COUNT UNITS before that|it|then"),
    *rules("SPEC", make.always(Earlier(Grain.YEAR)), "same period|time|month|quarter|days|dates|part of|in? last year"),
    *rules("SPEC", make.always(Earlier(Grain.MONTH)), "same period|time|days|dates|part of|in? last month"),
    *rules("SPEC", make.always(Earlier(Grain.QUARTER)), "same period|time|days|dates|part of|in? last quarter"),
    *rules("SPEC", make.always(Earlier(Grain.WEEK)), "same period|time|days|part of|in? last week"),
    *rules("TIME", make.away(0), "UNIT to date", "UNIT so far"),
    *rules("TIME", make.same, "SPEC so far", "SPEC to date", "so far in|on|for? SPEC"),
    *rules("TIME", make.same, "throughout the? SPEC", "over the course of the? SPEC", "in|for|over the period RANGE"),
    *rules("TIME", make.same, "period RANGE"),
    *rules("TIME", make.same, "back in|on SPEC", not_after=GIVEN),
)

HOUR_OF_DAY = GrainTerm(Grain.HOUR_OF_DAY)
WEEKDAY = GrainTerm(Grain.WEEKDAY)
HABITUAL = frozenset({"on", "at", "during", "only", "in", "for"})
"""'On weekdays' is a condition, not a split."""

GRAINS: tuple[Rule, ...] = (
    *rules("BY", lambda: 0, "by|per|each|every", "for|in each|every", "broken|split|grouped down? by|per|into"),
    *rules("GRAIN", lambda _, unit: GrainTerm(unit), "BY the? UNITS_OF_TIME"),
    *rules("GRAIN", GrainTerm, "EVERY_UNIT", "on a|an EVERY_UNIT basis"),
    *rules("GRAIN", make.always(GrainTerm(Grain.DAY)), "day by day"),
    *rules("GRAIN", make.always(GrainTerm(Grain.WEEK)), "week by week"),
    *rules("GRAIN", make.always(GrainTerm(Grain.MONTH)), "month by month"),
    *rules("GRAIN", make.always(GrainTerm(Grain.QUARTER)), "quarter by quarter"),
    *rules("GRAIN", make.always(GrainTerm(Grain.YEAR)), "year by year"),
    *rules("GRAIN", GrainTerm, "UNIT", after=frozenset({"which", "what"})),
    *rules("GRAIN", make.always(HOUR_OF_DAY), "hour", "hours", after=frozenset({"which", "what"})),
    *rules("GRAIN", make.always(WEEKDAY), "day|days of the? week"),
    *rules("GRAIN", make.always(WEEKDAY), "weekday", "weekdays", not_after=HABITUAL),
    *rules("GRAIN", make.always(WEEKDAY), "BY weekday|weekdays", "BY day|days of the? week"),
    *rules("GRAIN", make.always(HOUR_OF_DAY), "hour|hours|time of the? day"),
    *rules("GRAIN", make.always(HOUR_OF_DAY), "BY hour|hours|time of the? day"),
)

ENGLISH = PeriodLanguage(
    classes=CLASSES,
    rules=(*NAMES, *WHOLES, *PARTS, *RANGES, *LENGTHS, *GRAINS),
    inflected=False,
    said={"comparing": COMPARING, "changing": COMPARING | CHANGING},
    doubtful=DOUBTFUL,
    joining=frozenset("and or vs versus against to with in for of the".split()),
)
