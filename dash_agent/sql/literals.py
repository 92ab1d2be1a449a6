"""Constants, types and units: what they may be, and that none of them reads the clock."""

from __future__ import annotations

import re
from typing import Final

from sqlglot import exp

from dash_agent.errors import UnsafeSql
from dash_agent.sql import bind
from dash_agent.sql.allowed import CLOCK_TYPES, NAMED_TYPES, TYPES, UNITS
from dash_agent.sql.lexical import MARK
from dash_agent.sql.refusals import shown

# Where the word 'today' is only a word: shown, chosen or joined to other text, never compared or cast.
_TEXT_PLACES: Final = frozenset({"Alias", "Select", "Case", "If", "DPipe", "Concat", "Tuple"})
_TEXT_FUNCTIONS: Final = frozenset({"concat", "concat_ws", "format", "json_build_object", "jsonb_build_object"})
_ESCAPE: Final = re.compile(r"\\\\|\\([0-9A-Fa-f]{4})|\\\+([0-9A-Fa-f]{6})")


def check_text(node: exp.Expr) -> exp.Expr:
    """A string in plain quotes, whatever its quotes were. Raises UnsafeSql where it may read the clock."""
    if isinstance(node, exp.Literal) and not node.is_string:
        return node
    plain = node
    if not isinstance(node, exp.Literal):
        if node.args.get("escape"):
            raise UnsafeSql("UESCAPE is not allowed")
        text = _unescaped(node.name) if isinstance(node, exp.UnicodeString) else node.name
        plain = exp.Literal.string(text)
        node.replace(plain)
    if "\x00" in plain.name:
        raise UnsafeSql("a text holds no zero character")
    if bind.reads_clock(plain.name) and not _only_shown(plain):
        raise UnsafeSql(f"'{plain.name}' may read the server's clock; write now() or current_date")
    return plain


def _only_shown(node: exp.Expr) -> bool:
    parent = node.parent
    if isinstance(parent, exp.Anonymous):
        return parent.name.removeprefix(MARK).lower() in _TEXT_FUNCTIONS
    return type(parent).__name__ in _TEXT_PLACES


def _unescaped(text: str) -> str:
    """`\\0430` as the character that it stands for in U&'…'."""

    def character(match: re.Match[str]) -> str:
        digits = match[1] or match[2]
        if digits is None:
            return "\\"
        number = int(digits, 16)
        if not 0 < number < 0x110000 or 0xD800 <= number < 0xE000:
            raise UnsafeSql("a Unicode escape is out of range")
        return chr(number)

    if "\\" in _ESCAPE.sub("", text):
        raise UnsafeSql("a Unicode escape is not complete")
    return _ESCAPE.sub(character, text)


def check_type(node: exp.Expr) -> str:
    """sqlglot's name of a type that may be cast to, of the innermost one for arrays. Raises UnsafeSql for others."""
    refused = UnsafeSql(f"a cast to {shown(node).lower()} is not allowed")
    if not isinstance(node, exp.DataType):
        raise refused
    kind = node.this.name if isinstance(node.this, exp.DType) else ""
    if kind == "USERDEFINED" and str(node.args.get("kind")).lower() in NAMED_TYPES:
        return kind
    if kind not in TYPES or node.args.get("kind"):
        raise refused
    for item in node.expressions:
        if isinstance(item, exp.DataType):
            kind = check_type(item)
        elif not (isinstance(item, exp.DataTypeParam) and isinstance(item.this, exp.Literal)):
            raise refused
    return kind


def check_cast_text(kind: str, node: exp.Expr) -> None:
    """`('to' || 'day')::date` reads the clock as 'today' does."""
    if kind not in CLOCK_TYPES or isinstance(node, exp.Literal) or node.find(exp.Column) is not None:
        return
    texts = [part.name for part in node.find_all(exp.Literal) if part.is_string]
    if bind.mentions_clock("".join(texts).replace(" ", "")):
        raise UnsafeSql("a date may not be put together from text that reads the clock")


def check_interval(node: exp.Expr) -> None:
    unit = node.args.get("unit")
    parts = (unit,) if isinstance(unit, exp.Var) else tuple(unit.args.values()) if unit is not None else ()
    if not isinstance(node.this, exp.Literal) or not all(
        isinstance(part, exp.Var) and part.name.upper() in UNITS for part in parts
    ):
        raise UnsafeSql("this interval is not allowed; write it as '3 days'::interval")


def check_unit(node: exp.Expr) -> None:
    if not isinstance(node, exp.Var | exp.Literal) or node.name.upper() not in UNITS:
        raise UnsafeSql(f"a time has no part {node.name.lower()}")
