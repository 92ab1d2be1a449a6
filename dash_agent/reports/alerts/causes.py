"""Findings that tell of one thing, as one cause."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from dash_agent.context.alerts import SEVERITIES, Alert
from dash_agent.models.alert import Cause, Finding
from dash_agent.models.principal import ScopeFilter

Tables = Callable[[str], frozenset[str]]
"""Of a metric: the tables that it is counted from."""


def causes(findings: Sequence[Finding], rules: Mapping[str, Alert], tables: Tables) -> tuple[Cause, ...]:
    """Each finding once. The most unlikely one is the chief of those that tell of the same rows as it does."""
    left = sorted(findings, key=lambda one: _rank(one, rules))
    made = []
    while left:
        chief, *others = left
        also = tuple(one for one in others if _is_same(chief, one, tables))
        made.append(Cause(chief, also))
        left = [one for one in others if one not in also]
    return tuple(sorted(made, key=lambda cause: _rank(cause.chief, rules)))


def _rank(one: Finding, rules: Mapping[str, Alert]) -> tuple[object, ...]:
    """What matters most first, then what is least likely to be chance. Nothing is less likely than a passed bound."""
    severity = -SEVERITIES.index(rules[one.rule].severity)
    return severity, one.p or 0.0, -len(one.segment), one.rule, one.metric, repr(one.segment)


def _is_same(chief: Finding, other: Finding, tables: Tables) -> bool:
    """The same rows in another metric; or rows that share some with it, counted from the same tables.

    A bound and what is unusual are told apart: somebody has asked for that bound.
    """
    if (chief.expected is None) != (other.expected is None):
        return chief.metric == other.metric and chief.segment == other.segment
    if chief.segment == other.segment:
        return chief.metric != "" and other.metric != ""
    if not chief.metric or not other.metric or tables(chief.metric) != tables(other.metric):
        return False
    if chief.expected is None and chief.metric != other.metric:
        return False
    return _overlap(chief.segment, other.segment)


def _overlap(one: Sequence[ScopeFilter], other: Sequence[ScopeFilter]) -> bool:
    """False where both name one dimension, and no value of it in common."""
    values = {rows.dimension: set(rows.values) for rows in other}
    return all(rows.dimension not in values or values[rows.dimension] & set(rows.values) for rows in one)
