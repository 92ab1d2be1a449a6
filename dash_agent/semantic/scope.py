"""Row scopes: which rows of each table a principal sees, as a condition over that table's own columns.

A filter on a dimension means for a table what the dimension means there. Where its column stands in another table,
the declared many-to-one joins lead to it, each as one `IN (SELECT key …)`; a row without the value is not seen.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from difflib import get_close_matches
from hashlib import sha256
from typing import Final

from sqlglot import exp

from dash_agent.context.access import ACCESS
from dash_agent.context.business import Dimension
from dash_agent.context.catalog import Catalog
from dash_agent.context.tables import ColumnType
from dash_agent.errors import Problem, UnknownName, WrongUse
from dash_agent.models.principal import Principal, ScopeFilter
from dash_agent.semantic.joins import NoPath, path

SCHEMA: Final = "public"
LONGEST_NAME: Final = 50
"""Bytes of a table's name that a lookup's keeps, so that the whole stays below PostgreSQL's 63."""


@dataclass(frozen=True, slots=True)
class RowRules:
    """terms: by table of the database, one condition for each filter of `scope`; all hold. Columns are named with
    their table and tables with their schema. lacking: by table that is out of reach, the dimensions that it has not.
    """

    scope: tuple[ScopeFilter, ...]
    terms: Mapping[str, tuple[exp.In, ...]]
    lacking: Mapping[str, tuple[str, ...]]

    @property
    def conditions(self) -> Mapping[str, exp.Expr]:
        """Whole, by table. Without a scope there are none."""
        return {table: exp.and_(*terms) for table, terms in self.terms.items() if terms}


@dataclass(frozen=True, slots=True)
class Policies:
    """The rules as SQL. conditions: table → which of its rows are seen, over its own columns and lookups alone.

    lookups: name → the SELECT of the keys that a filter lets through, whoever may read the tables below it.
    """

    conditions: Mapping[str, str]
    lookups: Mapping[str, str]


def row_rules(catalog: Catalog, scope: tuple[ScopeFilter, ...]) -> RowRules:
    """The rules of a scope for every table of the database. Raises UnknownName, WrongUse for a scope that says nothing
    that can be held: never is a filter left out."""
    terms: dict[str, tuple[exp.In, ...]] = {}
    lacking: dict[str, tuple[str, ...]] = {}
    for table in catalog.readable:
        found = {narrowed: _term(catalog, narrowed, table) for narrowed in scope}
        missing = tuple(narrowed.dimension for narrowed, term in found.items() if term is None)
        if missing:
            lacking[table] = missing
        else:
            terms[table] = tuple(term for term in found.values() if term is not None)
    return RowRules(scope, terms, lacking)


def scope_problems(catalog: Catalog, principals: Iterable[Principal]) -> Iterator[Problem]:
    """Row scopes of the access file that can't be held. principals: its users, in its order."""
    for index, principal in enumerate(principals):
        try:
            row_rules(catalog, principal.scope)
        except WrongUse as error:
            yield Problem(ACCESS, f"users[{index}].scope", str(error), rule="row-scope")


def through_lookups(rules: RowRules, schema: str) -> tuple[RowRules, Mapping[str, str]]:
    """The rules with each way to another table as a lookup in `schema`, and the lookups by name, as SQL.

    For a reader who is narrowed by the database, too: the tables on the way are narrowed by all of its filters, or are
    closed to it, and a rule means one filter alone.
    """
    lookups: dict[str, str] = {}

    def looked_up(term: exp.In) -> exp.In:
        query = term.args.get("query")
        if query is None:
            return term
        keys = query.this
        sql = keys.sql("postgres")
        table = keys.find(exp.Table).name.encode()[:LONGEST_NAME].decode(errors="ignore")
        name = f"{table}_{sha256(sql.encode()).hexdigest()[:8]}"
        lookups[name] = sql
        chosen = exp.Select(
            expressions=[_column(name, keys.expressions[0].name)], from_=exp.From(this=_table(name, schema))
        )
        return exp.In(this=term.this.copy(), query=exp.Subquery(this=chosen))

    terms = {table: tuple(map(looked_up, found)) for table, found in rules.terms.items()}
    return RowRules(rules.scope, terms, rules.lacking), lookups


def policies(rules: RowRules, schema: str) -> Policies:
    """schema: where the lookups are."""
    narrowed, lookups = through_lookups(rules, schema)
    return Policies({table: rule.sql("postgres") for table, rule in narrowed.conditions.items()}, lookups)


def _term(catalog: Catalog, narrowed: ScopeFilter, table: str) -> exp.In | None:
    """One filter as a condition on the rows of `table`, None where they don't have that dimension."""
    dimension = _dimension(catalog, narrowed.dimension)
    _check(catalog, narrowed, dimension.column)
    dotted = dimension.on.get(table, dimension.column)
    home, _, column = dotted.partition(".")
    try:
        steps = path(catalog, table, home)
    except NoPath:
        return None
    if any(catalog.tables[name].query is not None for name in (home, *(step.table for step in steps))):
        return None
    values = [exp.Literal.string(value) for value in _check(catalog, narrowed, dotted)]
    term = exp.In(this=_column(home, column), expressions=values)
    for step in reversed(steps):
        keys = exp.Select(
            expressions=[_column(step.table, step.key)],
            from_=exp.From(this=_table(step.table, SCHEMA)),
            where=exp.Where(this=term),
        )
        term = exp.In(this=_column(step.source, step.column), query=exp.Subquery(this=keys))
    return term


def _dimension(catalog: Catalog, name: str) -> Dimension:
    found = catalog.dimensions.get(name)
    if found is None:
        raise UnknownName("dimension", name, get_close_matches(name, list(catalog.dimensions), 3))
    return found


def _check(catalog: Catalog, narrowed: ScopeFilter, dotted: str) -> tuple[str, ...]:
    """The filter's values, each of which a column could hold. Raises WrongUse."""
    if not narrowed.values:
        raise WrongUse(f"a row scope by '{narrowed.dimension}' has no values", "name at least one")
    table, _, name = dotted.partition(".")
    column = catalog.tables[table].column(name)
    kind: ColumnType = column.type if column is not None else "text"
    for value in narrowed.values:
        try:
            _READS[kind](value)
        except ValueError:
            shown = ascii(value[:60])
            raise WrongUse(
                f"a row scope by '{narrowed.dimension}' has the value {shown}, which {dotted} ({kind}) can't hold",
                _WRITTEN.get(kind, "write it as the column has it"),
            ) from None
    return narrowed.values


def _column(table: str, name: str) -> exp.Column:
    return exp.Column(this=exp.Identifier(this=name, quoted=True), table=exp.Identifier(this=table, quoted=True))


def _table(name: str, schema: str) -> exp.Table:
    return exp.Table(this=exp.Identifier(this=name, quoted=True), db=exp.Identifier(this=schema, quoted=True))


def _text(value: str) -> None:
    """PostgreSQL's text has no NUL and no half of a surrogate pair, and the guard prints no other control signs."""
    value.encode()
    if any(ord(sign) < ord(" ") or ord(sign) in (0x7F, 0xE000, 0xFEFF) for sign in value):
        raise ValueError


def _flag(value: str) -> None:
    if value not in ("true", "false"):
        raise ValueError


def _never(value: str) -> None:
    """Documents are not compared with texts."""
    raise ValueError(value)


def _whole(bits: int) -> Callable[[str], None]:
    def check(value: str) -> None:
        if not _WHOLE.fullmatch(value) or not -(2 ** (bits - 1)) <= int(value) < 2 ** (bits - 1):
            raise ValueError

    return check


def _number(value: str) -> None:
    if not _PLAIN.fullmatch(value):
        raise ValueError


def _day(value: str) -> None:
    if not _DAY.fullmatch(value):
        raise ValueError
    date.fromisoformat(value)


def _moment(value: str) -> None:
    if not _MOMENT.fullmatch(value):
        raise ValueError
    datetime.fromisoformat(value)


# Python reads more than PostgreSQL does: digits of any script, 1_000, week dates, moments of no zone.
_WHOLE: Final = re.compile(r"-?[0-9]{1,19}")
_PLAIN: Final = re.compile(r"-?[0-9]{1,100}(\.[0-9]{1,100})?")
_DAY: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_MOMENT: Final = re.compile(
    _DAY.pattern + r"[T ][0-9]{2}:[0-9]{2}(:[0-9]{2}(\.[0-9]{1,6})?)?(Z|[+-](0[0-9]|1[0-5])(:[0-5][0-9])?)"
)

_READS: Final[Mapping[ColumnType, Callable[[str], None]]] = {
    "bigint": _whole(64),
    "integer": _whole(32),
    "smallint": _whole(16),
    "numeric": _number,
    "double precision": _number,
    "text": _text,
    "char": _text,
    "boolean": _flag,
    "date": _day,
    "timestamptz": _moment,
    "jsonb": _never,
}

_WRITTEN: Final[Mapping[ColumnType, str]] = {
    "date": "write it as 2026-11-20",
    "timestamptz": "write it with its offset, as 2026-11-20T09:00:00+02:00",
}
