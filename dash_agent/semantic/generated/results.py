"""What a level is to the one that reads it: its columns, what tells its rows apart, and what stands there repeated."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from sqlglot import exp

from dash_agent.semantic.generated.relations import Key, Level, Ref, Relation, bare, own

SERIES = (exp.GenerateSeries, exp.ExplodingGenerateSeries, exp.Unnest, exp.GenerateDateArray)


def aggregates(node: exp.Expr) -> bool:
    """Whether an expression is one of a group: an aggregate that is no window's."""
    return any(
        isinstance(one, exp.AggFunc) and not isinstance(one.parent, exp.Window) and not _windowed(one)
        for one in own(node)
    )


def _windowed(node: exp.Expr) -> bool:
    parent = node.parent
    while isinstance(parent, exp.Filter | exp.WithinGroup | exp.IgnoreNulls):
        parent = parent.parent
    return isinstance(parent, exp.Window)


def output(level: Level) -> Relation:
    shown = list(_shown(level))
    columns = tuple(name for name, _ in shown)
    refs = {name: ref for name, node in shown if (ref := _ref(level, node)) is not None}
    origins = {
        name: origin
        for name, ref in refs.items()
        if (origin := level.relation(ref.relation).origins.get(ref.column)) is not None
    }
    if level.grouped_by or any(node is not None and aggregates(node) for _, node in shown):
        return Relation("", columns, tuple(_group_keys(level, shown, refs)), origins=origins)
    keys = (*_row_keys(level, refs), *_distinct_keys(level, columns, refs))
    repeated, rows = _repeated(level, shown)
    if _settled(level, refs):
        repeated, rows = {}, ""
    alone = level.relations[0] if len(level.relations) == 1 else None
    generator = alone.generator if alone is not None else not level.relations and _makes_rows(shown)
    if generator:
        keys = (*keys, *(frozenset((column,)) for column in columns))
    return Relation(
        "",
        columns,
        keys,
        origins=origins,
        repeated=repeated,
        rows_repeated=rows,
        generator=generator,
        ranked=dict(_ranks(level, shown, refs)),
    )


Shown = Sequence[tuple[str, "exp.Expr | None"]]


def _shown(level: Level) -> Iterator[tuple[str, exp.Expr | None]]:
    """Output columns with their expressions; a star as the columns that it stands for."""
    for node in level.select.expressions:
        qualified = isinstance(node, exp.Column) and isinstance(node.this, exp.Star)
        if not qualified and not isinstance(node, exp.Star):
            yield node.alias_or_name or node.sql(), node
            continue
        for relation in level.relations:
            if not qualified or relation.name == node.text("table"):
                yield from ((column, exp.column(column, relation.name)) for column in relation.columns)


def _ref(level: Level, node: exp.Expr | None) -> Ref | None:
    plain = bare(node) if node is not None else None
    return level.ref(plain) if isinstance(plain, exp.Column) else None


def _names(refs: Mapping[str, Ref]) -> Mapping[Ref, str]:
    return {ref: name for name, ref in reversed(list(refs.items()))}


def _group_keys(level: Level, shown: Shown, refs: Mapping[str, Ref]) -> Iterator[Key]:
    texts = {bare(node).sql(): name for name, node in shown if node is not None}
    names = _names(refs)
    key = set[str]()
    grouped = {ref for node in level.grouped_by if (ref := _ref(level, node)) is not None}
    needed = _needed(level, grouped)
    for node in level.grouped_by:
        ref = _ref(level, node)
        if ref is not None and (ref not in needed or ref in level.constant):
            continue
        name = names.get(ref) if ref is not None else texts.get(bare(node).sql())
        if name is None:
            return
        key.add(name)
    yield frozenset(key)


def _needed(level: Level, grouped: set[Ref]) -> set[Ref]:
    """The grouped columns without those that others of them determine."""
    needed = set(grouped)
    for relation in level.relations:
        held = {ref.column for ref in needed if ref.relation == relation.name}
        key = next((key for key in relation.keys if key <= held), None)
        if key is not None:
            follow = level.determined(relation.name)
            needed = {
                ref
                for ref in needed
                if ref.relation not in follow or (ref.relation == relation.name and ref.column in key)
            }
    return needed


def _row_keys(level: Level, refs: Mapping[str, Ref]) -> Iterator[Key]:
    names = _names(refs)
    limit = level.select.args.get("limit")
    if limit is not None and isinstance(limit.expression, exp.Literal) and limit.expression.name in ("0", "1"):
        yield frozenset()
    for relation in level.relations:
        if not level.strangers(relation.name) and not relation.rows_repeated:
            for key in relation.keys:
                mapped = [names.get(Ref(relation.name, column)) for column in key]
                if all(mapped):
                    yield frozenset(name for name in mapped if name)


def _distinct_keys(level: Level, columns: Sequence[str], refs: Mapping[str, Ref]) -> Iterator[Key]:
    distinct = level.select.args.get("distinct")
    if distinct is None:
        return
    on = distinct.args.get("on")
    if on is None:
        yield frozenset(columns)
        return
    names = _names(refs)
    named = [names.get(ref) if (ref := _ref(level, node)) is not None else None for node in _listed(on)]
    if all(named):
        yield frozenset(name for name in named if name)


def _listed(node: exp.Expr) -> Sequence[exp.Expr]:
    return node.expressions if isinstance(node, exp.Tuple) else [node]


def _settled(level: Level, refs: Mapping[str, Ref]) -> bool:
    """True where DISTINCT leaves one row of each that is measured: it goes by the key of what all columns belong to."""
    distinct = level.select.args.get("distinct")
    if distinct is None:
        return False
    on = distinct.args.get("on")
    by = {ref for node in _listed(on) if (ref := _ref(level, node)) is not None} if on else set(refs.values())
    for relation in level.relations:
        own_columns = {ref.column for ref in by if ref.relation == relation.name}
        follow = level.determined(relation.name)
        within = all(ref.relation in follow for ref in by)
        if within and any(key <= own_columns for key in relation.keys):
            return True
    return False


def _repeated(level: Level, shown: Shown) -> tuple[Mapping[str, str], str]:
    found = {}
    for name, node in shown:
        why = repetition(level, level.refs(node))
        if why:
            found[name] = why
    rows = repetition(level, _of_rows(level))
    return found, rows


def _of_rows(level: Level) -> frozenset[Ref]:
    return frozenset((Ref(level.relations[0].name, ""),)) if level.relations else frozenset()


def repetition(level: Level, refs: frozenset[Ref], fixed: frozenset[Ref] = frozenset()) -> str:
    """Why a value made of these columns stands several times among the joined rows; '' where it stands once.

    A column '' is the rows of its relation. A value of several relations is of the one with the most rows.
    """
    reasons = []
    for ref in sorted(refs, key=lambda ref: (ref.relation, ref.column)):
        relation = level.relation(ref.relation)
        inner = relation.repeated.get(ref.column, "") if ref.column else relation.rows_repeated
        others = level.strangers(ref.relation, fixed)
        if not inner and not others:
            return ""
        reasons.append(
            inner or f"each row of {relation.called} stands once for every row of {others[0].called} it meets"
        )
    return reasons[0] if reasons else ""


def _makes_rows(shown: Shown) -> bool:
    return any(node is not None and node.find(*SERIES) is not None for _, node in shown)


def _ranks(level: Level, shown: Shown, refs: Mapping[str, Ref]) -> Iterator[tuple[str, Key]]:
    names = _names(refs)
    for name, node in shown:
        window = bare(node) if node is not None else None
        if isinstance(window, exp.Window) and isinstance(window.this, exp.RowNumber):
            within = [names.get(ref) for part in window.args.get("partition_by") or () if (ref := _ref(level, part))]
            parts = window.args.get("partition_by") or ()
            if len(within) == len(parts) and all(within):
                yield name, frozenset(column for column in within if column)
