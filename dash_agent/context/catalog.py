"""All content files as one whole, checked against each other."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from dash_agent.context.alerts import Alert
from dash_agent.context.board import Board
from dash_agent.context.business import Bundle, Constant, Counted, Dimension, Metric, RatioMetric, RulesFile, Value
from dash_agent.context.content import DIMENSIONS as DIMENSIONS
from dash_agent.context.content import METRICS as METRICS
from dash_agent.context.content import Content, read_content
from dash_agent.context.digests import Digest
from dash_agent.context.names import cross_problems
from dash_agent.context.patterns import Pattern
from dash_agent.context.prices import Price
from dash_agent.context.tables import Table
from dash_agent.context.targets import Target
from dash_agent.errors import ContentError


@dataclass(frozen=True, slots=True)
class Catalog:
    """What the product knows from files. version: changes with any byte of any file that was read.

    files: the texts that were read, by path relative to the content folder.
    """

    version: str
    tables: Mapping[str, Table]
    metrics: Mapping[str, Metric]
    dimensions: Mapping[str, Dimension]
    values: tuple[Value, ...]
    rules: RulesFile
    patterns: Mapping[str, Pattern]
    files: Mapping[str, str] = field(default_factory=dict, repr=False)
    targets: tuple[Target, ...] = ()
    prices: tuple[Price, ...] = ()
    board: Board = field(default_factory=Board)
    digests: Mapping[str, Digest] = field(default_factory=dict)
    alerts: Mapping[str, Alert] = field(default_factory=dict)

    @property
    def readable(self) -> Mapping[str, tuple[str, ...]]:
        """Columns that analytics may read, by table of the database: source of the guard's allow-list and of grants.

        Derived tables are not among them: their SQL stands in the statement.
        """
        return {name: table.readable for name, table in self.tables.items() if table.query is None}

    @property
    def keys(self) -> Mapping[str, str]:
        """The primary key of each table."""
        return {name: table.primary_key for name, table in self.tables.items()}

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


def board_of(targets: Sequence[Target]) -> Board:
    """Where nobody has said what the overview shows."""
    named = list(dict.fromkeys(target.metric for target in targets))
    return Board(tiles=named, movers=[])


def load_catalog(root: Path) -> Catalog:
    """The content folders under `root` as a catalogue.

    Raises ContentError with every problem of every file, or with one that says that the folders are not there.
    """
    content = read_content(root)
    problems = [*content.problems, *map(content.placed, cross_problems(content))]
    if problems or content.rules is None:
        raise ContentError(problems)
    return catalog_of(content, content.rules)


def catalog_of(content: Content, rules: RulesFile) -> Catalog:
    """What was read, as a catalogue."""
    return Catalog(
        version=content.version,
        tables=content.tables,
        metrics={metric.name: metric for metric in content.metrics},
        dimensions={dimension.name: dimension for dimension in content.dimensions},
        values=tuple(content.values),
        rules=rules,
        patterns=content.patterns,
        files=content.files,
        targets=tuple(content.targets),
        prices=tuple(content.prices),
        board=content.board or board_of(content.targets),
        digests={digest.name: digest for digest in content.digests.values()},
        alerts={alert.name: alert for alert in content.alerts.values()},
    )
