"""Layer 3, query patterns: `queries/*.sql`, a YAML header in the first comment and one statement."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

import yaml

from dash_agent.context.business import Unit
from dash_agent.context.files import FileModel, LocalText, LocalWords, parse
from dash_agent.errors import Problem

SAFE_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
"""The C reader where PyYAML has it: two dozen headers in pure Python cost a fifth of a second at each start."""

ParameterType = Literal["timestamptz", "text", "text[]", "integer", "numeric"]


class Parameter(FileModel):
    """A `:name` of the statement.

    fills: what of a question fills it: 'period.start', 'period.end', 'dimension:NAME' (the values a question
    narrows it to, null where it does not) or 'constant:NAME' (a rule's number, which a question's span may replace).
    """

    type: ParameterType
    fills: str


class OutputColumn(FileModel):
    """role: how the column is shown. unit: of a metric column. metric, dimension: whose label it takes."""

    role: Literal["dimension", "metric", "helper"]
    unit: Unit | None = None
    label: LocalText = {}
    decimals: int | None = None


class PatternHeader(FileModel):
    """kind: a list shows rows one by one, and is meant only where a question asks to see them; a report is a table.

    phrases: the words that name the pattern, by language. questions: examples that must lead to it.

    metric: the compiled metric that this equals, or whose rows it lists;
    its words name the pattern, too.
    """

    name: str
    kind: Literal["report", "list"] = "report"
    label: LocalText
    description: str
    phrases: LocalWords
    questions: LocalWords
    parameters: dict[str, Parameter] = {}
    columns: dict[str, OutputColumn]
    period: Literal["none", "default"] = "none"
    metric: str | None = None


class Pattern(FileModel):
    header: PatternHeader
    sql: str
    file: str


def read_pattern(path: Path, file: str) -> Pattern | list[Problem]:
    try:
        text = path.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        return [Problem(file, f"byte {error.start}", "the file is not UTF-8 text")]
    except OSError as error:
        return [Problem(file, "", f"can't be read: {error.strerror}")]
    opening, _, rest = text.partition("/*")
    header_text, closing, sql = rest.partition("*/")
    if opening.strip() or not closing:
        return [Problem(file, "line 1", "the file starts with a header in /* … */")]
    try:
        data = yaml.load(header_text, Loader=SAFE_LOADER)  # noqa: S506
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        place = f"line {mark.line + 1}, column {mark.column + 1}" if mark else "header"
        return [Problem(file, place, f"the header is not valid YAML: {getattr(error, 'problem', error)}")]
    header = parse(data, file, PatternHeader)
    if isinstance(header, list):
        return header
    if header.name != path.stem:
        return [Problem(file, "name", f"'{header.name}' is not the file's name '{path.stem}'")]
    return Pattern(header=header, sql=sql.strip(), file=file)
