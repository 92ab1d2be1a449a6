"""The content folders as far as they can be read: every file, what holds of it, and every problem of it alone."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Final, TypeVar

from dash_agent.context.alerts import ALERTS, Alert
from dash_agent.context.board import BOARD, Board
from dash_agent.context.business import (
    Bundle,
    Constant,
    Dimension,
    DimensionsFile,
    Metric,
    MetricsFile,
    RulesFile,
    Topic,
    Value,
    ValuesFile,
)
from dash_agent.context.digests import DIGESTS, Digest
from dash_agent.context.files import Dropped, FileModel, Read, placed, read_json
from dash_agent.context.patterns import Pattern, read_pattern
from dash_agent.context.prices import PRICES, Price, PricesFile
from dash_agent.context.tables import Table, read_table
from dash_agent.context.targets import TARGETS, Target, TargetsFile
from dash_agent.errors import ContentError, Problem

METRICS: Final = "business/metrics.json"
DIMENSIONS: Final = "business/dimensions.json"
VALUES: Final = "business/values.json"
RULES: Final = "business/rules.json"

HOLDERS: Final = {
    "metric": (METRICS, "metrics"),
    "dimension": (DIMENSIONS, "dimensions"),
    "constant": (RULES, "constants"),
    "bundle": (RULES, "bundles"),
    "topic": (RULES, "topics"),
    "target": (TARGETS, "targets"),
}
"""Kind of thing → the file and the key of its list."""

FileShape = TypeVar("FileShape", bound=FileModel)


@dataclass(frozen=True, slots=True)
class Content:
    """What could be read. Lists are in file order; places count the items that are left. table_files: by table.

    version: changes with any byte of any file. problems: of single files. broken: files that are not there or of which
    nothing could be read. misnamed: names that tables give themselves, and that are not their files'.
    dropped: by file, the items that could not be read and so are in no list here. digests, alerts: by file. files:
    texts by path.
    """

    version: str
    tables: Mapping[str, Table]
    metrics: Sequence[Metric]
    dimensions: Sequence[Dimension]
    values: Sequence[Value]
    rules: RulesFile | None
    patterns: Mapping[str, Pattern]
    problems: tuple[Problem, ...]
    broken: frozenset[str]
    dropped: Mapping[str, Dropped] = field(default_factory=dict)
    table_files: Mapping[str, str] = field(default_factory=dict)
    misnamed: frozenset[str] = frozenset()
    targets: Sequence[Target] = ()
    prices: Sequence[Price] = ()
    board: Board | None = None
    digests: Mapping[str, Digest] = field(default_factory=dict)
    alerts: Mapping[str, Alert] = field(default_factory=dict)
    files: Mapping[str, str] = field(default_factory=dict)

    @property
    def constants(self) -> Sequence[Constant]:
        return self.rules.constants if self.rules else ()

    @property
    def bundles(self) -> Sequence[Bundle]:
        return self.rules.bundles if self.rules else ()

    @property
    def topics(self) -> Sequence[Topic]:
        return self.rules.topics if self.rules else ()

    def is_unsure(self, kind: str, name: str) -> bool:
        """Whether something of that name may well be there, in a part that could not be read."""
        if kind == "table":
            return table_file(name) in self.broken or name in self.misnamed
        file, key = HOLDERS[kind]
        return file in self.broken or name in self._dropped_names(file, key)

    def is_unsure_column(self, table: str, column: str) -> bool:
        return column in self._dropped_names(self.table_files[table], "columns")

    def has_unread_columns(self, table: str) -> bool:
        return "columns" in self.dropped.get(self.table_files[table], {})

    def _dropped_names(self, file: str, key: str) -> frozenset[str]:
        items = self.dropped.get(file, {}).get(key, {}).values()
        return frozenset(str(item.get("name")) for item in items if isinstance(item, dict))

    def placed(self, problem: Problem) -> Problem:
        """A problem that was found here, with its place as the file counts it."""
        return placed(problem, self.dropped.get(problem.file, {}))


def table_file(name: str) -> str:
    return f"tables/{name}.json"


def read_content(root: Path) -> Content:
    """Tables, queries and definitions under `root`. Raises ContentError where there is no such folder."""
    if not (root / "tables").is_dir():
        where = f"{root}/tables"
        message = "no such folder; set DASH_CONTENT_DIR to the content folder"
        raise ContentError([Problem(where, "", message, rule="missing-file")])
    reader = _Reader(root)
    tables = reader.each("tables", ".json", read_table)
    stems = [(file, table, PurePosixPath(file).stem) for file, table in tables]
    metrics = reader.one(METRICS, MetricsFile)
    dimensions = reader.one(DIMENSIONS, DimensionsFile)
    values = reader.one(VALUES, ValuesFile)
    rules = reader.one(RULES, RulesFile)
    targets = reader.one(TARGETS, TargetsFile) if (root / TARGETS).is_file() else None
    prices = reader.one(PRICES, PricesFile) if (root / PRICES).is_file() else None
    board = reader.one(BOARD, Board) if (root / BOARD).is_file() else None
    patterns = reader.each("queries", ".sql", read_pattern)
    digests = reader.each(DIGESTS, ".json", lambda path, file: read_json(path, file, Digest))
    alerts = reader.each(ALERTS, ".json", lambda path, file: read_json(path, file, Alert))
    return Content(
        version=reader.version(),
        tables={stem: _named(table, stem) for _, table, stem in stems},
        metrics=metrics.metrics if metrics else (),
        dimensions=dimensions.dimensions if dimensions else (),
        values=values.values if values else (),
        rules=rules,
        patterns={pattern.header.name: pattern for _, pattern in patterns},
        problems=tuple(reader.problems),
        broken=frozenset(reader.broken),
        dropped=reader.dropped,
        table_files={stem: file for file, _, stem in stems},
        misnamed=frozenset(table.table for _, table, stem in stems if table.table != stem),
        targets=targets.targets if targets else (),
        prices=prices.prices if prices else (),
        board=board,
        digests=dict(digests),
        alerts=dict(alerts),
        files=reader.texts,
    )


def _named(table: Table, stem: str) -> Table:
    """The table under its file's name, which is what others call it."""
    return table if table.table == stem else table.model_copy(update={"table": stem})


Parsed = TypeVar("Parsed")


class _Reader:
    """Reads files of one root, keeping their problems and their bytes' hash."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.problems: list[Problem] = []
        self.broken: set[str] = set()
        self.dropped: dict[str, Dropped] = {}
        self.texts: dict[str, str] = {}
        self._hash = hashlib.sha256()

    def each(self, folder: str, suffix: str, read: Callable[[Path, str], Read[Parsed]]) -> list[tuple[str, Parsed]]:
        """Files with what was read of them."""
        parsed = []
        for path in sorted((self.root / folder).glob(f"*{suffix}")):
            file = f"{folder}/{path.name}"
            found = self._kept(path, file, read(path, file))
            if found is not None:
                parsed.append((file, found))
        return parsed

    def one(self, file: str, shape: type[FileShape]) -> FileShape | None:
        path = self.root / file
        if not path.is_file():
            self.problems.append(Problem(file, "", "the file is missing", rule="missing-file"))
            self.broken.add(file)
            return None
        return self._kept(path, file, read_json(path, file, shape))

    def _kept(self, path: Path, file: str, found: Read[Parsed]) -> Parsed | None:
        self._hash.update(f"{file}\0".encode())
        with suppress(OSError):  # then it is a problem already
            content = path.read_bytes()
            self._hash.update(content)
            self.texts[file] = content.decode("utf-8", "replace")
        self.problems.extend(found.problems)
        if found.value is None:
            self.broken.add(file)
        if found.dropped:
            self.dropped[file] = found.dropped
        return found.value

    def version(self) -> str:
        return self._hash.hexdigest()[:12]
