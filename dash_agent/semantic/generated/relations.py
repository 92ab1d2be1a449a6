"""What a SELECT joins: which columns tell the rows of each relation apart, and which of them others determine."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

from sqlglot import exp

Key = frozenset[str]

LOSSLESS = ("TEXT", "VARCHAR", "INT", "BIGINT", "DECIMAL", "UUID")
"""Types that a key may be cast to and still be one."""


@dataclass(frozen=True, slots=True)
class Relation:
    """Something in FROM, under its name there. table: of the catalogue, '' for a sub-select and the like.

    keys: sets of columns of which two rows never have the same values; an empty one means a single row.
    origins: the table and column that a column comes from unchanged. repeated: why a column's values stand there
    several times, by column. rows_repeated: the same of whole rows, '' where each is one.
    generator: a series such as of days, of which every expression tells the rows apart.
    ranked: columns of row numbers with what they count within. lateral: made anew for each row of those before it.
    """

    name: str
    columns: tuple[str, ...]
    keys: tuple[Key, ...] = ()
    table: str = ""
    origins: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    repeated: Mapping[str, str] = field(default_factory=dict)
    rows_repeated: str = ""
    generator: bool = False
    ranked: Mapping[str, Key] = field(default_factory=dict)
    lateral: bool = False

    def named(self, name: str, columns: Sequence[str] = ()) -> Relation:
        """The same under another name, its first columns under others where some are given."""
        names = {old: new for old, new in zip(self.columns, columns, strict=False) if old != new}
        if not names:
            return replace(self, name=name)

        def new(column: str) -> str:
            return names.get(column, column)

        return Relation(
            name,
            tuple(map(new, self.columns)),
            tuple(frozenset(map(new, key)) for key in self.keys),
            self.table,
            {new(column): origin for column, origin in self.origins.items()},
            {new(column): why for column, why in self.repeated.items()},
            self.rows_repeated,
            self.generator,
            {new(column): frozenset(map(new, key)) for column, key in self.ranked.items()},
        )

    @property
    def called(self) -> str:
        """For a person: the table, with its name here where that is another."""
        return f"{self.table} ({self.name})" if self.table and self.table != self.name else self.table or self.name


@dataclass(frozen=True, slots=True)
class Ref:
    """A column of a relation of the same level."""

    relation: str
    column: str


@dataclass(frozen=True, slots=True)
class _Tied:
    """`column` has one value for each row of all relations in `by` together."""

    column: Ref
    by: frozenset[str]


class Level:
    """One SELECT with its relations. Columns of a level further out are constants here."""

    def __init__(self, select: exp.Select, relations: Sequence[Relation]) -> None:
        self.select = select
        self.relations = _with_ranks(relations, select)
        self._by_name = {relation.name: relation for relation in self.relations}

    def relation(self, name: str) -> Relation:
        return self._by_name[name]

    def ref(self, column: exp.Column) -> Ref | None:
        """None for a column of a level further out, and for one that can't be told."""
        if column.table:
            return Ref(column.table, column.name) if column.table in self._by_name else None
        holders = [relation.name for relation in self.relations if column.name in relation.columns]
        return Ref(holders[0], column.name) if holders else None

    def refs(self, node: exp.Expr | None) -> frozenset[Ref]:
        """Columns of this level in an expression, sub-selects left out."""
        if node is None:
            return frozenset()
        found = (self.ref(column) for column in own(node) if isinstance(column, exp.Column))
        return frozenset(ref for ref in found if ref is not None)

    @cached_property
    def conditions(self) -> tuple[exp.Expr, ...]:
        """What must hold of a joined row, conjunct by conjunct."""
        given = [join.args.get("on") for join in self.select.args.get("joins") or ()]
        where = self.select.args.get("where")
        given.append(where.this if where is not None else None)
        return tuple(part for condition in given if condition is not None for part in conjuncts(condition))

    @cached_property
    def grouped_by(self) -> tuple[exp.Expr, ...]:
        """The expressions of GROUP BY, with those that it names by place or alias in full."""
        group = self.select.args.get("group")
        return tuple(self._meant(one) for one in group.expressions) if group is not None else ()

    def fixed_by(self, expressions: Sequence[exp.Expr]) -> frozenset[Ref]:
        """Columns that have one value where these expressions have."""
        found = set[Ref]()
        for expression in map(bare, expressions):
            if isinstance(expression, exp.Column) and (ref := self.ref(expression)) is not None:
                found.add(ref)
                continue
            refs = self.refs(expression)
            if refs and all(self.relation(ref.relation).generator for ref in refs):
                found |= refs
        for one, other in self._equal:
            if one in found or other in found:
                found |= {one, other}
        return frozenset(found)

    @cached_property
    def constant(self) -> frozenset[Ref]:
        """Columns that equal something of no relation here: a literal, or a column of a level further out."""
        return frozenset(tie.column for tie in self._ties if not tie.by)

    def determined(self, start: str, fixed: frozenset[Ref] = frozenset()) -> frozenset[str]:
        """The relations that have one row at most for a row of `start`, itself among them.

        fixed: columns that have one value, as within a group.
        """
        known = {start}
        if self.relation(start).lateral:
            known |= {relation.name for relation in self.relations[: self.relations.index(self.relation(start))]}
        growing = True
        while growing:
            growing = False
            for relation in self.relations:
                if relation.name not in known and self._follows(relation, known, fixed):
                    known.add(relation.name)
                    growing = True
        return frozenset(known)

    def strangers(self, start: str, fixed: frozenset[Ref] = frozenset()) -> tuple[Relation, ...]:
        """The relations of which several rows may meet one of `start`."""
        known = self.determined(start, fixed)
        return tuple(relation for relation in self.relations if relation.name not in known)

    def _follows(self, relation: Relation, known: set[str], fixed: frozenset[Ref]) -> bool:
        tied = {tie.column.column for tie in self._ties if tie.column.relation == relation.name and tie.by <= known}
        tied |= {ref.column for ref in fixed if ref.relation == relation.name}
        if any(key <= tied for key in relation.keys):
            return True
        return relation.generator and (bool(tied) or self._within_bounds(relation, known))

    def _within_bounds(self, relation: Relation, known: set[str]) -> bool:
        """A moment between a step of a series and the next one."""
        above = below = False
        for condition in self.conditions:
            match condition:
                case exp.Between():
                    sides: tuple[exp.Expr, ...] = (condition.this, condition.args["low"])
                    both = True
                case exp.GT() | exp.GTE() | exp.LT() | exp.LTE():
                    sides, both = (condition.left, condition.right), False
                case _:
                    continue
            first, second = ({ref.relation for ref in self.refs(side)} for side in sides)
            if relation.name in second and relation.name not in first and first and first <= known:
                over = isinstance(condition, exp.GT | exp.GTE)
            elif relation.name in first and relation.name not in second and second and second <= known:
                over = isinstance(condition, exp.LT | exp.LTE)
            else:
                continue
            above, below = above or over or both, below or not over or both
        return above and below

    @cached_property
    def _equal(self) -> tuple[tuple[Ref, Ref], ...]:
        found = []
        for condition in self.conditions:
            if isinstance(condition, exp.EQ):
                left, right = (self._plain(side) for side in (condition.left, condition.right))
                if left is not None and right is not None:
                    found.append((left, right))
        return (*found, *self._using)

    @cached_property
    def _using(self) -> tuple[tuple[Ref, Ref], ...]:
        found = []
        for at, join in enumerate(self.select.args.get("joins") or (), 1):
            for column in join.args.get("using") or ():
                before = next((r.name for r in self.relations[:at] if column.name in r.columns), None)
                if before is not None:
                    found.append((Ref(before, column.name), Ref(self.relations[at].name, column.name)))
        return tuple(found)

    @cached_property
    def _ties(self) -> tuple[_Tied, ...]:
        ties = [
            tie
            for one, other in self._using
            for tie in (_Tied(one, frozenset((other.relation,))), _Tied(other, frozenset((one.relation,))))
        ]
        for condition in self.conditions:
            if isinstance(condition, exp.EQ):
                for side, other_side in ((condition.left, condition.right), (condition.right, condition.left)):
                    ref = self._plain(side)
                    by = frozenset(found.relation for found in self.refs(other_side))
                    if ref is not None and ref.relation not in by and not _has_query(other_side):
                        ties.append(_Tied(ref, by))
        return tuple(ties)

    def _plain(self, node: exp.Expr) -> Ref | None:
        node = bare(node)
        while isinstance(node, exp.Cast) and node.to.this.name in LOSSLESS:
            node = bare(node.this)
        return self.ref(node) if isinstance(node, exp.Column) else None

    def _meant(self, node: exp.Expr) -> exp.Expr:
        shown = self.select.expressions
        if isinstance(node, exp.Literal) and not node.is_string and node.name.isdecimal():
            place = int(node.name) - 1
            return bare(shown[place]) if 0 <= place < len(shown) else node
        if isinstance(node, exp.Column) and not node.table and self.ref(node) is None:
            aliased = (one for one in shown if isinstance(one, exp.Alias) and one.alias == node.name)
            return next(map(bare, aliased), node)
        return node


def _with_ranks(relations: Sequence[Relation], select: exp.Select) -> tuple[Relation, ...]:
    """A relation whose row number is to be 1 has one row for whatever the number counts within."""
    if not any(relation.ranked for relation in relations):
        return tuple(relations)
    bare_level = Level(select, tuple(replace(relation, ranked={}) for relation in relations))
    first = set[Ref]()
    for condition in bare_level.conditions:
        if isinstance(condition, exp.EQ) and isinstance(condition.right, exp.Literal) and condition.right.name == "1":
            refs = bare_level.refs(condition.left)
            first |= refs
    found = []
    for relation in relations:
        keys = tuple(key for column, key in relation.ranked.items() if Ref(relation.name, column) in first)
        if keys:
            relation = replace(relation, keys=(*relation.keys, *keys), repeated={}, rows_repeated="")
        found.append(replace(relation, ranked={}))
    return tuple(found)


def bare(node: exp.Expr) -> exp.Expr:
    """Without the alias and brackets around it."""
    while isinstance(node, exp.Paren | exp.Alias):
        node = node.this
    return node


def conjuncts(node: exp.Expr) -> Iterator[exp.Expr]:
    node = bare(node)
    if isinstance(node, exp.And):
        yield from conjuncts(node.left)
        yield from conjuncts(node.right)
    else:
        yield node


def own(node: exp.Expr) -> Iterator[exp.Expr]:
    """The nodes of an expression or of one SELECT, those of sub-selects left out."""
    start = node if isinstance(node, exp.Select) else None
    return node.walk(prune=lambda one: isinstance(one, exp.Query) and one is not start)


def _has_query(node: exp.Expr) -> bool:
    return next(node.find_all(exp.Query), None) is not None
