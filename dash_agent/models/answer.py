"""What comes back, one shape on every channel."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from enum import StrEnum

from dash_agent.models.plan import Option, Plan, Reading
from dash_agent.models.principal import ScopeFilter
from dash_agent.models.sql import Cell
from dash_agent.models.usage import NOTHING, Usage


class Status(StrEnum):
    ANSWERED = "answered"
    CLARIFY = "clarify"
    REFUSED = "refused"
    ERROR = "error"


class Engine(StrEnum):
    GROUNDED = "grounded"
    LLM = "llm"


class Trust(StrEnum):
    VERIFIED = "verified"
    GOVERNED = "governed"
    GENERATED = "generated"


class ColumnRole(StrEnum):
    DIMENSION = "dimension"
    METRIC = "metric"
    HELPER = "helper"


@dataclass(frozen=True, slots=True)
class AnswerColumn:
    """type: text, integer, number, date, timestamp or boolean. unit: as the metric declares it.

    label: in the answer's language.
    """

    name: str
    role: ColumnRole
    type: str
    unit: str | None
    label: str


@dataclass(frozen=True, slots=True)
class Fact:
    """A number that a row holds. kind: value, change, contribution, mix, trend, outlier, record, share or target."""

    kind: str
    metric: str
    label: str
    value: Decimal | int | float | None
    unit: str | None = None
    segment: str | None = None
    period: str | None = None
    previous: Decimal | int | float | None = None


class ChartKind(StrEnum):
    NUMBER = "number"
    LINE = "line"
    BAR = "bar"
    GROUPED = "grouped"
    MULTIPLES = "multiples"
    FUNNEL = "funnel"
    HEATMAP = "heatmap"


@dataclass(frozen=True, slots=True)
class Chart:
    """A plotly figure as plain values: text, numbers, lists and dicts. `data` and `layout` go out as they are.

    alt: what it shows, for whoever can't see it, in the answer's language; it goes out in layout.meta, with the kind.
    """

    kind: ChartKind
    data: tuple[Mapping[str, object], ...]
    layout: Mapping[str, object]
    alt: str


@dataclass(frozen=True, slots=True)
class Source:
    """layer: table, metric, dimension, value, rule or pattern. file: relative to the content folder."""

    layer: str
    name: str
    file: str


@dataclass(frozen=True, slots=True)
class Watermark:
    """How far a table of the database was filled when an answer was given.

    key: the highest primary key, None where keys are no whole numbers. newest: the latest time of a row.
    rows: how many were within the answer's own period and conditions; None where there were too many to count.
    """

    table: str
    key: int | None
    newest: datetime | None
    rows: int | None


@dataclass(frozen=True, slots=True)
class Reusable:
    """Until when an answer may be shown again: as long as its tables stay at what `changes` says of each.

    key: the same for answers whose rows and words are the same then. words: the text and the caveats that are meant:
    an answer that others have added to is not shown again.
    """

    key: str
    changes: Mapping[str, str]
    words: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Receipt:
    """Enough to ask again and compare. data_as_of: the newest time in the tables that were read, None where unknown.

    engine: what made the SQL, with versions. scope: the rows that were counted among, () for all; the SQL without it
    is `statement`, None where the answer's own is. reusable: None where nothing says until when it holds, and for
    rows that are shown again. These and the watermarks are kept, and don't go out.
    """

    context_version: str
    data_as_of: datetime | None
    result_hash: str
    engine: str = ""
    scope: tuple[ScopeFilter, ...] = ()
    statement: str | None = None
    watermarks: tuple[Watermark, ...] = ()
    reusable: Reusable | None = None


@dataclass(frozen=True, slots=True)
class DoubleCheck:
    """Whether the results of both engines are the same. difference: the filter or part that differs, in words."""

    agrees: bool
    difference: str | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """See the fields of the same name in the contract. `question` is None where a plan was answered directly.

    cached: the answer whose rows are shown again, None where they are new.
    """

    answer_id: str
    session_id: str | None
    question: str | None
    language: str
    as_of: datetime
    status: Status
    text: str
    plan: Plan | None
    engine: Engine = Engine.GROUNDED
    trust: Trust | None = None
    columns: tuple[AnswerColumn, ...] = ()
    rows: tuple[tuple[Cell, ...], ...] = ()
    truncated: bool = False
    facts: tuple[Fact, ...] = ()
    reading: tuple[Reading, ...] = ()
    sql: str | None = None
    assumptions: tuple[str, ...] = ()
    caveats: tuple[str, ...] = ()
    sources: tuple[Source, ...] = ()
    options: tuple[Option, ...] = ()
    suggestions: tuple[str, ...] = ()
    chart: Chart | None = None
    receipt: Receipt | None = None
    timings_ms: tuple[tuple[str, float], ...] = field(default=())
    error_code: str | None = None
    usage: Usage = NOTHING
    double_check: DoubleCheck | None = None
    cached: str | None = None
