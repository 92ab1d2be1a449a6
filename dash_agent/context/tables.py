"""Layer 1, table usage: `tables/*.json`, one file a table."""

from __future__ import annotations

from collections.abc import Iterator, Set
from pathlib import Path
from typing import Literal

from pydantic import Field

from dash_agent.context.files import FileModel, LocalText, LocalWords, Read, nearest, read_json
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
    """A column of the table."""

    name: str
    """As the database has it."""
    type: ColumnType
    """As the database has it, without lengths."""
    description: str
    """What it holds, and what a missing value means."""
    label: LocalText = {}
    """What a list of rows calls the column, by language."""
    nullable: bool = False
    """Whether it may be null."""
    personal: bool = False
    """Never readable by analytics, whatever the question."""
    values: Literal["live"] | None = None
    """'live' to learn the distinct ones from the database: questions may then name them."""
    identifies: Literal["customer", "staff"] | None = None
    """Whom an id or name that may be read stands for; metrics that rest on it say so (`personal_data`)."""
    notes: str = ""
    """What else is to be known, such as how to cast it."""


class Join(FileModel):
    """A many-to-one step: each row here has at most one row there."""

    column: str
    """The column here."""
    to: str
    """The other table's primary key, as `table.column`."""

    @property
    def table(self) -> str:
        return self.to.partition(".")[0]

    @property
    def key(self) -> str:
        return self.to.partition(".")[2]


class Table(FileModel):
    """A table of the database, or one that SQL derives from such tables."""

    schema_: str | None = Field(default=None, alias="$schema")
    """The file's JSON Schema, for editors."""
    table: str
    """The table's name, which is the file's too."""
    label: LocalText
    """What answers call it, by language."""
    description: str
    """What one row is."""
    primary_key: str
    """The column that tells one row from another."""
    time: str | None = None
    """The column that a period means unless a metric says otherwise; none for a table without one."""
    columns: list[Column]
    """Every column that there is, the personal ones among them."""
    joins: list[Join] = []
    """Steps to tables of which a row here has at most one row."""
    synonyms: LocalWords = {}
    """What people call the rows, by language."""
    show: list[str] = []
    """Columns of a list of rows, in order."""
    listed_by: str | None = None
    """What a list of rows goes by, oldest first; `time` where it is left out."""
    fresh_hours: float | None = Field(default=None, gt=0, le=87_600)
    """The newest row is expected to be younger than this many hours."""
    natural_key: list[str] = []
    """Columns that tell apart what the rows stand for, beside the primary key: two rows alike in all of them are one
    thing that was loaded twice.
    """
    query: str | None = None
    """SQL that gives the table, for a derived one: one SELECT over tables of the database with exactly these columns.
    It has no rights of its own and stands in the statement as a WITH.
    """
    notes: list[str] = []
    """What else is to be known about the data."""

    def column(self, name: str) -> Column | None:
        return next((c for c in self.columns if c.name == name), None)

    @property
    def readable(self) -> tuple[str, ...]:
        """Columns that analytics may read."""
        return tuple(c.name for c in self.columns if not c.personal)


def read_table(path: Path, file: str) -> Read[Table]:
    read = read_json(path, file, Table)
    if read.value is None:
        return read
    left_out = {str(item.get("name")) for item in read.dropped.get("columns", {}).values() if isinstance(item, dict)}
    return read.also(list(_problems(read.value, path.stem, file, left_out)))


def _problems(table: Table, stem: str, file: str, left_out: Set[str]) -> Iterator[Problem]:
    """left_out: columns that are there and could not be read."""
    names = [c.name for c in table.columns]
    if table.table != stem:
        message = f"'{table.table}' is not the file's name '{stem}'; they are to be the same"
        yield Problem(file, "table", message, rule="file-name")
    for index, name in enumerate(names):
        if name in names[:index]:
            message = f"the column '{name}' is there twice"
            yield Problem(file, f"columns[{index}].name", message, rule="duplicate-name")
    referred: list[tuple[str, str | None]] = [
        ("primary_key", table.primary_key),
        ("time", table.time),
        ("listed_by", table.listed_by),
    ]
    referred += [(f"joins[{i}].column", join.column) for i, join in enumerate(table.joins)]
    referred += [(f"show[{i}]", column) for i, column in enumerate(table.show)]
    referred += [(f"natural_key[{i}]", column) for i, column in enumerate(table.natural_key)]
    for index, column in enumerate(table.columns if table.query is not None else ()):
        if column.values == "live":
            message = "values of a derived table are not learned live; leave this key out"
            yield Problem(file, f"columns[{index}].values", message, rule="wrong-value")
    for place, wanted in referred:
        if wanted is not None and wanted not in names and wanted not in left_out:
            message = f"the table has no column '{wanted}'{nearest(wanted, names)}"
            yield Problem(file, place, message, rule="unknown-name")
