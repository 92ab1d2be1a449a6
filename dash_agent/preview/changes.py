"""What a change of the content files did to a metric's definition, found in the parsed models."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from dash_agent.context.files import FileModel
from dash_agent.preview.definition import defined
from dash_agent.semantic import resolve
from dash_agent.semantic.joins import NoPath
from dash_agent.semantic.model import SemanticModel

Value = None | bool | int | float | Decimal | str | tuple["Value", ...]

OF_A_TABLE: Final = ("time", "query")
"""What of a table a metric's number depends on, besides the joins that it takes."""

WORDING: Final = ("label", "description", "synonyms")
"""Fields that change no number."""


@dataclass(frozen=True, slots=True)
class Change:
    """of: metric, dimension, constant or table. field: its path in the thing, '' where the thing itself was or is not
    there. before, after: None where nothing is given; a list of words as a tuple.
    """

    of: str
    name: str
    field: str
    before: Value
    after: Value


Thing = tuple[str, str]
Fields = Mapping[str, Value]


def changes(before: SemanticModel, after: SemanticModel, metric: str, dimensions: Sequence[str]) -> tuple[Change, ...]:
    """Every field that differs in what the metric rests on: itself and its parts, the constants in their SQL, their
    tables, the dimensions of the split. Mere wording comes last. Empty where they say the same.
    """
    old, new = _rests_on(before, metric, dimensions), _rests_on(after, metric, dimensions)
    things = dict.fromkeys((*new, *old))
    found = [change for thing in things for change in _of_thing(thing, old, new, before, after)]
    return tuple(sorted(found, key=lambda change: change.field.startswith(WORDING)))


def _of_thing(
    thing: Thing,
    old: Mapping[Thing, Fields],
    new: Mapping[Thing, Fields],
    before: SemanticModel,
    after: SemanticModel,
) -> Iterator[Change]:
    """A thing that only one of the two rests on is still looked up in the other: it may be there, and the same."""
    was, is_now = old.get(thing) or _looked_up(before, thing), new.get(thing) or _looked_up(after, thing)
    kind, name = thing
    if was is None or is_now is None:
        yield Change(kind, name, "", None if was is None else name, None if is_now is None else name)
        return
    for field in dict.fromkeys((*is_now, *was)):
        if was.get(field) != is_now.get(field):
            yield Change(kind, name, field, was.get(field), is_now.get(field))


def _rests_on(model: SemanticModel, metric: str, dimensions: Sequence[str]) -> Mapping[Thing, Fields]:
    found = defined(model, metric)
    things: dict[Thing, Fields] = {("metric", metric): flat(found.metric)}
    for part in found.parts:
        things["metric", part.name] = flat(part)
    for constant in found.constants:
        things["constant", constant.name] = flat(constant)
    for table in found.tables:
        things["table", table.table] = {key: getattr(table, key) for key in OF_A_TABLE}
    for name in dimensions:
        if name in model.catalog.dimensions:
            ways = {f"reached from {table.table}": _way(model, name, table.table) for table in found.tables}
            things["dimension", name] = {**flat(model.catalog.dimensions[name]), **ways}
    return things


def _looked_up(model: SemanticModel, thing: Thing) -> Fields | None:
    kind, name = thing
    catalog = model.catalog
    if kind == "table":
        table = catalog.tables.get(name)
        return {key: getattr(table, key) for key in OF_A_TABLE} if table else None
    known: Mapping[str, Mapping[str, FileModel]] = {
        "metric": catalog.metrics,
        "constant": catalog.constants,
        "dimension": catalog.dimensions,
    }
    found = known[kind].get(name)
    return flat(found) if found else None


def _way(model: SemanticModel, dimension: str, table: str) -> Value:
    """The joins from a table's rows to a dimension's value, in order."""
    try:
        steps = resolve.place(model, dimension, table).steps
    except NoPath:
        return None
    return tuple(f"{step.source}.{step.column} = {step.table}.{step.key}" for step in steps) or None


def flat(model: FileModel) -> Fields:
    """Fields by path, such as `label.en`, in the model's order."""
    return dict(_leaves(model.model_dump(), ""))


def _leaves(data: Mapping[str, object], above: str) -> Iterator[tuple[str, Value]]:
    for key, value in data.items():
        match value:
            case dict():
                yield from _leaves(value, f"{above}{key}.")
            case list():
                yield f"{above}{key}", tuple(str(item) for item in value)
            case None | bool() | int() | float() | Decimal() | str():
                yield f"{above}{key}", value
            case _:
                yield f"{above}{key}", str(value)
