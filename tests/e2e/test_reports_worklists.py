"""The funnel, the time in each stage and the stuck tickets are what hand-written SQL says."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta
from decimal import Decimal

import pytest

from dash_agent.ask import Dash
from dash_agent.bootstrap import Running
from dash_agent.context.catalog import Catalog
from dash_agent.errors import QueryError
from dash_agent.models.principal import Principal, Role, ScopeFilter
from dash_agent.reports.funnel import funnel, time_in_stage
from dash_agent.reports.narrowing import ALL, Narrowing
from dash_agent.reports.spans import Preset, span
from dash_agent.reports.stuck import stuck
from dash_agent.reports.view import View
from tests.conftest import NOW
from tests.e2e.databases import Database
from tests.e2e.reporting import ADMIN, viewed
from tests.e2e.scopes import NARROWED, ScopedDesk
from tests.gold import gold_rows, plain

OCTOBER = "t.created_at >= '2026-10-01 00:00+03' AND t.created_at < '2026-11-01 00:00+02'"
FILTERS: Mapping[str, tuple[Narrowing, str]] = {
    "none": (ALL, "true"),
    "channel and country": (
        Narrowing.of({"channel": ["email", "chat"], "country": ["US"]}),
        "channel IN ('email', 'chat') AND c.country = 'US'",
    ),
}
TICKETS = "FROM support_threads_data t LEFT JOIN customers c USING (customer_id)"


@pytest.fixture
def view(dash: Dash) -> View:
    return View.of(dash, ADMIN, NOW, "en")


@pytest.mark.parametrize("name", FILTERS)
def test_the_funnel_counts_who_reached_each_stage(name: str, view: View, desk: Database) -> None:
    narrowing, condition = FILTERS[name]
    found = funnel(view, span(Preset.LAST_MONTH, view.calendar), narrowing)
    ((*counts,),) = gold_rows(
        desk.owner,
        "SELECT count(*), count(ai_answered_at), count(draft_created_at), count(sent_at)"
        f" {TICKETS} WHERE {OCTOBER} AND {condition}",
        NOW,
    )
    assert counts[0]
    assert [stage.tickets for stage in found.stages] == counts
    assert [stage.label for stage in found.stages] == ["Tickets", "Handled by AI", "Resolved", "Sent"]
    for stage, count in zip(found.stages, counts, strict=True):
        share = Decimal(100) * Decimal(str(count)) / Decimal(str(counts[0]))
        assert stage.share is not None
        assert abs(stage.share - share) <= Decimal("0.05")
    assert found.answer.chart is not None


STEPS = {
    "time_to_ai_answer": "ai_answered_at - t.created_at",
    "time_to_draft": "draft_created_at - ai_answered_at",
    "review_time": "sent_at - draft_created_at",
    "response_time": "sent_at - t.created_at",
    "time_to_escalation": "escalated_at - t.created_at",
}


@pytest.mark.parametrize("name", FILTERS)
def test_the_time_of_each_stage_is_that_of_its_tickets(name: str, view: View, desk: Database) -> None:
    narrowing, condition = FILTERS[name]
    found = time_in_stage(view, span(Preset.LAST_MONTH, view.calendar), narrowing)
    assert [step.metric for step in found.steps] == list(STEPS)
    for step in found.steps:
        took = f"extract(epoch FROM {STEPS[step.metric]}) / 60"
        ((count, median, slow),) = gold_rows(
            desk.owner,
            f"SELECT count({took}), round((percentile_cont(0.5) WITHIN GROUP (ORDER BY {took}))::numeric, 1),"
            f" round((percentile_cont(0.9) WITHIN GROUP (ORDER BY {took}))::numeric, 1)"
            f" {TICKETS} WHERE {OCTOBER} AND {condition}",
            NOW,
        )
        assert (step.tickets, plain(step.median), plain(step.slow)) == (count, median, slow)


STUCK = (
    "SELECT ticket_id, t.status, request_type, urgency, assigned_to, channel, t.updated_at"
    f" {TICKETS} WHERE t.status IN ('Data collected', 'AI Answered', 'Draft Created')"
    " AND t.updated_at < :now - interval '24 hours' AND {condition} ORDER BY t.updated_at, ticket_id"
)


@pytest.mark.parametrize("name", FILTERS)
def test_the_oldest_of_the_stuck_tickets_come_first(name: str, view: View, desk: Database) -> None:
    narrowing, condition = FILTERS[name]
    found = stuck(view, narrowing)
    expected = gold_rows(desk.owner, STUCK.format(condition=condition), NOW)
    assert expected
    shown = [(t.ticket_id, t.status, t.category, t.urgency, t.owner, t.channel, t.updated_at) for t in found.tickets]
    assert shown == expected
    assert all(ticket.age == NOW - ticket.updated_at > timedelta(hours=24) for ticket in found.tickets)
    assert (found.hours, found.more) == (24, False)


@pytest.mark.parametrize("scope", NARROWED)
def test_a_scope_sees_its_own_worklist(scope: str, staffed_by_scope: Running, scoped_desk: ScopedDesk) -> None:
    view = View.of(staffed_by_scope.dash, NARROWED[scope].principal, NOW, "en")
    part = scoped_desk.parts[scope].owner
    expected = gold_rows(part, STUCK.format(condition="true"), NOW)
    assert [ticket.ticket_id for ticket in stuck(view).tickets] == [row[0] for row in expected]
    ((count,),) = gold_rows(part, f"SELECT count(*) {TICKETS} WHERE {OCTOBER}", NOW)
    assert funnel(view, span(Preset.LAST_MONTH, view.calendar)).stages[0].tickets == count


def test_what_is_out_of_reach_is_said(staffed_by_scope: Running) -> None:
    """Tickets have no carrier."""
    scope = (ScopeFilter("carrier", ("DHL",)),)
    view = View.of(staffed_by_scope.dash, Principal("c@example.com", Role.VIEWER, scope=scope), NOW, "en")
    with pytest.raises(QueryError, match="out of your reach"):
        stuck(view)


def test_a_desk_without_tickets_has_an_empty_funnel(fresh_database: Callable[[], Database], home: Catalog) -> None:
    with viewed(fresh_database(), home) as view:
        now = span(Preset.LAST_MONTH, view.calendar)
        steps = time_in_stage(view, now).steps
        assert [(stage.tickets, stage.share) for stage in funnel(view, now).stages] == [(0, None)] * 4
        assert [(step.tickets, step.median, step.slow) for step in steps] == [(0, None, None)] * 5
        assert stuck(view).tickets == ()
