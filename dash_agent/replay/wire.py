"""A replay's JSON form."""

from __future__ import annotations

from dash_agent.insight.wording import Wording
from dash_agent.models.principal import ScopeFilter
from dash_agent.models.wire import Json, cell_json
from dash_agent.preview import changes
from dash_agent.replay.definitions import Moved
from dash_agent.replay.replay import Come, Replay
from dash_agent.replay.words import moved_rows, told


def replay_json(found: Replay, wording: Wording) -> dict[str, Json]:
    """`text` is what a terminal shows. `data`: by table what became of its rows. Others are null where they are no
    part of it.
    """
    engines, statements = found.engines, found.statements
    return {
        "answer_id": found.answer_id,
        "question": found.question,
        "language": found.language,
        "as_of": found.as_of.isoformat(),
        "same": found.same,
        "causes": [cause.value for cause in found.causes],
        "idle": [cause.value for cause in found.idle],
        "text": "\n".join(line.text for line in told(found, wording)),
        "values": {value.step: value.rows for value in found.values},
        "row_count": {"then": found.row_counts[0], "now": found.row_counts[1]} if found.row_counts else None,
        "data": [_come_json(come) for come in found.came],
        "definitions": [_moved_json(one) for one in found.definitions],
        "other_files": list(found.others),
        "engine": {"then": engines[0] or None, "now": engines[1]} if engines else None,
        "sql": {"then": statements[0], "now": statements[1]} if statements else None,
        "plan": {"then": found.plans[0], "now": found.plans[1]} if found.plans else None,
        "scope": {"then": _scope(found.scopes[0]), "now": _scope(found.scopes[1])} if found.scopes else None,
        "error": found.failed or None,
    }


def _come_json(come: Come) -> Json:
    """late, since, changed, gone, entered, more, fewer: numbers of rows, those that are 0 left out. untraced,
    uncounted and unknown are true where they hold.
    """
    moved: dict[str, Json] = {key: True if count is None else count for key, count in moved_rows(come)}
    return {"table": come.mark.table, **moved}


def _moved_json(one: Moved) -> Json:
    change = one.change
    sides: dict[str, Json] = {"from": _value(change.before), "to": _value(change.after)}
    return {"file": one.file, "of": change.of, "name": change.name, "field": change.field, **sides}


def _value(value: changes.Value) -> Json:
    return [_value(item) for item in value] if isinstance(value, tuple) else cell_json(value)


def _scope(scope: tuple[ScopeFilter, ...]) -> Json:
    return [{"dimension": one.dimension, "values": list(one.values)} for one in scope]
