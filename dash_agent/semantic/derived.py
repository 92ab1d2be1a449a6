"""Derived tables: their SQL stands in front of the statement that uses them, as a WITH of the same name."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from sqlglot import exp

from dash_agent.models.query import Scalar
from dash_agent.semantic.model import SemanticModel
from dash_agent.semantic.postgres import POSTGRES


def with_derived(
    model: SemanticModel, tree: exp.Query, tables: Iterable[str], parameters: Mapping[str, Scalar]
) -> tuple[exp.Query, tuple[str, ...]]:
    """The statement with every derived table that it reads in front, and the tables of the database that it rests on.

    tables: those that rows are counted or listed from; they come first among the tables of the database.
    """
    read = dict.fromkeys((*tables, *(table.name for table in tree.find_all(exp.Table))))
    derived = {name: found for name in read if (found := model.derived.get(name)) is not None}
    front = []
    for name, query in derived.items():
        alias = exp.TableAlias(this=exp.to_identifier(name))
        front.append(exp.CTE(this=_with_constants(query, parameters), alias=alias))
    if front:
        clause = tree.args.get("with_")
        behind = clause.expressions if clause is not None else []
        tree.set("with_", exp.With(expressions=[*front, *behind]))
    below = (table.name for query in derived.values() for table in query.find_all(exp.Table))
    based = (name for name in (*read, *below) if name in model.catalog.readable)
    return tree, tuple(dict.fromkeys(based))


def _with_constants(query: exp.Expr, parameters: Mapping[str, Scalar]) -> exp.Expr:
    def placed(node: exp.Expr) -> exp.Expr:
        if isinstance(node, exp.Placeholder) and node.name in parameters:
            return POSTGRES.scalar(parameters[node.name])
        return node

    return query.copy().transform(placed)
