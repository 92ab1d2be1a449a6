"""Columns and whole rows: what a name stands for, and the tree rewritten so that PostgreSQL takes it for the same."""

from __future__ import annotations

from sqlglot import exp

from dash_agent.errors import UnsafeSql
from dash_agent.sql.refusals import not_allowed, shown
from dash_agent.sql.scope import (
    Relation,
    Scope,
    find_column,
    find_relation,
    fold,
    identifier,
    qualify,
    unreadable,
    unresolved,
)

ROW_REASON = "a whole row is not a value; name its columns"


def resolve(node: exp.Expr, scope: Scope) -> exp.Expr:
    """The column, or what takes its place. Raises UnsafeSql where no readable column answers to it."""
    if not isinstance(node, exp.Column):
        raise not_allowed(node)
    if node.args.get("catalog"):
        raise UnsafeSql(f"{shown(node)} names another database")
    if isinstance(node.this, exp.Star):
        raise UnsafeSql(ROW_REASON)
    name = fold(node.this)
    table = node.args.get("table")
    if table is not None:
        _check_qualified(node, name, fold(table), scope)
        return node
    relation, level = find_column(scope, name)
    if level is None:
        return _function_row(node, name, scope)
    if level is not scope:
        qualify(node, scope, relation, level)
    return node


def _check_qualified(node: exp.Column, name: str, table: str, scope: Scope) -> None:
    relation = find_relation(scope, table)
    if relation is None:
        raise UnsafeSql(f"there is no table {table} in this part of the statement")
    db = node.args.get("db")
    if db is not None and (fold(db) != "public" or relation.table != table):
        raise UnsafeSql(f"there is no table {fold(db)}.{table} in this part of the statement")
    if relation.scoped:
        node.set("db", None)
    if name not in relation.columns:
        raise unreadable(name, relation)


def _function_row(node: exp.Column, name: str, scope: Scope) -> exp.Expr:
    """`e` of `FROM jsonb_array_elements(x) AS e`: the function's one column under the alias's name."""
    relation = find_relation(scope, name)
    if relation is None:
        raise unresolved(name, scope)
    if not relation.function or len(relation.columns) != 1:
        raise UnsafeSql(f"a whole row of {name} is not a value; name its columns")
    column = exp.Column(this=identifier(relation.columns[0]), table=identifier(name))
    node.replace(column)
    return column


def whole_row(node: exp.Expr, scope: Scope) -> Relation | None:
    """The relation that `t.*`, or `t` where it is no column, stands for; None for anything else."""
    if not isinstance(node, exp.Column) or node.args.get("db"):
        return None
    if isinstance(node.this, exp.Star):
        relation = find_relation(scope, fold(node.args["table"]))
        if relation is None:
            raise UnsafeSql(f"there is no table {node.table} in this part of the statement")
        return relation
    if node.args.get("table") is not None or not isinstance(node.this, exp.Identifier):
        return None
    name = fold(node.this)
    return None if find_column(scope, name)[1] is not None else find_relation(scope, name)


def count_row(node: exp.Expr, scope: Scope) -> bool:
    """Rewrites `count(t.*)`, which counts the rows that a join found; True where it was one.

    The reader has no right to a whole row, so it is the readable columns that tell.
    """
    relation = whole_row(node.expressions[0], scope) if len(node.expressions) == 1 else None
    if relation is None:
        return False
    if not relation.name or not relation.columns or "" in relation.columns:
        raise UnsafeSql(ROW_REASON)
    columns = [exp.Column(this=identifier(c), table=identifier(relation.name)) for c in relation.columns]
    filled = exp.Anonymous(this="num_nonnulls", expressions=columns)
    found = exp.If(this=exp.GT(this=filled, expression=exp.Literal.number(0)), true=exp.Literal.number(1))
    node.set("expressions", [exp.Case(ifs=[found])])
    return True


def read_row(node: exp.Expr, scope: Scope) -> exp.Expr | None:
    """Lets a function read a row of a named sub-select, as `x.*`; returns that, None where it reads no row.

    By name alone PostgreSQL would prefer a hidden column of that name.
    """
    target = node.expressions[0] if node.expressions else None
    holder = node
    if isinstance(target, exp.Order) and isinstance(target.this, exp.Expr):
        holder, target = target, target.this
    relation = whole_row(target, scope) if target is not None else None
    if relation is None:
        return None
    if relation.table or relation.starred or not relation.name:
        raise UnsafeSql("a whole row may hold personal data; name its columns")
    star = exp.Column(this=exp.Star(), table=identifier(relation.name))
    if holder is node:
        node.set("expressions", [star, *node.expressions[1:]])
    else:
        holder.set("this", star)
    return star


def expanded(item: exp.Expr, scope: Scope) -> tuple[list[exp.Expr], bool] | None:
    """The columns that `*` or `t.*` stands for, written out, and whether they come from a table; None for others."""
    if isinstance(item, exp.Star):
        star, pairs = item, scope.star
    elif isinstance(item, exp.Column) and isinstance(item.this, exp.Star):
        relation = whole_row(item, scope)
        if relation is None:
            raise not_allowed(item)
        star, pairs = item.this, [(relation, name) for name in relation.columns]
    else:
        return None
    if any(star.args.values()):
        raise UnsafeSql("* takes no EXCEPT, REPLACE or RENAME")
    if not pairs or any(not name for _, name in pairs):
        raise UnsafeSql("* stands for columns without a name here; name them")
    alone = star is item and len(scope.relations) == 1
    written: list[exp.Expr] = []
    for source, name in pairs:
        table = identifier(source.name) if source is not None and source.name and not alone else None
        written.append(exp.Column(this=identifier(name), table=table))
    return written, any(source is None or bool(source.table) or source.starred for source, _ in pairs)
