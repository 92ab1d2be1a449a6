"""The columns of a compiled query, in their order."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from dash_agent.semantic.legs import CHANGE, PREVIOUS, Request
from dash_agent.semantic.resolve import SHARE


class Shows(StrEnum):
    """What an output column holds."""

    DIMENSION = "dimension"
    BUCKET = "bucket"
    METRIC = "metric"
    PREVIOUS = "previous"
    CHANGE = "change"
    SHARE = "share"
    FIELD = "field"


@dataclass(frozen=True, slots=True)
class OutColumn:
    """name: in the SQL. of: the dimension, grain or metric that it shows; of a field of a list, `table.column`."""

    name: str
    shows: Shows
    of: str


def columns_of(request: Request) -> tuple[OutColumn, ...]:
    """Bucket, dimensions, then each metric with its previous value and change where compared, then the share."""
    query = request.query
    found = [OutColumn(query.grain.value, Shows.BUCKET, query.grain.value)] if query.grain else []
    found += [OutColumn(name, Shows.DIMENSION, name) for name in query.dimensions]
    for name in query.metrics:
        found.append(OutColumn(name, Shows.METRIC, name))
        if query.compare:
            found.append(OutColumn(name + PREVIOUS, Shows.PREVIOUS, name))
            found.append(OutColumn(name + CHANGE, Shows.CHANGE, name))
    if query.share:
        found.append(OutColumn(query.metrics[0] + SHARE, Shows.SHARE, query.metrics[0]))
    return tuple(found)
