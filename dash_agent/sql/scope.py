"""Which names a place in a statement can see, the way PostgreSQL resolves them.

A table has columns that nobody may read, so "not found here, look further out" is not safe: PostgreSQL would find the
hidden column. Whatever resolves further out is therefore written with its relation's name into the tree.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Set
from dataclasses import dataclass, field
from typing import Final

from sqlglot import exp

from dash_agent.errors import UnsafeSql
from dash_agent.models.principal import ScopeFilter
from dash_agent.sql.allowed import RESERVED
from dash_agent.sql.lexical import MARK

_MAX_NAME_BYTES: Final = 63
_WORD: Final = frozenset("abcdefghijklmnopqrstuvwxyz0123456789_")


@dataclass(frozen=True)
class GuardSchema:
    """What may be read. relations: table → its readable columns, all in lower case as PostgreSQL keeps them.

    `SELECT *` gives the columns in the order of the collection, alphabetically where it is a set.
    scope: the row scope of who asks, () for all rows. With one, `rules` has for each table within its reach the
    condition that a row meets, over columns named with the table and over tables named with their schema; `lacking`
    has the dimensions that the rows of the others don't have.
    """

    relations: Mapping[str, Collection[str]]
    scope: tuple[ScopeFilter, ...] = ()
    rules: Mapping[str, exp.Expr] = field(default_factory=dict)
    lacking: Mapping[str, Collection[str]] = field(default_factory=dict)

    def columns(self, table: str) -> tuple[str, ...]:
        columns = self.relations[table]
        return tuple(sorted(columns)) if isinstance(columns, Set) else tuple(columns)


@dataclass(slots=True)
class Relation:
    """Something in FROM. name: how it is called here, '' for a sub-select without a name.

    table: the table's name where it is one, so that it has columns beyond the readable. starred: its columns came
    through a `*` over a table. function: a row of it may be used as a value. scoped: a sub-select took the table's
    place, which has no schema.
    """

    name: str
    columns: tuple[str, ...]
    table: str = ""
    starred: bool = False
    function: bool = False
    scoped: bool = False


@dataclass(slots=True)
class Output:
    """What a query gives: column names ('' where nothing can refer to it)."""

    columns: tuple[str, ...]
    starred: bool = False


@dataclass(slots=True)
class Scope:
    """One level of names. star: what `*` stands for, in order; a merged column of USING has no relation."""

    ctes: Mapping[str, Output]
    parent: Scope | None = None
    relations: list[Relation] = field(default_factory=list)
    merged: set[str] = field(default_factory=set)
    star: list[tuple[Relation | None, str]] = field(default_factory=list)

    def add(self, other: Scope) -> None:
        for relation in other.relations:
            if relation.name and any(known.name == relation.name for known in self.relations):
                raise UnsafeSql(f"the name {relation.name} is used twice in one FROM")
        self.relations += other.relations
        self.merged |= other.merged
        self.star += other.star

    def snapshot(self) -> Scope:
        """The names so far, for what is LATERAL; later ones stay out of its sight."""
        return Scope(self.ctes, self.parent, list(self.relations), set(self.merged), list(self.star))

    @property
    def has_table(self) -> bool:
        return any(relation.table for relation in self.relations)


def renamed(output: Output, columns: list[str]) -> Output:
    """The output under an alias's or a WITH's own column names, the first ones of it."""
    if columns and output.starred:
        raise UnsafeSql("columns may not be renamed by their position in *; name them in the select list")
    if len(columns) > len(output.columns):
        raise UnsafeSql("an alias names more columns than there are")
    return Output((*columns, *output.columns[len(columns) :]), output.starred)


def fold(identifier: exp.Expr | str) -> str:
    """An identifier as PostgreSQL reads it, and the tree's own made to print so that it is read the same again."""
    if not isinstance(identifier, exp.Identifier):
        raise UnsafeSql("a name is expected here")
    name = identifier.this
    if name.startswith(MARK):
        # An alias or WITH name with a column list looks like a call to `lexical`.
        name = name.removeprefix(MARK)
        identifier.set("this", name)
    if identifier.args.get("quoted"):
        if not name or len(name.encode()) > _MAX_NAME_BYTES:
            raise UnsafeSql(f'the name "{name[:40]}" is empty or too long')
        return str(name)
    if not name or len(name.encode()) > _MAX_NAME_BYTES:
        raise UnsafeSql(f"the name {name[:40]} is empty or too long")
    # PostgreSQL folds the letters of ASCII only.
    folded = name.lower() if name.isascii() else "".join(c.lower() if c.isascii() else c for c in name)
    if folded in RESERVED or not _WORD.issuperset(folded) or folded[0].isdigit():
        identifier.set("this", folded)
        identifier.set("quoted", True)
    return str(folded)


def find_relation(scope: Scope, name: str) -> Relation | None:
    level: Scope | None = scope
    while level is not None:
        for relation in level.relations:
            if relation.name == name:
                return relation
        level = level.parent
    return None


def find_column(scope: Scope, name: str) -> tuple[Relation | None, Scope | None]:
    """The nearest relation that has a column, and its level; (None, level) for a merged one, (None, None) for none."""
    level: Scope | None = scope
    while level is not None:
        found = [relation for relation in level.relations if name in relation.columns]
        if len(found) == 1:
            return found[0], level
        if found:
            if name not in level.merged:
                raise UnsafeSql(f"the column {name} is ambiguous; write which table it is of")
            return None, level
        level = level.parent
    return None, None


def qualify(column: exp.Column, scope: Scope, relation: Relation | None, level: Scope) -> None:
    """Writes the relation's name before a column found further out, so that no nearer hidden column is read."""
    between: Scope | None = scope
    nearer: list[Relation] = []
    while between is not None and between is not level:
        nearer += between.relations
        between = between.parent
    if relation is not None and relation.name and all(near.name != relation.name for near in nearer):
        column.set("table", identifier(relation.name))
    elif any(near.table for near in nearer):
        raise UnsafeSql(f"write which table the column {column.name} is of")


def identifier(name: str) -> exp.Identifier:
    safe = _WORD.issuperset(name) and not name[0].isdigit() and name not in RESERVED
    return exp.Identifier(this=name, quoted=not safe)


def unreadable(name: str, relation: Relation) -> UnsafeSql:
    if relation.table:
        return UnsafeSql(f"column {relation.table}.{name} holds personal data or is not documented")
    return UnsafeSql(f"there is no column {name} in {relation.name or 'the sub-select'}")


def unresolved(name: str, scope: Scope) -> UnsafeSql:
    tables: list[str] = []
    level: Scope | None = scope
    while level is not None:
        tables += [relation.table for relation in level.relations if relation.table]
        level = level.parent
    if len(tables) == 1:
        return UnsafeSql(f"column {tables[0]}.{name} holds personal data or is not documented")
    if tables:
        return UnsafeSql(f"no table here has a readable column {name}; it holds personal data or is not documented")
    return UnsafeSql(f"there is no column {name} here")
