"""Russian words for time, and the rules that only Russian has.

'С' before the genitive begins a period ('с октября'), before the instrumental it compares ('с октябрём'): classes
that end in _GEN hold genitives. 'До 5 октября' has the 5th in it; 'до октября' and 'до 2026 года' end before what
they name.
"""

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
    InYear,
    LastHours,
    LastMinutes,
    LastWhole,
    UnitAway,
    Weekday,
    Weekend,
)
from dash_agent.planning.periods.words import PeriodLanguage, Words, exactly, meaning, numbered
from dash_agent.planning.terms import GrainTerm

CALENDAR_UNITS = (Grain.DAY, Grain.WEEK, Grain.MONTH, Grain.QUARTER, Grain.YEAR)


def _units(forms: str) -> dict[str, Grain]:
    """Forms of day, week, month, quarter and year, in this order, those of one with a stroke between."""
    by_unit = zip(CALENDAR_UNITS, forms.split(), strict=True)
    return meaning({unit: exactly(words.replace("/", " ")) for unit, words in by_unit})


UNIT = meaning(
    {
        Grain.DAY: "день =сутки =суток",
        Grain.WEEK: "неделя",
        Grain.MONTH: "месяц",
        Grain.QUARTER: "квартал",
        Grain.YEAR: "год !лет",
    }
)
# 'Квартал' behind a number is the number's name: 'за 3 квартал' is the third, 'за 3 квартала' are three.
UNITS = meaning(
    {
        Grain.HOUR: "час =ч",
        Grain.DAY: "день =сутки =суток =дн",
        Grain.WEEK: "неделя =нед",
        Grain.MONTH: "месяц =мес",
        Grain.QUARTER: "=квартала =кварталов",
        Grain.YEAR: "год !лет",
    }
)
MONTH = numbered("январь февраль март апрель май июнь июль август сентябрь октябрь ноябрь декабрь", 1)
MONTH_GEN = numbered(exactly("января февраля марта апреля мая июня июля августа сентября октября ноября декабря"), 1)
MONTH_SHORT = {
    **numbered(exactly("янв фев мар апр май июн июл авг сен окт ноя дек"), 1),
    **meaning({2: "=февр", 9: "=сент", 11: "=нояб"}),
}
WEEKDAY_GEN = numbered(exactly("понедельника вторника среды четверга пятницы субботы воскресенья"), 0)
WEEKDAY = {
    **WEEKDAY_GEN,
    **numbered(exactly("понедельник вторник среду четверг пятницу субботу воскресенье"), 0),
    **numbered(exactly("понедельником вторником средой четвергом пятницей субботой воскресеньем"), 0),
    **meaning({0: "=пн", 1: "=вт", 2: "=среда", 3: "=чт", 4: "=пятница =пт", 5: "=суббота =сб"}),
}
LAST_ONE = "прошлый прошлую прошлое прошлым прошлом прошлой прошлому прошлого"
LAST = "прошлый прошедший минувший"
PREVIOUS = "предыдущий предшествующий"
LAST_MANY = "!прошлые !прошлых !прошлыми !прошедшие !прошедших !минувшие !минувших"
PREVIOUS_MANY = "!предыдущие !предыдущих !предыдущими"
PAST_MANY = "!последние !последних !последними"

CLASSES: dict[str, Words | str] = {
    "DAYWORD": {"=сегодня": 0, "=вчера": 1, "=позавчера": 2, "=завтра": -1},
    "DAY_ADJECTIVE": {"сегодняшний": 0, "вчерашний": 1, "позавчерашний": 2, "завтрашний": -1},
    "THIS": "этот текущий нынешний !эту",
    "THESE": "!эти !этих !этими",
    "LAST": LAST,
    "LAST_ONES": LAST_MANY,
    "PREVIOUS": PREVIOUS,
    "PAST": "последний",
    "PAST_ONES": PAST_MANY,
    "FINAL": "последний " + PAST_MANY,
    "NEXT": "следующий будущий",
    "BEFORE_LAST": "позапрошлый",
    "MANY_LAST": f"последний прошлый прошедший {LAST_MANY} {PAST_MANY}",
    "MANY_PREVIOUS": f"{PREVIOUS} {PREVIOUS_MANY}",
    "BARE_PREVIOUS": "предыдущий предшествующий " + exactly(LAST_ONE),
    "BARE_BEFORE_LAST": "позапрошлый",
    "BARE_THIS": exactly("этот этой эту этом"),
    "SPAN": "=за",
    "FULL": "полный целый",
    "UNIT": UNIT,
    "UNITS": UNITS,
    "UNIT_GEN": _units("дня недели месяца квартала года"),
    "UNIT_ACC": _units("день/сутки неделю месяц квартал год"),
    "UNIT_EACH": UNIT,
    "UNITS_DAT": {**_units("дням/суткам неделям месяцам кварталам годам"), "=часам": Grain.HOUR},
    "UNITS_GEN": {**_units("дней/суток недель месяцев кварталов лет/годов"), "=часов": Grain.HOUR},
    "UNIT_INS": _units("днем неделей месяцем кварталом годом"),
    "DAYS_AND_NIGHTS": "=сутки",
    "HOUR": "=час =часа",
    "MINUTES": "минута =мин",
    "YEAR_UNIT": "год =г",
    "YEAR_GEN": "=года =г",
    "MONTH": {**MONTH, **MONTH_SHORT},
    "MONTH_OF": {**MONTH_GEN, **MONTH_SHORT},
    "MONTH_GEN": MONTH_GEN,
    "SEASON": {"зима": 12, "весна": 3, "лето": 6, "осень": 9},
    "SEASON_GEN": {"=зимы": 12, "=весны": 3, "=лета": 6, "=осени": 9},
    "WEEKDAY": WEEKDAY,
    "WEEKDAY_GEN": WEEKDAY_GEN,
    "LAST_GEN": exactly("прошлого прошлой предыдущего предыдущей"),
    "THIS_GEN": exactly("этого этой текущего текущей"),
    "BEFORE_LAST_GEN": exactly("позапрошлого позапрошлой"),
    "ORD": numbered("первый второй третий четвертый", 1),
    "ROMAN": numbered("=i =ii =iii =iv", 1),
    "FIRST": "первый",
    "HALF": "половина",
    "HALF_NAME": "полугодие",
    "QUARTER_NAME": exactly("квартал квартале кварталу кварталом кв"),
    "ENDING": exactly("й ый ий го ого его м ом ем я ю е ое му"),
    "EACH": "каждый",
    "ANALOGOUS": "аналогичный",
    "SAME": "тот =тот =том =того",
    "EVERY_UNIT": meaning(
        {
            Grain.HOUR: "почасовой почасово ежечасно ежечасный",
            Grain.DAY: "ежедневно ежедневный подневно подневный посуточно",
            Grain.WEEK: "еженедельно еженедельный понедельно понедельный",
            Grain.MONTH: "ежемесячно ежемесячный помесячно помесячный",
            Grain.QUARTER: "ежеквартально поквартально",
            Grain.YEAR: "ежегодно погодично",
        }
    ),
}

COMPARED = frozenset({"сравнению", "сравнении", "сравнивая"})
COUNTED = frozenset({"за", "последние", "последних", "прошлые", "предыдущие", "первые", "первых"})

NAMES: tuple[Rule, ...] = (
    *rules("COUNT", make.always(2), "пара|пару|двое"),
    *rules("COUNT", make.always(3), "трое"),
    *rules("DAYNO", make.within(31), "NUMBER ENDING"),
    *rules("IN", InYear, "YEARNO YEAR_UNIT", "YEARNO м YEAR_UNIT?"),
    *rules("QUARTER", make.within(4), "NUMBER ENDING? QUARTER_NAME", "ORD|ROMAN QUARTER_NAME", "QUARTER_NAME NUMBER"),
    *rules("QUARTER", make.within(4), "NUMBER квартала", not_after=COUNTED),
    *rules("QUARTER", make.within(4), "NUMBER ENDING квартала", "ORD|ROMAN квартала"),
    *rules("HALF_YEAR", make.within(2), "NUMBER ENDING? HALF_NAME", "ORD|ROMAN HALF_NAME"),
    *rules("DAY", make.day_away, "DAY_ADJECTIVE день|дня|дню|днем", "DAY_ADJECTIVE"),
    *rules("DAY", make.weekday_of, "WEEKDAY на? WHOLE"),
    *rules("DAY", Day, "DAYNO числа|число"),
    *rules("DAY", make.always(UnitAway(Grain.DAY, 1)), "LAST_ONES DAYS_AND_NIGHTS"),
)

WHOLES: tuple[Rule, ...] = (
    *rules("WHOLE", make.of_year(1), "MONTH месяц|месяца IN?", "месяц|месяца MONTH IN?"),
    *rules("WHOLE", make.whole_year, "YEARNO YEAR_UNIT", "YEARNO м YEAR_UNIT?"),
    *rules("WHOLE", make.ago, "COUNT UNITS назад"),
    *rules("WHOLE", make.one_ago, "UNIT_ACC назад"),
    *rules("WHOLE", make.away(1), "LAST FULL UNIT"),
    *rules("WHOLE", make.always(Weekend(0)), "THESE выходные|выходных"),
    *rules("WHOLE", make.always(Weekend(1)), "LAST_ONES|PREVIOUS_ONES выходные|выходных"),
    *rules("WHOLE", make.always(Weekend()), "за выходные", "PAST_ONES выходные|выходных"),
)

PARTS: tuple[Rule, ...] = (
    *rules("BLOCK", make.first_blocks, "первые|первых COUNT UNITS"),
    *rules("BLOCK", make.nth_block, "ORD UNIT", "NUMBER ENDING UNIT"),
    *rules("BLOCK", make.last_blocks, "FINAL COUNT UNITS"),
    *rules("BLOCK", make.last_block, "FINAL UNIT"),
    *rules("PART", make.part, "BLOCK в? WHOLE"),
    *rules("PART", make.part_of_current, "BLOCK UNIT_GEN"),
    *rules("PART", make.day_of_month, "DAYNO числа|число WHOLE"),
    *rules("PART", make.days_of_a_month, "с|со|от DAYNO по|до DAYNO число|числа WHOLE"),
    *rules("PART", make.half, "ORD HALF WHOLE"),
    *rules("PART", make.half_of_current, "ORD HALF UNIT_GEN"),
)

SINCE = (
    *rules("DAY_GEN", make.same, "DATE", "DM"),
    *rules("DAY_GEN", make.date, "DAYNO MONTH_GEN IN?"),
    *rules("DAY_GEN", Weekday, "WEEKDAY_GEN"),
    *rules("DAY_GEN", make.over_weekday, "LAST_GEN WEEKDAY_GEN"),
    *rules("DAY_GEN", Day, "DAYNO числа"),
    *rules("DAY_GEN", make.day_away, "DAYWORD", "DAY_ADJECTIVE дня"),
    *rules("LONG_GEN", make.of_year(1), "MONTH_GEN IN?"),
    *rules("LONG_GEN", make.season, "SEASON_GEN IN?"),
    *rules("LONG_GEN", make.of_year(3), "QUARTER IN?"),
    *rules("LONG_GEN", make.whole_year, "YEARNO YEAR_GEN"),
    *rules("LONG_GEN", make.away(0), "THIS_GEN UNIT_GEN"),
    *rules("LONG_GEN", make.away(1), "LAST_GEN UNIT_GEN"),
    *rules("LONG_GEN", make.away(2), "BEFORE_LAST_GEN UNIT_GEN"),
    *rules("EDGE_GEN", make.same, "DAY_GEN", "LONG_GEN"),
    *rules("NOW", make.always(0), "сегодня", "сегодняшний день", "сегодняшнего дня", "сейчас"),
    *rules("NOW", make.always(0), "настоящее время", "настоящего времени", "этот момент", "текущий момент"),
    *rules("NOW", make.always(0), "текущую дату", "текущей даты"),
    *rules("FROM", make.same, "с|со EDGE_GEN", not_after=COMPARED),
    *rules("FROM", make.same, "начиная с|со EDGE_GEN", "с|со начала EDGE_GEN"),
    *rules("FROM", make.away(0), "с|со начала UNIT_GEN"),
    *rules("SPEC", make.since, "FROM"),
    *rules("SPEC", lambda first, _: make.since(first), "FROM по|до NOW"),
    *rules("SPEC", make.since_day, "с|со DAYNO числа", "начиная с|со DAYNO числа"),
)

RANGES: tuple[Rule, ...] = (
    *rules("RANGE", Between, "с|со|от EDGE по|до EDGE"),
    *rules("RANGE", Between, "с|со|от начала WHOLE по|до EDGE"),
    *rules("RANGE", Between, "между DAY_EDGE и DAY_EDGE"),
    *rules("RANGE", Between, "между EDGE и EDGE", unless="comparing"),
    *rules("RANGE", make.days_of_month, "с|со|от DAYNO по|до DAYNO MONTH_OF IN?"),
    *rules("RANGE", make.days_of_month, "между DAYNO и DAYNO MONTH_OF IN?"),
    *rules("RANGE", make.days_of_the_latest, "с|со|от DAYNO по|до DAYNO число|числа"),
    *rules("SPEC", make.same, "RANGE включительно", "период RANGE", "промежуток RANGE"),
)

UNTIL = (
    *rules("SPEC", make.until, "до DAY_GEN", "до DAY_GEN включительно", "по EDGE включительно"),
    *rules("SPEC", make.until_before, "до LONG_GEN"),
    *rules("SPEC", make.after, "после EDGE_GEN"),
)

LENGTHS: tuple[Rule, ...] = (
    *rules("SPEC", make.same, "за|на|в|от DM"),
    *rules("SPEC", make.bare_length, "за UNIT_ACC", "в течение|течении UNIT_GEN", "на протяжении UNIT_GEN"),
    *rules("SPEC", make.length_behind, "COUNT PAST_ONES UNITS"),
    *rules("SPEC", make.length, "в течение|течении COUNT UNITS", "на протяжении COUNT UNITS"),
    *rules("SPEC", make.always(LastHours(24)), "PAST_ONES DAYS_AND_NIGHTS", "в течение суток"),
    *rules("SPEC", make.always(LastHours(1)), "за час", "в течение часа"),
    *rules("SPEC", make.always(LastMinutes(30)), "за полчаса", "PAST_ONES полчаса"),
    *rules("SPEC", make.always(LastWhole(Grain.MONTH, 6)), "за полгода", "PAST_ONES|LAST_ONES|PAST полгода"),
    *rules("SPEC", make.always(Ever()), "за все время", "за всю историю", "с самого начала", "за весь период"),
)

RELATIVE: tuple[Rule, ...] = (
    *rules("SPEC", make.always(Before()), "PREVIOUS|LAST период|периодом|периоду|периода|периоде"),
    *rules("SPEC", make.always(Before(again=True)), "BARE_BEFORE_LAST"),
    *rules("SPEC", make.always(Current()), "BARE_THIS $"),
    *rules("SPEC", make.again_before, "за? UNIT_ACC до этого|того", "UNIT_INS до этого|того"),
    *rules("SPEC", make.several_before, "за? COUNT UNITS до этого|того", "за? COUNT UNITS перед этим|тем"),
    *rules("SPEC", make.one_earlier, "UNIT_INS ранее|раньше", "на UNIT_ACC ранее|раньше"),
    *rules("SPEC", make.earlier, "COUNT UNITS ранее|раньше", "на COUNT UNITS ранее|раньше"),
    *rules("SPAN_ITSELF", make.always(0), "период|периодом|периоду|периода|время|месяц|месяцем|квартал|кварталом"),
    *rules("LIKE", make.always(0), "ANALOGOUS SPAN_ITSELF", "SAME же SPAN_ITSELF", "такой|таким же SPAN_ITSELF"),
    *rules("SPEC", lambda _, unit: Earlier(unit), "LIKE LAST_GEN UNIT_GEN", "LIKE в? LAST UNIT"),
    *rules("SPEC", lambda _, unit: Earlier(unit, 2), "LIKE BEFORE_LAST_GEN UNIT_GEN"),
    *rules("TIME", make.same, "в течение|течении SPEC", "на протяжении SPEC", "за период SPEC"),
)

HOUR_OF_DAY = GrainTerm(Grain.HOUR_OF_DAY)
WEEKDAYS = GrainTerm(Grain.WEEKDAY)
WHICH = frozenset({"какой", "какая", "какую", "каком", "какие", "какого"})

BUCKETS: tuple[Rule, ...] = (
    *rules("BY", make.always(0), "по", "в|с разбивке|разбивкой по", "с группировкой по"),
    *rules("GRAIN", lambda _, unit: GrainTerm(unit), "BY UNITS_DAT"),
    *rules("GRAIN", lambda _, unit: GrainTerm(unit), "BY EACH UNIT"),
    *rules("GRAIN", GrainTerm, "EVERY_UNIT", "в разрезе UNITS_GEN", "за|в|на? EACH UNIT", "в UNIT_ACC"),
    *rules("GRAIN", make.always(GrainTerm(Grain.HOUR)), "EACH час", "BY EACH часу", "в час"),
    *rules("GRAIN", make.always(GrainTerm(Grain.DAY)), "день за днем"),
    *rules("GRAIN", make.always(GrainTerm(Grain.WEEK)), "неделя за неделей"),
    *rules("GRAIN", make.always(GrainTerm(Grain.MONTH)), "месяц за месяцем"),
    *rules("GRAIN", make.always(GrainTerm(Grain.QUARTER)), "квартал за кварталом"),
    *rules("GRAIN", GrainTerm, "UNIT", after=WHICH),
    *rules("GRAIN", make.always(HOUR_OF_DAY), "час", after=WHICH),
    *rules(
        "GRAIN",
        make.always(WEEKDAYS),
        "день|дни|дня|днем|дням|дню недели",
        "BY дням|дню недели",
        "в разрезе дней недели",
    ),
    *rules("GRAIN", make.always(HOUR_OF_DAY), "час|часы|часа|время|времени дня|суток"),
    *rules("GRAIN", make.always(HOUR_OF_DAY), "BY часам|часу|времени дня|суток", "в разрезе часов дня|суток"),
)

RUSSIAN = PeriodLanguage(
    classes=CLASSES,
    rules=(*NAMES, *WHOLES, *PARTS, *SINCE, *RANGES, *UNTIL, *LENGTHS, *RELATIVE, *BUCKETS),
    inflected=True,
    said={
        "comparing": frozenset(
            "сравни сравнить сравните сравнению сравнении сравнение против разница разницу vs".split()
        )
    },
    joining=frozenset("и или против с со в во на за vs".split()),
    comparing_with=frozenset({"с", "со"}),
)
