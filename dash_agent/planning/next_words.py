"""The words that questions asked next are composed of, by language."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from dash_agent.models.query import Grain, Op
from dash_agent.planning.inflection import noun_of

VERBS: Final = frozenset("is are was were be been has have had do does did get got us we they it s".split())


@dataclass(frozen=True, slots=True)
class NextWords:
    """Templates, whole but for names, conditions (`among`, `rest`) and the `period`, each with its own blank before it.

    A name takes the grammemes behind its colon. by: a dimension of `compared`. before: the ending of `compared`, in
    whose place `against` names a period. lasting: a length of time that a metric is asked for. changed: the verb of
    `why` by gender, 'plur' and 'thing' (whose gender is not known) among them. awkward: how little words sound like
    what can be counted, 0 for the best. grains: as series are told by. conditions: of the rows, by what they ask of
    `values` of a `dimension`. months: as they stand in a date, from January; in_months: alone. relative: periods by
    the unit they are and how many units back. last: so many units up to now, 'single' or by the category that `plural`
    gives their number.
    """

    split: str
    trend: str
    why: str
    share: str
    listed: str
    counted: str
    compared: str
    by: str
    before: str
    against: str
    percentile: str
    average: str
    adjective: str
    lasting: str
    changed: Mapping[str, str]
    awkward: Callable[[str], int]
    grains: Mapping[Grain, str]
    conditions: Mapping[Op, str]
    joined: str
    among: str
    not_among: str
    months: tuple[str, ...]
    in_months: tuple[str, ...]
    relative: Mapping[tuple[Grain, int], str]
    last: Mapping[Grain, Mapping[str, str]]
    plural: Callable[[int], str]
    date: str
    day: str
    days: str
    since: str
    month: str
    quarter: str
    year: str
    ever: str


def _english_plural(count: int) -> str:
    del count
    return "other"


def _russian_plural(count: int) -> str:
    if count % 10 == 1 and count % 100 != 11:
        return "one"
    return "few" if count % 10 in (2, 3, 4) and count % 100 not in (12, 13, 14) else "many"


def _awkward_in_english(text: str) -> int:
    """0 for a plural ('stuck tickets'), 1 for one that something follows ('tickets in error'), 2 for anything else."""
    words = text.lower().split()
    if not VERBS.isdisjoint(words):
        return 2
    return 0 if _is_plural(words[-1]) else 1 if _is_plural(words[0]) else 2


def _is_plural(word: str) -> bool:
    return len(word) > 3 and word.endswith("s") and not word.endswith(("ss", "us", "is"))


def _awkward_in_russian(text: str) -> int:
    """0 for a plural ('решённые тикеты'), 1 for anything else."""
    tag = noun_of(text) if len(text.split()[0]) > 2 else None
    return 0 if tag is not None and tag.number == "plur" else 1


ENGLISH: Final = NextWords(
    split="{metric} by {dimension}{among}{rest}{period}",
    trend="{metric} by {grain}{among}{rest}{period}",
    why="Why did {metric}{among}{rest} change{period}?",
    share="Share of {metric} by {dimension}{among}{rest}{period}",
    listed="Show {metric}{among}{rest}{period}",
    counted="How many {metric}{among}{rest}{period}?",
    compared="{metric}{by}{among}{rest}{period} compared with the period before",
    by=" by {dimension}",
    before=" compared with the period before",
    against=" compared with {period}",
    percentile="{share}th percentile of {metric}",
    average="average {metric}",
    adjective="average",
    lasting=" for {hours} hours",
    changed={},
    awkward=_awkward_in_english,
    grains={Grain.HOUR: "hour", Grain.DAY: "day", Grain.WEEK: "week", Grain.MONTH: "month"},
    conditions={
        Op.IN: " for {values}",
        Op.NOT_IN: " except {values}",
        Op.LT: " with {dimension} below {values}",
        Op.LE: " with {dimension} at most {values}",
        Op.GT: " with {dimension} above {values}",
        Op.GE: " with {dimension} at least {values}",
        Op.IS_NULL: " without {dimension}",
        Op.NOT_NULL: " with {dimension}",
    },
    joined="{} and {}",
    among=" among {metric}",
    not_among=" except {metric}",
    months=tuple("January February March April May June July August September October November December".split()),
    in_months=tuple("January February March April May June July August September October November December".split()),
    relative={
        (Grain.DAY, 0): "today",
        (Grain.DAY, 1): "yesterday",
        (Grain.WEEK, 0): "this week",
        (Grain.WEEK, 1): "last week",
        (Grain.MONTH, 0): "this month",
        (Grain.MONTH, 1): "last month",
        (Grain.QUARTER, 0): "this quarter",
        (Grain.QUARTER, 1): "last quarter",
        (Grain.YEAR, 0): "this year",
        (Grain.YEAR, 1): "last year",
    },
    last={
        Grain.HOUR: {"single": "in the last hour", "other": "in the last {count} hours"},
        Grain.DAY: {"single": "in the last day", "other": "in the last {count} days"},
        Grain.WEEK: {"single": "in the last week", "other": "in the last {count} weeks"},
        Grain.MONTH: {"single": "in the last month", "other": "in the last {count} months"},
    },
    plural=_english_plural,
    date="{month} {day}, {year}",
    day="on {first}",
    days="from {first} to {last}",
    since="since {first}",
    month="in {month} {year}",
    quarter="in Q{quarter} {year}",
    year="in {year}",
    ever="of all time",
)

RUSSIAN: Final = NextWords(
    split="{metric} по {dimension:datv,plur}{among}{rest}{period}",
    trend="{metric} по {grain}{among}{rest}{period}",
    why="Почему {changed} {metric}{among}{rest}{period}?",
    share="Доля {metric:gent,plur} по {dimension:datv,plur}{among}{rest}{period}",
    listed="Покажи {metric}{among}{rest}{period}",
    counted="Сколько {metric:gent,plur}{among}{rest}{period}?",
    compared="{metric}{by}{among}{rest}{period} по сравнению с предыдущим периодом",
    by=" по {dimension:datv,plur}",
    before=" по сравнению с предыдущим периодом",
    against=" по сравнению с периодом {period}",
    percentile="{share}-й перцентиль {metric:gent}",
    average="{average:nomn} {metric}",
    adjective="средний",
    lasting=" дольше {hours} часов",
    changed={
        "masc": "изменился",
        "femn": "изменилась",
        "neut": "изменилось",
        "plur": "изменились",
        "thing": "изменился показатель",
    },
    awkward=_awkward_in_russian,
    grains={Grain.HOUR: "часам", Grain.DAY: "дням", Grain.WEEK: "неделям", Grain.MONTH: "месяцам"},
    conditions={
        Op.IN: " ({values})",
        Op.NOT_IN: " (кроме: {values})",
        Op.LT: " с {dimension:ablt} ниже {values}",
        Op.LE: " с {dimension:ablt} не выше {values}",
        Op.GT: " с {dimension:ablt} выше {values}",
        Op.GE: " с {dimension:ablt} не ниже {values}",
        Op.IS_NULL: " без {dimension:gent}",
        Op.NOT_NULL: " с {dimension:ablt}",
    },
    joined="{} и {}",
    among=" среди {metric:gent,plur}",
    not_among=" кроме {metric:gent,plur}",
    months=tuple("января февраля марта апреля мая июня июля августа сентября октября ноября декабря".split()),
    in_months=tuple("январе феврале марте апреле мае июне июле августе сентябре октябре ноябре декабре".split()),
    relative={
        (Grain.DAY, 0): "сегодня",
        (Grain.DAY, 1): "вчера",
        (Grain.WEEK, 0): "на этой неделе",
        (Grain.WEEK, 1): "на прошлой неделе",
        (Grain.MONTH, 0): "в этом месяце",
        (Grain.MONTH, 1): "в прошлом месяце",
        (Grain.QUARTER, 0): "в этом квартале",
        (Grain.QUARTER, 1): "в прошлом квартале",
        (Grain.YEAR, 0): "в этом году",
        (Grain.YEAR, 1): "в прошлом году",
    },
    last={
        Grain.HOUR: {
            "single": "за последний час",
            "one": "за последний {count} час",
            "few": "за последние {count} часа",
            "many": "за последние {count} часов",
        },
        Grain.DAY: {
            "single": "за последний день",
            "one": "за последний {count} день",
            "few": "за последние {count} дня",
            "many": "за последние {count} дней",
        },
        Grain.WEEK: {
            "single": "за последнюю неделю",
            "one": "за последнюю {count} неделю",
            "few": "за последние {count} недели",
            "many": "за последние {count} недель",
        },
        Grain.MONTH: {
            "single": "за последний месяц",
            "one": "за последний {count} месяц",
            "few": "за последние {count} месяца",
            "many": "за последние {count} месяцев",
        },
    },
    plural=_russian_plural,
    date="{day} {month} {year}",
    day="{first}",
    days="с {first} по {last}",
    since="с {first}",
    month="в {month} {year}",
    quarter="в {quarter} квартале {year}",
    year="в {year} году",
    ever="за всё время",
)

NEXT_WORDS: Final[Mapping[str, NextWords]] = {"en": ENGLISH, "ru": RUSSIAN}
