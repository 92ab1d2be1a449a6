"""Names in one content file that another file does not have, and what can't be built without them.

What stands in a part that could not be read is not missing: its own problem is told, and nothing that follows from it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import PurePosixPath

from dash_agent.context import alerts, digests
from dash_agent.context.board import BOARD
from dash_agent.context.business import CohortMetric, Metric, RatioMetric
from dash_agent.context.content import DIMENSIONS, METRICS, RULES, VALUES, Content
from dash_agent.context.files import nearest
from dash_agent.context.patterns import Pattern
from dash_agent.context.targets import TARGETS, bound
from dash_agent.errors import Problem

FILLS = "'period.start', 'period.end', 'dimension:NAME', 'constant:NAME' or 'target:METRIC.VALUE'"


def cross_problems(content: Content) -> Iterator[Problem]:
    """Every name that nothing answers to, every name that is given twice, and ratios of ratios."""
    names = _Names(content)
    yield from _twice(content)
    yield from _table_problems(names)
    for index, metric in enumerate(content.metrics):
        yield from _metric_problems(names, metric, f"metrics[{index}]")
    yield from _dimension_problems(names)
    yield from _value_problems(names)
    yield from _rule_problems(names)
    yield from _target_problems(names)
    yield from _board_problems(names)
    yield from _digest_problems(content)
    yield from _alert_problems(content)
    for pattern in content.patterns.values():
        yield from _pattern_problems(names, pattern)


class _Names:
    """What is there, by kind."""

    def __init__(self, content: Content) -> None:
        self.content = content
        self._known = {
            "table": list(content.tables),
            "metric": [metric.name for metric in content.metrics],
            "dimension": [dimension.name for dimension in content.dimensions],
            "constant": [constant.name for constant in content.constants],
            "topic": [topic.name for topic in content.topics],
        }
        self.ratios = {metric.name for metric in content.metrics if isinstance(metric, RatioMetric)}

    def missing(self, file: str, place: str, kind: str, name: str) -> Iterator[Problem]:
        if name not in self._known[kind] and not self.content.is_unsure(kind, name):
            message = f"there is no {kind} '{name}'{nearest(name, self._known[kind])}"
            yield Problem(file, place, message, rule="unknown-name")

    def column(self, file: str, place: str, dotted: str) -> Iterator[Problem]:
        """Of a `table.column` that analytics is to read."""
        table_name, dot, column = dotted.partition(".")
        table = self.content.tables.get(table_name)
        if not dot:
            message = f"'{dotted}' is not written as table.column"
            yield Problem(file, place, message, rule="unknown-name")
        elif table is None:
            yield from self.missing(file, place, "table", table_name)
        elif (found := table.column(column)) is None:
            if not self.content.is_unsure_column(table_name, column):
                known = [c.name for c in table.columns]
                message = f"'{table_name}' has no column '{column}'{nearest(column, known)}"
                yield Problem(file, place, message, rule="unknown-name")
        elif found.personal:
            message = f"'{dotted}' is personal, and analytics reads no personal column"
            yield Problem(file, place, message, rule="personal-column")


def _twice(content: Content) -> Iterator[Problem]:
    named: Sequence[tuple[str, str, Sequence[str]]] = (
        (METRICS, "metrics", [metric.name for metric in content.metrics]),
        (DIMENSIONS, "dimensions", [dimension.name for dimension in content.dimensions]),
        (RULES, "constants", [constant.name for constant in content.constants]),
        (RULES, "bundles", [bundle.name for bundle in content.bundles]),
        (RULES, "topics", [topic.name for topic in content.topics]),
    )
    for file, key, names in named:
        for index, name in enumerate(names):
            if name in names[:index]:
                message = f"'{name}' is there twice; the first is {key}[{names.index(name)}]"
                yield Problem(file, f"{key}[{index}].name", message, rule="duplicate-name")


def _table_problems(names: _Names) -> Iterator[Problem]:
    for table in names.content.tables.values():
        file = names.content.table_files[table.table]
        for index, join in enumerate(table.joins):
            yield from names.column(file, f"joins[{index}].to", join.to)


def _metric_problems(names: _Names, metric: Metric, place: str) -> Iterator[Problem]:
    if metric.default_split is not None:
        yield from names.missing(METRICS, f"{place}.default_split", "dimension", metric.default_split)
    for topic, other in metric.with_topic.items():
        yield from names.missing(METRICS, f"{place}.with_topic.{topic}", "topic", topic)
        yield from names.missing(METRICS, f"{place}.with_topic.{topic}", "metric", other)
    if isinstance(metric, RatioMetric):
        for key, name in (("numerator", metric.numerator), ("denominator", metric.denominator)):
            yield from names.missing(METRICS, f"{place}.{key}", "metric", name)
            if name in names.ratios:
                message = f"'{name}' is itself a ratio; name what it counts"
                yield Problem(METRICS, f"{place}.{key}", message, rule="ratio-of-ratios")
        return
    yield from names.missing(METRICS, f"{place}.table", "table", metric.table)
    if not isinstance(metric, CohortMetric) and metric.with_period is not None:
        yield from names.missing(METRICS, f"{place}.with_period", "metric", metric.with_period)


def _dimension_problems(names: _Names) -> Iterator[Problem]:
    for index, dimension in enumerate(names.content.dimensions):
        place = f"dimensions[{index}]"
        yield from names.column(DIMENSIONS, f"{place}.column", dimension.column)
        for table, column in dimension.on.items():
            yield from names.missing(DIMENSIONS, f"{place}.on", "table", table)
            yield from names.column(DIMENSIONS, f"{place}.on.{table}", column)
        for key, kind, name in (
            ("values_of", "dimension", dimension.values_of),
            ("counts", "metric", dimension.counts),
        ):
            if name is not None:
                yield from names.missing(DIMENSIONS, f"{place}.{key}", kind, name)


def _value_problems(names: _Names) -> Iterator[Problem]:
    for index, value in enumerate(names.content.values):
        place = f"values[{index}]"
        yield from names.missing(VALUES, f"{place}.dimension", "dimension", value.dimension)
        if (value.value is None) == (not value.values):
            message = "give either 'value', for one, or 'values', for a group of them"
            yield Problem(VALUES, place, message, rule="value-or-values")


def _rule_problems(names: _Names) -> Iterator[Problem]:
    rules = names.content.rules
    if rules is None:
        return
    yield from names.missing(RULES, "primary_metric", "metric", rules.primary_metric)
    for index, bundle in enumerate(rules.bundles):
        for position, name in enumerate(bundle.metrics):
            yield from names.missing(RULES, f"bundles[{index}].metrics[{position}]", "metric", name)
    for index, topic in enumerate(rules.topics):
        referred = (("metrics", "metric", topic.metrics), ("doings", "metric", topic.doings))
        for key, kind, listed in (*referred, ("others", "dimension", topic.others)):
            for position, name in enumerate(listed):
                yield from names.missing(RULES, f"topics[{index}].{key}[{position}]", kind, name)
    for index, name in enumerate(rules.drivers):
        yield from names.missing(RULES, f"drivers[{index}]", "dimension", name)


def _target_problems(names: _Names) -> Iterator[Problem]:
    for index, target in enumerate(names.content.targets):
        yield from names.missing(TARGETS, f"targets[{index}].metric", "metric", target.metric)
        if target.dimension is not None:
            yield from names.missing(TARGETS, f"targets[{index}].dimension", "dimension", target.dimension)


def _board_problems(names: _Names) -> Iterator[Problem]:
    board = names.content.board
    if board is None:
        return
    for key, kind, listed in (
        ("tiles", "metric", board.tiles),
        ("movers", "metric", board.movers),
        ("filters", "dimension", board.filters),
    ):
        for index, name in enumerate(listed):
            yield from names.missing(BOARD, f"{key}[{index}]", kind, name)


def _digest_problems(content: Content) -> Iterator[Problem]:
    metrics = [metric.name for metric in content.metrics]
    dimensions = [dimension.name for dimension in content.dimensions]
    for file, digest in content.digests.items():
        if PurePosixPath(file).stem != digest.name:
            said = f"the digest calls itself '{digest.name}'; name it as its file"
            yield Problem(file, "name", said, rule="file-name")
        for place, said, rule in digests.problems(digest, metrics, dimensions):
            # What can't be read has a problem of its own, and may be the very thing.
            if rule != "unknown-name" or not {METRICS, DIMENSIONS} & (set(content.dropped) | content.broken):
                yield Problem(file, place, said, rule=rule)


def _alert_problems(content: Content) -> Iterator[Problem]:
    metrics = [metric.name for metric in content.metrics]
    dimensions = [dimension.name for dimension in content.dimensions]
    for file, alert in content.alerts.items():
        if PurePosixPath(file).stem != alert.name:
            said = f"the alert calls itself '{alert.name}'; name it as its file"
            yield Problem(file, "name", said, rule="file-name")
        for place, said, rule in alerts.problems(alert, metrics, dimensions):
            if rule != "unknown-name" or not {METRICS, DIMENSIONS} & (set(content.dropped) | content.broken):
                yield Problem(file, place, said, rule=rule)


def _pattern_problems(names: _Names, pattern: Pattern) -> Iterator[Problem]:
    if pattern.header.metric is not None:
        yield from names.missing(pattern.file, "metric", "metric", pattern.header.metric)
    for name, parameter in pattern.header.parameters.items():
        kind, _, filled = parameter.fills.partition(":")
        place = f"parameters.{name}.fills"
        if kind in ("dimension", "constant"):
            yield from names.missing(pattern.file, place, kind, filled)
        elif kind == "target":
            if bound(names.content.targets, filled) is None and TARGETS not in names.content.broken:
                message = f"{TARGETS} has no target '{filled}'; it is written as METRIC or METRIC.VALUE"
                yield Problem(pattern.file, place, message, rule="unknown-name")
        elif parameter.fills not in ("period.start", "period.end"):
            message = f"'{parameter.fills}' is not {FILLS}"
            yield Problem(pattern.file, place, message, rule="wrong-value")
