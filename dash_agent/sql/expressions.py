"""Checks and rewrites expressions: node types, functions, columns, the clock."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from sqlglot import exp

from dash_agent.errors import UnsafeSql
from dash_agent.sql import bind, bounds, columns, literals
from dash_agent.sql.allowed import CLOCK, COLLATIONS, EXPRESSIONS, ROW_READERS
from dash_agent.sql.lexical import MARK
from dash_agent.sql.refusals import not_allowed, only, shown, words
from dash_agent.sql.scope import Output, Scope, fold

_FUNCTION_PLACES: Final = (exp.Order, exp.Distinct, exp.Kwarg, exp.Variadic)
_FIELDS: Final = frozenset({"key", "value"})
_WITH_FIELDS: Final = frozenset({"json_each", "json_each_text", "jsonb_each", "jsonb_each_text"})

SubQuery = Callable[[exp.Expr, Scope], Output]


class Checker:
    """One statement's check. query: how a sub-query is checked, given the scope that it stands in."""

    def __init__(self, moment: bind.Moment, query: SubQuery) -> None:
        self._moment = moment
        self._query = query

    def check(self, node: exp.Expr, scope: Scope) -> exp.Expr:
        """The node, or what was put in its place. Raises UnsafeSql."""
        kind = type(node).__name__
        special = _SPECIAL.get(kind)
        if special is not None:
            return special(self, node, scope)
        if isinstance(node, exp.Query | exp.Values):
            self._query(node, scope)
            return node
        allowed = EXPRESSIONS.get(kind)
        if allowed is None:
            raise not_allowed(node)
        for name, value in list(node.args.items()):
            if value is None or value is False or value == []:
                continue
            if name not in allowed:
                raise UnsafeSql(f"{words(kind)} with {words(name)} is not allowed")
            for part in list(value) if isinstance(value, list) else (value,):
                if isinstance(part, exp.Expr):
                    self.check(part, scope)
        return node

    def ordered(self, order: exp.Expr, scope: Scope) -> None:
        """The expressions of an ORDER BY that sees input columns alone."""
        for item in order.expressions:
            self.check(sort_key(item), scope)

    def _column(self, node: exp.Expr, scope: Scope) -> exp.Expr:
        return columns.resolve(node, scope)

    def _function(self, node: exp.Expr, scope: Scope) -> exp.Expr:
        name = _function_name(node)
        only(node, EXPRESSIONS["Anonymous"])
        if name in CLOCK:
            return _replaced(node, bind.now(self._moment))
        row: exp.Expr | None = None
        if name == "count":
            if len(node.expressions) == 1 and isinstance(node.expressions[0], exp.Star):
                return node
            if columns.count_row(node, scope):
                return node
        elif name in ROW_READERS:
            row = columns.read_row(node, scope)
        for argument in list(node.expressions):
            if isinstance(argument, _FUNCTION_PLACES):
                self._argument(argument, scope, row)
            elif argument is not row:
                self.check(argument, scope)
        if name == "age" and len(node.expressions) == 1:
            node.set("expressions", [bind.today(self._moment, "TIMESTAMP"), *node.expressions])
        bounds.hold(name, node)
        return node

    def _argument(self, node: exp.Expr, scope: Scope, row: exp.Expr | None) -> None:
        """What stands only inside a call: ORDER BY, DISTINCT, a name with `=>`. row: let through by read_row."""
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
        elif isinstance(node, exp.Distinct) and len(node.expressions) == 1 and not node.args.get("on"):
            self.check(node.expressions[0], scope)
        elif isinstance(node, exp.Distinct):
            # sqlglot prints several as one row.
            raise UnsafeSql("DISTINCT takes one expression in a call")
        else:
            raise UnsafeSql("VARIADIC is not allowed")

    def _string_agg(self, node: exp.Expr, scope: Scope) -> exp.Expr:
        only(node, EXPRESSIONS["GroupConcat"])
        if node.args.get("separator") is None:
            raise UnsafeSql("string_agg takes a text and a separator")
        if isinstance(node.this, exp.Order | exp.Distinct):
            self._argument(node.this, scope, None)
        else:
            self.check(node.this, scope)
        self.check(node.args["separator"], scope)
        return node

    def _window(self, node: exp.Expr, scope: Scope) -> exp.Expr:
        """A call with its OVER, or a window of the WINDOW clause."""
        only(node, EXPRESSIONS["Window"])
        if isinstance(node.this, exp.Identifier):
            fold(node.this)
        else:
            self.check(node.this, scope)
        if node.args.get("alias") is not None:
            fold(node.args["alias"])
        for item in node.args.get("partition_by") or ():
            self.check(item, scope)
        if node.args.get("order") is not None:
            self.ordered(node.args["order"], scope)
        spec = node.args.get("spec")
        if spec is not None:
            only(spec, EXPRESSIONS["WindowSpec"])
            for edge in (spec.args.get("start"), spec.args.get("end")):
                if isinstance(edge, exp.Expr):
                    self.check(edge, scope)
        return node

    def _within(self, node: exp.Expr, scope: Scope) -> exp.Expr:
        only(node, EXPRESSIONS["WithinGroup"])
        self.check(node.this, scope)
        self.ordered(node.expression, scope)
        return node

    def _cast(self, node: exp.Expr, scope: Scope) -> exp.Expr:
        only(node, EXPRESSIONS["Cast"])
        literals.check_cast_text(literals.check_type(node.args["to"]), node.this)
        self.check(node.this, scope)
        return node

    def _text(self, node: exp.Expr, _scope: Scope) -> exp.Expr:
        return literals.check_text(node)

    def _clock(self, node: exp.Expr, _scope: Scope) -> exp.Expr:
        return _replaced(node, bind.CLOCK_NODES[type(node)](self._moment, node))

    def _placeholder(self, node: exp.Expr, _scope: Scope) -> exp.Expr:
        return _replaced(node, bind.placeholder(self._moment, node))

    def _interval(self, node: exp.Expr, _scope: Scope) -> exp.Expr:
        literals.check_interval(node)
        return node

    def _extract(self, node: exp.Expr, scope: Scope) -> exp.Expr:
        only(node, EXPRESSIONS["Extract"])
        literals.check_unit(node.this)
        self.check(node.expression, scope)
        return node

    def _is(self, node: exp.Expr, scope: Scope) -> exp.Expr:
        only(node, EXPRESSIONS["Is"])
        if not isinstance(node.expression, exp.Null | exp.Boolean | exp.JSON):
            raise UnsafeSql("IS is followed by NULL, TRUE, FALSE, UNKNOWN, JSON or DISTINCT FROM")
        self.check(node.this, scope)
        return node

    def _collate(self, node: exp.Expr, scope: Scope) -> exp.Expr:
        only(node, EXPRESSIONS["Collate"])
        if not isinstance(node.expression, exp.Identifier) or node.expression.name not in COLLATIONS:
            raise UnsafeSql(f"the collation {shown(node.expression)} is not allowed")
        fold(node.expression)
        self.check(node.this, scope)
        return node

    def _field(self, node: exp.Expr, scope: Scope) -> exp.Expr:
        """Only `(jsonb_each(x)).key`: other fields may be calls of functions in disguise."""
        only(node, EXPRESSIONS["Dot"])
        call = node.this.this if isinstance(node.this, exp.Paren) else None
        named = isinstance(call, exp.Anonymous) and str(call.this).removeprefix(MARK) in _WITH_FIELDS
        if not named or not isinstance(node.expression, exp.Identifier) or fold(node.expression) not in _FIELDS:
            raise UnsafeSql(f"{shown(node)} is not a column or an allowed function")
        self.check(node.this, scope)
        return node

    def _misplaced(self, node: exp.Expr, _scope: Scope) -> exp.Expr:
        raise UnsafeSql(f"{words(type(node).__name__)} is not allowed here")


_SPECIAL: Final = {
    "Anonymous": Checker._function,
    "ByteString": Checker._text,
    "Cast": Checker._cast,
    "Collate": Checker._collate,
    "Column": Checker._column,
    "CurrentDate": Checker._clock,
    "CurrentTime": Checker._clock,
    "CurrentTimestamp": Checker._clock,
    "Distinct": Checker._misplaced,
    "Dot": Checker._field,
    "Extract": Checker._extract,
    "GroupConcat": Checker._string_agg,
    "Interval": Checker._interval,
    "Is": Checker._is,
    "Kwarg": Checker._misplaced,
    "Literal": Checker._text,
    "Localtime": Checker._clock,
    "Localtimestamp": Checker._clock,
    "National": Checker._text,
    "Order": Checker._misplaced,
    "Placeholder": Checker._placeholder,
    "RawString": Checker._text,
    "UnicodeString": Checker._text,
    "Window": Checker._window,
    "WithinGroup": Checker._within,
}


def sort_key(item: exp.Expr) -> exp.Expr:
    """What an item of ORDER BY sorts by."""
    if not isinstance(item, exp.Ordered):
        raise UnsafeSql("this ORDER BY is not allowed")
    only(item, EXPRESSIONS["Ordered"])
    key = item.this
    if not isinstance(key, exp.Expr):
        raise UnsafeSql("this ORDER BY is not allowed")
    return key


def _replaced(node: exp.Expr, by: exp.Expr) -> exp.Expr:
    node.replace(by)
    return by


def _function_name(node: exp.Expr) -> str:
    """The name of a function that may be called, in lower case; the node prints as that afterwards.

    The mark is put on names of the allow-list alone.
    """
    name = node.this
    if isinstance(name, exp.Identifier):
        raise UnsafeSql(f'the function "{name.this}" is not allowed')
    if not name.startswith(MARK):
        raise UnsafeSql(f"the function {name.lower()} is not allowed")
    node.set("this", name.removeprefix(MARK))
    return str(node.this)
