"""From a submitted object to a Plan. Every error is a line that tells the model what would be right."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from typing import assert_never

from dash_agent.context.catalog import Catalog
from dash_agent.context.patterns import Parameter
from dash_agent.context.targets import bound
from dash_agent.errors import UnknownName, WrongUse
from dash_agent.models.plan import (
    AskBack,
    Assumption,
    Clarification,
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
from dash_agent.models.query import Having, ListQuery, MetricQuery, Order, Period, Scalar
from dash_agent.planning.pattern_plans import after
from dash_agent.planning.submission.names import Values, among, checked, nearest, number, scalar
from dash_agent.planning.submission.schema import Schema, submission_schema
from dash_agent.planning.submission.shape import (
    KINDS,
    ClarifyPart,
    FilterPart,
    ListPart,
    MetricPart,
    PatternPart,
    ReadingPart,
    RefusePart,
    SpanPart,
    SqlPart,
    Value,
    shaped,
)
from dash_agent.planning.submission.spans import Spans
from dash_agent.semantic.compile import compile_query
from dash_agent.semantic.lists import compile_list
from dash_agent.semantic.model import SemanticModel
from dash_agent.semantic.time import Calendar

ALIASES = {"refusal": "refuse", "clarification": "clarify"}
EMPTY: tuple[object, ...] = (None, "", [], {})


class Submissions:
    """Reads what models submit, by one catalogue. Thread-safe."""

    def __init__(self, model: SemanticModel, live: Mapping[str, Sequence[str]]) -> None:
        """live: distinct values by dimension, where the database was asked for them."""
        self._model = model
        self._values = Values(model.catalog, live)

    @cached_property
    def schema(self) -> Schema:
        """JSON Schema of what `plan` takes."""
        return submission_schema(self._catalog)

    def plan(self, submitted: Mapping[str, object], calendar: Calendar) -> Plan:
        """The plan, which compiles. Raises WrongUse, UnknownName."""
        plan = self._plan(submitted, Spans(calendar))
        match plan:
            case MetricPlan():
                compile_query(self._model, plan.query, calendar)
            case ListPlan():
                compile_list(self._model, plan.query)
            case _:
                pass
        return plan

    @property
    def _catalog(self) -> Catalog:
        return self._model.catalog

    def _plan(self, submitted: Mapping[str, object], spans: Spans) -> Plan:
        part = shaped(*_of_kind(submitted))
        match part:
            case MetricPart():
                return self._metric(part, spans)
            case ListPart():
                return self._list(part, spans)
            case PatternPart():
                return self._pattern(part, spans)
            case SqlPart():
                return SqlPlan(part.sql.strip().removesuffix(";"), _readings(part.reading))
            case ClarifyPart():
                options = tuple(Option(option.label, option.question) for option in part.options)
                return Clarification(AskBack.AMBIGUOUS, tuple(part.words), options)
            case RefusePart():
                return Refusal(RefusalReason(part.reason), tuple(part.words))
            case _:
                assert_never(part)

    # Metrics

    def _metric(self, part: MetricPart, spans: Spans) -> MetricPlan:
        catalog = self._catalog
        metrics = tuple(checked("metric", name, catalog.metrics) for name in part.metrics)
        if not metrics:
            raise WrongUse("no metric is named", "give metrics, or another kind of plan")
        narrowed = tuple(among(catalog, one) for one in part.among)
        period, assumed = self._period(part.period, spans, (*metrics, *(a.metric for a in narrowed if a.counts)))
        if part.compare is not None and period is None:
            raise WrongUse(f"{metrics[0]} is a state of now, which is compared with nothing", "leave compare out")
        query = MetricQuery(
            metrics=metrics,
            dimensions=tuple(checked("dimension", name, catalog.dimensions) for name in part.dimensions),
            filters=tuple(map(self._values.filter, part.filters)),
            period=period,
            grain=part.grain,
            compare=spans.compared(part.compare, period, part.period) if part.compare and period else None,
            order=tuple(Order(order.by, order.desc) for order in part.order),
            limit=part.limit,
            drop_null_groups=_or(part.drop_null_groups, part.limit is not None),
            with_ties=_or(part.with_ties, part.limit == 1 and bool(part.order)),
            parameters=self._constants(part.parameters),
            share=bool(part.share),
            having=tuple(Having(one.metric, one.op, number(one.value)) for one in part.having),
            among=narrowed,
            part=tuple(
                self._values.filter(one) if isinstance(one, FilterPart) else among(catalog, one) for one in part.part
            ),
        )
        return MetricPlan(query, _readings(part.reading), assumed, bool(part.why) and query.compare is not None)

    def _period(
        self, part: SpanPart | None, spans: Spans, metrics: Iterable[str]
    ) -> tuple[Period | None, tuple[Assumption, ...]]:
        """A state of now has none; anything else that gives none has the default one."""
        if part is not None:
            return spans.period(part), ()
        if any(self._catalog.is_state(self._catalog.metrics[name]) for name in metrics):
            return None, ()
        days = self._catalog.rules.default_days
        return spans.calendar.last_days(days, f"last {days} days"), (Assumption.DEFAULT_PERIOD,)

    def _constants(self, given: Mapping[str, Value | list[Value]]) -> tuple[tuple[str, Scalar], ...]:
        known = (*self._catalog.constants, "percentile", "aggregate")
        for name, value in given.items():
            checked("parameter", name, known)
            if isinstance(value, list):
                raise WrongUse(f"the parameter '{name}' takes one number")
        return tuple((name, scalar(value)) for name, value in given.items() if not isinstance(value, list))

    # Rows

    def _list(self, part: ListPart, spans: Spans) -> ListPlan:
        catalog = self._catalog
        table = catalog.tables[checked("table", part.table, catalog.tables)]
        names = (*table.readable, *catalog.dimensions)
        columns = tuple(checked(f"column of {part.table}", name, names) for name in part.columns)
        for order in part.order:
            checked(f"column of {part.table}", order.by, names)
        query = ListQuery(
            table=part.table,
            columns=columns or tuple(name for name in table.show if name in names) or table.readable,
            metrics=tuple(checked("metric", name, catalog.metrics) for name in part.metrics),
            filters=tuple(map(self._values.filter, part.filters)),
            period=spans.period(part.period) if part.period is not None else None,
            order=tuple(Order(order.by, order.desc) for order in part.order),
            limit=part.limit,
            parameters=self._constants(part.parameters),
            among=tuple(among(catalog, one) for one in part.among),
        )
        return ListPlan(query, _readings(part.reading))

    # Verified queries

    def _pattern(self, part: PatternPart, spans: Spans) -> PatternPlan:
        pattern = self._catalog.patterns[checked("pattern", part.name, self._catalog.patterns)]
        declared = pattern.header.parameters
        for name in part.parameters:
            checked(f"parameter of {part.name}", name, declared)
        said = part.period or _span(declared, part.parameters)
        timed = any(parameter.fills.startswith("period.") for parameter in declared.values())
        if said is not None and not timed:
            raise WrongUse(f"the pattern '{part.name}' is of now and takes no period", "leave period out")
        period, assumed = self._period(said, spans, ()) if timed else (None, ())
        filled = tuple(
            (name, self._parameter(name, parameter, part.parameters.get(name), period))
            for name, parameter in declared.items()
        )
        return PatternPlan(part.name, filled, period, _readings(part.reading), assumed)

    def _parameter(
        self, name: str, parameter: Parameter, given: Value | list[Value], period: Period | None
    ) -> Scalar | tuple[Scalar, ...]:
        kind, _, target = parameter.fills.partition(":")
        if kind in ("period.start", "period.end"):
            moment = None if period is None else period.start if kind == "period.start" else after(period)
            return None if moment is None else moment.isoformat()
        if kind == "constant":
            return self._number(name, parameter, given) if given is not None else self._catalog.constants[target].value
        if kind == "target":
            aimed = bound(self._catalog.targets, target)
            return self._number(name, parameter, given) if given is not None else aimed
        if given in EMPTY:
            return None
        values = given if isinstance(given, list) else [given]
        stored = tuple(dict.fromkeys(v for value in values for v in self._values.stored(target, value)))
        if parameter.type.endswith("[]"):
            return stored
        if len(stored) > 1:
            raise WrongUse(f"the parameter '{name}' takes one value, not {len(stored)}")
        return stored[0]

    def _number(self, name: str, parameter: Parameter, given: Value | list[Value]) -> Scalar:
        whole = parameter.type == "integer"
        if isinstance(given, bool) or not isinstance(given, int if whole else int | float):
            raise WrongUse(f"the parameter '{name}' is {'a whole' if whole else 'a'} number, not {given!r}")
        return scalar(given)


def _span(declared: Mapping[str, Parameter], given: Mapping[str, Value | list[Value]]) -> SpanPart | None:
    """The period that a pattern's own parameters give."""
    ends = {parameter.fills.removeprefix("period."): given.get(name) for name, parameter in declared.items()}
    start, end = ends.get("start"), ends.get("end")
    return SpanPart(start=start, end=end if isinstance(end, str) else None) if isinstance(start, str) else None


def _of_kind(submitted: Mapping[str, object]) -> tuple[str, dict[str, object]]:
    """The kind, and its own fields. A field of another kind is an error: what a model said is not dropped."""
    given = submitted.get("kind")
    kind = ALIASES.get(str(given), str(given))
    if kind not in KINDS:
        raise UnknownName("kind of plan", str(given)[:60], nearest(str(given), KINDS) or tuple(KINDS))
    said = {name: value for name, value in submitted.items() if name != "kind" and value not in EMPTY}
    known = KINDS[kind].model_fields
    for name in said:
        if name not in known:
            others = [other for other, shape in KINDS.items() if name in shape.model_fields]
            if others and said[name] is False:
                continue
            near = nearest(name, known)
            raise WrongUse(
                f"a plan of kind '{kind}' has no '{name[:60]}'",
                f"did you mean {', '.join(near)}?" if near and not others else f"it has {', '.join(known)}",
            )
    return kind, {name: value for name, value in said.items() if name in known}


def _or(given: bool | None, otherwise: bool) -> bool:
    return otherwise if given is None else given


def _readings(parts: Iterable[ReadingPart]) -> tuple[Reading, ...]:
    return tuple(Reading(part.words, part.became) for part in parts)
