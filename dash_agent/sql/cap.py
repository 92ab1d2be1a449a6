"""The row cap, put into the tree: never as text, which a comment could swallow."""

from __future__ import annotations

from sqlglot import exp


def capped(tree: exp.Expr, cap: int) -> exp.Expr:
    """The query with at most `cap` + 1 rows: one more than the caller gets, so that a cut shows."""
    ask = exp.Literal.number(cap + 1)
    limit = tree.args.get("limit")
    if isinstance(tree, exp.Values) or (isinstance(limit, exp.Fetch) and _with_ties(limit)):
        return _wrapped(tree, ask)
    if limit is None:
        tree.set("limit", exp.Limit(expression=ask))
        return tree
    value = (limit.args.get("count") or exp.Literal.number(1)) if isinstance(limit, exp.Fetch) else limit.expression
    if isinstance(value, exp.Literal) and not value.is_string and value.name.isdigit():
        if int(value.name) > cap:
            tree.set("limit", exp.Limit(expression=ask))
        return tree
    if isinstance(value, exp.Var | exp.Null):
        tree.set("limit", exp.Limit(expression=ask))
    else:
        least = exp.Anonymous(this="least", expressions=[value.copy(), ask])
        tree.set("limit", exp.Limit(expression=least))
    return tree


def _with_ties(limit: exp.Fetch) -> bool:
    options = limit.args.get("limit_options")
    return options is not None and bool(options.args.get("with_ties"))


def _wrapped(tree: exp.Expr, ask: exp.Expr) -> exp.Expr:
    alias = exp.TableAlias(this=exp.Identifier(this="capped", quoted=False))
    if isinstance(tree, exp.Values):
        source: exp.Expr = tree
        tree.set("alias", alias)
    else:
        source = exp.Subquery(this=tree, alias=alias)
    return exp.Select(
        expressions=[exp.Star()],
        from_=exp.From(this=source),
        limit=exp.Limit(expression=ask),
    )
