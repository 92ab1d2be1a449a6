"""Layer 1, table usage: `tables/*.json`, one file a table."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from pydantic import Field

from dash_agent.context.files import FileModel, LocalText, LocalWords, nearest, read_json
from dash_agent.errors import Problem

ColumnType = Literal[
    "bigint",
    "integer",
    "smallint",
    "numeric",
    "double precision",
    "text",
    "char",
    "boolean",
    "date",
    "timestamptz",
    "jsonb",
]


class Column(FileModel):
    """personal: never readable by analytics, whatever the question. values: 'live' to learn the distinct ones."""

    name: str
    type: ColumnType
    description: str
    nullable: bool = False
    personal: bool = False
    values: Literal["live"] | None = None
    notes: str = ""


class Join(FileModel):
    """A many-to-one step: each row here has at most one row there. column: here; to: `table.column` there."""

    column: str
    to: str

    @property
    def table(self) -> str:
        return self.to.partition(".")[0]

    @property
    def key(self) -> str:
        return self.to.partition(".")[2]


class Table(FileModel):
    """time: the column that a period means unless a metric says otherwise, None for a table without one.

    show: columns of a list of rows, in order. fresh_hours: the newest row is expected to be younger than this.
    """

    schema_: str | None = Field(default=None, alias="$schema")
    table: str
    label: LocalText
    description: str
    primary_key: str
    time: str | None = None
    columns: list[Column]
    joins: list[Join] = []
    synonyms: LocalWords = {}
    show: list[str] = []
    fresh_hours: float | None = None
    notes: list[str] = []

    def column(self, name: str) -> Column | None:
        return next((c for c in self.columns if c.name == name), None)

    @property
    def readable(self) -> tuple[str, ...]:
        """Columns that analytics may read."""
        return tuple(c.name for c in self.columns if not c.personal)


def read_table(path: Path, file: str) -> Table | list[Problem]:
    table = read_json(path, file, Table)
    if isinstance(table, list):
        return table
    problems = list(_problems(table, path.stem, file))
    return problems or table


def _problems(table: Table, stem: str, file: str) -> list[Problem]:
    names = [c.name for c in table.columns]
    problems = []
    if table.table != stem:
        problems.append(Problem(file, "table", f"'{table.table}' is not the file's name '{stem}'"))
    for index, name in enumerate(names):
        if name in names[:index]:
            problems.append(Problem(file, f"columns[{index}].name", f"the column '{name}' is there twice"))
    referred: list[tuple[str, str | None]] = [("primary_key", table.primary_key), ("time", table.time)]
    referred += [(f"joins[{i}].column", join.column) for i, join in enumerate(table.joins)]
    referred += [(f"show[{i}]", column) for i, column in enumerate(table.show)]
    for place, wanted in referred:
        if wanted is not None and wanted not in names:
            message = f"the table has no column '{wanted}'{nearest(wanted, names)}"
            problems.append(Problem(file, place, message))
    return problems
