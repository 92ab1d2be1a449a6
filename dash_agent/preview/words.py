"""A definition in words, for a terminal and for the catalogue page."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Final

from dash_agent.context.business import (
    AverageMetric,
    CohortMetric,
    Counted,
    CountMetric,
    Dimension,
    Metric,
    PercentileMetric,
    RatioMetric,
    SumMetric,
)
from dash_agent.insight.wording import Wording
from dash_agent.models.plan import MetricPlan
from dash_agent.models.query import Grain
from dash_agent.preview.definition import Definition
from dash_agent.preview.messages import tell

SHOWN_WORDS: Final = 6

Row = tuple[str, list[str]]
"""A heading and the lines that stand beside it."""


def described(found: Definition, wording: Wording, *, words: int = SHOWN_WORDS) -> list[Row]:
    """Everything that a definition says, with at most so many `words` a language."""
    language, metric = wording.language, found.metric
    unit = tell(language, f"unit.{metric.unit}")
    decimals = tell(language, "decimals", unit=unit, count=metric.decimals) if metric.decimals else unit
    rows = [
        ("formula", list(formula(found, wording))),
        ("constants", [f":{c.name} = {c.value} ({tell(language, f'unit.{c.unit}')})" for c in found.constants]),
        ("table", [table.table for table in found.tables]),
        ("time", list(_time(found, wording))),
        ("unit", [decimals]),
        ("direction", [tell(language, f"direction.{metric.direction}")]),
        ("personal", [tell(language, f"personal.{metric.personal_data}")]),
        ("words", list(words_of(metric, language, words))),
        ("dimensions", list(_dimensions(found, language))),
    ]
    return [(tell(language, heading), lines) for heading, lines in rows if lines]


def formula(found: Definition, wording: Wording) -> Iterator[str]:
    """What is divided by what, and how each part is counted."""
    metric = found.metric
    if not isinstance(metric, RatioMetric):
        yield from (counted(part, wording.language) for part in found.parts)
        return
    labels = {part.name: wording.label(part.label, part.name) for part in found.parts}
    key = "ratio" if metric.scale == 1 else "ratio_scaled"
    above, below = labels[metric.numerator], labels[metric.denominator]
    yield tell(wording.language, key, scale=metric.scale, numerator=above, denominator=below)
    for part in found.parts:
        yield f"{labels[part.name]} ({part.name}): {counted(part, wording.language)}"


def counted(part: Counted, language: str) -> str:
    where = tell(language, "where", where=part.where) if part.where else ""
    match part:
        case CountMetric(distinct=None):
            return tell(language, "count", where=where)
        case CountMetric():
            return tell(language, "distinct", value=part.distinct, where=where)
        case SumMetric():
            divided = f" ÷ {part.divisor}" if part.divisor != 1 else ""
            return tell(language, "sum", value=part.value, divided=divided, where=where)
        case AverageMetric():
            return tell(language, "average", value=part.value, where=where)
        case PercentileMetric(percentile=0.5):
            return tell(language, "median", value=part.value, where=where)
        case PercentileMetric():
            share = Decimal(str(part.percentile)) * 100
            return tell(language, "percentile", percentile=f"{share.normalize():f}", value=part.value, where=where)
        case CohortMetric():
            return tell(language, part.counts, enters=part.enters, leaves=part.leaves, where=where)


def _time(found: Definition, wording: Wording) -> Iterator[str]:
    times = {part.name: found.time_of(part) for part in found.parts}
    if len(set(times.values())) == 1:
        yield _moment(found.parts[0], times[found.parts[0].name], wording)
    else:
        for part in found.parts:
            yield f"{wording.label(part.label, part.name)}: {_moment(part, times[part.name], wording)}"
    for part in found.parts:
        if part.with_period is not None:
            meant = wording.catalog.metrics[part.with_period]
            label = wording.label(meant.label, meant.name)
            yield tell(wording.language, "with_period", label=label, name=meant.name)


def _moment(part: Counted, time: str | None, wording: Wording) -> str:
    if time is None:
        return tell(wording.language, "timeless")
    if isinstance(part, CohortMetric):
        return tell(wording.language, "cohort", enters=part.enters, leaves=part.leaves)
    return tell(wording.language, "state", time=time) if part.state else time


def words_of(thing: Metric | Dimension, language: str, most: int) -> Iterator[str]:
    """A line for each language's words, and how many are left out."""
    if not any(thing.synonyms.values()):
        yield tell(language, "no_words")
    for code, words in thing.synonyms.items():
        shown = ", ".join(words[:most])
        hidden = len(words) - len(words[:most])
        yield f"{code}: " + (tell(language, "more_words", words=shown, count=hidden) if hidden else shown)


def _dimensions(found: Definition, language: str) -> Iterator[str]:
    yield ", ".join(found.dimensions)
    cohort = any(isinstance(part, CohortMetric) for part in found.parts)
    grains = [grain for grain in Grain if not (cohort and grain.cyclic)]
    if any(found.time_of(part) for part in found.parts):
        yield tell(language, "grains_within" if found.state else "grains", grains=", ".join(grains))


def period_line(plan: MetricPlan, wording: Wording, now: datetime) -> str | None:
    """The period with both its bounds, and the words that it was read from. None for a state of now."""
    period = plan.query.period
    if period is None:
        return None
    language = wording.language
    start, end = (moment.astimezone(wording.zone) for moment in (period.start, period.end))
    names = {
        "period": wording.period(period, now),
        "start": _minute(start),
        "end": tell(language, "to_now" if period.to_now else "until", end=_minute(end)),
    }
    if not plan.reading:
        return tell(language, "period_default", **names)
    return tell(language, "period_read", words=plan.reading[0].words, **names)


def _minute(moment: datetime) -> str:
    return moment.isoformat(sep=" ", timespec="minutes")


def listed(items: Sequence[str], language: str, most: int) -> list[str]:
    """The first items, and how many more there are."""
    shown = list(items[:most])
    return shown if len(items) <= most else [*shown, tell(language, "more_reasons", count=len(items) - most)]
