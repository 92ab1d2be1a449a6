"""A statement as its levels, from the inside out: each SELECT, and what its result is to the level that reads it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError

from dash_agent.context.catalog import Catalog
from dash_agent.semantic.generated.relations import Level, Relation, own
from dash_agent.semantic.generated.results import output
from dash_agent.semantic.postgres import POSTGRES

Known = Mapping[str, Relation]


def levels(sql: str, catalog: Catalog) -> tuple[Level, ...]:
    """sql: one statement that the guard let through."""
    reader = _Reader(catalog)
    reader.query(sqlglot.parse_one(sql, dialect=POSTGRES.name), {})
    return tuple(reader.levels)


def tables_of(sql: str, catalog: Catalog) -> tuple[str, ...]:
    """The tables of the catalogue that a statement names, whatever the guard would say of it."""
    try:
        trees = sqlglot.parse(sql, dialect=POSTGRES.name)
    except SqlglotError:
        return ()
    named = (table.name for tree in trees if tree is not None for table in tree.find_all(exp.Table))
    return tuple(dict.fromkeys(name for name in named if name in catalog.tables))


class _Reader:
    def __init__(self, catalog: Catalog) -> None:
        self.levels: list[Level] = []
        self._catalog = catalog

    def query(self, node: exp.Expr, known: Known) -> Relation:
        """What a query gives, without a name. Its levels are kept."""
        known = {**known, **self._named_queries(node, known)}
        match node:
            case exp.Subquery() | exp.Paren():
                return self.query(node.this, known)
            case exp.SetOperation():
                left, right = self.query(node.left, known), self.query(node.right, known)
                return _both(left, right, distinct=bool(node.args.get("distinct")))
            case exp.Select():
                return self._select(node, known)
            case _:
                return Relation("", ())

    def _named_queries(self, node: exp.Expr, known: Known) -> Known:
        found = dict(known)
        clause = node.args.get("with_")
        for cte in clause.expressions if clause is not None else ():
            found[cte.alias] = self.query(cte.this, found).named(cte.alias, cte.alias_column_names)
        return found

    def _select(self, select: exp.Select, known: Known) -> Relation:
        clause = select.args.get("from_")
        sources = [clause.this] if clause is not None else []
        sources += [join.this for join in select.args.get("joins") or ()]
        level = Level(select, [self._source(source, known) for source in sources])
        for nested in _nested(select):
            self.query(nested, known)
        self.levels.append(level)
        return output(level)

    def _source(self, node: exp.Expr, known: Known) -> Relation:
        columns = tuple(node.alias_column_names) if isinstance(node, exp.Table | exp.DerivedTable | exp.UDTF) else ()
        name = node.alias_or_name
        match node:
            case exp.Table(this=exp.Identifier()) if node.name in known:
                return known[node.name].named(name, columns)
            case exp.Table(this=exp.Identifier()) if node.name in self._catalog.tables:
                return self._table(node.name).named(name, columns)
            case exp.Table(this=exp.Func()) | exp.Unnest():
                return _series(name, columns)
            case exp.Lateral(this=exp.Func()):
                return _series(name, columns)
            case exp.Lateral():
                return replace(self.query(node.this, known).named(name, columns), lateral=True)
            case exp.Values():
                return _values(node, name, columns)
            case exp.Subquery() if isinstance(node.this, exp.Query):
                return self.query(node, known).named(name, columns)
            case _:
                return Relation(name, columns)

    def _table(self, name: str) -> Relation:
        table = self._catalog.tables[name]
        columns = tuple(column.name for column in table.columns)
        keys = (frozenset((table.primary_key,)), frozenset(table.natural_key))
        return Relation(name, columns, tuple(filter(None, keys)), name, {column: (name, column) for column in columns})


def _series(name: str, columns: Sequence[str]) -> Relation:
    named = tuple(columns) or (name,)
    return Relation(name, named, tuple(frozenset((column,)) for column in named), generator=True)


def _values(node: exp.Values, name: str, columns: Sequence[str]) -> Relation:
    rows = [row.expressions if isinstance(row, exp.Tuple) else [row] for row in node.expressions]
    told_apart = (
        frozenset((column,))
        for at, column in enumerate(columns)
        if len({row[at].sql() for row in rows if at < len(row)}) == len(rows)
    )
    return Relation(name, tuple(columns), tuple(told_apart))


def _both(left: Relation, right: Relation, *, distinct: bool) -> Relation:
    places = dict(zip(right.columns, left.columns, strict=False))
    repeated = {**{places.get(column, column): why for column, why in right.repeated.items()}, **left.repeated}
    keys = (frozenset(left.columns),) if distinct and left.columns else ()
    return Relation("", left.columns, keys, repeated=repeated, rows_repeated=left.rows_repeated or right.rows_repeated)


def _nested(select: exp.Select) -> Iterator[exp.Expr]:
    """Sub-selects in expressions; those of FROM and WITH are read as relations."""
    parts = [*select.expressions, *(select.args.get(name) for name in ("where", "having", "group", "order"))]
    parts += [join.args.get("on") for join in select.args.get("joins") or ()]
    for part in parts:
        if part is not None:
            yield from (node for node in own(part) if isinstance(node, exp.Query))
