"""Pinned answers, asked anew, in the order that their owner gives them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Final

import streamlit as st

from dash_agent.models.answer import Answer, ChartKind, Status
from dash_agent.planning.rolling import rolled
from dash_agent.ports import Pin, Pins
from dash_agent.reports.view import View
from dashboard.components.figures import figure
from dashboard.components.text import label, paragraphs
from dashboard.state import Desk

ROW: Final = 2


def pinned(desk: Desk, view: View, pins: Pins, on_open: Callable[[Answer], None]) -> None:
    """on_open: called with the answer of a pin whose details somebody wants to see."""
    own = pins.of(desk.principal.user)
    if not own:
        st.caption(desk.words("overview.no_pins"))
        return
    answers = _live(view, own)
    for start in range(0, len(own), ROW):
        for column, place in zip(st.columns(ROW), range(start, len(own)), strict=False):
            with column, st.container(border=True, height="stretch"):
                _pin(desk, pins, own, place, answers[place], on_open)


def _live(view: View, pins: Sequence[Pin]) -> Sequence[Answer]:
    """As of now, each in the language that it was pinned in."""
    calendar = view.calendar
    return [
        replace(view, language=pin.language).answer(
            rolled(pin.plan, view.dash.calendar(pin.as_of), calendar, view.catalog)
        )
        for pin in pins
    ]


def _pin(
    desk: Desk, pins: Pins, own: Sequence[Pin], place: int, answer: Answer, on_open: Callable[[Answer], None]
) -> None:
    pin, user, words = own[place], desk.principal.user, desk.words
    st.markdown(f"**{label(pin.title)}**")
    st.markdown(paragraphs(answer.text))
    if answer.chart is not None and answer.chart.kind is not ChartKind.NUMBER:
        figure(answer.chart, f"pin-chart-{pin.pin_id}")
    title = label(pin.title, 60)
    with st.container(horizontal=True, gap="small"):
        if st.button(
            words("overview.pin_open"),
            key=f"pin-open-{pin.pin_id}",
            help=words("overview.pin_open_help", title=title),
            icon=":material/manage_search:",
            disabled=answer.status is not Status.ANSWERED,
        ):
            on_open(answer)
        for name, icon, target, possible in (
            ("earlier", "arrow_upward", place - 1, place > 0),
            ("later", "arrow_downward", place + 1, place + 1 < len(own)),
        ):
            st.button(
                words(f"overview.pin_{name}"),
                key=f"pin-{name}-{pin.pin_id}",
                help=words(f"overview.pin_{name}_help", title=title),
                icon=f":material/{icon}:",
                disabled=not possible,
                on_click=_move,
                args=(pins, user, pin.pin_id, target),
            )
        st.button(
            words("overview.pin_remove"),
            key=f"pin-remove-{pin.pin_id}",
            help=words("overview.pin_remove_help", title=title),
            icon=":material/keep_off:",
            on_click=_remove,
            args=(pins, user, pin.pin_id),
        )


def _move(pins: Pins, user: str, pin_id: str, place: int) -> None:
    pins.move(user, pin_id, place)


def _remove(pins: Pins, user: str, pin_id: str) -> None:
    pins.remove(user, pin_id)
