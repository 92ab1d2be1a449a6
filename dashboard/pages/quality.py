"""The AI's answers beside people's, and how far they may go out alone."""

from __future__ import annotations

from typing import Final

import streamlit as st

from dash_agent.models.conversation import Wanted
from dash_agent.models.principal import ScopeFilter, sees_texts
from dash_agent.reports import quality as reports
from dash_agent.reports import readiness as thresholds
from dash_agent.reports.tiles import Tile
from dashboard import state
from dashboard.components import period
from dashboard.components.failures import shown_failures
from dashboard.components.judged import categories, error_matrix
from dashboard.components.period import Chosen
from dashboard.components.ready import ready
from dashboard.components.side_by_side import conversation
from dashboard.components.ticket_choice import ticket_choice
from dashboard.components.tiles import tile_grid
from dashboard.state import Desk

ASK: Final = "pages/ask.py"


def main() -> None:
    desk = state.desk()
    words = desk.words
    st.title(words("nav.quality"))
    chosen = period.chosen(desk)
    with shown_failures(words, "quality.figures"):
        _figures(desk, chosen)
    st.header(words("quality.readiness"))
    with shown_failures(words, "quality.readiness"):
        _readiness(desk)
    st.header(words("quality.conversations"))
    with shown_failures(words, "quality.conversations"):
        _conversations(desk, chosen)


def _figures(desk: Desk, chosen: Chosen) -> None:
    words = desk.words
    if not reports.is_defined(desk.dash.catalog):
        st.info(words("quality.not_defined"))
        return
    found = reports.quality(period.view(desk), period.span(desk, chosen), chosen.narrowing)
    if not found.comparisons:
        st.info(words("quality.empty"))
        return
    st.caption(words("quality.compared", count=found.comparisons))
    opened: list[Tile] = []
    tile_grid(found.tiles, words, desk.wording, opened.append)
    for tile in opened:
        st.switch_page(ASK, query_params={"answer": desk.answer(tile.plan).answer_id})
    st.header(words("quality.by_category"))
    st.caption(words("quality.by_category_told"))
    categories(words, desk.wording, found)
    _as_answer(desk, found.groups_id)
    st.header(words("quality.errors"))
    if not found.errors:
        st.info(words("quality.errors_empty"))
        return
    error_matrix(words, desk.wording, found)
    _as_answer(desk, found.errors_id)


def _as_answer(desk: Desk, answer_id: str) -> None:
    """The kept answer behind a part, with its receipt."""
    named, icon = desk.words("quality.open"), ":material/manage_search:"
    st.page_link(ASK, label=named, icon=icon, query_params={"answer": answer_id})


def _readiness(desk: Desk) -> None:
    words = desk.words
    if not thresholds.is_defined(desk.dash.catalog):
        st.info(words("quality.readiness_not_defined"))
        return
    st.caption(words("quality.readiness_told"))
    found = thresholds.readiness(period.view(desk))
    if not found.categories:
        st.info(words("quality.readiness_empty"))
        return
    ready(words, desk.wording, found)
    _as_answer(desk, found.answer_id)


@st.fragment
def _conversations(desk: Desk, chosen: Chosen) -> None:
    """On its own, so that a choice here reads nothing else again, and a click elsewhere looks at no ticket."""
    words, texts = desk.words, desk.running.conversations
    if not sees_texts(desk.principal):
        st.info(words("quality.conversations_refused"), icon=":material/lock:")
        return
    if texts is None:
        st.info(words("quality.conversations_foreign"))
        return
    st.caption(words("quality.conversations_told"))
    span = period.span(desk, chosen).period
    within = tuple(ScopeFilter(dimension, values) for dimension, values in chosen.narrowing.chosen)
    with shown_failures(words, "quality.conversation"):
        _shown(desk, ticket_choice(desk, texts, Wanted(span.start, span.end, within)))


def _shown(desk: Desk, ticket: str | None) -> None:
    words, texts = desk.words, desk.running.conversations
    if ticket is None or texts is None:
        return
    if not (ticket.isascii() and ticket.isdigit()):
        st.warning(words("quality.not_a_number"))
        return
    found = texts.get(int(ticket), desk.principal)
    if found is None:
        st.warning(words("quality.no_ticket", ticket=ticket))
        return
    conversation(words, desk.wording, found)


main()
