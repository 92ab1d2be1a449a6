"""Checks and rewrites expressions: node types, functions, casts, columns, the clock.

`Checker.check` walks down from a node and returns what takes its place (mostly the node itself).
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

from sqlglot import exp

from dash_agent.errors import UnsafeSql
from dash_agent.sql import bind, bounds
from dash_agent.sql.allowed import (
    CLOCK,
    CLOCK_TYPES,
    COLLATIONS,
    EXPRESSIONS,
    NAMED_TYPES,
    ROW_READERS,
    TYPES,
    UNITS,
)
from dash_agent.sql.scope import (
    Output,
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

# Where the word 'today' is only a word: shown, chosen or joined to other text, never compared or cast.
_TEXT_PLACES: Final = frozenset({"Alias", "Select", "Case", "If", "DPipe", "Concat", "Tuple"})
_TEXT_FUNCTIONS: Final = frozenset({"concat", "concat_ws", "format", "json_build_object", "jsonb_build_object"})
_FUNCTION_PLACES: Final = frozenset({"Order", "Distinct", "Kwarg", "Variadic"})
_FIELDS: Final = frozenset({"key", "value"})
_WITH_FIELDS: Final = frozenset({"json_each", "json_each_text", "jsonb_each", "jsonb_each_text"})

_ESCAPE: Final = re.compile(r"\\\\|\\([0-9A-Fa-f]{4})|\\\+([0-9A-Fa-f]{6})")

SubQuery = Callable[[exp.Expr, Scope], Output]


class Checker:
    """One statement's check. query: how a sub-query is checked, given the scope that it stands in."""

    def __init__(self, moment: bind.Moment, query: SubQuery) -> None:
        self._moment = moment
        self._query = query

    def check(self, node: exp.Expr, scope: Scope) -> exp.Expr:
        """Raises UnsafeSql. Returns the node, or what was put in its place."""
        kind = type(node).__name__
        special = _SPECIAL.get(kind)
        if special is not None:
            return special(self, node, scope)
        if isinstance(node, exp.Query | exp.Values):
            self._query(node, scope)
            return node
        self.children(node, scope, kind)
        return node

    def children(self, node: exp.Expr, scope: Scope, kind: str = "") -> None:
        kind = kind or type(node).__name__
        allowed = EXPRESSIONS.get(kind)
        if allowed is None:
            raise UnsafeSql(_refusal(node))
        for name, value in list(node.args.items()):
            if value is None or value is False or value == []:
                continue
            if name not in allowed:
                raise UnsafeSql(f"{_words(kind)} with {_words(name)} is not allowed")
            if isinstance(value, exp.Expr):
                self.check(value, scope)
            elif isinstance(value, list):
                for item in list(value):
                    if isinstance(item, exp.Expr):
                        self.check(item, scope)

    def _replace(self, node: exp.Expr, by: exp.Expr) -> exp.Expr:
        node.replace(by)
        return by

    def _column(self, node: exp.Expr, scope: Scope) -> exp.Expr:
        if not isinstance(node, exp.Column):
            raise UnsafeSql(_refusal(node))
        if node.args.get("catalog"):
            raise UnsafeSql(f"{node.sql('postgres')} names another database")
        if isinstance(node.this, exp.Star):
            raise UnsafeSql("a whole row is not a value; name its columns")
        name = fold(node.this)
        table = node.args.get("table")
        if table is not None:
            self._qualified(node, name, fold(table), scope)
            return node
        relation, level = find_column(scope, name)
        if level is None:
            value = self._function_row(node, name, scope)
            if value is None:
                raise _no_column(name, scope)
            return value
        if level is not scope:
            qualify(node, scope, relation, level)
        return node

    def _qualified(self, node: exp.Column, name: str, table: str, scope: Scope) -> None:
        relation = find_relation(scope, table)
        if relation is None:
            raise UnsafeSql(f"there is no table {table} in this part of the statement")
        db = node.args.get("db")
        if db is not None and (fold(db) != "public" or relation.table != table):
            raise UnsafeSql(f"there is no table {fold(db)}.{table} in this part of the statement")
        if name not in relation.columns:
            raise unreadable(name, relation)

    def _function_row(self, node: exp.Column, name: str, scope: Scope) -> exp.Expr | None:
        """`e` of `FROM jsonb_array_elements(x) AS e`: the function's one column under the alias's name."""
        relation = find_relation(scope, name)
        if relation is None or not relation.function or len(relation.columns) != 1:
            return None
        column = exp.Column(this=identifier(relation.columns[0]), table=identifier(name))
        return self._replace(node, column)

    def whole_row(self, node: exp.Expr, scope: Scope) -> Relation | None:
        """The relation that `t.*`, or `t` where it is no column, stands for."""
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

    def _function(self, node: exp.Expr, scope: Scope) -> exp.Expr:
        name = self.function_name(node)
        if name in CLOCK:
            return self._replace(node, bind.now(self._moment))
        row: exp.Expr | None = None
        if name == "count":
            if len(node.expressions) == 1 and isinstance(node.expressions[0], exp.Star):
                return node
            if self._count(node, scope):
                return node
        elif name in ROW_READERS:
            row = self._row_reader(node, scope)
        for argument in list(node.expressions):
            if type(argument).__name__ in _FUNCTION_PLACES:
                self._argument(argument, scope, row)
            elif argument is not row:
                self.check(argument, scope)
        if name == "age" and len(node.expressions) == 1:
            node.set("expressions", [bind.today(self._moment, "TIMESTAMP"), *node.expressions])
        bounds.hold(name, node)
        return node

    def function_name(self, node: exp.Expr) -> str:
        """The name of a function that may be called, in lower case, and the node's own set to print as that."""
        name = node.this
        if isinstance(name, exp.Identifier):
            raise UnsafeSql(f'the function "{name.this}" is not allowed')
        if name[:1] == "\ue000":
            name = name[1:]
            node.set("this", name)
            return str(name)
        raise UnsafeSql(f"the function {name.lower()} is not allowed")

    def _count(self, node: exp.Expr, scope: Scope) -> bool:
        """`count(t.*)` counts rows that a join found; the reader has no right to a whole row, so any column tells."""
        relation = self.whole_row(node.expressions[0], scope) if len(node.expressions) == 1 else None
        if relation is None:
            return False
        if not relation.name or not relation.columns or "" in relation.columns:
            raise UnsafeSql("a whole row is not a value; name its columns")
        columns = [exp.Column(this=identifier(c), table=identifier(relation.name)) for c in relation.columns]
        filled = exp.Anonymous(this="NUM_NONNULLS", expressions=columns)
        found = exp.If(this=exp.GT(this=filled, expression=exp.Literal.number(0)), true=exp.Literal.number(1))
        node.set("expressions", [exp.Case(ifs=[found])])
        return True

    def _row_reader(self, node: exp.Expr, scope: Scope) -> exp.Expr | None:
        """Lets a row of a named sub-select through, as `x.*`: by name alone PostgreSQL would prefer a hidden column."""
        target = node.expressions[0] if node.expressions else None
        holder: exp.Expr = node
        if isinstance(target, exp.Order) and isinstance(target.this, exp.Expr):
            holder, target = target, target.this
        relation = self.whole_row(target, scope) if target is not None else None
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

    def _argument(self, node: exp.Expr, scope: Scope, row: exp.Expr | None) -> None:
        """What stands only inside a call: ORDER BY, DISTINCT, a name with `=>`."""
        if isinstance(node, exp.Order):
            inner = node.args.get("this")
            if isinstance(inner, exp.Distinct):
                self._argument(inner, scope, row)
            elif isinstance(inner, exp.Expr) and inner is not row:
                self.check(inner, scope)
            self.ordered(node, scope)
        elif isinstance(node, exp.Kwarg):
            if not node.this.name.isidentifier() or not node.this.name.isascii():
                raise UnsafeSql("the name of an argument is expected before =>")
            self.check(node.expression, scope)
        elif isinstance(node, exp.Distinct):
            # sqlglot prints several as one row.
            if node.args.get("on") or len(node.expressions) != 1:
                raise UnsafeSql("DISTINCT takes one expression in a call")
            for item in node.expressions:
                self.check(item, scope)
        else:
            raise UnsafeSql("VARIADIC is not allowed")

    def ordered(self, order: exp.Expr, scope: Scope) -> None:
        for item in order.expressions:
            if not isinstance(item, exp.Ordered) or item.args.get("with_fill"):
                raise UnsafeSql("this ORDER BY is not allowed")
            self.check(item.this, scope)

    def _string_agg(self, node: exp.Expr, scope: Scope) -> exp.Expr:
        if node.args.get("separator") is None or node.args.get("on_overflow"):
            raise UnsafeSql("string_agg takes a text and a separator")
        if isinstance(node.this, exp.Order | exp.Distinct):
            self._argument(node.this, scope, None)
        else:
            self.check(node.this, scope)
        self.check(node.args["separator"], scope)
        return node

    def _misplaced_order(self, node: exp.Expr, _scope: Scope) -> exp.Expr:
        raise UnsafeSql("ORDER BY is not allowed here")

    def _window(self, node: exp.Expr, scope: Scope) -> exp.Expr:
        if node.args.get("first"):
            raise UnsafeSql("this window is not allowed")
        if isinstance(node.this, exp.Identifier):
            fold(node.this)
        else:
            self.check(node.this, scope)
        alias = node.args.get("alias")
        if alias is not None:
            fold(alias)
        for item in node.args.get("partition_by") or ():
            self.check(item, scope)
        if node.args.get("order") is not None:
            self.ordered(node.args["order"], scope)
        spec = node.args.get("spec")
        if spec is not None:
            for edge in ("start", "end"):
                value = spec.args.get(edge)
                if isinstance(value, exp.Expr):
                    self.check(value, scope)
        return node

    def _within(self, node: exp.Expr, scope: Scope) -> exp.Expr:
        self.check(node.this, scope)
        self.ordered(node.expression, scope)
        return node

    def _cast(self, node: exp.Expr, scope: Scope) -> exp.Expr:
        for name, value in node.args.items():
            if value and name not in EXPRESSIONS["Cast"]:
                raise UnsafeSql(f"a cast with {_words(name)} is not allowed")
        kind = self.check_type(node.args["to"])
        if kind in CLOCK_TYPES:
            _refuse_hidden_clock(node.this)
        self.check(node.this, scope)
        return node

    def check_type(self, node: exp.Expr) -> str:
        """The name of a type that may be cast to; refuses others. Returns sqlglot's name of the innermost one."""
        if not isinstance(node, exp.DataType):
            raise UnsafeSql(f"a cast to {node.sql('postgres').lower()} is not allowed")
        kind = node.this.name if isinstance(node.this, exp.DType) else ""
        if kind == "USERDEFINED" and str(node.args.get("kind")).lower() in NAMED_TYPES:
            return kind
        if kind not in TYPES or node.args.get("kind"):
            raise UnsafeSql(f"a cast to {node.sql('postgres').lower()} is not allowed")
        for item in node.expressions:
            if isinstance(item, exp.DataType):
                kind = self.check_type(item)
            elif not (isinstance(item, exp.DataTypeParam) and isinstance(item.this, exp.Literal)):
                raise UnsafeSql(f"a cast to {node.sql('postgres').lower()} is not allowed")
        return kind

    def _literal(self, node: exp.Expr, _scope: Scope) -> exp.Expr:
        if (node.args.get("is_string", True)) and bind.reads_clock(node.name):
            parent = node.parent
            place = type(parent).__name__
            text_function = isinstance(parent, exp.Anonymous) and parent.name.lstrip("\ue000") in _TEXT_FUNCTIONS
            if place not in _TEXT_PLACES and not text_function:
                raise UnsafeSql(f"'{node.name}' may read the server's clock; write now() or current_date")
        return node

    def _unicode(self, node: exp.Expr, scope: Scope) -> exp.Expr:
        """`U&'\\0430'` as the text that it stands for, so that it is judged like any other."""
        if node.args.get("escape"):
            raise UnsafeSql("UESCAPE is not allowed")
        return self._literal(self._replace(node, exp.Literal.string(_unescaped(node.name))), scope)

    def _clock(self, node: exp.Expr, _scope: Scope) -> exp.Expr:
        return self._replace(node, bind.CLOCK_NODES[type(node)](self._moment, node))

    def _placeholder(self, node: exp.Expr, _scope: Scope) -> exp.Expr:
        return self._replace(node, bind.placeholder(self._moment, node))

    def _interval(self, node: exp.Expr, _scope: Scope) -> exp.Expr:
        unit = node.args.get("unit")
        parts = (unit,) if isinstance(unit, exp.Var) else tuple(unit.args.values()) if unit is not None else ()
        if not isinstance(node.this, exp.Literal) or not all(
            isinstance(part, exp.Var) and part.name.upper() in UNITS for part in parts
        ):
            raise UnsafeSql("this interval is not allowed; write it as '3 days'::interval")
        return node

    def _extract(self, node: exp.Expr, scope: Scope) -> exp.Expr:
        if node.this.name.upper() not in UNITS:
            raise UnsafeSql(f"a time has no part {node.this.name.lower()}")
        self.check(node.expression, scope)
        return node

    def _is(self, node: exp.Expr, scope: Scope) -> exp.Expr:
        if not isinstance(node.expression, exp.Null | exp.Boolean | exp.JSON):
            raise UnsafeSql("IS is followed by NULL, TRUE, FALSE, UNKNOWN, JSON or DISTINCT FROM")
        self.check(node.this, scope)
        return node

    def _collate(self, node: exp.Expr, scope: Scope) -> exp.Expr:
        if node.expression.name not in COLLATIONS:
            raise UnsafeSql(f"the collation {node.expression.name} is not allowed")
        self.check(node.this, scope)
        return node

    def _dot(self, node: exp.Expr, scope: Scope) -> exp.Expr:
        """Only `(jsonb_each(x)).key`: other fields may be calls of functions in disguise."""
        inner = node.this
        call = inner.this if isinstance(inner, exp.Paren) else None
        if isinstance(node.expression, exp.Identifier) and isinstance(call, exp.Anonymous):
            if self.function_name(call) in _WITH_FIELDS and fold(node.expression) in _FIELDS:
                call.set("this", "\ue000" + call.this)
                self.check(call, scope)
                return node
        raise UnsafeSql(f"{node.sql('postgres', comments=False)[:60]} is not a column or an allowed function")


_SPECIAL: Final = {
    "Column": Checker._column,
    "Anonymous": Checker._function,
    "Cast": Checker._cast,
    "Literal": Checker._literal,
    "RawString": Checker._literal,
    "ByteString": Checker._literal,
    "National": Checker._literal,
    "UnicodeString": Checker._unicode,
    "Window": Checker._window,
    "WithinGroup": Checker._within,
    "Placeholder": Checker._placeholder,
    "Interval": Checker._interval,
    "Extract": Checker._extract,
    "Is": Checker._is,
    "Collate": Checker._collate,
    "Dot": Checker._dot,
    "GroupConcat": Checker._string_agg,
    "Order": Checker._misplaced_order,
    "CurrentTimestamp": Checker._clock,
    "CurrentDate": Checker._clock,
    "CurrentTime": Checker._clock,
    "Localtime": Checker._clock,
    "Localtimestamp": Checker._clock,
}


def _no_column(name: str, scope: Scope) -> UnsafeSql:
    relation = find_relation(scope, name)
    if relation is not None:
        return UnsafeSql(f"a whole row of {name} is not a value; name its columns")
    return unresolved(name, scope)


def _refuse_hidden_clock(node: exp.Expr) -> None:
    """`('to' || 'day')::date` reads the clock as 'today' does."""
    if isinstance(node, exp.Literal):
        return
    texts = [part.name for part in node.find_all(exp.Literal) if part.is_string]
    if texts and node.find(exp.Column) is None and node.find(exp.DPipe, exp.Concat, exp.Anonymous) is not None:
        if bind.mentions_clock("".join(texts).replace(" ", "")):
            raise UnsafeSql("a date may not be put together from text that reads the clock")


def _unescaped(text: str) -> str:
    def character(match: re.Match[str]) -> str:
        digits = match[1] or match[2]
        if digits is None:
            return "\\"
        number = int(digits, 16)
        if not 0 < number < 0x110000 or 0xD800 <= number < 0xE000:
            raise UnsafeSql("a Unicode escape is out of range")
        return chr(number)

    if _ESCAPE.sub("", text).count("\\"):
        raise UnsafeSql("a Unicode escape is not complete")
    return _ESCAPE.sub(character, text)


def _words(name: str) -> str:
    return re.sub(r"(?<=[a-z])(?=[A-Z])|_+", " ", name).strip().lower()


def _refusal(node: exp.Expr) -> str:
    if isinstance(node, exp.Func):
        return f"the function {_words(type(node).__name__).replace(' ', '_')} is not allowed"
    if isinstance(node, exp.Operator):
        return "OPERATOR(…) is not allowed"
    if isinstance(node, exp.Star):
        return "* stands only in a select list or in count(*)"
    if isinstance(node, exp.Parameter | exp.SessionParameter):
        return "a parameter has no value"
    return f"{_words(type(node).__name__)} is not allowed"
