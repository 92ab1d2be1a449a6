"""FROM: tables, sub-selects, functions and joins, and which of them each part can see."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from sqlglot import exp

from dash_agent.errors import UnsafeSql
from dash_agent.sql import rows
from dash_agent.sql.allowed import FUNCTION_COLUMNS, RECORD_FUNCTIONS
from dash_agent.sql.expressions import Checker
from dash_agent.sql.literals import check_type
from dash_agent.sql.refusals import only, shown, statement_word
from dash_agent.sql.scope import GuardSchema, Output, Relation, Scope, fold, renamed, unreadable

_JOIN: Final = frozenset({"this", "on", "using", "side", "kind", "method"})
_TABLE: Final = frozenset({"this", "db", "alias", "sample", "joins", "ordinality"})
_SUBQUERY: Final = frozenset({"this", "alias", "joins"})
_LATERAL: Final = frozenset({"this", "alias", "ordinality"})
_SAMPLE: Final = frozenset({"method", "percent", "seed"})
_METHODS: Final = frozenset({"SYSTEM", "BERNOULLI"})
_KINDS: Final = frozenset({"", "INNER", "OUTER", "CROSS"})
_SIDES: Final = frozenset({"", "LEFT", "RIGHT", "FULL"})

# Checks a query, given the scope round it and the WITH names that it sees.
Query = Callable[[exp.Expr, Scope | None, Mapping[str, Output]], Output]


class Relations:
    """query: how a sub-select is checked, its output columns named."""

    def __init__(self, schema: GuardSchema, expressions: Checker, query: Query) -> None:
        self._schema = schema
        self._expressions = expressions
        self._query = query

    def fill(self, node: exp.Expr, scope: Scope) -> None:
        """Puts what stands in a SELECT's FROM into its scope.

        Each item of the comma list is a level of its own for ON; LATERAL sees what stands before it.
        """
        clause = node.args.get("from_")
        joins = node.args.get("joins") or ()
        if clause is None:
            if joins:
                raise UnsafeSql("a join needs a FROM")
            return
        only(clause, frozenset({"this"}))
        before = Scope(scope.ctes, scope.parent)
        group = self._item(clause.this, before)
        for join in joins:
            if _is_comma(join):
                only(join, _JOIN)
                before.add(group)
                group = self._item(join.this, before)
            else:
                self._join(join, group, before)
        before.add(group)
        scope.add(before)

    def _join(self, join: exp.Expr, group: Scope, before: Scope) -> None:
        only(join, _JOIN)
        method, kind, side = (str(join.args.get(name) or "").upper() for name in ("method", "kind", "side"))
        if method not in {"", "NATURAL"} or kind not in _KINDS or side not in _SIDES:
            raise UnsafeSql("this kind of join is not allowed")
        lateral = before.snapshot()
        lateral.add(group)
        right = self._item(join.this, lateral)
        using = [fold(_bare(item)) for item in join.args.get("using") or ()]
        if method:
            using = _natural(group, right)
        for name in using:
            _check_using(name, group, right)
        stars = [*group.star, *right.star]
        group.add(right)
        if using:
            group.star = [(None, name) for name in using] + [pair for pair in stars if pair[1] not in using]
            group.merged |= set(using)
        on = join.args.get("on")
        if on is not None:
            self._expressions.check(on, Scope(group.ctes, group.parent, group.relations, group.merged))

    def _item(self, node: exp.Expr, lateral: Scope) -> Scope:
        """One item of FROM with its nested joins, as a level of its own. lateral: what stands before it."""
        scope = Scope(lateral.ctes, lateral.parent)
        if isinstance(node, exp.Subquery) and _in_parentheses(node.this):
            only(node, frozenset({"this", "joins"}))
            scope.add(self._item(node.this, lateral))
        else:
            relation = self._relation(node, lateral)
            scope.relations.append(relation)
            scope.star += [(relation, name) for name in relation.columns]
        for join in node.args.get("joins") or ():
            if _is_comma(join):
                raise UnsafeSql("a comma inside a join is not allowed; write CROSS JOIN")
            self._join(join, scope, lateral)
        return scope

    def _relation(self, node: exp.Expr, lateral: Scope) -> Relation:
        if isinstance(node, exp.Table):
            only(node, _TABLE)
            return (
                self._table(node, lateral) if isinstance(node.this, exp.Identifier) else self._function(node, lateral)
            )
        if not isinstance(node, exp.Lateral):
            return self._sub_select(node, node, lateral, lateral.parent)
        only(node, _LATERAL)
        if isinstance(node.this, exp.Subquery):
            return self._sub_select(node, node.this, lateral, lateral.snapshot())
        return self._function(node, lateral)

    def _sub_select(self, node: exp.Expr, inner: exp.Expr, lateral: Scope, parent: Scope | None) -> Relation:
        """node: what the alias is on. parent: what the sub-select sees."""
        if isinstance(inner, exp.Subquery):
            only(inner, _SUBQUERY)
            output = self._query(inner.this, parent, lateral.ctes)
        elif isinstance(inner, exp.Values):
            output = self._query(inner, parent, lateral.ctes)
        else:
            raise UnsafeSql(f"{statement_word(inner)} may not stand in FROM")
        alias = node.args.get("alias")
        output = renamed(output, _alias_columns(alias))
        return Relation(_alias_name(alias), output.columns, starred=output.starred)

    def _table(self, node: exp.Expr, lateral: Scope) -> Relation:
        name = fold(node.this)
        alias, db, sample = (node.args.get(part) for part in ("alias", "db", "sample"))
        columns = _alias_columns(alias)
        called = _alias_name(alias) or name
        if db is None and name in lateral.ctes:
            if sample is not None:
                raise UnsafeSql("TABLESAMPLE takes a table")
            output = renamed(lateral.ctes[name], columns)
            return Relation(called, output.columns, starred=output.starred)
        if (db is not None and fold(db) != "public") or name not in self._schema.relations:
            raise UnsafeSql(f"there is no readable table {fold(db) + '.' if db is not None else ''}{name}")
        if columns:
            raise UnsafeSql(f"the columns of the table {name} may not be renamed in FROM; use AS in the select list")
        if sample is not None:
            _check_sample(sample)
        if self._schema.scope:
            node.replace(rows.within_scope(node, name, called, self._schema))
        return Relation(called, self._schema.columns(name), table=name, scoped=bool(self._schema.scope))

    def _function(self, node: exp.Expr, lateral: Scope) -> Relation:
        """A function in FROM; it sees what stands before it, as LATERAL does."""
        call = node.this
        if not isinstance(call, exp.Anonymous) or node.args.get("db") is not None or node.args.get("sample"):
            raise UnsafeSql(f"{shown(node)} may not stand in FROM")
        if self._expressions.check(call, lateral.snapshot()) is not call:
            raise UnsafeSql("a time is not a relation")
        function = call.name
        alias = node.args.get("alias")
        name = _alias_name(alias) or function
        if function in RECORD_FUNCTIONS:
            return Relation(name, _record(alias), function=True)
        columns = FUNCTION_COLUMNS.get(function) or (name,) * (len(call.expressions) if function == "unnest" else 1)
        if node.args.get("ordinality"):
            columns = (*columns, "ordinality")
        return Relation(name, renamed(Output(columns), _alias_columns(alias)).columns, function=True)


def _in_parentheses(node: exp.Expr) -> bool:
    """A table or a join: a sub-select of its own has no joins inside its parentheses."""
    return isinstance(node, exp.Table) or (isinstance(node, exp.Subquery) and bool(node.args.get("joins")))


def _natural(left: Scope, right: Scope) -> list[str]:
    if left.has_table or right.has_table:
        raise UnsafeSql("NATURAL JOIN may compare columns that are not readable; write USING")
    theirs = {name for relation in right.relations for name in relation.columns}
    return [name for _, name in left.star if name in theirs]


def _check_using(name: str, left: Scope, right: Scope) -> None:
    for side in (left, right):
        if not any(name in relation.columns for relation in side.relations):
            raise unreadable(name, side.relations[0])


def _is_comma(join: exp.Expr) -> bool:
    return not any(join.args.get(name) for name in ("on", "using", "side", "kind", "method"))


def _bare(node: exp.Expr) -> exp.Expr:
    return node.this if isinstance(node, exp.Column) and not node.args.get("table") else node


def _check_sample(sample: exp.Expr) -> None:
    only(sample, _SAMPLE)
    method = sample.args.get("method")
    if not isinstance(method, exp.Var) or method.name.upper() not in _METHODS:
        raise UnsafeSql("TABLESAMPLE is SYSTEM or BERNOULLI")
    for value in (sample.args.get("percent"), sample.args.get("seed")):
        if value is not None and not (isinstance(value, exp.Literal) and not value.is_string):
            raise UnsafeSql("TABLESAMPLE takes constant numbers")


def _alias_name(alias: exp.Expr | None) -> str:
    return fold(alias.this) if alias is not None and alias.args.get("this") is not None else ""


def _alias_columns(alias: exp.Expr | None) -> list[str]:
    """New names for columns. Those with types are for JSON records alone, and fold refuses them here."""
    return [fold(column) for column in (alias.args.get("columns") if alias is not None else None) or ()]


def _record(alias: exp.Expr | None) -> tuple[str, ...]:
    columns: list[str] = []
    for column in (alias.args.get("columns") if alias is not None else None) or ():
        if not isinstance(column, exp.ColumnDef):
            raise UnsafeSql("the columns of a JSON record need their types")
        only(column, frozenset({"this", "kind"}))
        check_type(column.args["kind"])
        columns.append(fold(column.this))
    if not columns:
        raise UnsafeSql("the columns of a JSON record need their types")
    return tuple(columns)
