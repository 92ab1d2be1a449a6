"""The classes of words that planning knows of any language."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from dash_agent.models.query import Grain


class TimeWord(StrEnum):
    """Words that periods are made of.

    LAST is the previous whole one before a unit, and the latest ones before a number; PAST is always up to now;
    SPAN is a preposition that makes a length up to now of a bare unit ("за неделю"); PER makes a grain of one.
    """

    TODAY = "today"
    YESTERDAY = "yesterday"
    THIS = "this"
    LAST = "last"
    PAST = "past"
    SPAN = "span"
    SINCE = "since"
    PER = "per"
    QUARTER_NAME = "quarter_name"


class Operator(StrEnum):
    COUNT = "count"
    TREND = "trend"
    TOP = "top"
    MOST = "most"
    LEAST = "least"
    BEST = "best"
    WORST = "worst"
    BUSIEST = "busiest"
    VERSUS = "versus"
    COMPARE = "compare"
    EXCEPT = "except"
    AND = "and"
    AVERAGE = "average"
    MEDIAN = "median"
    SHARE = "share"
    BY = "by"
    WHY = "why"
    WHERE = "where"
    LIST = "list"
    SHOW = "show"
    WHICH = "which"


@dataclass(frozen=True, slots=True)
class Language:
    """One language's words. Phrases are written in any form; they match by dictionary form, in any order.

    fillers: words that carry nothing by themselves. ordinary: words that are also stored values, and mean them only
    beside the name of their dimension. writes: imperatives that change data, where they open a question.
    per: words that divide by what follows ("per ticket"). personal: words for what analytics never shows. orders:
    attempts to set the rules aside.
    """

    code: str
    fillers: frozenset[str]
    ordinary: frozenset[str]
    numbers: Mapping[str, int]
    units: Mapping[str, Grain]
    months: Mapping[str, int]
    time: Mapping[TimeWord, tuple[str, ...]]
    operators: Mapping[Operator, tuple[str, ...]]
    grains: Mapping[Grain, tuple[str, ...]]
    writes: tuple[str, ...]
    per: tuple[str, ...]
    personal: tuple[str, ...]
    orders: tuple[str, ...]
