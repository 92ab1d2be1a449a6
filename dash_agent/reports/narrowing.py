"""What a report is narrowed to, and verified patterns filled with it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from dash_agent.context.catalog import Catalog
from dash_agent.context.patterns import Parameter
from dash_agent.context.targets import bound
from dash_agent.errors import UnknownName, WrongUse
from dash_agent.models.plan import PatternPlan
from dash_agent.models.query import Filter, Op, Period, Scalar
from dash_agent.planning.pattern_plans import after


@dataclass(frozen=True, slots=True)
class Narrowing:
    """chosen: dimensions with the stored values that are kept, each once and in a fixed order."""

    chosen: tuple[tuple[str, tuple[str, ...]], ...] = ()

    @classmethod
    def of(cls, chosen: Mapping[str, Iterable[str]]) -> Narrowing:
        """Without dimensions of which nothing is chosen."""
        kept = ((name, tuple(sorted(set(values)))) for name, values in sorted(chosen.items()))
        return cls(tuple((name, values) for name, values in kept if values))

    @property
    def filters(self) -> tuple[Filter, ...]:
        return tuple(Filter(name, Op.IN, values) for name, values in self.chosen)

    def values(self, dimension: str) -> tuple[str, ...]:
        return dict(self.chosen).get(dimension, ())


ALL = Narrowing()


def pattern(catalog: Catalog, name: str, narrowing: Narrowing, period: Period | None = None) -> PatternPlan:
    """Raises UnknownName where the content has no such pattern, WrongUse where it can't be narrowed so."""
    if name not in catalog.patterns:
        raise UnknownName("pattern", name)
    declared = catalog.patterns[name].header.parameters
    places = {parameter.fills for parameter in declared.values()}
    for dimension, _ in narrowing.chosen:
        if f"dimension:{dimension}" not in places:
            raise WrongUse(f"the pattern '{name}' can't be narrowed by '{dimension}'", "take that filter out")
    filled = tuple((key, _value(catalog, parameter, narrowing, period)) for key, parameter in declared.items())
    return PatternPlan(name, filled, period)


def _value(
    catalog: Catalog, parameter: Parameter, narrowing: Narrowing, period: Period | None
) -> Scalar | tuple[Scalar, ...]:
    kind, _, target = parameter.fills.partition(":")
    match kind:
        case "constant":
            return catalog.constants[target].value
        case "target":
            return bound(catalog.targets, target)
        case "dimension":
            return narrowing.values(target) or None
        case "period.start":
            return period.start.isoformat() if period else None
        case _:
            return after(period).isoformat() if period else None
