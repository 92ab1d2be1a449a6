"""Cost and health: what answering costs, how it goes, and whether every part is well."""

from __future__ import annotations

from typing import Final

import streamlit as st

from dash_agent.errors import WrongUse
from dash_agent.models.job import JobState
from dash_agent.models.operations import Operated
from dash_agent.models.principal import Role
from dash_agent.models.usage import NOTHING, CostsBy
from dashboard import state
from dashboard.components import health, job_list, service, spent
from dashboard.components.failures import shown_failures
from dashboard.state import Desk, own

SPANS: Final = (7, 30, 90)
USUAL: Final = "30"
DAYS: Final = "days"
ADMINS: Final = frozenset({Role.ADMIN})


def main() -> None:
    desk = state.desk()
    words = desk.words
    st.title(words("nav.costs"))
    if not desk.may(state.MANAGERS):
        st.error(words("common.no_rights", role=desk.principal.role), icon=":material/lock:")
        return
    with shown_failures(words, "costs.health"):
        st.subheader(words("costs.health"))
        health.parts(health.parts_of(desk), words)
    days = _days(desk)
    with shown_failures(words, "costs.service"):
        st.subheader(words("costs.service"))
        _service(desk, own(desk.running.operations).lately(days))
    with shown_failures(words, "costs.spending"):
        st.subheader(words("costs.spending"))
        _spending(desk, own(desk.running.operations).lately(days))
    with shown_failures(words, "costs.jobs"):
        st.subheader(words("costs.jobs"))
        _jobs(desk)


def _days(desk: Desk) -> int:
    """In the address, so that a link shows the same."""
    given = state.address().get(DAYS, USUAL)
    chosen = st.segmented_control(
        desk.words("costs.span"),
        SPANS,
        default=int(given) if given in map(str, SPANS) else int(USUAL),
        format_func=lambda days: desk.words("costs.days", count=days),
        required=True,
        key="costs-days",
    )
    state.put_in_address(**{DAYS: None if str(chosen) == USUAL else str(chosen)})
    return chosen


def _service(desk: Desk, found: Operated) -> None:
    words, wording = desk.words, desk.wording
    if not found.whole.questions:
        st.info(words("costs.nothing_asked"), icon=":material/forum:")
        return
    service.numbers(found.whole, words, wording)
    left, right = st.columns(2)
    with left:
        st.markdown(f"**{words('costs.questions_by_day')}**")
        service.questions_by_day(found, words, wording)
    with right:
        st.markdown(f"**{words('costs.latency_by_day')}**")
        service.latency_by_day(found, words, wording)


def _spending(desk: Desk, found: Operated) -> None:
    words, wording = desk.words, desk.wording
    spending = own(own(desk.running.ports).spending)
    first = next(iter(found.days))
    by_day = spending.costs(CostsBy.DAY, first)
    budgets = spending.budgets()
    if budgets:
        st.markdown(f"**{words('costs.budgets')}**")
        spent.budgets(budgets, words, wording)
    if not by_day:
        st.info(words("costs.nothing_spent"), icon=":material/savings:")
        return
    whole = sum((cost.usage for cost in by_day), NOTHING)
    shown = (
        ("cost", wording.number(whole.cost_usd, "usd", 2)),
        ("calls", wording.number(whole.calls, None, 0)),
        ("prompt", wording.number(whole.prompt, None, 0)),
        ("completion", wording.number(whole.completion, None, 0)),
    )
    service.figures([(words(f"costs.{name}"), value, None) for name, value in shown])
    st.markdown(f"**{words('costs.costs_by_day')}**")
    service.costs_by_day(found, by_day, words, wording)
    for column, by in zip(st.columns(2), (CostsBy.USER, CostsBy.MODEL), strict=True):
        with column:
            spent.costs(spending.costs(by, first), by, words)


def _jobs(desk: Desk) -> None:
    words, jobs = desk.words, own(desk.running.jobs)
    counted = jobs.counts()
    if not counted:
        st.info(words("costs.no_jobs"), icon=":material/work_history:")
        return
    job_list.counts(counted, words)
    dead = jobs.listed(JobState.DEAD)
    if dead:
        st.markdown(f"**{words('costs.dead')}**")
        may = desk.may(ADMINS)
        job_list.dead(dead, words, desk.wording, (lambda job: _retry(desk, job)) if may else None)


def _retry(desk: Desk, job_id: int) -> None:
    """Raises WrongUse for who may not, whatever a page showed."""
    if not desk.may(ADMINS):
        raise WrongUse("only an admin may retry a job")
    with shown_failures(desk.words, "costs.retry"):
        key = "costs.retried" if own(desk.running.jobs).retry(job_id) else "costs.retried_already"
        st.toast(desk.words(key), icon=":material/replay:")


main()
