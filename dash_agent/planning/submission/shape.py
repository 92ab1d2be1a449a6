"""The form's fields, before any name is looked up. Nulls and fields that are left out mean the same."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from dash_agent.errors import WrongUse
from dash_agent.models.plan import RefusalReason
from dash_agent.models.query import Grain, Op

Value = bool | int | float | str | None
MOST_SQL = 20_000
MOST_NAMES = 20
DECLINING = (
    RefusalReason.NO_SUCH_DATA,
    RefusalReason.NOT_SUPPORTED,
    RefusalReason.PERSONAL,
    RefusalReason.WRITE,
    RefusalReason.INSTRUCTION,
)


def _as_list(value: object) -> object:
    """One where a list is wanted is a list of one: models do so, and nothing else can be meant."""
    if value is None:
        return []
    return value if isinstance(value, list) else [value]


def _as_object(value: object) -> object:
    return {} if value is None else value


Names = Annotated[list[str], BeforeValidator(_as_list), Field(max_length=MOST_NAMES)]


class Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class SpanPart(Part):
    """Either `label`, in words, or `start` and `end`, which is not in it."""

    label: str = ""
    start: str | None = None
    end: str | None = None
    to_now: bool = False


class FilterPart(Part):
    dimension: str
    op: Op = Op.IN
    values: Annotated[list[Value], BeforeValidator(_as_list)] = []


class AmongPart(Part):
    metric: str
    counts: bool = True


class HavingPart(Part):
    metric: str
    op: Op
    value: int | float


class OrderPart(Part):
    by: str
    desc: bool = True


class ReadingPart(Part):
    words: str
    became: str


class OptionPart(Part):
    label: str
    question: str


Conditions = Annotated[list[FilterPart | AmongPart], BeforeValidator(_as_list)]
Filters = Annotated[list[FilterPart], BeforeValidator(_as_list)]
Orders = Annotated[list[OrderPart], BeforeValidator(_as_list)]
Amongs = Annotated[list[AmongPart], BeforeValidator(_as_list)]
Told = Annotated[list[str], BeforeValidator(_as_list)]
"""What an answer's plan tells beside the query, and no submission changes."""

Readings = Annotated[list[ReadingPart], BeforeValidator(_as_list)]
Parameters = Annotated[dict[str, Value | list[Value]], BeforeValidator(_as_object)]


class MetricPart(Part):
    kind: Literal["metric"]
    metrics: Names
    dimensions: Names = []
    grain: Grain | None = None
    filters: Filters = []
    among: Amongs = []
    part: Conditions = []
    period: SpanPart | None = None
    compare: SpanPart | None = None
    having: Annotated[list[HavingPart], BeforeValidator(_as_list)] = []
    order: Orders = []
    limit: int | None = Field(default=None, ge=1)
    drop_null_groups: bool | None = None
    with_ties: bool | None = None
    share: bool | None = None
    why: bool | None = None
    parameters: Parameters = {}
    reading: Readings = []
    assumed: Told = []


class ListPart(Part):
    kind: Literal["list"]
    table: str
    columns: Names = []
    metrics: Names = []
    filters: Filters = []
    among: Amongs = []
    period: SpanPart | None = None
    order: Orders = []
    limit: int | None = Field(default=None, ge=1)
    parameters: Parameters = {}
    reading: Readings = []
    assumed: Told = []


class PatternPart(Part):
    kind: Literal["pattern"]
    name: str
    period: SpanPart | None = None
    parameters: Parameters = {}
    reading: Readings = []
    assumed: Told = []


class SqlPart(Part):
    kind: Literal["sql"]
    sql: str = Field(min_length=1, max_length=MOST_SQL)
    reading: Readings = []


class ClarifyPart(Part):
    kind: Literal["clarify"]
    words: Names
    options: Annotated[list[OptionPart], BeforeValidator(_as_list), Field(min_length=1, max_length=4)]


class RefusePart(Part):
    kind: Literal["refuse"]
    reason: Literal["no_such_data", "not_supported", "personal", "write", "instruction"]
    words: Names


Submitted = MetricPart | ListPart | PatternPart | SqlPart | ClarifyPart | RefusePart
KINDS: dict[str, type[Submitted]] = {
    "metric": MetricPart,
    "list": ListPart,
    "pattern": PatternPart,
    "sql": SqlPart,
    "clarify": ClarifyPart,
    "refuse": RefusePart,
}


def shaped(kind: str, data: dict[str, object]) -> Submitted:
    """data: without what is null and what belongs to other kinds. Raises WrongUse, in a line, with the place."""
    try:
        return KINDS[kind].model_validate({**data, "kind": kind})
    except ValidationError as error:
        raise WrongUse("; ".join(_told(dict(found)) for found in error.errors(include_url=False)[:3])) from None


def _told(found: dict[str, object]) -> str:
    place = found["loc"]
    where = ".".join(map(str, place)) if isinstance(place, tuple) else ""
    return f"{where}: {str(found['msg'])[:200]}"
