"""The words that amounts, bounds and percentiles are made of, by language."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from dash_agent.models.query import Op

Amount = tuple[Decimal, str]
"""A number and its unit, '' for none."""


@dataclass(frozen=True, slots=True)
class QuantityWords:
    """One language's words for quantities. Phrases of bounds are written in the very form that a question has.

    bounds: stand before a number, whole ("more than"). weak: bounds that dates and times of day take, too. uncounted:
    of these, the ones that a counted thing makes no bound of ("from 5 countries"). tos: stand between the ends of a
    span. verbs: bounds that inflect, found by dictionary form. nots: turn a bound into its opposite ("not above").
    links: little words between a bound and its number. behind: stand after a number and its unit ("or more"). leads:
    may stand before a bound on a length of time ("for over 48 hours") and belong to it. amounts: whole amounts
    without a digit, right behind a bound ("a day", "half"). scales: multiply the number before them. parts: numbers
    that are not whole. units: by dictionary form. ordinals: of percentiles, the units for behind a ten ("ninety
    fifth"). suffixes: endings that make an ordinal of digits. percentiles: the word itself, behind or before its
    number. ps: the letter before the number ("p90"). dates: what makes a date or a moment of a number before it, or
    of the number and its unit ("days ago").
    """

    bounds: Mapping[Op, tuple[str, ...]]
    weak: Mapping[Op, tuple[str, ...]]
    uncounted: frozenset[str]
    tos: frozenset[str]
    verbs: Mapping[Op, tuple[str, ...]]
    nots: frozenset[str]
    links: tuple[str, ...]
    behind: Mapping[Op, tuple[str, ...]]
    leads: tuple[str, ...]
    amounts: Mapping[str, Amount]
    scales: Mapping[str, int]
    numerals: Mapping[str, Decimal]
    units: Mapping[str, tuple[str, ...]]
    ordinals: Mapping[str, int]
    suffixes: frozenset[str]
    percentiles: tuple[str, ...]
    ps: frozenset[str]
    dates: tuple[str, ...]


ONE: Final = Decimal(1)
HALF: Final = Decimal("0.5")

ENGLISH: Final = QuantityWords(
    bounds={
        Op.GT: (
            "more than",
            "greater than",
            "higher than",
            "larger than",
            "bigger than",
            "longer than",
            "older than",
            "slower than",
            "more expensive than",
            "over",
            "above",
            "beyond",
            "upwards of",
            "in excess of",
            "north of",
            "well over",
            "well above",
            "just over",
            "just above",
            "more then",
            "greater then",
            "higher then",
            ">",
        ),
        Op.GE: (
            "at least",
            "at the least",
            "at the very least",
            "minimum",
            "minimum of",
            "a minimum of",
            "more than or equal to",
            "greater than or equal to",
            "higher than or equal to",
            ">=",
            "≥",
        ),
        Op.LT: (
            "less than",
            "fewer than",
            "lower than",
            "smaller than",
            "shorter than",
            "younger than",
            "faster than",
            "quicker than",
            "cheaper than",
            "under",
            "below",
            "south of",
            "well under",
            "well below",
            "just under",
            "just below",
            "less then",
            "fewer then",
            "lower then",
            "<",
        ),
        Op.LE: (
            "at most",
            "at the most",
            "at the very most",
            "maximum",
            "maximum of",
            "a maximum of",
            "max",
            "less than or equal to",
            "fewer than or equal to",
            "lower than or equal to",
            "<=",
            "≤",
        ),
    },
    weak={Op.GE: ("from",), Op.LE: ("up to",)},
    uncounted=frozenset({"from"}),
    tos=frozenset({"to", "till", "until", "through"}),
    verbs={Op.GT: ("exceed",)},
    nots=frozenset({"no", "not"}),
    links=(),
    behind={
        Op.GE: (
            "or more",
            "or above",
            "or over",
            "or higher",
            "or greater",
            "or longer",
            "or older",
            "or upwards",
            "and upwards",
            "and older",
            "and longer",
            "and greater",
            "and more",
            "and above",
            "and over",
            "and higher",
            "and up",
            "or up",
            "+",
        ),
        Op.LE: (
            "or less",
            "or fewer",
            "or lower",
            "or below",
            "or under",
            "or shorter",
            "or faster",
            "and less",
            "and fewer",
            "and below",
            "and under",
        ),
    },
    leads=("for", "already for"),
    amounts={
        "an hour": (ONE, "hour"),
        "a day": (ONE, "day"),
        "a week": (ONE, "week"),
        "a month": (ONE, "month"),
        "a minute": (ONE, "minute"),
        "a full day": (ONE, "day"),
        "a whole day": (ONE, "day"),
        "an entire day": (ONE, "day"),
        "a full week": (ONE, "week"),
        "a whole week": (ONE, "week"),
        "a day and a half": (ONE + HALF, "day"),
        "a couple of hours": (Decimal(2), "hour"),
        "a couple of days": (Decimal(2), "day"),
        "a couple of weeks": (Decimal(2), "week"),
        "a couple of minutes": (Decimal(2), "minute"),
        "a fortnight": (Decimal(14), "day"),
        "a quarter of an hour": (Decimal(15), "minute"),
        "a dozen": (Decimal(12), ""),
        "half an hour": (HALF, "hour"),
        "half a day": (HALF, "day"),
        "an hour and a half": (ONE + HALF, "hour"),
        "half": (Decimal(50), "percent"),
        "half of": (Decimal(50), "percent"),
        "a hundred": (Decimal(100), ""),
        "a thousand": (Decimal(1000), ""),
    },
    scales={"k": 1_000, "hundred": 100, "thousand": 1_000, "million": 1_000_000},
    numerals={},
    units={
        "percent": ("%", "percent", "pct"),
        "usd": ("$", "usd", "dollar", "buck"),
        "minute": ("minute", "min"),
        "hour": ("hour", "hr", "h"),
        "day": ("day",),
        "week": ("week",),
        "month": ("month",),
    },
    ordinals={
        "fifth": 5,
        "eighth": 8,
        "ninth": 9,
        "fiftieth": 50,
        "sixtieth": 60,
        "seventieth": 70,
        "eightieth": 80,
        "ninetieth": 90,
    },
    suffixes=frozenset({"st", "nd", "rd", "th"}),
    percentiles=("percentile", "pctl"),
    ps=frozenset({"p"}),
    dates=(
        *("january", "february", "march", "april", "may", "june", "july", "august", "september", "october"),
        *("november", "december", "jan", "feb", "mar", "apr", "jun", "jul", "aug", "sep", "sept", "oct", "nov", "dec"),
        *("quarter", "year", "ago", "back", "earlier", "am", "pm", "o"),
    ),
)

RUSSIAN: Final = QuantityWords(
    bounds={
        Op.GT: (
            "больше",
            "более",
            "свыше",
            "выше",
            "дольше",
            "длиннее",
            "старше",
            "дороже",
            "медленнее",
            "сверх",
            "медленнее чем за",
            "дольше чем за",
            "перевалил за",
            "перевалила за",
            "перевалило за",
            "перевалили за",
            "переваливает за",
            "переваливают за",
        ),
        Op.GE: (
            "минимум",
            "как минимум",
            "по меньшей мере",
            "по крайней мере",
            "больше или равно",
            "более или равно",
            "самое меньшее",
        ),
        Op.LT: (
            "меньше",
            "менее",
            "ниже",
            "короче",
            "младше",
            "моложе",
            "новее",
            "быстрее",
            "быстрее чем за",
            "дешевле",
        ),
        Op.LE: ("максимум", "меньше или равно", "менее или равно", "самое большее"),
    },
    weak={Op.GE: ("от",), Op.LE: ("до",)},
    uncounted=frozenset(),
    tos=frozenset({"до", "по"}),
    verbs={
        Op.GT: ("превышать", "превысить"),
        Op.GE: ("достигать", "достигнуть", "дотягивать", "дотянуть"),
    },
    nots=frozenset({"не"}),
    links=("чем на", "чем", "на протяжении", "в течение", "до"),
    behind={
        Op.GE: (
            "и более",
            "и больше",
            "и выше",
            "и дольше",
            "и старше",
            "или более",
            "или больше",
            "или выше",
            "или дольше",
            "или старше",
        ),
        Op.LE: (
            "и менее",
            "и меньше",
            "и ниже",
            "или менее",
            "или меньше",
            "или ниже",
        ),
    },
    leads=("в течение", "на протяжении", "уже"),
    amounts={
        "часа": (ONE, "hour"),
        "суток": (ONE, "day"),
        "сутки": (ONE, "day"),
        "дня": (ONE, "day"),
        "недели": (ONE, "week"),
        "месяца": (ONE, "month"),
        "минуты": (ONE, "minute"),
        "получаса": (HALF, "hour"),
        "полчаса": (HALF, "hour"),
        "полудня": (HALF, "day"),
        "половины": (Decimal(50), "percent"),
        "половина": (Decimal(50), "percent"),
        "половину": (Decimal(50), "percent"),
        "тысячи": (Decimal(1000), ""),
    },
    scales={"к": 1_000, "тыс": 1_000, "тысяча": 1_000, "млн": 1_000_000, "миллион": 1_000_000},
    numerals={
        "полтора": ONE + HALF,
        "полторы": ONE + HALF,
        "двести": Decimal(200),
        "триста": Decimal(300),
        "четыреста": Decimal(400),
        "пятьсот": Decimal(500),
        "шестьсот": Decimal(600),
        "семьсот": Decimal(700),
        "восемьсот": Decimal(800),
        "девятьсот": Decimal(900),
    },
    units={
        "percent": ("процент", "проц"),
        "usd": ("доллар", "долл", "бакс"),
        "minute": ("минута", "мин"),
        "hour": ("час", "ч"),
        "day": ("день", "сутки", "дн", "сут"),
        "week": ("неделя", "нед"),
        "month": ("месяц", "мес"),
    },
    ordinals={
        "пятый": 5,
        "восьмой": 8,
        "девятый": 9,
        "пятидесятый": 50,
        "шестидесятый": 60,
        "семидесятый": 70,
        "восьмидесятый": 80,
        "девяностый": 90,
    },
    suffixes=frozenset({"й", "ый", "ой", "ий", "го", "ого", "му", "ому", "м", "ом", "е", "ое", "ая", "я"}),
    percentiles=("процентиль", "перцентиль", "персентиль"),
    ps=frozenset({"р", "п"}),
    dates=(
        *("январь", "февраль", "март", "апрель", "май", "июнь", "июль", "август", "сентябрь", "октябрь", "ноябрь"),
        *("декабрь", "квартал", "год", "назад", "ранее", "раньше", "числа", "число", "утра", "вечера"),
    ),
)

QUANTITIES: Final = (ENGLISH, RUSSIAN)
