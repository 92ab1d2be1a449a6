"""Whole statements in the files: a pattern's, and those that derived tables stand for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

import sqlglot
from sqlglot import exp
from sqlglot.errors import ParseError, SqlglotError
from sqlglot.optimizer.scope import Scope, traverse_scope

from dash_agent.context.content import Content
from dash_agent.context.files import nearest
from dash_agent.errors import Problem
from dash_agent.semantic.expressions import NAME, folded, syntax_words


@dataclass(frozen=True)
class Statement:
    """SQL of a file. place: of the whole. first_line: of the SQL in the file, None where it stands in JSON."""

    file: str
    place: str
    sql: str
    content: Content
    first_line: int | None = None

    @cached_property
    def select(self) -> exp.Query | None:
        """The statement where it is one SELECT."""
        trees = self._trees
        found = trees[0] if isinstance(trees, tuple) and len(trees) == 1 else None
        return found if isinstance(found, exp.Query) else None

    @cached_property
    def _trees(self) -> tuple[exp.Expr, ...] | SqlglotError:
        try:
            return tuple(folded(tree) for tree in sqlglot.parse(self.sql, dialect=NAME) if tree is not None)
        except SqlglotError as error:
            return error

    @property
    def output(self) -> tuple[str, ...]:
        return tuple(self.select.named_selects) if self.select is not None else ()

    @property
    def tables(self) -> tuple[str, ...]:
        """Relations that it names, its own WITH among them."""
        found = self.select.find_all(exp.Table) if self.select is not None else ()
        return tuple(dict.fromkeys(table.name for table in found))

    def problems(self) -> Iterator[Problem]:
        """Why it is no SELECT, or which tables and columns it names that analytics does not have."""
        trees = self._trees
        if isinstance(trees, SqlglotError):
            details = trees.errors[0] if isinstance(trees, ParseError) and trees.errors else {}
            yield self._problem("sql-syntax", syntax_words(trees), details.get("line"), details.get("col"))
        elif self.select is None:
            said = "no statement" if not trees else f"{len(trees)} statements" if len(trees) > 1 else "something else"
            yield self._problem("one-select", f"one SELECT is wanted, and this is {said}")
        else:
            yield from self._names(self.select)

    def _names(self, select: exp.Query) -> Iterator[Problem]:
        if any(part.is_star for part in select.find_all(exp.Select)):
            yield self._problem("one-select", "a * hides which columns are read; name them")
        own = {cte.alias for cte in select.find_all(exp.CTE)}
        tables = [t for t in select.find_all(exp.Table) if isinstance(t.this, exp.Identifier) and t.name not in own]
        found = list(self._unknown_tables(tables))
        yield from found
        if not found and all(t.name in self.content.tables for t in tables):
            yield from self._columns(select)

    def _unknown_tables(self, tables: list[exp.Table]) -> Iterator[Problem]:
        stored = [name for name, table in self.content.tables.items() if table.query is None]
        for table in tables:
            if table.name in self.content.tables and table.name not in stored:
                message = f"'{table.name}' is a derived table; SQL in files reads tables of the database"
                yield self._at("unknown-name", message, table.this)
            elif table.name not in stored and not self.content.is_unsure("table", table.name):
                yield self._at(
                    "unknown-name", f"there is no table '{table.name}'{nearest(table.name, stored)}", table.this
                )

    def _columns(self, select: exp.Query) -> Iterator[Problem]:
        """Columns that none of the relations in sight has."""
        try:
            scopes = traverse_scope(select)
        except SqlglotError:
            return  # the guard says what is wrong with it
        for scope in scopes:
            named = {part.alias for part in scope.expression.find_all(exp.Alias)}
            for column in scope.columns:
                if isinstance(column.this, exp.Star):
                    continue
                sources = _in_sight(scope, column.table)
                relations = [self._relation(source) for source in sources]
                unsure = not relations or any(relation is None for relation in relations)
                if not unsure and not (column.name in named and not column.table):
                    yield from self._column(column, [relation for relation in relations if relation is not None], named)

    def _relation(self, source: exp.Expr | Scope) -> _Relation | None:
        """None for what can't be told, such as a function's rows."""
        if isinstance(source, Scope):
            select = source.expression
            names = select.named_selects if isinstance(select, exp.Query) and not select.is_star else None
            return _Relation("", dict.fromkeys(names, False)) if names else None
        table = self.content.tables.get(source.name) if isinstance(source, exp.Table) else None
        if table is None or self.content.has_unread_columns(table.table):
            return None
        return _Relation(table.table, {column.name: column.personal for column in table.columns})

    def _column(self, column: exp.Column, relations: list[_Relation], named: set[str]) -> Iterator[Problem]:
        documented = [relation.columns[column.name] for relation in relations if column.name in relation.columns]
        if not documented:
            known = [*(name for relation in relations for name in relation.columns), *named]
            single = relations[0].name or column.table
            where = f"'{single}' has" if len(relations) == 1 and single else "the tables here have"
            message = f"{where} no column '{column.name}'{nearest(column.name, known)}"
            yield self._at("unknown-name", message, column.this)
        elif all(documented):
            message = f"'{column.name}' is personal, and analytics reads no personal column"
            yield self._at("personal-column", message, column.this)

    def _at(self, rule: str, message: str, node: object) -> Problem:
        meta = node.meta if isinstance(node, exp.Expr) else {}
        return self._problem(rule, message, meta.get("line"), meta.get("col"), len(getattr(node, "name", "")))

    def _problem(
        self, rule: str, message: str, line: int | None = None, end: int | None = None, width: int = 1
    ) -> Problem:
        """line and end: as sqlglot counts them, in the SQL, `end` being the last character's column."""
        if self.first_line is None:
            return Problem(self.file, self.place, message, rule=rule)
        at = self.first_line + (line or 1) - 1
        column = f", column {end - width + 1}" if end else ""
        return Problem(self.file, f"line {at}{column}", message, rule=rule, line=at)


@dataclass(frozen=True, slots=True)
class _Relation:
    """name: of a table, '' for a sub-select. columns: whether each is personal."""

    name: str
    columns: Mapping[str, bool]


def _in_sight(scope: Scope, alias: str) -> list[exp.Expr | Scope]:
    """The relations that a column may be of: those under its alias, or all; further out where a query is correlated."""
    found: list[exp.Expr | Scope] = []
    level: Scope | None = scope
    while level is not None:
        sources = {name: source for name, (_, source) in level.selected_sources.items()}
        found += [source for name, source in sources.items() if not alias or name == alias]
        level = level.parent if level.is_correlated_subquery or level.is_udtf else None
    return found
