"""Checks a query and the queries in it: clauses, WITH, select lists, output names."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from sqlglot import exp

from dash_agent.errors import UnsafeSql
from dash_agent.sql import columns, names
from dash_agent.sql.allowed import SELECT_CLAUSES, WRAPPER_CLAUSES
from dash_agent.sql.bind import Moment
from dash_agent.sql.bounds import refuse_doubling
from dash_agent.sql.expressions import Checker, sort_key
from dash_agent.sql.refusals import LOCKS, only, statement_word
from dash_agent.sql.relations import Relations
from dash_agent.sql.scope import GuardSchema, Output, Scope, fold, identifier, renamed

_CLAUSE_REASONS: Final = {
    "into": "SELECT INTO writes a table",
    "locks": LOCKS,
    "hint": "hints are not allowed",
}
# Stars of stars would multiply without end; PostgreSQL's own limit is 1664.
MAX_COLUMNS: Final = 1600

_VALUES: Final = frozenset({"expressions", "alias", "order", "limit", "offset"})
_LIMITS: Final = frozenset({"expression", "count", "direction", "limit_options"})
_CTE: Final = frozenset({"this", "alias", "materialized"})

Ctes = Mapping[str, Output]


class Statement:
    """One statement's check; `check` is called once."""

    def __init__(self, schema: GuardSchema, moment: Moment) -> None:
        self._expressions = Checker(moment, lambda node, scope: self._query(node, scope, scope.ctes, named=False))
        self._relations = Relations(schema, self._expressions, self._query)

    def check(self, tree: exp.Expr) -> Output:
        """Raises UnsafeSql. Rewrites the tree so that it may run."""
        return self._query(tree, None, {})

    def _query(self, node: exp.Expr, parent: Scope | None, ctes: Ctes, named: bool = True) -> Output:
        """named: columns without a name get the one that PostgreSQL would give them, in writing."""
        if isinstance(node, exp.Select):
            return self._select(node, parent, ctes, named)
        if isinstance(node, exp.Values):
            return self._values(node, parent, ctes)
        if not isinstance(node, exp.SetOperation | exp.Subquery):
            raise UnsafeSql(f"only a SELECT may run, not {statement_word(node)}")
        only(node, WRAPPER_CLAUSES)
        ctes = self._with(node, parent, ctes)
        output = self._query(node.this, parent, ctes, named)
        if isinstance(node, exp.SetOperation):
            right = self._query(node.expression, parent, ctes, named=False)
            output = Output(output.columns, output.starred or right.starred)
        elif node.args.get("alias") is not None:
            fold(node.args["alias"].this)
        self._order_by_output(node, output)
        self._limits(node, Scope(ctes))
        return output

    def _order_by_output(self, node: exp.Expr, output: Output) -> None:
        order = node.args.get("order")
        for item in order.expressions if order is not None else ():
            target = sort_key(item)
            if isinstance(target, exp.Literal) and not target.is_string:
                continue
            if _bare_name(target) not in output.columns:
                raise UnsafeSql("here ORDER BY takes output columns, by name or position")

    def _with(self, node: exp.Expr, parent: Scope | None, ctes: Ctes) -> Ctes:
        clause = node.args.get("with_")
        if clause is None:
            return ctes
        only(clause, frozenset({"expressions", "recursive"}))
        known = dict(ctes)
        seen: set[str] = set()
        for cte in clause.expressions:
            only(cte, _CTE)
            alias = cte.args["alias"]
            name = fold(alias.this)
            if name in seen:
                raise UnsafeSql(f"the name {name} is used twice in one WITH")
            seen.add(name)
            new = [fold(column) for column in alias.args.get("columns") or ()]
            if clause.args.get("recursive") and isinstance(cte.this, exp.Union):
                known[name] = self._recursive(cte.this, name, new, parent, known)
            else:
                known[name] = renamed(self._query(cte.this, parent, known), new)
        return known

    def _recursive(self, union: exp.Expr, name: str, new: list[str], parent: Scope | None, ctes: Ctes) -> Output:
        """The first part gives the columns, the second sees them under the name."""
        only(union, WRAPPER_CLAUSES - {"order", "limit", "offset"})
        ctes = self._with(union, parent, ctes)
        first = renamed(self._query(union.this, parent, ctes), new)
        second = self._query(union.expression, parent, {**ctes, name: first}, named=False)
        refuse_doubling(union.expression, set(first.columns))
        return Output(first.columns, first.starred or second.starred)

    def _values(self, node: exp.Expr, parent: Scope | None, ctes: Ctes) -> Output:
        only(node, _VALUES)
        scope = Scope(ctes, parent)
        width = 0
        for row in node.expressions:
            if not isinstance(row, exp.Tuple):
                raise UnsafeSql("each row of VALUES stands in parentheses")
            width = len(row.expressions)
            self._expressions.check(row, scope)
        output = Output(tuple(f"column{index + 1}" for index in range(width)))
        self._order_by_output(node, output)
        self._limits(node, Scope(ctes))
        return output

    def _select(self, node: exp.Expr, parent: Scope | None, ctes: Ctes, named: bool) -> Output:
        for clause, reason in _CLAUSE_REASONS.items():
            if node.args.get(clause):
                raise UnsafeSql(reason)
        only(node, SELECT_CLAUSES)
        scope = Scope(self._with(node, parent, ctes), parent)
        self._relations.fill(node, scope)
        for clause in ("where", "having"):
            if node.args.get(clause) is not None:
                self._expressions.check(node.args[clause].this, scope)
        output = self._select_list(node, scope, named)
        self._group(node, scope, output)
        for window in node.args.get("windows") or ():
            self._expressions.check(window, scope)
        self._distinct(node, scope, output)
        order = node.args.get("order")
        for item in order.expressions if order is not None else ():
            self._output_or_input(sort_key(item), scope, output)
        self._limits(node, scope)
        return output

    def _distinct(self, node: exp.Expr, scope: Scope, output: Output) -> None:
        on = node.args["distinct"].args.get("on") if node.args.get("distinct") is not None else None
        if on is None:
            return
        if not isinstance(on, exp.Tuple):
            raise UnsafeSql("DISTINCT ON takes a list in parentheses")
        for item in on.expressions:
            self._output_or_input(item, scope, output)

    def _output_or_input(self, node: exp.Expr, scope: Scope, output: Output) -> None:
        """In ORDER BY and DISTINCT ON a bare name is an output column first."""
        if _bare_name(node) not in output.columns:
            self._expressions.check(node, scope)

    def _group(self, node: exp.Expr, scope: Scope, output: Output) -> None:
        group = node.args.get("group")
        if group is not None:
            only(group, frozenset({"expressions", "all"}))
            if group.args.get("all"):
                raise UnsafeSql("GROUP BY ALL is not allowed; name the columns")
            for item in list(group.expressions):
                self._grouped(item, scope, output)

    def _grouped(self, node: exp.Expr, scope: Scope, output: Output) -> None:
        """In GROUP BY a bare name is an input column first, and a hidden one would win over an output column: so
        that one's position takes the name's place."""
        if isinstance(node, exp.Rollup | exp.Cube | exp.GroupingSets | exp.Tuple):
            only(node, frozenset({"expressions"}))
            for item in list(node.expressions):
                self._grouped(item, scope, output)
            return
        if isinstance(node, exp.Paren):
            self._grouped(node.this, scope, output)
            return
        name = _bare_name(node)
        if name not in output.columns or any(name in relation.columns for relation in scope.relations):
            self._expressions.check(node, scope)
        elif output.columns.count(name) > 1:
            raise UnsafeSql(f"the column {name} is ambiguous; group by its position")
        else:
            node.replace(exp.Literal.number(output.columns.index(name) + 1))

    def _select_list(self, node: exp.Expr, scope: Scope, named: bool) -> Output:
        written: list[exp.Expr] = []
        found: list[str] = []
        starred = False
        for item in node.expressions:
            stars = columns.expanded(item, scope)
            if stars is not None:
                starred = starred or stars[1]
                written += stars[0]
                found += [column.name for column in stars[0]]
            else:
                name, checked = self._selected(item, scope, named)
                written.append(checked)
                found.append(name)
            if len(found) > MAX_COLUMNS:
                raise UnsafeSql(f"a select list has at most {MAX_COLUMNS} columns")
        node.set("expressions", written)
        return Output(tuple(found), starred)

    def _selected(self, item: exp.Expr, scope: Scope, named: bool) -> tuple[str, exp.Expr]:
        if isinstance(item, exp.Alias):
            name = fold(item.args["alias"])
            self._expressions.check(item.this, scope)
            return name, item
        name = names.implicit(item)
        checked = self._expressions.check(item, scope)
        if not named or not name or (isinstance(checked, exp.Column) and checked.name == name):
            return name, checked
        return name, exp.Alias(this=checked, alias=identifier(name))

    def _limits(self, node: exp.Expr, scope: Scope) -> None:
        for clause in ("limit", "offset"):
            bound = node.args.get(clause)
            if bound is None:
                continue
            only(bound, _LIMITS)
            options = bound.args.get("limit_options")
            if options is not None and options.args.get("percent"):
                raise UnsafeSql("FETCH … PERCENT is not allowed")
            value = bound.args.get("count" if isinstance(bound, exp.Fetch) else "expression")
            if value is None or (isinstance(value, exp.Var) and value.name.upper() == "ALL"):
                continue
            if value.find(exp.Column) is not None:
                raise UnsafeSql(f"{clause.upper()} takes no columns")
            self._expressions.check(value, scope)


def _bare_name(node: exp.Expr) -> str | None:
    """The name where a node is nothing but one."""
    if isinstance(node, exp.Column) and node.args.get("table") is None and isinstance(node.this, exp.Identifier):
        return fold(node.this)
    return None
