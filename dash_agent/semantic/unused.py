"""What of a pattern a question makes no use of: conditions that are not asked for, and joins that only they needed.

A pattern is written for every way to narrow it. What runs, and is shown, has those that the question names; and whoever
may not see customers can still ask for a funnel that no country narrows.
"""

from __future__ import annotations

from collections.abc import Mapping

from sqlglot import exp


def drop_unused(tree: exp.Expr, values: Mapping[str, object], keys: Mapping[str, str]) -> None:
    """Changes the tree. `:name IS NULL OR condition` becomes the condition, or goes where the value is None.

    Then goes each LEFT JOIN on a table's key of which no column is used: it neither adds nor takes a row.
    keys: the primary key of a table.
    """
    for where in list(tree.find_all(exp.Where)):
        left = [_asked(part, values) for part in _conjuncts(where.this)]
        kept = [part for part in left if part is not None]
        if kept:
            where.set("this", exp.and_(*kept, copy=False))
        elif isinstance(where.parent, exp.Filter):
            where.parent.replace(where.parent.this)
        else:
            where.pop()
    for select in list(tree.find_all(exp.Select)):
        for join in list(select.args.get("joins") or ()):
            if _adds_nothing(select, join, keys):
                join.pop()


def _conjuncts(condition: exp.Expr) -> list[exp.Expr]:
    return list(condition.flatten(unnest=False)) if isinstance(condition, exp.And) else [condition]


def _asked(part: exp.Expr, values: Mapping[str, object]) -> exp.Expr | None:
    """A condition without its 'where it is asked for'; None where it is not."""
    optional = part.unnest()
    if not isinstance(optional, exp.Or):
        return part
    absent = optional.this
    if not (isinstance(absent, exp.Is) and isinstance(absent.expression, exp.Null)):
        return part
    named = absent.this.this if isinstance(absent.this, exp.Cast) else absent.this
    if not isinstance(named, exp.Placeholder) or named.name not in values:
        return part
    return None if values[named.name] is None else optional.expression


def _adds_nothing(select: exp.Select, join: exp.Join, keys: Mapping[str, str]) -> bool:
    table = join.this
    on = join.args.get("on")
    if join.side != "LEFT" or not isinstance(table, exp.Table) or table.args.get("joins") or not isinstance(on, exp.EQ):
        return False
    alias = table.alias_or_name
    key = keys.get(table.name)
    if key is None or not any(_is(side, alias, key) for side in (on.this, on.expression)):
        return False
    own = set(map(id, on.find_all(exp.Column)))
    others = [column for column in select.find_all(exp.Column) if id(column) not in own]
    # A bare name or a star may be of any table here.
    return not any(column.table in (alias, "") or column.is_star for column in others)


def _is(side: exp.Expr, alias: str, key: str) -> bool:
    return isinstance(side, exp.Column) and side.table == alias and side.name == key
