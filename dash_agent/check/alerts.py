"""Alerts: due at times that come, over metrics that can be looked at so, with questions that are understood."""

from __future__ import annotations

from collections.abc import Iterator

from croniter import croniter

from dash_agent.check.digests import EXAMPLE
from dash_agent.check.rule import Found, Rule
from dash_agent.check.subject import Subject
from dash_agent.context.alerts import SEGMENT, Alert, is_looked_at
from dash_agent.context.business import AverageMetric, CountMetric, SumMetric
from dash_agent.context.digests import readers
from dash_agent.context.files import nearest
from dash_agent.errors import WrongUse
from dash_agent.models.plan import Clarification, Refusal
from dash_agent.models.principal import ScopeFilter
from dash_agent.semantic.resolve import applies
from dash_agent.semantic.scope import row_rules


def alerts_have_a_time(subject: Subject) -> Iterator[Found]:
    """When an alert is looked at is five fields of cron, and a time that comes."""
    for file, alert in subject.content.alerts.items():
        if len(alert.look.split()) != 5 or not croniter.is_valid(alert.look):
            yield Found(file, "look", f"'{alert.look}' is no time table; {EXAMPLE}")


def alerts_can_be_looked_at(subject: Subject) -> Iterator[Found]:
    """What is held against earlier weeks adds up by the hour, and averages and sums say what counts their values."""
    if subject.model is None:
        return
    catalog = subject.model.catalog
    for file, alert in subject.content.alerts.items():
        for index, name in enumerate(alert.metrics if alert.kind == "anomaly" else ()):
            metric = catalog.metrics.get(name)
            if metric is None:
                continue
            if not is_looked_at(metric):
                said = f"'{name}' can't be put together from hours; give it a bound, as a 'threshold'"
                yield Found(file, f"metrics[{index}]", said)
            elif isinstance(metric, AverageMetric | SumMetric) and name not in alert.samples:
                yield Found(
                    file, f"metrics[{index}]", f"say under 'samples' which metric counts the values of '{name}'"
                )


def alerts_can_be_split(subject: Subject) -> Iterator[Found]:
    """Every metric of an alert has the dimensions that it is split by and narrowed to, and so do row scopes."""
    if subject.model is None:
        return
    catalog = subject.model.catalog
    for file, alert in subject.content.alerts.items():
        named = [(f"by[{index}]", name) for index, name in enumerate(alert.by)]
        named += [("after.dimension", alert.after.dimension)] if alert.after is not None else []
        named += [(f"only[{index}].dimension", rows.dimension) for index, rows in enumerate(alert.only)]
        for place, reader in readers(alert):
            for index, rows in enumerate(reader.scope):
                named.append((f"{place}.scope[{index}].dimension", rows.dimension))
                if rows.dimension in catalog.dimensions:
                    try:
                        row_rules(catalog, (ScopeFilter(rows.dimension, tuple(rows.values)),))
                    except WrongUse as error:
                        yield Found(file, f"{place}.scope[{index}].values", str(error))
        for place, dimension in named:
            for metric in alert.named:
                known = dimension in catalog.dimensions and metric in catalog.metrics
                if known and not applies(subject.model, metric, dimension):
                    yield Found(file, place, f"'{metric}' of this alert can't be split by '{dimension}'")


def alerts_after_changes(subject: Subject) -> Iterator[Found]:
    """What is looked at since a change names a table with a time, its columns, and metrics that can be pooled."""
    if subject.model is None:
        return
    catalog = subject.model.catalog
    for file, alert in subject.content.alerts.items():
        if alert.after is None:
            continue
        for index, name in enumerate(alert.metrics):
            if isinstance(catalog.metrics.get(name), CountMetric | SumMetric):
                said = f"'{name}' is no rate or average: how much there is since a change goes by how long ago that was"
                yield Found(file, f"metrics[{index}]", said)
        table = catalog.tables.get(alert.after.table)
        if table is None or table.time is None:
            near = nearest(alert.after.table, [name for name, one in catalog.tables.items() if one.time is not None])
            yield Found(file, "after.table", f"there is no table '{alert.after.table}' with a time of its rows{near}")
            continue
        places = {"after.value": alert.after.value} | {f"after.where.{name}": name for name in alert.after.where}
        for place, column in places.items():
            if column not in table.readable:
                said = f"'{table.table}' has no column '{column}'{nearest(column, list(table.readable))}"
                yield Found(file, place, said)


def alert_values_are_there(subject: Subject) -> Iterator[Found]:
    """The values that an alert is narrowed to are in values.json or in the database: a misspelt one finds nothing."""
    for file, alert in subject.content.alerts.items():
        for index, rows in enumerate(alert.only):
            known = _known(subject, rows.dimension)
            for position, value in enumerate(rows.values):
                if known and value not in known:
                    said = f"'{rows.dimension}' has no value '{value}'{nearest(value, sorted(known))}"
                    yield Found(file, f"only[{index}].values[{position}]", said)


def _known(subject: Subject, dimension: str) -> set[str]:
    written = {value for one in subject.content.values if one.dimension == dimension for value in one.stored}
    return written | set(subject.live_values.get(dimension, ()))


def alert_questions_are_understood(subject: Subject) -> Iterator[Found]:
    """The question of an alert is understood without a model, in every language that it is told in."""
    if subject.parser is None:
        return
    for file, alert in subject.content.alerts.items():
        told_in = {str(reader.language) for _, reader in readers(alert)}
        for missing in sorted(told_in - set(alert.question)) if alert.question else ():
            yield Found(file, "question", f"somebody is told of this in '{missing}'; ask in it, too")
        for language, text in sorted(alert.question.items()):
            for example in _examples(subject, alert, text, language):
                if isinstance(subject.parser.plan(example, subject.calendar), Clarification | Refusal):
                    said = f"'{example}' is not understood without a model; say it in the words of the metrics"
                    yield Found(file, f"question.{language}", said)


def _examples(subject: Subject, alert: Alert, text: str, language: str) -> Iterator[str]:
    """The question of all rows, and of one segment of each split, as it is called in that language."""
    if SEGMENT not in text:
        yield text
        return
    for dimension in (alert.after.dimension,) if alert.after is not None else alert.by:
        for value in subject.content.values:
            if value.dimension == dimension and language in value.label:
                yield text.replace(SEGMENT, value.label[language])
                break


RULES = (
    Rule("alert-look", alerts_have_a_time),
    Rule("alert-metric", alerts_can_be_looked_at),
    Rule("alert-split", alerts_can_be_split),
    Rule("alert-after", alerts_after_changes),
    Rule("alert-value", alert_values_are_there, "warning"),
    Rule("alert-question", alert_questions_are_understood, "warning"),
)
