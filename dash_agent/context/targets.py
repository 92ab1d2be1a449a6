"""`business/targets.json`: what a number should be, and for which rows."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import Annotated, Final

from pydantic import Field

from dash_agent.context.files import FileModel

TARGETS: Final = "business/targets.json"

Bound = Annotated[Decimal, Field(strict=False, decimal_places=6)]


class Target(FileModel):
    """What a metric should reach, or stay below: which of the two says the metric's direction."""

    metric: str
    """A rate, an average, a percentile or a state of now: what a count of a period should be hangs on the period."""
    value: Bound | None = None
    """Of all rows, in the metric's unit."""
    dimension: str | None = None
    """What `values` are values of."""
    values: dict[str, Bound] = {}
    """Targets of its own for some groups, by stored value."""


def bound(targets: Iterable[Target], name: str) -> Decimal | None:
    """name: 'METRIC' for the target of all rows, 'METRIC.VALUE' for a group's; None where there is none."""
    metric, dot, value = name.partition(".")
    own = [target for target in targets if target.metric == metric]
    found = (target.values.get(value) if dot else target.value for target in own)
    return next((one for one in found if one is not None), None)


class TargetsFile(FileModel):
    """What numbers should be. May be left out."""

    schema_: str | None = Field(default=None, alias="$schema")
    """The file's JSON Schema, for editors."""
    targets: list[Target] = []
    """At most one a metric without a dimension, and one a metric and dimension."""
