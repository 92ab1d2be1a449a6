"""A preview's JSON form."""

from __future__ import annotations

from typing import Final

from dash_agent.context.files import FileModel
from dash_agent.models.answer import Answer
from dash_agent.models.wire import Json, answer_json, cell_json
from dash_agent.preview.against import Against, Outcome, Side
from dash_agent.preview.changes import Change, Value
from dash_agent.preview.metric import Wanted

OF_THE_ANSWER: Final = ("language", "as_of", "status", "text", "columns", "rows", "row_count", "truncated", "sql")
BESIDE_IT: Final = ("reading", "assumptions", "caveats", "plan", "receipt", "error")
OF_A_SIDE: Final = ("columns", "rows", "sql")


def preview_json(found: Wanted, answer: Answer, beside: Against | None) -> dict[str, Json]:
    """`columns`, `rows`, `sql` and what follows as in an answer. `against`, `before` and `after` are null where no
    revision was named; `before` also where it gave no value.
    """
    told = answer_json(answer)
    plan = told["plan"]
    return {
        "name": found.definition.metric.name,
        "definition": _definition_json(found),
        **{key: told[key] for key in (*OF_THE_ANSWER, *BESIDE_IT)},
        "period": plan["period"] if isinstance(plan, dict) else None,
        "compare": plan["compare"] if isinstance(plan, dict) else None,
        "against": _against_json(beside) if beside else None,
        "before": _before_json(beside) if beside else None,
        "after": {"definition": _model_json(found.definition.metric), **_side_of(told)} if beside else None,
    }


def _definition_json(found: Wanted) -> dict[str, Json]:
    definition = found.definition
    return {
        **_model_json(definition.metric),
        "parts": [_model_json(part) for part in definition.parts],
        "constants": [_model_json(constant) for constant in definition.constants],
        "tables": [table.table for table in definition.tables],
        "times": {part.name: definition.time_of(part) for part in definition.parts},
        "state": definition.state,
        "dimensions": list(definition.dimensions),
    }


def _model_json(model: FileModel) -> dict[str, Json]:
    dumped: dict[str, Json] = model.model_dump(mode="json")
    return dumped


def _side_of(told: dict[str, Json]) -> dict[str, Json]:
    return {key: told[key] for key in OF_A_SIDE}


def _against_json(beside: Against) -> dict[str, Json]:
    return {
        "revision": beside.past.asked,
        "commit": beside.past.commit,
        "outcome": beside.outcome.value,
        "missing": {"kind": beside.missing[0], "name": beside.missing[1]} if beside.missing else None,
        "reasons": list(beside.reasons),
        "changes": [_change_json(change) for change in beside.changes],
        "rows": [_row_json(side) for side in beside.sides],
        "sql_diff": list(beside.sql_diff),
    }


def _before_json(beside: Against) -> Json:
    if beside.metric is None or beside.answer is None or beside.outcome is Outcome.BROKEN:
        return None
    return {"definition": _model_json(beside.metric), **_side_of(answer_json(beside.answer))}


def _change_json(change: Change) -> Json:
    sides: dict[str, Json] = {"from": _value_json(change.before), "to": _value_json(change.after)}
    return {"of": change.of, "name": change.name, "field": change.field, **sides}


def _value_json(value: Value) -> Json:
    return [_value_json(item) for item in value] if isinstance(value, tuple) else cell_json(value)


def _row_json(side: Side) -> Json:
    """A null value of a group that is there and a group that is not are told apart."""
    return {
        "group": [cell_json(cell) for cell in side.group],
        "before": cell_json(side.before),
        "after": cell_json(side.after),
        "difference": cell_json(side.difference),
        "in_before": side.in_before,
        "in_after": side.in_after,
    }
