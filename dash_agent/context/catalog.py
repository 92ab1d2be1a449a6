"""All content files as one whole, checked against each other."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from dash_agent.context.business import (
    Bundle,
    Constant,
    Counted,
    Dimension,
    DimensionsFile,
    Metric,
    MetricsFile,
    RatioMetric,
    RulesFile,
    Value,
    ValuesFile,
)
from dash_agent.context.files import FileModel, nearest, read_json
from dash_agent.context.patterns import Pattern, read_pattern
from dash_agent.context.tables import Table, read_table
from dash_agent.errors import ContentError, Problem

METRICS = "business/metrics.json"
DIMENSIONS = "business/dimensions.json"
VALUES = "business/values.json"
RULES = "business/rules.json"


@dataclass(frozen=True, slots=True)
class Catalog:
    """What the product knows from files. version: changes with any byte of any file that was read."""

    version: str
    tables: Mapping[str, Table]
    metrics: Mapping[str, Metric]
    dimensions: Mapping[str, Dimension]
    values: tuple[Value, ...]
    rules: RulesFile
    patterns: Mapping[str, Pattern]

    @property
    def readable(self) -> Mapping[str, tuple[str, ...]]:
        """Columns that analytics may read, by table: the source of the guard's allow-list and of the grants."""
        return {name: table.readable for name, table in self.tables.items()}

    @property
    def constants(self) -> Mapping[str, Constant]:
        return {constant.name: constant for constant in self.rules.constants}

    @property
    def bundles(self) -> Mapping[str, Bundle]:
        return {bundle.name: bundle for bundle in self.rules.bundles}

    def counted(self, metric: Metric) -> tuple[Counted, ...]:
        """The counted metrics that a metric rests on: itself, or a ratio's two."""
        if not isinstance(metric, RatioMetric):
            return (metric,)
        parts = (self.metrics[metric.numerator], self.metrics[metric.denominator])
        return tuple(part for part in parts if not isinstance(part, RatioMetric))

    def is_state(self, metric: Metric) -> bool:
        return all(part.state for part in self.counted(metric))

    def personal_columns(self) -> frozenset[str]:
        return frozenset(c.name for t in self.tables.values() for c in t.columns if c.personal)


def load_catalog(root: Path) -> Catalog:
    """The content folders under `root` as a catalogue.

    Raises ContentError with every problem of every file, or with one that says that the folders are not there.
    """
    if not (root / "tables").is_dir():
        where = f"{root}/tables"
        raise ContentError([Problem(where, "", "no such folder; set DASH_CONTENT_DIR to the content folder")])
    reader = _Reader(root)
    tables = reader.each("tables", ".json", read_table)
    metrics = reader.one(METRICS, MetricsFile)
    dimensions = reader.one(DIMENSIONS, DimensionsFile)
    values = reader.one(VALUES, ValuesFile)
    rules = reader.one(RULES, RulesFile)
    patterns = reader.each("queries", ".sql", read_pattern)
    if reader.problems or not (metrics and dimensions and values and rules):
        raise ContentError(reader.problems)
    catalog = Catalog(
        version=reader.version(),
        tables={table.table: table for table in tables},
        metrics={metric.name: metric for metric in metrics.metrics},
        dimensions={dimension.name: dimension for dimension in dimensions.dimensions},
        values=tuple(values.values),
        rules=rules,
        patterns={pattern.header.name: pattern for pattern in patterns},
    )
    problems = [*_twice(metrics, dimensions), *cross_problems(catalog)]
    if problems:
        raise ContentError(problems)
    return catalog


Parsed = TypeVar("Parsed")
FileShape = TypeVar("FileShape", bound=FileModel)


class _Reader:
    """Reads files of one root, keeping their problems and their bytes' hash."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.problems: list[Problem] = []
        self._hash = hashlib.sha256()

    def each(self, folder: str, suffix: str, read: Callable[[Path, str], Parsed | list[Problem]]) -> list[Parsed]:
        parsed = []
        for path in sorted((self.root / folder).glob(f"*{suffix}")):
            file = f"{folder}/{path.name}"
            self._note(path, file)
            found = read(path, file)
            if isinstance(found, list):
                self.problems.extend(found)
            else:
                parsed.append(found)
        return parsed

    def one(self, file: str, shape: type[FileShape]) -> FileShape | None:
        path = self.root / file
        if not path.is_file():
            self.problems.append(Problem(file, "", "the file is missing"))
            return None
        self._note(path, file)
        found = read_json(path, file, shape)
        if isinstance(found, list):
            self.problems.extend(found)
            return None
        return found

    def _note(self, path: Path, file: str) -> None:
        self._hash.update(f"{file}\0".encode())
        self._hash.update(path.read_bytes())

    def version(self) -> str:
        return self._hash.hexdigest()[:12]


def _twice(metrics: MetricsFile, dimensions: DimensionsFile) -> Iterator[Problem]:
    named = ((METRICS, "metrics", metrics.metrics), (DIMENSIONS, "dimensions", dimensions.dimensions))
    for file, key, items in named:
        seen: set[str] = set()
        for index, item in enumerate(items):
            if item.name in seen:
                yield Problem(file, f"{key}[{index}].name", f"'{item.name}' is there twice")
            seen.add(item.name)


def cross_problems(catalog: Catalog) -> Iterator[Problem]:
    """Names in one file that another file does not have."""
    yield from _table_problems(catalog)
    yield from _metric_problems(catalog)
    yield from _dimension_problems(catalog)
    yield from _value_problems(catalog)
    yield from _rule_problems(catalog)
    yield from _pattern_problems(catalog)


def _missing(file: str, place: str, kind: str, name: str, known: Sequence[str]) -> Iterator[Problem]:
    if name not in known:
        yield Problem(file, place, f"there is no {kind} '{name}'{nearest(name, list(known))}")


def _column_problems(catalog: Catalog, file: str, place: str, dotted: str) -> Iterator[Problem]:
    table_name, _, column = dotted.partition(".")
    table = catalog.tables.get(table_name)
    if table is None:
        yield from _missing(file, place, "table", table_name, list(catalog.tables))
    elif (found := table.column(column)) is None:
        names = [c.name for c in table.columns]
        yield from _missing(file, place, f"column of {table_name}", column, names)
    elif found.personal:
        yield Problem(file, place, f"'{dotted}' is personal, and personal columns are not for analytics")


def _table_problems(catalog: Catalog) -> Iterator[Problem]:
    for table in catalog.tables.values():
        file = f"tables/{table.table}.json"
        for index, join in enumerate(table.joins):
            yield from _column_problems(catalog, file, f"joins[{index}].to", join.to)


def _metric_problems(catalog: Catalog) -> Iterator[Problem]:
    metric_names = list(catalog.metrics)
    for index, metric in enumerate(catalog.metrics.values()):
        place = f"metrics[{index}]"
        if metric.default_split is not None:
            yield from _missing(
                METRICS, f"{place}.default_split", "dimension", metric.default_split, list(catalog.dimensions)
            )
        if not isinstance(metric, RatioMetric):
            yield from _missing(METRICS, f"{place}.table", "table", metric.table, list(catalog.tables))
            if metric.with_period is not None:
                yield from _missing(METRICS, f"{place}.with_period", "metric", metric.with_period, metric_names)
            continue
        for key, name in (("numerator", metric.numerator), ("denominator", metric.denominator)):
            yield from _missing(METRICS, f"{place}.{key}", "metric", name, metric_names)
            if isinstance(catalog.metrics.get(name), RatioMetric):
                yield Problem(METRICS, f"{place}.{key}", f"'{name}' is itself a ratio; name what it counts")


def _dimension_problems(catalog: Catalog) -> Iterator[Problem]:
    for index, dimension in enumerate(catalog.dimensions.values()):
        place = f"dimensions[{index}]"
        yield from _column_problems(catalog, DIMENSIONS, f"{place}.column", dimension.column)
        for table, column in dimension.on.items():
            yield from _missing(DIMENSIONS, f"{place}.on", "table", table, list(catalog.tables))
            yield from _column_problems(catalog, DIMENSIONS, f"{place}.on.{table}", column)


def _value_problems(catalog: Catalog) -> Iterator[Problem]:
    for index, value in enumerate(catalog.values):
        place = f"values[{index}]"
        yield from _missing(VALUES, f"{place}.dimension", "dimension", value.dimension, list(catalog.dimensions))
        if (value.value is None) == (not value.values):
            yield Problem(VALUES, place, "give either 'value' or 'values'")


def _rule_problems(catalog: Catalog) -> Iterator[Problem]:
    names = list(catalog.metrics)
    yield from _missing(RULES, "primary_metric", "metric", catalog.rules.primary_metric, names)
    for index, bundle in enumerate(catalog.rules.bundles):
        for position, name in enumerate(bundle.metrics):
            yield from _missing(RULES, f"bundles[{index}].metrics[{position}]", "metric", name, names)


def _pattern_problems(catalog: Catalog) -> Iterator[Problem]:
    for pattern in catalog.patterns.values():
        for name, parameter in pattern.header.parameters.items():
            kind, _, filled = parameter.fills.partition(":")
            place = f"parameters.{name}.fills"
            if kind == "dimension":
                yield from _missing(pattern.file, place, "dimension", filled, list(catalog.dimensions))
            elif kind == "constant":
                yield from _missing(pattern.file, place, "constant", filled, list(catalog.constants))
            elif parameter.fills not in ("period.start", "period.end"):
                choices = "'period.start', 'period.end', 'dimension:NAME' or 'constant:NAME'"
                yield Problem(pattern.file, place, f"'{parameter.fills}' is not {choices}")
