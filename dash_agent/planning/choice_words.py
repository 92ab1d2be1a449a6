"""The words that offered questions are composed of, by language."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class ChoiceWords:
    """Templates of offered questions, whole but for names and for what the asker said (`rest`, in their own words).

    A name in a template takes the grammemes behind its colon. about: a number. trend: its course. superlative: the
    first of a dimension. ranked, split, by: groups of a dimension. periods: two periods. values: two values. highest,
    lowest, longest, shortest: the extremes, the last two of times. links: little words that may stand before a name
    or a period and belong to it. cases: the case that a preposition asks of a name behind it.
    """

    about: str
    trend: str
    superlative: str
    ranked: str
    split: str
    by: str
    periods: str
    values: str
    highest: str
    lowest: str
    longest: str
    shortest: str
    which: str
    links: frozenset[str]
    cases: Mapping[str, str]


ENGLISH: Final = ChoiceWords(
    about="{metric}{rest}",
    trend="{metric} by week{rest}",
    superlative="Which {dimension} has the {extreme} {metric}{rest}?",
    ranked="Top 5 {dimensions} by {metric}{rest}",
    split="{metric} by {dimension}{rest}",
    by="by {dimension}",
    periods="{metric}{rest} this month vs last month",
    values="{metric}: {one} vs {other}{rest}",
    highest="highest",
    lowest="lowest",
    longest="longest",
    shortest="shortest",
    which="which",
    links=frozenset(
        "a an the in on at for to from of with via by per each over during since through within between".split()
    ),
    cases={},
)

RUSSIAN: Final = ChoiceWords(
    about="{metric}{rest}",
    trend="{metric} по неделям{rest}",
    superlative="У {which:gent} {dimension:gent} {extreme:nomn} {metric}{rest}?",
    ranked="Топ 5: {metric} по {dimension:datv,plur}{rest}",
    split="{metric} по {dimension:datv,plur}{rest}",
    by="по {dimension:datv,plur}",
    periods="{metric}{rest} за этот месяц по сравнению с прошлым месяцем",
    values="{metric}: {one} vs {other}{rest}",
    highest="самый высокий",
    lowest="самый низкий",
    longest="самый долгий",
    shortest="самый короткий",
    which="какой",
    links=frozenset("в во на за по с со из от до для у о об при между через без".split()),
    cases={
        **dict.fromkeys("из от до для у без с со".split(), "gent"),
        **dict.fromkeys("в во на о об при".split(), "loct"),
        "по": "datv",
    },
)

CHOICES: Final[Mapping[str, ChoiceWords]] = {"en": ENGLISH, "ru": RUSSIAN}
