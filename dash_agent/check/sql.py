"""Expressions and derived tables: types, personal data, and what a metric's numbers are said to be."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from sqlglot import exp
from sqlglot.optimizer.annotate_types import annotate_types

from dash_agent.check.rule import Found, Rule
from dash_agent.check.subject import Expression, Subject
from dash_agent.context.business import Metric, RatioMetric
from dash_agent.context.content import METRICS
from dash_agent.context.files import nearest
from dash_agent.context.tables import Table
from dash_agent.semantic.expressions import NAME, Gives

NUMBER, MOMENT, SPAN, DAY, TEXT, TRUTH = "a number", "a moment", "a length of time", "a day", "text", "true or false"

WORDS: Final = {
    **dict.fromkeys(("BIGINT", "INT", "SMALLINT", "TINYINT", "DECIMAL", "DOUBLE", "FLOAT"), NUMBER),
    **dict.fromkeys(("TEXT", "VARCHAR", "CHAR", "NCHAR", "NVARCHAR"), TEXT),
    **dict.fromkeys(("TIMESTAMP", "TIMESTAMPNTZ"), "a time without a zone"),
    **dict.fromkeys(("JSON", "JSONB"), "JSON"),
    "TIMESTAMPTZ": MOMENT,
    "DATE": DAY,
    "INTERVAL": SPAN,
    "BOOLEAN": TRUTH,
}
"""sqlglot's types in words; a type that is not here is not known, and then nothing is said."""

WANTED: Final = {Gives.TRUTH: TRUTH, Gives.NUMBER: NUMBER, Gives.MOMENT: MOMENT}

WAYS_OUT: Final = {
    (NUMBER, SPAN): "write EXTRACT(EPOCH FROM …), which gives seconds",
    (NUMBER, TEXT): "cast it, such as NULLIF(column, '')::numeric",
    (NUMBER, MOMENT): "EXTRACT(EPOCH FROM later - earlier) gives seconds",
    (MOMENT, DAY): "cast it with ::timestamptz",
    (TRUTH, TEXT): "compare it with a value",
    (TRUTH, NUMBER): "compare it with a value",
}


def types_agree(subject: Subject) -> Iterator[Found]:
    """`where` is true or false, `value` a number, `time`, `enters` and `leaves` a moment (timestamptz)."""
    for expression in subject.expressions:
        wanted = WANTED.get(expression.part.gives)
        given = _type_in_words(expression)
        if wanted is None or given in (None, wanted):
            continue
        way_out = WAYS_OUT.get((wanted, given or ""), "")
        message = f"'{expression.part.key}' is to be {wanted}, and this is {given}{'; ' if way_out else ''}{way_out}"
        yield Found(METRICS, expression.place, message)


def _type_in_words(expression: Expression) -> str | None:
    if expression.tree is None:
        return None
    types = {column.name: column.type for column in expression.table.columns}

    def typed(node: exp.Expr) -> exp.Expr:
        if isinstance(node, exp.Column):
            return exp.cast(exp.null(), types[node.name], dialect=NAME)
        if isinstance(node, exp.Placeholder):
            return exp.cast(exp.null(), "timestamptz" if node.name == "now" else "numeric", dialect=NAME)
        return node

    tree = expression.tree.copy().transform(typed).unnest()
    found = annotate_types(tree, dialect=NAME)
    if isinstance(found, exp.Sub) and _word(found.left) == _word(found.right) == MOMENT:
        return SPAN  # sqlglot takes it for a moment
    return _word(found)


def _word(tree: exp.Expr) -> str | None:
    return WORDS.get(tree.type.this.name) if tree.type is not None else None


def a_period_has_a_time(subject: Subject) -> Iterator[Found]:
    """A metric that is no state has a time that a period goes by: its own, or its table's."""
    unread = {problem.file for problem in subject.read_problems if problem.place == "time"}
    for place, metric in subject.metrics:
        if isinstance(metric, RatioMetric) or metric.state or metric.time is not None:
            continue
        table = subject.content.tables.get(metric.table)
        if table is None or table.time is not None or subject.content.table_files[metric.table] in unread:
            continue
        said = (
            f"'{metric.name}' counts rows of '{metric.table}', which has no time that a period could go by; "
            "give 'time', or 'state': true"
        )
        yield Found(METRICS, place, said)


def personal_data_is_declared(subject: Subject) -> Iterator[Found]:
    """A metric over a column that identifies a person declares `personal_data: pseudonymous`, and no other does."""
    for place, metric in subject.metrics:
        columns = _identifying(subject, metric)
        if columns is None:
            continue
        if columns and metric.personal_data == "none":
            message = (
                f'the metric rests on {columns[0]}, which identifies a person; write "personal_data": "pseudonymous"'
            )
            yield Found(METRICS, f"{place}.personal_data", message)
        elif not columns and metric.personal_data == "pseudonymous":
            message = "the metric rests on no column that identifies a person; leave this key out"
            yield Found(METRICS, f"{place}.personal_data", message)


def _identifying(subject: Subject, metric: Metric) -> list[str] | None:
    """Columns as `table.column`; None where the metric could not be read as a whole."""
    if isinstance(metric, RatioMetric):
        parts = [subject.metrics_by_name.get(name) for name in (metric.numerator, metric.denominator)]
        found = [
            _identifying(subject, part) for part in parts if part is not None and not isinstance(part, RatioMetric)
        ]
        known = [columns for columns in found if columns is not None]
        return [column for columns in known for column in columns] if len(known) == 2 else None
    trees = [(e.table, e.tree) for e in subject.expressions if e.metric is metric]
    if metric.table not in subject.content.tables or any(tree is None for _, tree in trees):
        return None
    table = subject.content.tables[metric.table]
    columns = (column.name for _, tree in trees if tree is not None for column in tree.find_all(exp.Column))
    return [f"'{table.table}.{name}'" for name in dict.fromkeys(columns) if _identifies(table, name)]


def _identifies(table: Table, name: str) -> bool:
    column = table.column(name)
    return column is not None and column.identifies is not None


def a_percentage_is_of_a_hundred(subject: Subject) -> Iterator[Found]:
    """A ratio in per cent has `scale` 100, and one of a hundred is in per cent."""
    for place, metric in subject.metrics:
        if isinstance(metric, RatioMetric) and (metric.unit == "percent") != (metric.scale == 100):
            said = f"the unit is '{metric.unit}' and the scale {metric.scale}; per cent goes with 100, and nothing else"
            yield Found(METRICS, f"{place}.scale", said)


def derived_columns(subject: Subject) -> Iterator[Found]:
    """A derived table documents exactly the columns that its SELECT gives, in that order."""
    for name, statement in subject.derived.items():
        documented = [column.name for column in subject.content.tables[name].columns]
        given = list(statement.output)
        if statement.select is None or given == documented:
            continue
        for index, column in enumerate(documented):
            if column not in given:
                said = f"the SELECT gives no column '{column}'{nearest(column, given)}"
                yield Found(statement.file, f"columns[{index}].name", said)
        for column in given:
            if column not in documented and not subject.content.is_unsure_column(name, column):
                yield Found(
                    statement.file, "query", f"the SELECT gives '{column}', which is not documented as a column"
                )
        if sorted(given) == sorted(documented):
            said = f"the SELECT gives its columns in another order than they are documented: {', '.join(given)}"
            yield Found(statement.file, "query", said)


def derived_constants(subject: Subject) -> Iterator[Found]:
    """A derived table's SQL uses the constants of rules.json, `:now` and `:tz`, and no other parameter."""
    known = [*(constant.name for constant in subject.content.constants), "now", "tz"]
    for statement in subject.derived.values():
        used = statement.select.find_all(exp.Placeholder) if statement.select is not None else ()
        for name in dict.fromkeys(placeholder.name for placeholder in used):
            if name not in known and not subject.content.is_unsure("constant", name):
                yield Found(statement.file, "query", f"rules.json has no constant '{name}'{nearest(name, known)}")


RULES = (
    Rule("sql-type", types_agree),
    Rule("metric-time", a_period_has_a_time),
    Rule("personal-data", personal_data_is_declared),
    Rule("percent-scale", a_percentage_is_of_a_hundred),
    Rule("derived-columns", derived_columns),
    Rule("derived-constants", derived_constants),
)
