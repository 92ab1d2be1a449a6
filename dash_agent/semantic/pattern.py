"""A verified pattern's statement with its parameters in it as typed literals."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

import sqlglot
from sqlglot import exp
from sqlglot.errors import ParseError, TokenError

from dash_agent.context.patterns import Pattern
from dash_agent.errors import ContentError, Problem, WrongUse
from dash_agent.models.query import Scalar
from dash_agent.semantic.postgres import POSTGRES
from dash_agent.semantic.unused import drop_unused

LEFT_TO_THE_GUARD = ("now", "tz")


@dataclass(frozen=True, slots=True)
class Bound:
    """tables: names of the relations that the statement reads, its own WITH among them."""

    tree: exp.Expr
    tables: tuple[str, ...]


def bind(
    pattern: Pattern, values: Mapping[str, Scalar | tuple[Scalar, ...]], keys: Mapping[str, str] = MappingProxyType({})
) -> Bound:
    """The pattern's tree, without what these values make no use of. `:now` and `:tz` stay for the guard.

    keys: the primary key of a table, for joins that may be left out.
    Raises ContentError where the file's SQL does not parse, WrongUse for a parameter without a value.
    """
    tree = _parsed(pattern)
    drop_unused(tree, values, keys)

    def placed(node: exp.Expr) -> exp.Expr:
        if not isinstance(node, exp.Placeholder) or node.name in LEFT_TO_THE_GUARD:
            return node
        if node.name not in pattern.header.parameters:
            raise WrongUse(f"{pattern.file}: the parameter ':{node.name}' has no value")
        return _literal(values[node.name], pattern.header.parameters[node.name].type)

    missing = pattern.header.parameters.keys() - values.keys()
    if missing:
        raise WrongUse(f"{pattern.file}: the parameter ':{min(missing)}' has no value")
    tables = dict.fromkeys(table.name for table in tree.find_all(exp.Table))
    return Bound(tree.transform(placed), tuple(tables))


def _parsed(pattern: Pattern) -> exp.Expr:
    try:
        trees = [tree for tree in sqlglot.parse(pattern.sql, dialect=POSTGRES.name) if tree is not None]
    except (ParseError, TokenError) as error:
        raise ContentError([Problem(pattern.file, "", f"not valid SQL: {str(error).splitlines()[0]}")]) from error
    if len(trees) != 1:
        raise ContentError([Problem(pattern.file, "", f"one statement is wanted, the file has {len(trees)}")])
    return trees[0]


def _literal(value: Scalar | tuple[Scalar, ...], kind: str) -> exp.Expr:
    if isinstance(value, tuple):
        items = exp.Array(expressions=[POSTGRES.scalar(item) for item in value])
        return POSTGRES.typed(items, kind)
    return POSTGRES.typed(POSTGRES.scalar(value), kind)
