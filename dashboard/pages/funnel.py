"""Funnel and stuck: how far tickets get and how long it takes, what waits for somebody, and what is next to be late."""

from __future__ import annotations

import streamlit as st

from dash_agent.models.answer import Answer
from dash_agent.reports.breaches import breaches, track_record
from dash_agent.reports.funnel import funnel, time_in_stage
from dash_agent.reports.stuck import stuck
from dashboard import state
from dashboard.components import funnel as drawn
from dashboard.components import period
from dashboard.components.failures import shown_failures
from dashboard.components.figures import figure
from dashboard.components.period import Chosen
from dashboard.state import Desk


def main() -> None:
    desk = state.desk()
    st.title(desk.words("funnel.title"))
    chosen = period.chosen(desk, compares=False)
    left, right = st.columns(2)
    with left:
        _funnel(desk, chosen)
    with right:
        _steps(desk, chosen)
    _stuck(desk, chosen)
    _breaches(desk, chosen)


def _funnel(desk: Desk, chosen: Chosen) -> None:
    st.subheader(desk.words("funnel.stages"))
    with shown_failures(desk.words, "funnel.stages"):
        found = funnel(period.view(desk), period.span(desk, chosen), chosen.narrowing)
        if found.answer.chart is None or not found.stages[0].tickets:
            st.info(desk.words("funnel.no_tickets"), icon=":material/inbox:")
            return
        figure(found.answer.chart, "funnel-chart")
        _details(desk, found.answer, "stages")


def _steps(desk: Desk, chosen: Chosen) -> None:
    st.subheader(desk.words("funnel.steps"), help=desk.words("funnel.steps_help"))
    with shown_failures(desk.words, "funnel.steps"):
        found = time_in_stage(period.view(desk), period.span(desk, chosen), chosen.narrowing)
        drawn.step_table(found.steps, desk.words)
        _details(desk, found.answer, "steps")


@st.fragment
def _stuck(desk: Desk, chosen: Chosen) -> None:
    st.subheader(desk.words("funnel.stuck"), help=desk.words("funnel.of_now"))
    with shown_failures(desk.words, "funnel.stuck"):
        found = stuck(period.view(desk), chosen.narrowing)
        drawn.worklist(found, desk.words, desk.wording)
        if found.tickets:
            _details(desk, found.answer, "stuck")


@st.fragment
def _breaches(desk: Desk, chosen: Chosen) -> None:
    words = desk.words
    st.subheader(words("funnel.breaches"), help=words("funnel.of_now"))
    with shown_failures(words, "funnel.breaches"):
        view = period.view(desk)
        forecast = breaches(view, chosen.narrowing)
        likely = desk.wording.number(forecast.likely, "percent", 0)
        st.caption(words("funnel.forecast_told", count=forecast.fewest, likely=likely))
        drawn.risk_table(forecast, words, desk.wording)
        _details(desk, forecast.answer, "breaches")
    st.subheader(words("funnel.record"))
    st.caption(words("funnel.record_told"))
    with shown_failures(words, "funnel.record"), st.spinner(words("funnel.counting")):
        found = track_record(view, chosen.narrowing)
        drawn.record(found, words, desk.wording)
        _details(desk, found.answer, "record")


def _details(desk: Desk, answer: Answer, part: str) -> None:
    label = desk.words("funnel.details", part=desk.words(f"funnel.{part}"))
    if st.button(label, key=f"details-{part}", type="tertiary", icon=":material/manage_search:"):
        st.switch_page("pages/ask.py", query_params={"answer": answer.answer_id})


main()
