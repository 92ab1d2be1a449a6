"""The classes of words that planning knows of any language."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from dash_agent.models.query import Grain


class Operator(StrEnum):
    """What words do to what is asked."""

    COUNT = "count"
    OFTEN = "often"  # "how often": the rate of what is counted, where there is one
    TREND = "trend"
    TOP = "top"
    FIRST = "first"
    BOTTOM = "bottom"
    MOST = "most"
    LEAST = "least"
    BEST = "best"
    WORST = "worst"
    BEST_FIRST = "best_first"  # an order of all, where "best" alone chooses one
    WORST_FIRST = "worst_first"
    BUSIEST = "busiest"
    SORT = "sort"
    ASCENDING = "ascending"
    DESCENDING = "descending"
    VERSUS = "versus"
    COMPARE = "compare"
    MORE = "more"  # "more tickets this week *than* last week": alone it has nothing to be more than
    CHANGE = "change"
    DROP = "drop"
    EXCEPT = "except"
    NOT = "not"
    AND = "and"
    OR = "or"
    MAXIMUM = "maximum"
    MINIMUM = "minimum"
    AVERAGE = "average"
    MEDIAN = "median"
    SHARE = "share"
    BY = "by"
    ALONG = "along"  # a preposition that may split, and may only tie: "по"
    PER = "per"
    EACH = "each"
    WHY = "why"
    WHERE = "where"
    LIST = "list"
    SHOW = "show"
    WHICH = "which"
    ONLY = "only"
    ALSO = "also"
    INSTEAD = "instead"
    AFRESH = "afresh"  # "now by …", "а по …": what follows takes the place of what was there
    GOING_ON = "going_on"  # "and …", "same for …": opens a question that goes on from the last one
    THESE = "these"
    FIGURES = "figures"  # "the numbers": of which metric is open
    GREETING = "greeting"
    THANKS = "thanks"
    HELP = "help"

    @property
    def light(self) -> bool:
        """It may stand in a question without changing what is asked."""
        return self in _LIGHT


_LIGHT = frozenset(
    {
        Operator.BY,
        Operator.ALONG,
        Operator.PER,
        Operator.EACH,
        Operator.AND,
        Operator.OR,
        Operator.WHICH,
        Operator.SHOW,
        Operator.ONLY,
        Operator.AFRESH,
        Operator.GOING_ON,
        Operator.THESE,
        Operator.FIGURES,
        Operator.GREETING,
        Operator.THANKS,
        Operator.HELP,
    }
)


@dataclass(frozen=True, slots=True)
class Language:
    """One language's words. Phrases are written in any form and match by dictionary form; with '=' before, only as
    they stand.

    fillers: words that carry nothing by themselves. ordinary: words that are also stored values, and mean them only
    beside the name of their dimension. writes: imperatives that change data, where they open a question. personal:
    words for what analytics never shows. orders: attempts to set the rules aside. light: phrases that carry
    nothing, whose words alone might. measures: words for the units that numbers are told in. rates: words by which
    a rate is named as one. buckets: time units by themselves, as they are ranked ("the busiest day"). comparatives:
    words that set two things against each other, whose order tells which is which. articles: words that any phrase
    may hold. introductions: words of which an opening clause has one that only leads up to the question ("my boss
    keeps asking: …"). conclusions: words that lead from a story to the question ("…, so how many"). leading: words
    that such a clause does not begin with, since they would narrow ("for my store: …"). ends: words before the end of a
    period, with what stands behind where that is needed. predicates: verbs that say of
    a whole what part of it is meant ("escalations that *came* from email"). within: prepositions before the whole of a
    share. topical: prepositions that say what something is about, and so never stand before a word that carries
    nothing, but pronouns. ties: little words between a value and the name of its dimension. interrogatives: words that
    name a dimension only where they open the question ("who sent the most", but "customers who wrote"). weekdays: words
    for days that come round again ("on weekdays"), 1 for Monday.
    """

    code: str
    fillers: frozenset[str]
    ordinary: frozenset[str]
    numbers: Mapping[str, int]
    operators: Mapping[Operator, tuple[str, ...]]
    writes: tuple[str, ...]
    personal: tuple[str, ...]
    light: tuple[str, ...]
    measures: Mapping[tuple[str, ...], tuple[str, ...]]
    rates: tuple[str, ...]
    buckets: Mapping[Grain, tuple[str, ...]]
    comparatives: tuple[str, ...]
    interrogatives: tuple[str, ...]
    ties: tuple[str, ...]
    relatives: tuple[str, ...]
    articles: tuple[str, ...]
    introductions: tuple[str, ...]
    conclusions: tuple[str, ...]
    leading: tuple[str, ...]
    ends: tuple[str, ...]
    predicates: tuple[str, ...]
    within: tuple[str, ...]
    topical: tuple[str, ...]
    pronouns: tuple[str, ...]
    weekdays: Mapping[tuple[int, ...], tuple[str, ...]]
    orders: tuple[str, ...]
