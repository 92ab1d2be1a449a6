"""Checks a query and the queries in it: clauses, relations in FROM, scopes, stars, output names."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from sqlglot import exp

from dash_agent.errors import UnsafeSql
from dash_agent.sql import names
from dash_agent.sql.allowed import FUNCTION_COLUMNS, RECORD_FUNCTIONS, SELECT_CLAUSES, WRAPPER_CLAUSES
from dash_agent.sql.bind import Moment
from dash_agent.sql.expressions import Checker
from dash_agent.sql.scope import (
    GuardSchema,
    Output,
    Relation,
    Scope,
    fold,
    identifier,
    unreadable,
)

_CLAUSE_WORDS: Final = {
    "into": "SELECT INTO writes a table",
    "locks": "FOR UPDATE and FOR SHARE lock rows",
    "hint": "hints are not allowed",
}
_JOIN_CLAUSES: Final = frozenset(["this", "on", "using", "side", "kind", "method"])
_TABLE_CLAUSES: Final = frozenset(["this", "db", "alias", "sample", "joins", "ordinality"])
_JOINING: Final = frozenset({"||", "concat", "concat_ws", "format", "array_cat"})
_GROWING: Final = frozenset({"repeat", "replace", "regexp_replace", "array_replace", "lpad", "rpad"})
_METHODS: Final = frozenset({"SYSTEM", "BERNOULLI"})


class Statement:
    """One statement's check; `check` is called once."""

    def __init__(self, schema: GuardSchema, moment: Moment) -> None:
        self._schema = schema
        self._expressions = Checker(moment, self._subquery)

    def check(self, tree: exp.Expr) -> Output:
        """Raises UnsafeSql. Rewrites the tree so that it may run."""
        if not isinstance(tree, exp.Query | exp.Values):
            raise UnsafeSql(f"only a SELECT may run, not {_statement_word(tree)}")
        return self._query(tree, None, {}, named=True)

    def _subquery(self, node: exp.Expr, scope: Scope) -> Output:
        return self._query(node, scope, scope.ctes, named=False)

    def _query(self, node: exp.Expr, parent: Scope | None, ctes: Mapping[str, Output], *, named: bool) -> Output:
        if isinstance(node, exp.Select):
            return self._select(node, parent, ctes, named)
        if isinstance(node, exp.Values):
            return self._values(node, parent, ctes)
        if not isinstance(node, exp.SetOperation | exp.Subquery):
            raise UnsafeSql(f"only a SELECT may stand here, not {_statement_word(node)}")
        _only(node, WRAPPER_CLAUSES)
        ctes = self._with(node, parent, ctes)
        output = self._query(node.this, parent, ctes, named=named)
        if isinstance(node, exp.SetOperation):
            if node.args.get("by_name"):
                raise UnsafeSql("BY NAME is not allowed")
            right = self._query(node.expression, parent, ctes, named=False)
            output = Output(output.columns, output.starred or right.starred)
        elif node.args.get("alias") is not None:
            fold(node.args["alias"].this)
        self._order_by_names(node, output)
        self._limits(node, Scope(ctes))
        return output

    def _order_by_names(self, node: exp.Expr, output: Output) -> None:
        order = node.args.get("order")
        for item in order.expressions if order is not None else ():
            target = item.this
            if isinstance(target, exp.Literal) and not target.is_string:
                continue
            plain = isinstance(target, exp.Column) and target.args.get("table") is None
            if not plain or fold(target.this) not in output.columns:
                raise UnsafeSql("here ORDER BY takes output columns, by name or position")

    def _with(self, node: exp.Expr, parent: Scope | None, ctes: Mapping[str, Output]) -> Mapping[str, Output]:
        clause = node.args.get("with_")
        if clause is None:
            return ctes
        if clause.args.get("search") is not None:
            raise UnsafeSql("SEARCH and CYCLE are not allowed")
        known = dict(ctes)
        seen: set[str] = set()
        for cte in clause.expressions:
            alias = cte.args["alias"]
            name = fold(alias.this)
            if name in seen:
                raise UnsafeSql(f"the name {name} is used twice in one WITH")
            seen.add(name)
            columns = [fold(column) for column in alias.args.get("columns") or ()]
            if cte.args.get("scalar") or cte.args.get("key_expressions"):
                raise UnsafeSql("this WITH is not allowed")
            known[name] = self._cte(cte.this, name, columns, parent, known, bool(clause.args.get("recursive")))
        return known

    def _cte(
        self,
        body: exp.Expr,
        name: str,
        columns: list[str],
        parent: Scope | None,
        ctes: Mapping[str, Output],
        recursive: bool,
    ) -> Output:
        if not isinstance(body, exp.Query | exp.Values):
            raise UnsafeSql(f"only a SELECT may stand in WITH, not {_statement_word(body)}")
        union = body
        while isinstance(union, exp.Subquery) and not union.args.get("with_"):
            union = union.this
        if not recursive or not isinstance(union, exp.Union):
            return _renamed(self._query(body, parent, ctes, named=True), columns)
        ctes = self._with(union, parent, ctes)
        first = _renamed(self._query(union.this, parent, ctes, named=True), columns)
        _only(union, WRAPPER_CLAUSES)
        if union.args.get("order") is not None or union is not body:
            raise UnsafeSql("a recursive WITH takes no parentheses and no ORDER BY")
        second = self._query(union.expression, parent, {**ctes, name: first}, named=False)
        _refuse_doubling(union.expression, set(first.columns))
        self._limits(union, Scope(ctes))
        return Output(first.columns, first.starred or second.starred)

    def _values(self, node: exp.Expr, parent: Scope | None, ctes: Mapping[str, Output]) -> Output:
        scope = Scope(ctes, parent)
        width = 0
        for row in node.expressions:
            if not isinstance(row, exp.Tuple):
                raise UnsafeSql("each row of VALUES stands in parentheses")
            width = len(row.expressions)
            self._expressions.check(row, scope)
        _only(node, frozenset({"expressions", "alias", "order", "limit", "offset", "with_"}))
        if node.args.get("with_") is not None:
            raise UnsafeSql("WITH before VALUES is not allowed")
        output = Output(tuple(f"column{index + 1}" for index in range(width)))
        self._order_by_names(node, output)
        self._limits(node, scope)
        return output

    def _select(self, node: exp.Expr, parent: Scope | None, ctes: Mapping[str, Output], named: bool) -> Output:
        for clause, reason in _CLAUSE_WORDS.items():
            if node.args.get(clause):
                raise UnsafeSql(reason)
        _only(node, SELECT_CLAUSES)
        scope = Scope(self._with(node, parent, ctes), parent)
        self._from(node, scope)
        check = self._expressions.check
        where = node.args.get("where")
        if where is not None:
            check(where.this, scope)
        output = self._projections(node, scope, named)
        self._group(node, scope, output)
        having = node.args.get("having")
        if having is not None:
            check(having.this, scope)
        for window in node.args.get("windows") or ():
            check(window, scope)
        distinct = node.args.get("distinct")
        if distinct is not None and distinct.args.get("on") is not None:
            for item in distinct.args["on"].expressions:
                self._output_or_input(item, scope, output)
        order = node.args.get("order")
        for item in order.expressions if order is not None else ():
            if not isinstance(item, exp.Ordered) or item.args.get("with_fill"):
                raise UnsafeSql("this ORDER BY is not allowed")
            self._output_or_input(item.this, scope, output)
        self._limits(node, scope)
        return output

    def _output_or_input(self, node: exp.Expr, scope: Scope, output: Output) -> None:
        """ORDER BY and DISTINCT ON: a bare name is an output column first."""
        if isinstance(node, exp.Column) and node.args.get("table") is None and isinstance(node.this, exp.Identifier):
            if fold(node.this) in output.columns:
                return
        self._expressions.check(node, scope)

    def _group(self, node: exp.Expr, scope: Scope, output: Output) -> None:
        group = node.args.get("group")
        if group is None:
            return
        for name, value in group.args.items():
            if name not in {"expressions", "all"} or (name == "all" and value):
                if value:
                    raise UnsafeSql("this GROUP BY is not allowed")
        for item in list(group.expressions):
            self._grouped(item, scope, output)

    def _grouped(self, node: exp.Expr, scope: Scope, output: Output) -> None:
        """A bare name is an input column first, and a hidden one would win over an output column: so its position
        takes the name's place."""
        if isinstance(node, exp.Rollup | exp.Cube | exp.GroupingSets | exp.Tuple):
            for item in list(node.expressions):
                self._grouped(item, scope, output)
            return
        if isinstance(node, exp.Paren):
            self._grouped(node.this, scope, output)
            return
        bare = isinstance(node, exp.Column) and node.args.get("table") is None
        if bare and isinstance(node.this, exp.Identifier):
            name = fold(node.this)
            if not any(name in relation.columns for relation in scope.relations) and name in output.columns:
                if output.columns.count(name) > 1:
                    raise UnsafeSql(f"the column {name} is ambiguous; group by its position")
                node.replace(exp.Literal.number(output.columns.index(name) + 1))
                return
        self._expressions.check(node, scope)

    def _projections(self, node: exp.Expr, scope: Scope, named: bool) -> Output:
        expanded: list[exp.Expr] = []
        columns: list[str] = []
        starred = False
        for item in node.expressions:
            stars = self._star(item, scope)
            if stars is not None:
                starred = starred or stars[1]
                expanded += stars[0]
                columns += [column.name for column in stars[0]]
                continue
            if isinstance(item, exp.Alias):
                columns.append(fold(item.args["alias"]))
                self._expressions.check(item.this, scope)
                expanded.append(item)
                continue
            name = fold(item.this) if _is_plain(item) else names.implicit(item)
            checked = self._expressions.check(item, scope)
            if named and name and not (isinstance(checked, exp.Column) and checked.name == name):
                checked = exp.Alias(this=checked, alias=identifier(name))
            expanded.append(checked)
            columns.append(name)
        node.set("expressions", expanded)
        return Output(tuple(columns), starred)

    def _star(self, item: exp.Expr, scope: Scope) -> tuple[list[exp.Expr], bool] | None:
        """The columns that `*` or `t.*` stands for, written out, and whether they come from a table."""
        if isinstance(item, exp.Star):
            if any(item.args.values()):
                raise UnsafeSql("* takes no EXCEPT, REPLACE or RENAME")
            pairs = scope.star
        elif isinstance(item, exp.Column) and isinstance(item.this, exp.Star):
            if any(item.this.args.values()):
                raise UnsafeSql("* takes no EXCEPT, REPLACE or RENAME")
            relation = self._expressions.whole_row(item, scope)
            assert relation is not None
            pairs = [(relation, name) for name in relation.columns]
        else:
            return None
        if not pairs or any(not name for _, name in pairs):
            raise UnsafeSql("* stands for columns without a name here; name them")
        single = len(scope.relations) == 1 and isinstance(item, exp.Star)
        written: list[exp.Expr] = []
        for relation, name in pairs:
            table = identifier(relation.name) if relation is not None and relation.name and not single else None
            written.append(exp.Column(this=identifier(name), table=table))
        starred = any(r is None or bool(r.table) or r.starred for r, _ in pairs)
        return written, starred

    def _limits(self, node: exp.Expr, scope: Scope) -> None:
        for clause in ("limit", "offset"):
            bound = node.args.get(clause)
            if bound is None:
                continue
            if bound.args.get("expressions"):
                raise UnsafeSql("LIMIT … BY is not allowed")
            value = bound.args.get("count" if isinstance(bound, exp.Fetch) else "expression")
            if value is None or (isinstance(value, exp.Var) and value.name.upper() == "ALL"):
                continue
            if value.find(exp.Column) is not None:
                raise UnsafeSql(f"{clause.upper()} takes no columns")
            options = bound.args.get("limit_options")
            if options is not None and options.args.get("percent"):
                raise UnsafeSql("FETCH … PERCENT is not allowed")
            self._expressions.check(value, scope)

    def _from(self, node: exp.Expr, scope: Scope) -> None:
        """Each item of the comma list is a level of its own for ON; LATERAL sees what stands before it."""
        clause = node.args.get("from_")
        if clause is None:
            if node.args.get("joins"):
                raise UnsafeSql("a join needs a FROM")
            return
        before = Scope(scope.ctes, scope.parent)
        group = self._item(clause.this, before)
        for join in node.args.get("joins") or ():
            if _is_comma(join):
                before.add(group)
                group = self._item(join.this, before)
            else:
                self._join(join, group, before)
        before.add(group)
        scope.add(before)

    def _join(self, join: exp.Expr, group: Scope, before: Scope) -> None:
        _only(join, _JOIN_CLAUSES)
        method = str(join.args.get("method") or "").upper()
        if method not in {"", "NATURAL"} or str(join.args.get("kind") or "").upper() not in {
            "",
            "INNER",
            "OUTER",
            "CROSS",
        }:
            raise UnsafeSql("this kind of join is not allowed")
        lateral = before.snapshot()
        lateral.add(group)
        right = self._item(join.this, lateral)
        using = [fold(_named(item)) for item in join.args.get("using") or ()]
        if method:
            using = self._natural(group, right)
        for name in using:
            _check_using(name, group, right)
        left_star = list(group.star)
        group.add(right)
        if using:
            rest = [pair for pair in left_star + right.star if pair[1] not in using]
            group.star = [(None, name) for name in using] + rest
            group.merged |= set(using)
        on = join.args.get("on")
        if on is not None:
            self._expressions.check(on, Scope(group.ctes, group.parent, group.relations, group.merged))

    def _natural(self, left: Scope, right: Scope) -> list[str]:
        if left.has_table or right.has_table:
            raise UnsafeSql("NATURAL JOIN may compare columns that are not readable; write USING")
        theirs = {name for relation in right.relations for name in relation.columns}
        return [name for _, name in left.star if name in theirs]

    def _item(self, node: exp.Expr, lateral: Scope) -> Scope:
        """One item of FROM with its nested joins, as a level of its own."""
        scope = Scope(lateral.ctes, lateral.parent)
        if isinstance(node, exp.Subquery) and isinstance(node.this, exp.Table):
            _only(node, frozenset({"this", "joins"}))
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
        outer = lateral.parent
        if isinstance(node, exp.Table):
            return self._table(node, lateral)
        if isinstance(node, exp.Lateral):
            _only(node, frozenset({"this", "alias", "ordinality", "view", "outer"}))
            if node.args.get("view") or node.args.get("outer"):
                raise UnsafeSql("LATERAL VIEW is not allowed")
            if isinstance(node.this, exp.Anonymous):
                return self._function(node, lateral)
            outer, inner = lateral.snapshot(), node.this
        else:
            inner = node
        if isinstance(inner, exp.Subquery):
            _only(inner, frozenset({"this", "alias", "joins"}))
            output = self._query(inner.this, outer, lateral.ctes, named=True)
        elif isinstance(inner, exp.Values):
            output = self._values(inner, outer, lateral.ctes)
        else:
            raise UnsafeSql(f"{_statement_word(inner)} may not stand in FROM")
        alias = node.args.get("alias")
        output = _renamed(output, _alias_columns(alias))
        return Relation(_alias_name(alias), output.columns, starred=output.starred)

    def _table(self, node: exp.Expr, lateral: Scope) -> Relation:
        if node.args.get("rows_from"):
            raise UnsafeSql("ROWS FROM is not allowed")
        _only(node, _TABLE_CLAUSES)
        if not isinstance(node.this, exp.Identifier):
            return self._function(node, lateral)
        name = fold(node.this)
        alias = node.args.get("alias")
        columns = _alias_columns(alias)
        called = _alias_name(alias) or name
        db = node.args.get("db")
        if db is None and name in lateral.ctes:
            output = _renamed(lateral.ctes[name], columns)
            if node.args.get("sample") is not None:
                raise UnsafeSql("TABLESAMPLE takes a table")
            return Relation(called, output.columns, starred=output.starred)
        if (db is not None and fold(db) != "public") or name not in self._schema.relations:
            raise UnsafeSql(f"there is no readable table {fold(db) + '.' if db is not None else ''}{name}")
        if columns:
            raise UnsafeSql(f"the columns of the table {name} may not be renamed in FROM; use AS in the select list")
        _check_sample(node.args.get("sample"))
        return Relation(called, self._schema.columns(name), table=name)

    def _function(self, node: exp.Expr, lateral: Scope) -> Relation:
        call = node.this
        if not isinstance(call, exp.Anonymous) or node.args.get("db") is not None or node.args.get("sample"):
            raise UnsafeSql(f"{node.sql('postgres', comments=False)[:60]} may not stand in FROM")
        self._expressions.check(call, lateral.snapshot())
        if node.this is not call:
            raise UnsafeSql("a time is not a relation")
        function = call.name.lower()
        alias = node.args.get("alias")
        name = _alias_name(alias) or function
        if function in RECORD_FUNCTIONS:
            columns = self._record(alias)
            return Relation(name, columns, function=True)
        if function in FUNCTION_COLUMNS:
            natural = FUNCTION_COLUMNS[function]
        else:
            natural = (name,) * (len(call.expressions) if function == "unnest" else 1)
        if node.args.get("ordinality"):
            natural = (*natural, "ordinality")
        output = _renamed(Output(natural), _alias_columns(alias))
        return Relation(name, output.columns, function=True)

    def _record(self, alias: exp.Expr | None) -> tuple[str, ...]:
        columns: list[str] = []
        for column in (alias.args.get("columns") if alias is not None else None) or ():
            if not isinstance(column, exp.ColumnDef) or column.args.get("constraints"):
                raise UnsafeSql("the columns of a JSON record need their types")
            self._expressions.check_type(column.args["kind"])
            columns.append(fold(column.this))
        if not columns:
            raise UnsafeSql("the columns of a JSON record need their types")
        return tuple(columns)


def _is_plain(node: exp.Expr) -> bool:
    return isinstance(node, exp.Column) and isinstance(node.this, exp.Identifier)


def _is_comma(join: exp.Expr) -> bool:
    return not any(join.args.get(name) for name in ("on", "using", "side", "kind", "method"))


def _named(node: exp.Expr) -> exp.Expr:
    return node.this if isinstance(node, exp.Column) and not node.args.get("table") else node


def _check_using(name: str, left: Scope, right: Scope) -> None:
    for side in (left, right):
        if any(name in relation.columns for relation in side.relations):
            continue
        for relation in side.relations:
            raise unreadable(name, relation)


def _check_sample(sample: exp.Expr | None) -> None:
    if sample is None:
        return
    _only(sample, frozenset({"method", "percent", "seed"}))
    method = sample.args.get("method")
    if not isinstance(method, exp.Var) or method.name.upper() not in _METHODS:
        raise UnsafeSql("TABLESAMPLE is SYSTEM or BERNOULLI")
    for part in ("percent", "seed"):
        value = sample.args.get(part)
        if value is not None and not (isinstance(value, exp.Literal) and not value.is_string):
            raise UnsafeSql("TABLESAMPLE takes constant numbers")


def _alias_name(alias: exp.Expr | None) -> str:
    return fold(alias.this) if alias is not None and alias.args.get("this") is not None else ""


def _alias_columns(alias: exp.Expr | None) -> list[str]:
    columns = (alias.args.get("columns") if alias is not None else None) or ()
    return [] if any(isinstance(column, exp.ColumnDef) for column in columns) else [fold(c) for c in columns]


def _renamed(output: Output, columns: list[str]) -> Output:
    if columns and output.starred:
        raise UnsafeSql("columns may not be renamed by their position in *; name them in the select list")
    if len(columns) > len(output.columns):
        raise UnsafeSql("an alias names more columns than there are")
    return Output((*columns, *output.columns[len(columns) :]), output.starred)


def _refuse_doubling(node: exp.Expr, own: set[str]) -> None:
    """`s || s` in a recursive WITH doubles with each step: memory is gone before the time is."""
    for part in node.find_all(exp.DPipe, exp.Concat, exp.Anonymous):
        name = part.name.lower() if isinstance(part, exp.Anonymous) else "||"
        mentioned = [fold(c.this) for c in part.find_all(exp.Column) if isinstance(c.this, exp.Identifier)]
        operands = [column for column in mentioned if column in own]
        if (name in _JOINING and len(operands) > len(set(operands))) or (name in _GROWING and operands):
            raise UnsafeSql("a recursive WITH may not make its own text or arrays longer by a factor")


def _only(node: exp.Expr, allowed: frozenset[str]) -> None:
    for name, value in node.args.items():
        if value and name not in allowed:
            if name == "locks":
                raise UnsafeSql("FOR UPDATE and FOR SHARE lock rows")
            raise UnsafeSql(f"{name.strip('_').replace('_', ' ')} is not allowed here")


def _statement_word(node: exp.Expr) -> str:
    word = str(node.this) if isinstance(node, exp.Command) else type(node).__name__
    return word.upper()[:40]
