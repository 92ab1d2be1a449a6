"""From explained words to a plan: which metric, split how, narrowed to what, when, in which order.

Every part that a question has is used here or the plan is not made.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from dash_agent.context.business import AverageMetric, CountMetric, Metric, PercentileMetric, RatioMetric, SumMetric
from dash_agent.models.plan import AskBack, Assumption, ListPlan, MetricPlan, Plan, Reading
from dash_agent.models.query import Filter, Grain, ListQuery, MetricQuery, Op, Order, Period, Scalar
from dash_agent.planning import listing, pattern_plans
from dash_agent.planning.languages.language import Operator
from dash_agent.planning.parts import NotPlanned, Parts, ask_back, unsupported
from dash_agent.planning.periods import place as periods
from dash_agent.planning.periods.spec import TimeSpec
from dash_agent.planning.terms import ValueTerm
from dash_agent.semantic.model import SemanticModel
from dash_agent.semantic.resolve import applies
from dash_agent.semantic.time import UNITS, Calendar, floor, shift


class Assembler:
    def __init__(self, model: SemanticModel) -> None:
        self._model = model
        self._catalog = model.catalog

    def plan(self, parts: Parts, calendar: Calendar, previous: Plan | None) -> Plan:
        try:
            return _Assembly(self._model, parts, calendar, previous).plan()
        except NotPlanned as stop:
            return stop.plan


class _Assembly:
    """One question's way to a MetricPlan."""

    def __init__(self, model: SemanticModel, parts: Parts, calendar: Calendar, previous: Plan | None) -> None:
        self._model = model
        self._catalog = model.catalog
        self._parts = parts
        self._calendar = calendar
        self._before = previous.query if isinstance(previous, MetricPlan) else None
        self._assumed: list[Assumption] = []
        self._readings = list(parts.readings)

    def plan(self) -> Plan:
        metrics = self._metrics()
        follows = not metrics
        if follows:
            if self._before is None:
                raise self._nothing_asked()
            metrics = self._before.metrics
        elif listed := listing.listed(self._catalog, self._parts, metrics):
            return ListPlan(self._rows(listed), tuple(self._readings), tuple(self._assumed))
        query = self._query(metrics, self._before if follows else None)
        self._check_not_a_list(query)
        return MetricPlan(query, tuple(self._readings), tuple(self._assumed))

    def _query(self, metrics: tuple[str, ...], before: MetricQuery | None) -> MetricQuery:
        self._check_subjects(metrics)
        parameters = self._parameters(metrics)
        dimensions, grain = self._split(metrics, before)
        filters = self._filters(metrics, dimensions, before)
        dimensions = self._compared_values(dimensions, filters)
        dimensions = self._whole_split(dimensions, filters)
        period, compare, used = self._times(metrics, before, trend=grain is not None or self._parts.has(Operator.TREND))
        parameters += used
        if compare is not None and grain is not None:
            raise unsupported(*(words for _, _, words in self._parts.times))
        if self._parts.has(Operator.TREND) and grain is None and period is not None:
            grain = self._calendar.default_grain(period)
        query = MetricQuery(
            metrics=metrics,
            dimensions=dimensions,
            filters=filters,
            period=period,
            grain=grain,
            compare=compare,
            parameters=parameters,
            share=self._share(metrics, dimensions),
        )
        return self._ordered(query)

    def _rows(self, metrics: tuple[str, ...]) -> ListQuery:
        self._check_subjects(metrics)
        filters = self._filters(metrics, (), None)
        period, compare, parameters = self._times(metrics, None, trend=False)
        if compare is not None:
            raise unsupported(*(words for _, _, words in self._parts.times))
        table = next(part.table for part in self._catalog.counted(self._metric(metrics[0])))
        columns = self._catalog.tables[table].show or self._catalog.tables[table].readable
        limit = listing.limit(self._parts)
        return ListQuery(table, tuple(columns), metrics, filters, period, limit=limit, parameters=parameters)

    # Metrics

    def _metrics(self) -> tuple[str, ...]:
        names = [name for bundle in self._parts.bundles for name in self._catalog.bundles[bundle].metrics]
        primary = self._catalog.rules.primary_metric
        others = [name for name, _ in self._parts.metrics if name != primary]
        for name, start in self._parts.metrics:
            absorbed = name == primary and (names or others) and not self._listed(start)
            if absorbed and start in self._parts.divisors:
                self._check_no_quotient((*names, *others), start)
            if not absorbed and name not in names:
                names.append(name)
        if not names and self._parts.has(Operator.BUSIEST):
            names.append(primary)
        return tuple(dict.fromkeys(self._of_the_period(name) for name in names))

    def _check_no_quotient(self, metrics: Sequence[str], start: int) -> None:
        """'Tokens per ticket' is no count of tokens: where no metric is that quotient, there is no answer."""
        if any(isinstance(self._metric(name), CountMetric | SumMetric) for name in metrics):
            raise unsupported(
                *(r.words for r in self._readings if r.became == f"metric {self._parts.metrics_at(start)}")
            )

    def _of_the_period(self, name: str) -> str:
        """A state of now that happened in a period is the event: 'cancelled in January' are cancellations."""
        metric = self._metric(name)
        if isinstance(metric, RatioMetric) or metric.with_period is None or not self._parts.times:
            return name
        return metric.with_period

    def _check_not_a_list(self, query: MetricQuery) -> None:
        """'Show the tickets …' wants rows, which a number does not answer."""
        parts = self._parts
        things = [start for name, start in parts.metrics if name == self._catalog.rules.primary_metric]
        if not things or query.dimensions or query.grain or parts.has(Operator.COUNT, Operator.SHARE):
            return
        shown = [words for operator, _, words in parts.operators if operator in (Operator.LIST, Operator.SHOW)]
        shown += [w for operator, at, w in parts.operators if operator is Operator.WHICH and at + 1 in things]
        if shown:
            raise unsupported(*shown)

    def _listed(self, start: int) -> bool:
        """The metric at this token stands beside an 'and', or next to another in a list with commas, so it is asked
        for, and is not just the thing that is counted.
        """
        ands = [at for operator, at, _ in self._parts.operators if operator is Operator.AND]
        others = {at for _, at in self._parts.metrics} - {start}
        in_list = start in self._parts.commas or bool(self._parts.commas & {start + 1} & others)
        return any(at in (start - 1, start + 1) for at in ands) or (in_list and bool(others))

    def _nothing_asked(self) -> NotPlanned:
        parts = self._parts
        if parts.has(Operator.BEST, Operator.WORST, Operator.MOST, Operator.LEAST):
            return ask_back(AskBack.NO_CRITERION)
        if parts.has(Operator.COMPARE, Operator.VERSUS):
            return ask_back(AskBack.NO_SUBJECT)
        said = [operator for operator, _, _ in parts.operators if operator is not Operator.AND]
        if parts.dimensions or parts.values or said or parts.grains or parts.subjects:
            return ask_back(AskBack.NO_METRIC)
        if parts.times or parts.numbers:
            return ask_back(AskBack.NOTHING_TO_FOLLOW)
        return ask_back(AskBack.NO_METRIC)

    def _metric(self, name: str) -> Metric:
        return self._catalog.metrics[name]

    def _check_subjects(self, metrics: tuple[str, ...]) -> None:
        tables = {part.table for name in metrics for part in self._catalog.counted(self._metric(name))}
        for subject, words in self._parts.subjects:
            if not tables & set(subject):
                raise unsupported(words)

    def _parameters(self, metrics: tuple[str, ...]) -> tuple[tuple[str, Scalar], ...]:
        parts = self._parts
        kinds = [self._metric(name) for name in metrics]
        if parts.has(Operator.MEDIAN) and not any(isinstance(metric, PercentileMetric) for metric in kinds):
            raise unsupported(*parts.words_of(Operator.MEDIAN))
        if parts.has(Operator.AVERAGE):
            if any(isinstance(metric, PercentileMetric) for metric in kinds):
                return (("aggregate", "average"),)
            if not any(isinstance(metric, AverageMetric | RatioMetric) for metric in kinds):
                raise unsupported(*parts.words_of(Operator.AVERAGE))
        if parts.has(Operator.WHY):
            raise unsupported(*parts.words_of(Operator.WHY))
        return ()

    # Split

    def _split(self, metrics: tuple[str, ...], before: MetricQuery | None) -> tuple[tuple[str, ...], Grain | None]:
        dimensions = list(dict.fromkeys(name for name, _, _ in self._parts.dimensions))
        grains = list(dict.fromkeys(grain for grain, _, _ in self._parts.grains))
        if len(grains) > 1:
            raise unsupported(*(grain.value for grain in grains))
        grain = grains[0] if grains else None
        if before is not None and not dimensions and grain is None:
            return before.dimensions, before.grain
        if not dimensions and grain is None and self._parts.has(Operator.WHERE, Operator.MOST, Operator.LEAST):
            dimensions = list(dict.fromkeys(s for name in metrics if (s := self._metric(name).default_split)))
        for name in dimensions:
            self._check_applies(metrics, name)
        return tuple(dimensions), grain

    def _check_applies(self, metrics: tuple[str, ...], dimension: str) -> None:
        for metric in metrics:
            if not applies(self._model, metric, dimension):
                raise unsupported(*(r.words for r in self._readings if r.became == f"dimension {dimension}"))

    # Filters

    def _filters(
        self, metrics: tuple[str, ...], dimensions: tuple[str, ...], before: MetricQuery | None
    ) -> tuple[Filter, ...]:
        found: dict[tuple[str, Op], list[str]] = {}
        excepts = [at for operator, at, _ in self._parts.operators if operator is Operator.EXCEPT]
        for term, start, words in self._parts.values:
            dimension, stored = self._chosen(term, metrics, dimensions, words)
            op = Op.NOT_IN if any(at < start for at in excepts) else Op.IN
            found.setdefault((dimension, op), []).extend(stored)
            self._readings.append(Reading(words, f"{dimension} {op.value} {', '.join(stored)}"))
        if excepts and not any(op is Op.NOT_IN for _, op in found):
            raise unsupported(*self._parts.words_of(Operator.EXCEPT))
        filters = tuple(Filter(name, op, tuple(dict.fromkeys(values))) for (name, op), values in found.items())
        if before is None:
            return filters
        replaced = {narrowing.dimension for narrowing in filters}
        return (*(f for f in before.filters if f.dimension not in replaced), *filters)

    def _chosen(
        self, term: ValueTerm, metrics: tuple[str, ...], dimensions: tuple[str, ...], words: str
    ) -> tuple[str, tuple[str, ...]]:
        """The one meaning of a value's word that fits the metrics; asks back where several do."""
        fitting = [choice for choice in term.choices if all(applies(self._model, m, choice[0]) for m in metrics)]
        if not fitting:
            raise unsupported(words)
        named = [choice for choice in fitting if choice[0] in dimensions]
        at_home = [choice for choice in fitting if self._at_home(choice[0], metrics)]
        for preferred in (named, at_home, fitting):
            if len(preferred) == 1:
                return preferred[0]
        raise ask_back(AskBack.AMBIGUOUS, words, *(dimension for dimension, _ in fitting))

    def _at_home(self, dimension: str, metrics: tuple[str, ...]) -> bool:
        """The dimension's column is on the table that the metrics count."""
        found = self._catalog.dimensions[dimension]
        tables = {part.table for name in metrics for part in self._catalog.counted(self._metric(name))}
        return all(found.on.get(table, found.column).startswith(f"{table}.") for table in tables)

    def _compared_values(self, dimensions: tuple[str, ...], filters: tuple[Filter, ...]) -> tuple[str, ...]:
        """'WhatsApp vs email' is a split of those two."""
        if not self._parts.has(Operator.VERSUS, Operator.COMPARE) or len(self._parts.times) > 1:
            return dimensions
        several = [f.dimension for f in filters if f.op is Op.IN and len(f.values) > 1]
        if several:
            return tuple(dict.fromkeys((*dimensions, *several)))
        if self._parts.bundles or (self._parts.has(Operator.COMPARE) and dimensions):
            return dimensions
        raise ask_back(AskBack.NO_SUBJECT, *self._parts.words_of(Operator.VERSUS, Operator.COMPARE))

    def _whole_split(self, dimensions: tuple[str, ...], filters: tuple[Filter, ...]) -> tuple[str, ...]:
        """'The share of WhatsApp' is a row of the split by channel."""
        if not self._parts.has(Operator.SHARE) or dimensions:
            return dimensions
        named = tuple(dict.fromkeys(narrowing.dimension for narrowing in filters if narrowing.op is Op.IN))
        return named if len(named) == 1 else ()

    # Time

    def _times(
        self, metrics: tuple[str, ...], before: MetricQuery | None, *, trend: bool
    ) -> tuple[Period | None, Period | None, tuple[tuple[str, Scalar], ...]]:
        specs = [(spec, words) for spec, _, words in self._parts.times]
        state = all(self._catalog.is_state(self._metric(name)) for name in metrics)
        if len(specs) > 2 or (len(specs) == 2 and not self._parts.has(Operator.VERSUS, Operator.COMPARE)):
            raise unsupported(*(words for _, words in specs))
        if not specs:
            return self._no_time(before, state=state)
        if state and len(specs) == 1 and (hours := self._waiting_hours(metrics, specs[0][0])):
            self._readings.append(Reading(specs[0][1], f"{hours[0][0]} = {hours[0][1]}"))
            return None, None, hours
        placed = [self._placed(spec, words, specs, before, trend=trend) for spec, words in specs]
        self._note_times(metrics, specs, state=state, trend=trend)
        if len(placed) == 1:
            return placed[0], None, ()
        period, compare = sorted(placed, key=lambda p: p.start, reverse=True)
        return period, self._comparable(period, compare), ()

    def _no_time(
        self, before: MetricQuery | None, *, state: bool
    ) -> tuple[Period | None, Period | None, tuple[tuple[str, Scalar], ...]]:
        if before is not None:
            return before.period, before.compare, before.parameters
        if state:
            return None, None, ()
        self._assumed.append(Assumption.DEFAULT_PERIOD)
        days = self._catalog.rules.default_days
        return self._calendar.last_days(days, f"last {days} days"), None, ()

    def _placed(
        self,
        spec: TimeSpec,
        words: str,
        specs: list[tuple[TimeSpec, str]],
        before: MetricQuery | None,
        *,
        trend: bool,
    ) -> Period:
        if spec.unit is None and spec.kind == "previous":
            return self._one_before(words, specs, before)
        period = periods.place(spec, self._calendar, trend=trend)
        if period is None:
            raise unsupported(words)
        self._readings.append(Reading(words, f"period {period.start.date()} to {period.end.date()}"))
        return period

    def _one_before(self, words: str, specs: list[tuple[TimeSpec, str]], before: MetricQuery | None) -> Period:
        """'The previous one', seen from the other period of the question or from the last question's."""
        known = [spec for spec, _ in specs if spec.unit is not None]
        reference = periods.place(known[0], self._calendar) if known else before.period if before else None
        if reference is None:
            raise ask_back(AskBack.NOTHING_TO_FOLLOW, words)
        first = reference.start.astimezone(self._calendar.zone).date()
        for unit in UNITS:
            whole = self._calendar.days(first, shift(first, unit, 1))
            if floor(first, unit) == first and (whole.start, whole.end) == (reference.start, reference.end):
                period = self._calendar.days(shift(first, unit, -1), first, f"{unit.value} before")
                self._readings.append(Reading(words, f"period {period.start.date()} to {period.end.date()}"))
                return period
        return self._calendar.before(reference)

    def _comparable(self, period: Period, compare: Period) -> Period:
        """For an unfinished period the same span of the earlier one; two finished ones are each taken whole."""
        if not period.to_now:
            return compare
        first = period.start.astimezone(self._calendar.zone).date()
        for unit in UNITS:
            if floor(first, unit) == first and self._calendar.midnight(shift(first, unit, -1)) == compare.start:
                self._assumed.append(Assumption.SAME_SPAN)
                return self._calendar.shifted(period, unit, -1, compare.label)
        return compare

    def _waiting_hours(self, metrics: tuple[str, ...], spec: TimeSpec) -> tuple[tuple[str, Scalar], ...]:
        """A length of time beside a state such as 'stuck' says how long, where the metric has a constant for it."""
        hours = pattern_plans.length_in_hours(spec)
        names = {name for metric in metrics for name in self._hour_constants(self._metric(metric))}
        return ((names.pop(), hours),) if hours is not None and len(names) == 1 else ()

    def _hour_constants(self, metric: Metric) -> Iterator[str]:
        for part in self._catalog.counted(metric):
            for name, constant in self._catalog.constants.items():
                if constant.unit == "hours" and f":{name}" in (part.where or ""):
                    yield name

    def _note_times(
        self, metrics: tuple[str, ...], specs: list[tuple[TimeSpec, str]], *, state: bool, trend: bool
    ) -> None:
        if state:
            self._assumed.append(Assumption.STATE_OF_NOW)
        elif any(self._counts_an_event(self._metric(name)) for name in metrics):
            self._assumed.append(Assumption.BY_CREATION)
        if trend and any(spec.kind == "last" and spec.unit not in (Grain.HOUR, Grain.DAY) for spec, _ in specs):
            self._assumed.append(Assumption.TREND_INCLUDES_CURRENT)

    def _counts_an_event(self, metric: Metric) -> bool:
        """A count whose condition is an event's time, while periods go by the row's own time."""
        if not isinstance(metric, CountMetric) or metric.time is not None or metric.where is None:
            return False
        table = self._catalog.tables[metric.table]
        return any(c.type == "timestamptz" and c.name in metric.where.split() for c in table.columns)

    # Order

    def _share(self, metrics: tuple[str, ...], dimensions: tuple[str, ...]) -> bool:
        if not self._parts.has(Operator.SHARE) or any(self._metric(name).unit == "percent" for name in metrics):
            return False
        if dimensions and len(metrics) == 1 and isinstance(self._metric(metrics[0]), CountMetric | SumMetric):
            return True
        raise unsupported(*self._parts.words_of(Operator.SHARE))

    def _ordered(self, query: MetricQuery) -> MetricQuery:
        limit = self._limit()
        desc = self._direction(query.metrics[0])
        if limit is None and desc is None:
            return query
        if not query.dimensions and query.grain is None:
            raise ask_back(AskBack.NO_SUBJECT)
        order = (Order(query.metrics[0], desc=True if desc is None else desc),)
        ranked = replace(query, order=order, limit=limit, drop_null_groups=True)
        return ranked if limit is not None or self._wants_all() else replace(ranked, limit=1, with_ties=True)

    def _limit(self) -> int | None:
        numbers = list(self._parts.numbers)
        limit = None
        for operator, at, words in self._parts.operators:
            if operator is not Operator.TOP:
                continue
            beside = [number for number in numbers if number[1] in (at - 1, at + 1)]
            if not beside or beside[0][0] < 1:
                raise unsupported(words)
            limit = beside[0][0]
            numbers.remove(beside[0])
        if numbers:
            raise unsupported(*(words for _, _, words in numbers))
        return limit

    def _direction(self, metric: str) -> bool | None:
        """True for highest first, False for lowest first, None where no order is asked for."""
        parts = self._parts
        if parts.has(Operator.BEST, Operator.WORST):
            good = self._metric(metric).direction
            if good == "neutral":
                raise ask_back(AskBack.NO_CRITERION)
            return (good == "up") is parts.has(Operator.BEST)
        if parts.has(Operator.LEAST):
            return False
        return True if parts.has(Operator.MOST, Operator.BUSIEST) else None

    def _wants_all(self) -> bool:
        """'Which categories …' wants them all, 'which category …' the first."""
        splits = [plural for _, _, plural in (*self._parts.dimensions, *self._parts.grains)]
        return not splits or any(splits)
