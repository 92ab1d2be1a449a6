"""A table as who asks may see it: its readable columns, and the rows within their scope."""

from __future__ import annotations

from typing import Final

from sqlglot import exp

from dash_agent.errors import OutOfScope
from dash_agent.sql.scope import GuardSchema, identifier

SCHEMA: Final = "public"


def within_scope(node: exp.Expr, name: str, called: str, schema: GuardSchema) -> exp.Expr:
    """The sub-select that takes the place of the table `name` in FROM, under the name that it has there.

    The table is named with its schema in it, so that no WITH of the statement can stand in for it; a sample is taken
    before the rows are chosen. Raises OutOfScope.
    """
    rule = schema.rules.get(name)
    if rule is None:
        raise _out_of_reach(name, schema)
    table = exp.Table(this=identifier(name), db=identifier(SCHEMA), sample=node.args.get("sample"))
    columns = [exp.Column(this=identifier(column), table=identifier(name)) for column in schema.columns(name)]
    inner = exp.Select(expressions=columns, from_=exp.From(this=table), where=exp.Where(this=_named_plainly(rule)))
    alias = exp.TableAlias(this=identifier(called))
    return exp.Subquery(this=inner, alias=alias, joins=node.args.get("joins"))


def _named_plainly(rule: exp.Expr) -> exp.Expr:
    """A copy of the rule, its names quoted only where they have to be."""
    rule = rule.copy()
    for name in list(rule.find_all(exp.Identifier)):
        name.replace(identifier(name.this))
    return rule


def _out_of_reach(name: str, schema: GuardSchema) -> OutOfScope:
    dimensions = [narrowed.dimension for narrowed in schema.scope]
    return OutOfScope(name, dimensions, tuple(schema.lacking.get(name) or dimensions))
