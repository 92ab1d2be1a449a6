"""One look: all rules that are due, over the rows that somebody sees, as causes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from dash_agent.context.alerts import Alert
from dash_agent.context.catalog import Catalog
from dash_agent.context.freshness import DataProblem, touching
from dash_agent.errors import QueryError
from dash_agent.models.alert import Cause, Finding
from dash_agent.models.plan import MetricPlan
from dash_agent.models.query import Filter, MetricQuery, Op, Period
from dash_agent.models.reason import Reason, why_of
from dash_agent.reports.alerts.after import since_changes
from dash_agent.reports.alerts.bounds import ERRORS, beyond
from dash_agent.reports.alerts.causes import causes
from dash_agent.reports.alerts.driver import with_driver
from dash_agent.reports.alerts.live import LiveReader
from dash_agent.reports.alerts.reading import rule_window
from dash_agent.reports.alerts.splits import Unusual
from dash_agent.reports.alerts.unusual import Due, unusual
from dash_agent.reports.alerts.windows import Reader
from dash_agent.reports.view import View

STATES = ("stuck", "response_targets")


@dataclass(frozen=True, slots=True)
class Withheld:
    """A rule that could not be looked at. problems: of the data that it rests on; why: what else is wrong."""

    rule: str
    problems: tuple[DataProblem, ...] = ()
    why: Reason | None = None


@dataclass(frozen=True, slots=True)
class Looked:
    """causes: what matters most first. checked: segments of all rules that had enough to go by."""

    causes: tuple[Cause, ...]
    checked: int
    withheld: tuple[Withheld, ...] = ()


def look(view: View, rules: Sequence[Alert]) -> Looked:
    """Rules that are looked at together, as of the view's now. The same for the same data. Raises Unavailable."""
    withheld = [one for one in (_problems(view, rule) for rule in rules) if one is not None]
    held = {one.rule for one in withheld}
    open_rules = [rule for rule in rules if rule.name not in held]
    reader = LiveReader(view)
    findings: list[Finding] = []
    checked = 0
    for found_by, anomalies in ((unusual, _at_any_hour(open_rules)), (since_changes, _after_changes(open_rules))):
        try:
            found = found_by([(view.calendar, anomalies)], view.catalog, reader)[0] if anomalies else Unusual((), 0)
            findings += found.findings
            checked += found.checked
        except QueryError as error:
            withheld += [Withheld(rule.name, why=why_of(error)) for rule in anomalies]
    for rule in (rule for rule in open_rules if rule.kind != "anomaly"):
        try:
            findings += beyond(view, rule)
            checked += 1
        except QueryError as error:
            withheld.append(Withheld(rule.name, why=why_of(error)))
    made = grouped(findings, open_rules, view.catalog)
    told = (with_receipt(view, with_driver(view.catalog, cause, open_rules, reader, view.now)) for cause in made)
    return Looked(tuple(told), checked, tuple(withheld))


def looked_back(due: Sequence[Due], catalog: Catalog, reader: Reader) -> tuple[Looked, ...]:
    """As `look`, over a history that the reader holds, at several moments: anomalies alone, and without drivers."""
    usual = unusual([(calendar, _at_any_hour(rules)) for calendar, rules in due], catalog, reader)
    changed = since_changes([(calendar, _after_changes(rules)) for calendar, rules in due], catalog, reader)
    return tuple(
        Looked(grouped((*one.findings, *other.findings), rules, catalog), one.checked + other.checked)
        for one, other, (_, rules) in zip(usual, changed, due, strict=True)
    )


def _at_any_hour(rules: Sequence[Alert]) -> list[Alert]:
    return [rule for rule in rules if rule.kind == "anomaly" and rule.after is None]


def _after_changes(rules: Sequence[Alert]) -> list[Alert]:
    return [rule for rule in rules if rule.after is not None]


def with_receipt(view: View, cause: Cause) -> Cause:
    """The chief's number asked as a question would, so that there is a receipt to open. Raises Unavailable."""
    chief = cause.chief
    if chief.answers:
        return cause
    filters = tuple(Filter(rows.dimension, Op.IN, rows.values) for rows in chief.segment)
    answer = view.answer(
        MetricPlan(MetricQuery((chief.metric,), filters=filters, period=Period(chief.start, chief.end)))
    )
    return replace(cause, chief=replace(chief, answers=(answer.answer_id,)))


def grouped(findings: Iterable[Finding], rules: Iterable[Alert], catalog: Catalog) -> tuple[Cause, ...]:
    """Findings that tell of one thing as one cause."""

    def tables(metric: str) -> frozenset[str]:
        return tables_of(catalog, metric)

    return causes(tuple(findings), {rule.name: rule for rule in rules}, tables)


def tables_of(catalog: Catalog, metric: str) -> frozenset[str]:
    return frozenset(part.table for part in catalog.counted(catalog.metrics[metric]))


def _no_metric(name: str) -> Reason:
    return Reason("no_metric", f"there is no metric '{name}'", {"metric": name})


def _problems(view: View, rule: Alert) -> Withheld | None:
    """What is wrong with the data of a rule, where it touches the window: then what is missing would look unusual."""
    named = rule.metrics or ([ERRORS] if rule.kind == "pipeline_errors" else ["stuck"])
    missing = [name for name in named if name not in view.catalog.metrics]
    if missing:
        return Withheld(rule.name, why=_no_metric(missing[0]))
    metrics = [view.catalog.metrics[name] for name in named]
    tables = dict.fromkeys(part.table for metric in metrics for part in view.catalog.counted(metric))
    state = rule.kind in STATES or any(map(view.catalog.is_state, metrics))
    window = rule_window(rule, view.calendar)
    start = window.start if rule.after is None else window.end - timedelta(hours=rule.after.watch)
    found = touching(view.dash.preflight(tables, view.now), () if state else [(start, window.end)])
    return Withheld(rule.name, found) if found else None
