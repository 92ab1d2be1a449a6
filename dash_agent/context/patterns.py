"""Layer 3, query patterns: `queries/*.sql`, a YAML header in the first comment and one statement."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from pydantic import Field

from dash_agent.context.business import Unit
from dash_agent.context.files import FileModel, LocalText, LocalWords, Read, read_text, read_yaml
from dash_agent.errors import Problem

ParameterType = Literal["timestamptz", "text", "text[]", "integer", "numeric"]


class Parameter(FileModel):
    """A `:name` of the statement."""

    type: ParameterType
    """As the SQL takes it."""
    fills: str
    """What of a question fills it: 'period.start', 'period.end', 'dimension:NAME' (the values a question narrows it
    to, null where it does not), 'constant:NAME' (a rule's number, which a question's span may replace) or
    'target:METRIC.VALUE' (what business/targets.json says of a group; 'target:METRIC' of all rows).
    """


class OutputColumn(FileModel):
    """A column of the answer."""

    role: Literal["dimension", "metric", "helper"]
    """How it is shown: what rows are told apart by, a number, or neither."""
    unit: Unit | None = None
    """Of a metric column."""
    label: LocalText = {}
    """What answers call it, by language."""
    decimals: int | None = Field(default=None, ge=0, le=6)
    """Of a metric column."""


class PatternHeader(FileModel):
    """The header of a verified query."""

    name: str
    """The file's name without its ending."""
    kind: Literal["report", "list"] = "report"
    """A list shows rows one by one, and is meant only where a question asks to see them; a report is a table."""
    label: LocalText
    """What answers call it, by language."""
    description: str
    """What the answer shows."""
    phrases: LocalWords
    """The words that name the pattern, by language."""
    questions: LocalWords
    """Examples that must lead to it, by language."""
    parameters: dict[str, Parameter] = {}
    """By name, without the colon."""
    columns: dict[str, OutputColumn]
    """Of the answer, by name and in the order of the SELECT."""
    period: Literal["none", "default"] = "none"
    """'default' where the pattern is of a period; a question without one then gets the default."""
    metric: str | None = None
    """The compiled metric that this equals, or whose rows it lists; its words name the pattern, too."""


class Pattern(FileModel):
    header: PatternHeader
    sql: str
    file: str


def read_pattern(path: Path, file: str) -> Read[Pattern]:
    text = read_text(path, file)
    if isinstance(text, Problem):
        return Read(None, (text,))
    opening, _, rest = text.partition("/*")
    header_text, closing, sql = rest.partition("*/")
    if opening.strip() or not closing:
        message = "the file starts with a header between /* and */"
        return Read(None, (Problem(file, "line 1", message, rule="syntax", line=1),))
    first_line = opening.count("\n") + 1
    read = read_yaml(header_text, file, PatternHeader, called="header", first_line=first_line)
    header = read.value
    if header is None:
        return Read(None, read.problems)
    problems = list(read.problems)
    if header.name != path.stem:
        message = f"'{header.name}' is not the file's name '{path.stem}'; they are to be the same"
        problems.append(Problem(file, "name", message, rule="file-name"))
    return Read(Pattern(header=header, sql=sql.strip(), file=file), tuple(problems))
