"""Names and values that a model gives, against what there is: the nearest right one is always told."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Final

from rapidfuzz import fuzz, process

from dash_agent.context.catalog import Catalog
from dash_agent.errors import UnknownName, WrongUse
from dash_agent.models.query import Among, Filter, Op, Scalar
from dash_agent.planning.submission.shape import AmongPart, FilterPart, Value
from dash_agent.semantic.rows import CLOCK

NEAR: Final = 55
"""Of 100: below it two names have little in common."""

MOST_NEAR: Final = 3
BARE: Final = (Op.IS_NULL, Op.NOT_NULL)
ORDERED: Final = (Op.LT, Op.LE, Op.GT, Op.GE)


def nearest(name: str, known: Iterable[str]) -> tuple[str, ...]:
    """At most three names that look like one, the likest first."""
    found = process.extract(name, list(known), scorer=fuzz.WRatio, score_cutoff=NEAR, limit=MOST_NEAR)
    return tuple(match[0] for match in found)


def checked(kind: str, name: str, known: Collection[str]) -> str:
    """The name, where there is one. Raises UnknownName."""
    if name not in known:
        raise UnknownName(kind, name, nearest(name, known))
    return name


class Values:
    """The stored values of dimensions, as far as they are known. live: distinct ones by dimension."""

    def __init__(self, catalog: Catalog, live: Mapping[str, Sequence[str]]) -> None:
        self._dimensions = frozenset((*catalog.dimensions, *CLOCK))
        self._live = live
        self._said: dict[str, dict[str, tuple[str, ...]]] = {}
        for value in catalog.values:
            words = (value.name or "", *value.label.values(), *(w for said in value.synonyms.values() for w in said))
            said = self._said.setdefault(value.dimension, {})
            for word in filter(None, words):
                said.setdefault(word.casefold(), value.stored)

    def filter(self, part: FilterPart) -> Filter:
        """Raises UnknownName, WrongUse."""
        dimension = checked("dimension", part.dimension, self._dimensions)
        if part.op in BARE:
            return Filter(dimension, part.op)
        if not part.values:
            raise WrongUse(f"the filter on {dimension} names no value", "give one, or take is_null or not_null")
        if part.op in ORDERED and len(part.values) != 1:
            raise WrongUse(f"the filter on {dimension} compares with {len(part.values)} values", "compare with one")
        values = tuple(dict.fromkeys(stored for given in part.values for stored in self.stored(dimension, given)))
        return Filter(dimension, part.op, values)

    def stored(self, dimension: str, given: Value) -> tuple[Scalar, ...]:
        """What is stored where a value is given: itself, another spelling of it, or a group's. Raises UnknownName."""
        if not isinstance(given, str):
            return (scalar(given),)
        live = self._live.get(dimension)
        if live is not None and given in live:
            return (given,)
        folded = {value.casefold(): value for value in live or ()}
        if given.casefold() in folded:
            return (folded[given.casefold()],)
        said = self._said.get(dimension, {}).get(given.casefold())
        if said is not None:
            return said
        if live is None:
            return (given,)
        raise UnknownName(f"value of {dimension}", given, nearest(given, live))


def among(catalog: Catalog, part: AmongPart) -> Among:
    """Raises UnknownName."""
    return Among(checked("metric", part.metric, catalog.metrics), part.counts)


def scalar(value: Value) -> Scalar:
    """A value of JSON as it is computed with."""
    return number(value) if isinstance(value, float) else value


def number(value: int | float) -> Decimal | int:
    return Decimal(str(value)) if isinstance(value, float) else value
