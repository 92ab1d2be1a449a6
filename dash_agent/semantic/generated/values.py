"""Literals that no row holds: a misspelt value gives 0 or everything, and looks like an answer."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from difflib import get_close_matches

from sqlglot import exp

from dash_agent.context.catalog import Catalog
from dash_agent.context.quoting import quoted
from dash_agent.semantic.generated.doubt import Doubt
from dash_agent.semantic.generated.relations import Level, bare, own

Lookup = Callable[[str, str], Sequence[str] | None]
"""Table and column → the values that its rows hold; None where they are not known."""

MOST_NAMED = 8


def strange_values(levels: Sequence[Level], catalog: Catalog, values_of: Lookup) -> Iterator[Doubt]:
    for level in levels:
        for column, literal in _compared(level):
            place = _origin(level, column)
            if place is None:
                continue
            known = values_of(*place)
            if known is None:
                continue
            doubt = _doubt(literal, place, [*known, *_documented(catalog, place)], folded=not _is_plain(column))
            if doubt is not None:
                yield doubt


def _compared(level: Level) -> Iterator[tuple[exp.Expr, str]]:
    """A column, or lower() of one, with a text that it is compared with."""
    for node in own(level.select):
        match node:
            case exp.EQ() | exp.NEQ() | exp.NullSafeEQ() | exp.NullSafeNEQ():
                pairs = [(node.left, node.right), (node.right, node.left)]
            case exp.In():
                pairs = [(node.this, one) for one in node.expressions]
            case exp.Case() if node.this is not None:
                pairs = [(node.this, branch.this) for branch in node.args.get("ifs") or ()]
            case _:
                continue
        for column, literal in pairs:
            found = list(_texts(literal))
            if _column_of(column) is not None:
                yield from ((column, text) for text in found)


def _texts(node: exp.Expr) -> Iterator[str]:
    node = bare(node)
    while isinstance(node, exp.Cast):
        node = bare(node.this)
    if isinstance(node, exp.Literal) and node.is_string:
        yield node.name
    elif isinstance(node, exp.Any | exp.Array):
        for one in [node.this] if isinstance(node, exp.Any) else node.expressions:
            yield from _texts(one)


def _column_of(node: exp.Expr) -> exp.Column | None:
    node = bare(node)
    while isinstance(node, exp.Cast | exp.Lower | exp.Upper | exp.Trim):
        node = bare(node.this)
    return node if isinstance(node, exp.Column) else None


def _is_plain(node: exp.Expr) -> bool:
    return not any(isinstance(one, exp.Lower | exp.Upper) for one in own(node))


def _origin(level: Level, node: exp.Expr) -> tuple[str, str] | None:
    column = _column_of(node)
    ref = level.ref(column) if column is not None else None
    return level.relation(ref.relation).origins.get(ref.column) if ref is not None else None


def _documented(catalog: Catalog, place: tuple[str, str]) -> list[str]:
    """Values that the files name, whether or not a row has them today."""
    named = {d.name for d in catalog.dimensions.values() if ".".join(place) in (d.column, *d.on.values())}
    return [stored for value in catalog.values if value.dimension in named for stored in value.stored]


def _doubt(literal: str, place: tuple[str, str], known: Sequence[str], *, folded: bool) -> Doubt | None:
    def same(value: str) -> str:
        return value.strip().casefold() if folded else value.strip()

    if same(literal) in map(same, known) or not known:
        return None
    near = _nearest(literal, known)
    held = ", ".join(quoted(value) for value in sorted(set(known))[:MOST_NAMED])
    hint = f"did you mean {quoted(near)}?" if near else f"it holds {held}"
    about = (place[1], quoted(literal), quoted(near) if near else "")
    return Doubt("value", f"no row of {place[0]} has the {place[1]} {quoted(literal)}", hint, about=about)


def _nearest(literal: str, known: Sequence[str]) -> str | None:
    by_folded = {value.casefold(): value for value in known}
    close = get_close_matches(literal.casefold(), list(by_folded), n=1, cutoff=0.6)
    return by_folded[close[0]] if close else None
