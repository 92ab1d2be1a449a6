"""Answers and plans as JSON: the shapes that go out of the process and into the database."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from math import isfinite
from typing import assert_never, cast

from dash_agent.models.answer import Answer, AnswerColumn, Chart, DoubleCheck, Fact, Receipt
from dash_agent.models.plan import (
    AskBack,
    Assumption,
    Clarification,
    Executable,
    ListPlan,
    MetricPlan,
    Option,
    PatternPlan,
    Plan,
    Reading,
    Refusal,
    RefusalReason,
    SqlPlan,
)
from dash_agent.models.query import (
    Among,
    Condition,
    Filter,
    Grain,
    Having,
    ListQuery,
    MetricQuery,
    Op,
    Order,
    Period,
    Scalar,
)
from dash_agent.models.sql import Cell

Json = None | bool | int | float | str | list["Json"] | dict[str, "Json"]


def cell_json(cell: Cell) -> Json:
    """A cell for JSON: numbers as numbers, dates and times as ISO text, spans of time as seconds.

    What is no number (NaN, infinity) has no form in JSON and goes out as null.
    """
    match cell:
        case Decimal() | float() if not isfinite(cell):
            return None
        case Decimal():
            return int(cell) if cell == cell.to_integral_value() and _exponent(cell) >= 0 else float(cell)
        case datetime() | date() | time():
            return cell.isoformat()
        case timedelta():
            return cell.total_seconds()
        case tuple():
            return [cell_json(item) for item in cell]
        case _:
            return cell


def _exponent(number: Decimal) -> int:
    exponent = number.as_tuple().exponent
    return exponent if isinstance(exponent, int) else 0


def _double_check_json(check: DoubleCheck) -> Json:
    return {"agrees": check.agrees, "difference": check.difference}


def answer_json(answer: Answer) -> dict[str, Json]:
    """The contract's answer object."""
    return {
        "answer_id": answer.answer_id,
        "session_id": answer.session_id,
        "question": answer.question,
        "language": answer.language,
        "as_of": answer.as_of.isoformat(),
        "status": answer.status.value,
        "engine": answer.engine.value,
        "trust": answer.trust.value if answer.trust else None,
        "double_check": _double_check_json(answer.double_check) if answer.double_check else None,
        "text": answer.text,
        "columns": [_column_json(column) for column in answer.columns],
        "rows": [[cell_json(cell) for cell in row] for row in answer.rows],
        "row_count": len(answer.rows),
        "truncated": answer.truncated,
        "facts": [_fact_json(fact) for fact in answer.facts],
        "reading": [_reading_json(reading) for reading in answer.reading],
        "sql": answer.sql,
        "plan": plan_json(answer.plan) if answer.plan else None,
        "assumptions": list(answer.assumptions),
        "caveats": list(answer.caveats),
        "sources": [{"layer": s.layer, "name": s.name, "file": s.file} for s in answer.sources],
        "options": [{"label": o.label, "question": o.question} for o in answer.options],
        "suggestions": list(answer.suggestions),
        "chart": _chart_json(answer.chart) if answer.chart else None,
        "cache": {"answer_id": answer.cached} if answer.cached else None,
        "receipt": _receipt_json(answer.receipt) if answer.receipt else None,
        "timings_ms": {name: round(value, 2) for name, value in answer.timings_ms},
        "tokens": {"prompt": answer.usage.prompt, "completion": answer.usage.completion},
        "cost_usd": float(answer.usage.cost_usd),
        "error": _error_json(answer),
    }


def _error_json(answer: Answer) -> Json:
    if answer.error_code is None:
        return None
    return {"code": answer.error_code, "message": answer.text, "hint": ""}


def _chart_json(chart: Chart) -> Json:
    layout = {**chart.layout, "meta": {"kind": chart.kind.value, "alt": chart.alt}}
    return cast("Json", {"data": [dict(trace) for trace in chart.data], "layout": layout})


def _column_json(column: AnswerColumn) -> Json:
    return {
        "name": column.name,
        "role": column.role.value,
        "type": column.type,
        "unit": column.unit,
        "label": column.label,
    }


def _fact_json(fact: Fact) -> Json:
    return {
        "kind": fact.kind,
        "metric": fact.metric,
        "segment": fact.segment,
        "period": fact.period,
        "label": fact.label,
        "value": cell_json(fact.value),
        "previous": cell_json(fact.previous),
        "unit": fact.unit,
    }


def _reading_json(reading: Reading) -> dict[str, Json]:
    return {"words": reading.words, "became": reading.became}


def _receipt_json(receipt: Receipt) -> Json:
    return {
        "context_version": receipt.context_version,
        "data_as_of": receipt.data_as_of.isoformat() if receipt.data_as_of else None,
        "result_hash": receipt.result_hash,
    }


def plan_text(plan: Executable) -> str:
    """Its SQL, or the plan as JSON: the same text for the same plan."""
    return plan.sql if isinstance(plan, SqlPlan) else json.dumps(plan_json(plan), ensure_ascii=False)


def plan_json(plan: Plan) -> dict[str, Json]:
    """A plan with its `kind`. `plan_from_json` gives back the same plan."""
    match plan:
        case MetricPlan():
            return {"kind": "metric", "why": plan.why, **_query_json(plan.query), **_made_json(plan)}
        case ListPlan():
            return {"kind": "list", **_list_json(plan.query), **_made_json(plan)}
        case PatternPlan():
            values = {name: _parameter_json(value) for name, value in plan.parameters}
            period = _period_json(plan.period)
            return {
                "kind": "pattern",
                "name": plan.name,
                "parameters": values,
                "period": period,
                **_made_json(plan),
            }
        case SqlPlan():
            reading: list[Json] = [_reading_json(r) for r in plan.reading]
            return {"kind": "sql", "sql": plan.sql, "reading": reading}
        case Clarification():
            return {
                "kind": "clarify",
                "why": plan.why.value,
                "words": list(plan.words),
                "options": [{"label": o.label, "question": o.question} for o in plan.options],
            }
        case Refusal():
            return {
                "kind": "refusal",
                "reason": plan.reason.value,
                "words": list(plan.words),
                "suggestions": list(plan.suggestions),
            }
        case _:
            assert_never(plan)


def _made_json(plan: MetricPlan | ListPlan | PatternPlan) -> dict[str, Json]:
    return {
        "reading": [_reading_json(r) for r in plan.reading],
        "assumed": [a.value for a in plan.assumptions],
    }


def _query_json(query: MetricQuery) -> dict[str, Json]:
    return {
        "metrics": list(query.metrics),
        "dimensions": list(query.dimensions),
        "filters": _filters_json(query.filters),
        "period": _period_json(query.period),
        "grain": query.grain.value if query.grain else None,
        "compare": _period_json(query.compare),
        "order": _order_json(query.order),
        "limit": query.limit,
        "drop_null_groups": query.drop_null_groups,
        "with_ties": query.with_ties,
        "share": query.share,
        "having": [{"metric": h.metric, "op": h.op.value, "value": cell_json(h.value)} for h in query.having],
        "parameters": {name: cell_json(value) for name, value in query.parameters},
        "among": [_among_json(among) for among in query.among],
        "part": [_condition_json(condition) for condition in query.part],
    }


def _among_json(among: Among) -> dict[str, Json]:
    return {"metric": among.metric, "counts": among.counts}


def _list_json(query: ListQuery) -> dict[str, Json]:
    return {
        "table": query.table,
        "columns": list(query.columns),
        "metrics": list(query.metrics),
        "filters": _filters_json(query.filters),
        "period": _period_json(query.period),
        "order": _order_json(query.order),
        "limit": query.limit,
        "parameters": {name: cell_json(value) for name, value in query.parameters},
        "among": [_among_json(among) for among in query.among],
    }


def _filters_json(filters: Sequence[Filter]) -> Json:
    return [_condition_json(narrowing) for narrowing in filters]


def _condition_json(condition: Condition) -> Json:
    if isinstance(condition, Among):
        return _among_json(condition)
    values = [cell_json(value) for value in condition.values]
    return {"dimension": condition.dimension, "op": condition.op.value, "values": values}


def _order_json(order: Sequence[Order]) -> Json:
    return [{"by": o.by, "desc": o.desc} for o in order]


def _period_json(period: Period | None) -> Json:
    if period is None:
        return None
    return {
        "start": period.start.isoformat(),
        "end": period.end.isoformat(),
        "to_now": period.to_now,
        "label": period.label,
    }


def _parameter_json(value: Scalar | tuple[Scalar, ...]) -> Json:
    return [cell_json(item) for item in value] if isinstance(value, tuple) else cell_json(value)


class BadPlan(ValueError):
    """JSON that is not a plan."""


def plan_from_json(data: object) -> Plan:
    """The plan that `plan_json` wrote. Raises BadPlan."""
    try:
        return _plan(_object(data))
    except (KeyError, ValueError, TypeError) as error:
        raise BadPlan(f"not a plan: {error!r}") from error


def _plan(data: dict[str, object]) -> Plan:
    match data["kind"]:
        case "metric":
            return MetricPlan(_query(data), _readings(data), _assumed(data), bool(data.get("why", False)))
        case "list":
            return ListPlan(_rows(data), _readings(data), _assumed(data))
        case "pattern":
            parameters = tuple((name, _parameter(value)) for name, value in _object(data["parameters"]).items())
            period = _period(data["period"])
            return PatternPlan(_text(data["name"]), parameters, period, _readings(data), _assumed(data))
        case "sql":
            return SqlPlan(_text(data["sql"]), _readings(data))
        case "clarify":
            options = tuple(_option(_object(o)) for o in _list(data["options"]))
            return Clarification(AskBack(_text(data["why"])), _texts(data["words"]), options)
        case "refusal":
            words, suggestions = _texts(data["words"]), _texts(data["suggestions"])
            return Refusal(RefusalReason(_text(data["reason"])), words, suggestions)
        case other:
            raise ValueError(f"kind {other!r}")


def _rows(data: dict[str, object]) -> ListQuery:
    return ListQuery(
        table=_text(data["table"]),
        columns=_texts(data["columns"]),
        metrics=_texts(data["metrics"]),
        filters=tuple(_filter(_object(f)) for f in _list(data["filters"])),
        period=_period(data["period"]),
        order=tuple(_order(_object(o)) for o in _list(data["order"])),
        limit=_count(data["limit"]),
        parameters=tuple((name, _scalar(value)) for name, value in _object(data["parameters"]).items()),
        among=tuple(_among(_object(a)) for a in _list(data.get("among", []))),
    )


def _query(data: dict[str, object]) -> MetricQuery:
    return MetricQuery(
        metrics=_texts(data["metrics"]),
        dimensions=_texts(data["dimensions"]),
        filters=tuple(_filter(_object(f)) for f in _list(data["filters"])),
        period=_period(data["period"]),
        grain=Grain(_text(data["grain"])) if data["grain"] else None,
        compare=_period(data["compare"]),
        order=tuple(_order(_object(o)) for o in _list(data["order"])),
        limit=_count(data["limit"]),
        drop_null_groups=bool(data["drop_null_groups"]),
        with_ties=bool(data["with_ties"]),
        share=bool(data["share"]),
        having=tuple(_having(_object(h)) for h in _list(data.get("having", []))),
        parameters=tuple((name, _scalar(value)) for name, value in _object(data["parameters"]).items()),
        among=tuple(_among(_object(a)) for a in _list(data.get("among", []))),
        part=tuple(_condition(_object(c)) for c in _list(data.get("part", []))),
    )


def _condition(data: dict[str, object]) -> Condition:
    return _among(data) if "metric" in data else _filter(data)


def _among(data: dict[str, object]) -> Among:
    return Among(_text(data["metric"]), bool(data["counts"]))


def _filter(data: dict[str, object]) -> Filter:
    values = tuple(_scalar(value) for value in _list(data["values"]))
    return Filter(_text(data["dimension"]), Op(_text(data["op"])), values)


def _having(data: dict[str, object]) -> Having:
    value = _scalar(data["value"])
    if not isinstance(value, int | Decimal):
        raise ValueError(f"{value!r} is not a number")
    return Having(_text(data["metric"]), Op(_text(data["op"])), value)


def _count(value: object) -> int | None:
    return value if isinstance(value, int) else None


def _order(data: dict[str, object]) -> Order:
    return Order(_text(data["by"]), bool(data["desc"]))


def _option(data: dict[str, object]) -> Option:
    return Option(_text(data["label"]), _text(data["question"]))


def _period(data: object) -> Period | None:
    if data is None:
        return None
    fields = _object(data)
    start, end = (datetime.fromisoformat(_text(fields[key])) for key in ("start", "end"))
    return Period(start, end, bool(fields["to_now"]), _text(fields["label"]))


def _readings(data: dict[str, object]) -> tuple[Reading, ...]:
    found = (_object(item) for item in _list(data["reading"]))
    return tuple(Reading(_text(item["words"]), _text(item["became"])) for item in found)


def _assumed(data: dict[str, object]) -> tuple[Assumption, ...]:
    return tuple(Assumption(_text(item)) for item in _list(data["assumed"]))


def _parameter(value: object) -> Scalar | tuple[Scalar, ...]:
    return tuple(_scalar(item) for item in value) if isinstance(value, list) else _scalar(value)


def _scalar(value: object) -> Scalar:
    if isinstance(value, float):
        return Decimal(str(value))
    if value is None or isinstance(value, str | int):
        return value
    raise ValueError(f"{value!r} is not a plain value")


def _object(value: object) -> dict[str, object]:
    if not isinstance(value, dict):
        raise ValueError(f"{value!r} is not an object")
    return value


def _list(value: object) -> list[object]:
    if not isinstance(value, list):
        raise ValueError(f"{value!r} is not a list")
    return value


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise ValueError(f"{value!r} is not text")
    return value


def _texts(value: object) -> tuple[str, ...]:
    return tuple(_text(item) for item in _list(value))
