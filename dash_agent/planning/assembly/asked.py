"""Which metrics are asked for, and which only say of what rows: 'CSAT of escalated tickets' is one number."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from dash_agent.context.business import AverageMetric, CountMetric, PercentileMetric, RatioMetric, SumMetric
from dash_agent.models.query import Among
from dash_agent.planning.assembly.bounds import bounded
from dash_agent.planning.assembly.draft import Draft, is_base, is_condition
from dash_agent.planning.languages.language import Operator
from dash_agent.planning.parts import unsupported
from dash_agent.planning.sentence import AnyFound, Found, is_operator
from dash_agent.planning.terms import BundleTerm, MetricTerm, OperatorTerm, PercentileTerm, SuperlativeTerm

OF_A_KIND = (AverageMetric, RatioMetric)


def read(draft: Draft) -> None:
    """Fills metrics, among and parameters; leaves metrics empty where the question names none."""
    sentence = draft.sentence
    named = _once(sentence.all(MetricTerm))
    held = bounded(draft, named)
    asked = [found for found in named if found not in held] or named
    asked = list(_less_rows(draft, asked))
    heads, conditions = _related(draft, asked)
    names = [*_bundles(draft), *(_meant(draft, found) for found in heads)]
    if not names and conditions:
        names = _rows_of(draft, conditions)
    if not names:
        names = list(_implied(draft))
    draft.metrics = tuple(dict.fromkeys(names))
    draft.among = tuple(dict.fromkeys((*draft.among, *(_among(draft, found) for found in conditions))))
    for found in named:
        sentence.use(found, _became(found, conditions, draft))
    draft.sentence.take(Operator.COUNT)


def _once(found: Sequence[Found[MetricTerm]]) -> list[Found[MetricTerm]]:
    return list({metric.term.name: metric for metric in reversed(found)}.values())[::-1]


def _became(found: Found[MetricTerm], conditions: Sequence[Found[MetricTerm]], draft: Draft) -> str:
    if found in conditions:
        return f"only {found.term.name}" if _is_negated(draft, found) is None else f"not {found.term.name}"
    return f"metric {found.term.name}"


def _less_rows(draft: Draft, asked: Sequence[Found[MetricTerm]]) -> Iterator[Found[MetricTerm]]:
    """Without the words that only name what is counted: 'tickets' beside 'resolution rate'.

    Raises NotPlanned where they divide: 'tokens per ticket' is no count of tokens.
    """
    bundles = bool(draft.sentence.all(BundleTerm))
    for found in asked:
        others = [other for other in asked if other is not found]
        names_rows = is_base(draft.metric(found.term.name)) and bool(others or bundles)
        if not names_rows or _stands_in_a_list(draft, found, others):
            yield found
            continue
        primary = found.term.name == draft.catalog.rules.primary_metric
        same_rows = any(draft.tables(found.term.name) & draft.tables(other.term.name) for other in others)
        if not (primary or same_rows):
            yield found
        elif _divides(draft, found) and any(
            isinstance(draft.metric(other.term.name), CountMetric | SumMetric) for other in others
        ):
            raise unsupported(found.words)


def _divides(draft: Draft, found: AnyFound) -> bool:
    near = draft.sentence.before(found)
    return near is not None and near.end == found.start and is_operator(near, Operator.PER)


def _stands_in_a_list(draft: Draft, found: AnyFound, others: Sequence[AnyFound]) -> bool:
    """Beside an 'and', or next to another metric in a list with commas: it is asked for itself."""
    sentence = draft.sentence
    if any(
        near is not None and is_operator(near, Operator.AND) and abs(near.at - found.at) == 1
        for near in (sentence.before(found), sentence.behind(found))
    ):
        return True
    behind = sentence.behind(found)
    after = behind is not None and behind in others and sentence.tokens[behind.start].after_comma
    return bool(others) and (sentence.tokens[found.start].after_comma or after)


def _related(
    draft: Draft, asked: Sequence[Found[MetricTerm]]
) -> tuple[list[Found[MetricTerm]], list[Found[MetricTerm]]]:
    """The metrics that are wanted, and those that narrow them."""
    negated = [found for found in asked if _is_negated(draft, found) is not None]
    for found in negated:
        _use_negation(draft, found)
    heads, conditions = [found for found in asked if found not in negated], list(negated)
    for found in list(heads):
        others = [other for other in heads if other is not found]
        if others and _narrows(draft, found, others):
            heads.remove(found)
            conditions.append(found)
    return heads, conditions


def _is_negated(draft: Draft, found: Found[MetricTerm]) -> Found[OperatorTerm] | None:
    if not is_condition(draft.metric(found.term.name)):
        return None
    return draft.sentence.follows(found, Operator.NOT, Operator.EXCEPT)


def _use_negation(draft: Draft, found: Found[MetricTerm]) -> None:
    operator = draft.sentence.follows(found, Operator.NOT, Operator.EXCEPT)
    if operator is not None:
        draft.sentence.use(operator, Operator.NOT.value)


def _narrows(draft: Draft, found: Found[MetricTerm], others: Sequence[Found[MetricTerm]]) -> bool:
    """A count of some rows, tied to another metric and not set beside it."""
    if not is_condition(draft.metric(found.term.name)):
        return False
    if not all(draft.reaches(other.term.name, found.term.name) for other in others):
        return False
    return not any(_side_by_side(draft, *sorted((found, other), key=lambda f: f.start)) for other in others)


def _side_by_side(draft: Draft, first: AnyFound, second: AnyFound) -> bool:
    """Two numbers are wanted: 'resolved and escalated', 'resolved, escalated', 'escalations vs errors'."""
    sentence = draft.sentence
    between = [found for found in sentence.found if first.end <= found.start < second.start]
    linked = any(is_operator(found, Operator.AND, Operator.VERSUS, Operator.ALSO) for found in between)
    return linked or sentence.comma_between(first, second)


def _meant(draft: Draft, found: Found[MetricTerm]) -> str:
    """'How many negative feedbacks' counts what 'negative feedback' is the rate of; a state in a period is an event."""
    metric = draft.metric(found.term.name)
    counted = draft.sentence.follows(found, Operator.COUNT) is not None
    if counted and isinstance(metric, RatioMetric) and metric.unit == "percent":
        return metric.numerator
    return found.term.name


def _bundles(draft: Draft) -> Iterator[str]:
    for found in draft.sentence.all(BundleTerm):
        draft.sentence.use(found, f"metrics of {found.term.name}")
        draft.sentence.take(Operator.COMPARE)
        yield from draft.catalog.bundles[found.term.name].metrics


def _rows_of(draft: Draft, conditions: Sequence[Found[MetricTerm]]) -> list[str]:
    """'Tickets without an answer' counts tickets: all rows of the table that the conditions are on."""
    tables = draft.tables(*(found.term.name for found in conditions))
    base = draft.base(next(iter(tables))) if len(tables) == 1 else None
    if base is None:
        raise unsupported(*(found.words for found in conditions))
    return [base]


def _among(draft: Draft, found: Found[MetricTerm]) -> Among:
    return Among(found.term.name, counts=_is_negated(draft, found) is None)


def _implied(draft: Draft) -> Iterator[str]:
    """The metric that a superlative is of: 'the slowest channel' is one by response time."""
    yield from dict.fromkeys(found.term.metric for found in draft.sentence.all(SuperlativeTerm))
    if draft.sentence.has(Operator.BUSIEST):
        yield draft.catalog.rules.primary_metric


def read_variant(draft: Draft) -> None:
    """The average, the median or a percentile of a metric that has them."""
    sentence, kinds = draft.sentence, [draft.metric(name) for name in draft.metrics]
    percentile = any(isinstance(metric, PercentileMetric) for metric in kinds)
    for found in sentence.all(PercentileTerm):
        if not percentile:
            raise unsupported(found.words)
        draft.parameters["percentile"] = found.term.fraction
        draft.parameters.pop("aggregate", None)
        sentence.use(found, f"percentile {found.term.fraction}")
    if sentence.has(Operator.MEDIAN):
        if not percentile:
            raise unsupported(*sentence.words_of(Operator.MEDIAN))
        draft.parameters = {k: v for k, v in draft.parameters.items() if k not in ("aggregate", "percentile")}
        sentence.take(Operator.MEDIAN)
    if sentence.has(Operator.AVERAGE):
        if not percentile and not any(isinstance(metric, AverageMetric | RatioMetric) for metric in kinds):
            raise unsupported(*sentence.words_of(Operator.AVERAGE))
        if percentile:
            draft.parameters.pop("percentile", None)
            draft.parameters["aggregate"] = "average"
        sentence.take(Operator.AVERAGE)
