"""Days that begin at another clock's midnight. The session is in the business time zone, so a plain day is right."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

from sqlglot import exp

from dash_agent.context.catalog import Catalog
from dash_agent.context.quoting import quoted
from dash_agent.semantic.generated.doubt import Doubt
from dash_agent.semantic.generated.relations import Level, own

_MIDNIGHT: Final = re.compile(r"^\d{4}-\d\d-\d\d[T ]00:00(:00(\.0+)?)?(Z|[+-]\d\d(:?\d\d)?)$")


def other_clocks(levels: Sequence[Level], catalog: Catalog, zone: ZoneInfo) -> Iterator[Doubt]:
    """Told beside the rows, and refused nowhere: a question may mean another clock."""
    seen = set[str]()
    for level in levels:
        for node in own(level.select):
            message = _message(node, level, catalog, zone)
            if message and message not in seen:
                seen.add(message)
                hint = f"the session's zone is {zone.key}: date_trunc and ::date of a moment are its days already"
                yield Doubt("zone", message, hint, refuses=False)


def _message(node: exp.Expr, level: Level, catalog: Catalog, zone: ZoneInfo) -> str:
    match node:
        case exp.AtTimeZone(args={"zone": exp.Literal() as named}) if _is_other(named.name, zone):
            if _has_moment(node.this, level, catalog):
                return f"days are counted in {quoted(named.name)}, and the business's are in {zone.key}"
        case exp.TimestampTrunc(args={"zone": exp.Literal() as named}) if _is_other(named.name, zone):
            return f"days are counted in {quoted(named.name)}, and the business's are in {zone.key}"
        case exp.GT() | exp.GTE() | exp.LT() | exp.LTE() | exp.Between():
            for literal in node.find_all(exp.Literal):
                if literal.is_string and _foreign_midnight(literal.name, zone):
                    return f"{quoted(literal.name)} is midnight on another clock than {zone.key}"
    return ""


def _is_other(name: str, zone: ZoneInfo) -> bool:
    return name.casefold() != zone.key.casefold()


def _has_moment(node: exp.Expr, level: Level, catalog: Catalog) -> bool:
    """Whether a column of moments is turned; a moment of the clock's own is fine in any zone."""
    for ref in level.refs(node):
        origin = level.relation(ref.relation).origins.get(ref.column)
        column = catalog.tables[origin[0]].column(origin[1]) if origin is not None else None
        if column is not None and column.type == "timestamptz":
            return True
    return False


def _foreign_midnight(text: str, zone: ZoneInfo) -> bool:
    if not _MIDNIGHT.match(text):
        return False
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return False
    return moment.astimezone(zone).time() != moment.time()
