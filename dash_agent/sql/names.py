"""The name that PostgreSQL gives an output column that has none of its own.

Source: FigureColnameInternal in its src/backend/parser/parse_target.c.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from sqlglot import exp

from dash_agent.sql.lexical import MARK
from dash_agent.sql.scope import fold

NAMELESS: Final = "?column?"
_TRANSPARENT: Final = (exp.Paren, exp.Window, exp.Filter, exp.WithinGroup, exp.Collate, exp.Bracket)
_FIXED: Final[Mapping[str, str]] = {
    "Case": "case",
    "Array": "array",
    "Exists": "exists",
    "Extract": "extract",
    "Substring": "substring",
    "StrPosition": "position",
    "Overlay": "overlay",
    "AtTimeZone": "timezone",
    "GroupConcat": "string_agg",
    "JSONObject": "json_object",
    "CurrentDate": "current_date",
    "CurrentTime": "current_time",
    "CurrentTimestamp": "current_timestamp",
    "Localtime": "localtime",
    "Localtimestamp": "localtimestamp",
    "Boolean": "bool",
    "Interval": "interval",
    "National": "bpchar",
}
# Operators that sqlglot prints as calls, which have names.
_NAMELESS: Final = (exp.Pow, exp.Sqrt, exp.Cbrt, exp.StartsWith, exp.Concat)
_TRIMS: Final = {"LEADING": "ltrim", "TRAILING": "rtrim"}
_TYPE_NAMES: Final = {
    "INT": "int4",
    "BIGINT": "int8",
    "SMALLINT": "int2",
    "DECIMAL": "numeric",
    "FLOAT": "float4",
    "DOUBLE": "float8",
    "BOOLEAN": "bool",
    "CHAR": "bpchar",
    "VARBINARY": "bytea",
}


def implicit(node: exp.Expr) -> str:
    """The name, '' where PostgreSQL says "?column?" of itself."""
    return NAMELESS if isinstance(node, _NAMELESS) else _figure(node)[0]


def _figure(node: exp.Expr) -> tuple[str, bool]:
    """The name, and whether it is stronger than the name of a cast round it."""
    if isinstance(node, exp.Column):
        return (fold(node.this), True) if isinstance(node.this, exp.Identifier) else ("", False)
    if isinstance(node, _TRANSPARENT):
        return _figure(node.this)
    if isinstance(node, exp.Anonymous):
        return node.name.removeprefix(MARK).lower(), True
    if isinstance(node, exp.Dot):
        return fold(node.expression), True
    if isinstance(node, exp.Case):
        return _case(node)
    if isinstance(node, exp.Cast):
        inner, strong = _figure(node.this)
        target = node.args["to"]
        while target.this is exp.DType.ARRAY and target.expressions:
            target = target.expressions[0]
        kind = target.this
        name = kind.name if isinstance(kind, exp.DType) else str(kind)
        return (inner, True) if strong else (_TYPE_NAMES.get(name, name.lower()), False)
    if isinstance(node, exp.Subquery):
        return _scalar(node)
    if isinstance(node, exp.Trim):
        return _TRIMS.get(str(node.args.get("position")), "btrim"), True
    fixed = _FIXED.get(type(node).__name__, "")
    return fixed, bool(fixed) and fixed not in {"bool", "interval", "bpchar"}


def _case(node: exp.Expr) -> tuple[str, bool]:
    default = node.args.get("default")
    name, strong = _figure(default) if isinstance(default, exp.Expr) else ("", False)
    return (name, True) if strong else ("case", False)


def _scalar(node: exp.Expr) -> tuple[str, bool]:
    query = node.this
    while isinstance(query, exp.Subquery | exp.SetOperation):
        query = query.this
    if not isinstance(query, exp.Select) or not query.expressions:
        return "", False
    first = query.expressions[0]
    return (fold(first.args["alias"]), True) if isinstance(first, exp.Alias) else _figure(first)
