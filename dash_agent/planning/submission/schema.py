"""The JSON Schema of `submit_plan`, made from the catalogue."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

from dash_agent.context.catalog import Catalog
from dash_agent.models.query import Grain, Op
from dash_agent.planning.submission.shape import DECLINING, KINDS
from dash_agent.semantic.rows import CLOCK

Schema = dict[str, object]

MOST_ENUMERATED: Final = 150
"""A catalogue of more names than this would fill the prompt with them; the briefing then names those that fit."""

JSON_TYPES: Final[Mapping[str, Schema]] = {
    "timestamptz": {"type": "string"},
    "text": {"type": "string"},
    "text[]": {"type": "array", "items": {"type": "string"}},
    "integer": {"type": "integer"},
    "numeric": {"type": "number"},
}


def submission_schema(catalog: Catalog) -> Schema:
    """One flat object, which every provider takes; `kind` says which fields count.

    Names are listed where they are given first, and not again: the schema is a third of the first prompt.
    """
    dimension = _named((*catalog.dimensions, *sorted(CLOCK)))
    filters = _list(_object({"dimension": dimension, "op": _enum(Op), "values": _values()}, "dimension", "op"))
    part = _list(_object({"dimension": _text(), "op": _text(), "values": _values()}, "dimension", "op"))
    among = _list(_object({"metric": _text(), "counts": {"type": "boolean"}}, "metric"))
    having = _object({"metric": _text(), "op": _text(), "value": {"type": "number"}}, "metric", "op", "value")
    order = _object({"by": _text(), "desc": {"type": "boolean"}}, "by", "desc")
    reading = _object({"words": _text(), "became": _text()}, "words", "became")
    fields: Schema = {
        "kind": _enum(KINDS),
        "metrics": _list(_named(catalog.metrics)),
        "dimensions": {**_list(_text()), "description": "what to split by, named as in filters"},
        "grain": _enum(Grain),
        "filters": {**filters, "description": "stored values, as context gives them"},
        "among": {**among, "description": "rows that a count metric counts; counts=false: those it does not"},
        "part": {**part, "description": "filters that, with share, make a row one of the part"},
        "period": _span("leave out for the default, and for a state of now"),
        "compare": _span("'previous' as label: the span before"),
        "having": _list(having),
        "order": {**_list(order), "description": "by a metric, dimension, METRIC_change or METRIC_share"},
        "limit": {"type": "integer", "minimum": 1},
        "share": {"type": "boolean", "description": "the first metric's part of the whole, in %"},
        "why": {"type": "boolean", "description": "what moved the metric between period and compare"},
        "name": {**_named(catalog.patterns), "description": "of the pattern"},
        "parameters": {**_parameters(catalog), "description": "of the pattern; of a metric, its constants"},
        "table": _named(catalog.tables),
        "columns": _list(_text()),
        "sql": {"type": "string", "description": "one PostgreSQL SELECT; :now and :tz stand for the clock"},
        "words": {**_list(_text()), "description": "of the question that can't be answered, or are unclear"},
        "reason": _enum(DECLINING),
        "options": _list(_object({"label": _text(), "question": _text()}, "label", "question")),
        "reading": {**_list(reading), "description": "how each content word of the question was read"},
    }
    return _object(fields, "kind")


def _parameters(catalog: Catalog) -> Schema:
    """Every parameter of every pattern by its type. A name that two patterns type differently takes either."""
    found: dict[str, dict[str, Schema]] = {}
    for pattern in catalog.patterns.values():
        for name, parameter in pattern.header.parameters.items():
            if not parameter.fills.startswith("period."):
                found.setdefault(name, {})[parameter.type] = JSON_TYPES[parameter.type]
    for name in (*catalog.constants, "percentile"):
        found.setdefault(name, {"numeric": JSON_TYPES["numeric"]})
    one = {name: next(iter(kinds.values())) if len(kinds) == 1 else _any(kinds) for name, kinds in found.items()}
    return {"type": "object", "properties": one}


def _any(kinds: Mapping[str, Schema]) -> Schema:
    return {"anyOf": list(kinds.values())}


def _span(description: str) -> Schema:
    label = {"type": "string", "description": "as people say it: 'last week', 'октябрь'"}
    start = {"type": "string", "description": "ISO date, with end: the day after the last"}
    return {**_object({"label": label, "start": start, "end": _text()}), "description": description}


def _values() -> Schema:
    return {"type": "array", "items": {"type": ["string", "number", "null"]}}


def _named(names: Iterable[str]) -> Schema:
    known = list(names)
    return {"type": "string", "enum": known} if 0 < len(known) <= MOST_ENUMERATED else _text()


def _enum(values: Iterable[str]) -> Schema:
    return {"type": "string", "enum": [str(value) for value in values]}


def _text() -> Schema:
    return {"type": "string"}


def _list(items: Schema) -> Schema:
    return {"type": "array", "items": items}


def _object(properties: Mapping[str, object], *required: str) -> Schema:
    return {"type": "object", "properties": dict(properties), "required": list(required)}
