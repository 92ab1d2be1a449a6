"""Overview: the board's metrics at a glance, what changed most and why, and what somebody pinned."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

import streamlit as st

from dash_agent.models.answer import Answer
from dash_agent.ports import Pins
from dash_agent.reports.movers import movers
from dash_agent.reports.tiles import Tile, tiles
from dashboard import state
from dashboard.components import period
from dashboard.components.failures import shown_failures
from dashboard.components.movers import mover_list
from dashboard.components.period import Chosen
from dashboard.components.pins import pinned
from dashboard.components.tiles import tile_grid
from dashboard.signin import ADMIN
from dashboard.state import Desk

EVERY: Final = timedelta(minutes=1)


def main() -> None:
    desk = state.desk()
    st.title(desk.words("overview.title"))
    chosen = period.chosen(desk)
    _tiles(desk, chosen)
    st.subheader(desk.words("overview.moved"), help=desk.words("overview.moved_help"))
    _moved(desk, chosen)
    if desk.running.pins is not None:
        st.subheader(desk.words("overview.pinned"))
        _pinned(desk, desk.running.pins)


def _rights_hold(desk: Desk) -> None:
    """What runs by itself does not go on with rights that were taken away: the page begins anew."""
    if desk.principal != ADMIN and desk.running.principals.get(desk.principal.user) != desk.principal:
        st.rerun()


@st.fragment(run_every=EVERY)
def _tiles(desk: Desk, chosen: Chosen) -> None:
    _rights_hold(desk)
    with shown_failures(desk.words, "overview.tiles"):
        view = period.view(desk)
        board = desk.dash.catalog.board
        found = {one.metric: one for one in tiles(view, _metrics(desk), period.span(desk, chosen), chosen.narrowing)}
        shown = [found[name] for name in board.tiles]
        tile_grid(shown, desk.words, desk.wording, lambda tile: _open_tile(desk, tile))
        st.caption(desk.words("overview.as_of", moment=desk.wording.moment(view.now)))


@st.fragment
def _moved(desk: Desk, chosen: Chosen) -> None:
    with shown_failures(desk.words, "overview.moved"), st.spinner(desk.words("overview.looking")):
        board = desk.dash.catalog.board
        found = movers(
            period.view(desk), board.movers, period.span(desk, chosen), chosen.narrowing, among=_metrics(desk)
        )
        mover_list(found, desk.words, _open)


@st.fragment(run_every=EVERY)
def _pinned(desk: Desk, pins: Pins) -> None:
    _rights_hold(desk)
    with shown_failures(desk.words, "overview.pinned"):
        pinned(desk, period.view(desk), pins, _open)


def _metrics(desk: Desk) -> tuple[str, ...]:
    """All that the page counts, so that tiles and movers rest on one answer."""
    board = desk.dash.catalog.board
    return tuple(dict.fromkeys((*board.tiles, *board.movers)))


def _open_tile(desk: Desk, tile: Tile) -> None:
    _open(period.view(desk).answer(tile.plan))


def _open(answer: Answer) -> None:
    st.switch_page("pages/ask.py", query_params={"answer": answer.answer_id})


main()
