"""Names as a person types them: what is nearest to a wrong one, and what a metric can be split by."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from rapidfuzz import fuzz

from dash_agent.context.business import Dimension, Metric
from dash_agent.errors import UnknownName, WrongUse
from dash_agent.models.query import Grain
from dash_agent.semantic import resolve
from dash_agent.semantic.joins import NoPath
from dash_agent.semantic.model import SemanticModel

SUGGESTED: Final = 3
ALIKE: Final = 70.0  # of 100
SHORTEST_PART: Final = 5  # letters that say something as a piece of a longer word


def nearest_of(name: str, known: Iterable[Metric | Dimension], others: Sequence[str] = ()) -> list[str]:
    """Names most like `name`, or whose labels or words in any language are, best first."""
    wanted = _plain(name)
    scored = [(max(_alike(wanted, said) for said in _called(thing)), thing.name) for thing in known]
    scored += [(_alike(wanted, _plain(other)), other) for other in others]
    scored.sort(key=lambda pair: -pair[0])
    return [name for score, name in scored[:SUGGESTED] if score >= ALIKE]


def _called(thing: Metric | Dimension) -> Iterator[str]:
    yield _plain(thing.name)
    yield from map(_plain, thing.label.values())
    for words in thing.synonyms.values():
        yield from map(_plain, words)


def _plain(name: str) -> str:
    return " ".join(name.lower().replace("ё", "е").replace("_", " ").replace("-", " ").split())


def _alike(wanted: str, said: str) -> float:
    """Half by the whole, half by the best matching piece: 'csat avg' is near 'csat'."""
    piece = fuzz.token_set_ratio(wanted, said)
    if min(len(wanted), len(said)) >= SHORTEST_PART:
        piece = max(piece, fuzz.partial_ratio(wanted, said))
    return (fuzz.ratio(wanted, said) + piece) / 2


def split(model: SemanticModel, metric: str, by: Sequence[str]) -> tuple[tuple[str, ...], Grain | None]:
    """Dimensions, and the grain at most, of what `--by` was given: names, several with commas between them.

    Raises UnknownName, and WrongUse for a dimension that the metric's rows do not have.
    """
    names = list(dict.fromkeys(name.strip() for given in by for name in given.split(",") if name.strip()))
    grains = [Grain(name) for name in names if name in list(Grain)]
    if len(grains) > 1:
        told = " and ".join(grains)
        raise WrongUse(f"--by {told}: a split has one grain of time at most", f"ask for {grains[0]} alone")
    dimensions = tuple(name for name in names if name not in list(Grain))
    for name in dimensions:
        _check(model, metric, name)
    return dimensions, grains[0] if grains else None


def _check(model: SemanticModel, metric: str, name: str) -> None:
    catalog = model.catalog
    if name not in catalog.dimensions:
        raise UnknownName("dimension", name, nearest_of(name, catalog.dimensions.values(), list(Grain)))
    try:
        for part in catalog.counted(catalog.metrics[metric]):
            resolve.place(model, name, part.table)
    except NoPath as error:
        applying = [other for other in catalog.dimensions if resolve.applies(model, metric, other)]
        raise WrongUse(error.message, f"'{metric}' can be split by {', '.join(applying)}") from None
