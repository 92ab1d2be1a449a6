"""What the page of digests works with, and what is open on it."""

from __future__ import annotations

from typing import Final

import streamlit as st

from dash_agent.sending.alarm_steering import AlarmSteering
from dash_agent.sending.steering import Steering
from dash_agent.worker.steering import alarm_steering_of
from dashboard.opened import steering as in_house
from dashboard.state import Desk

OPEN: Final = "digests.open"


def steering(desk: Desk) -> Steering:
    return in_house(desk.house)


def alarms(desk: Desk) -> AlarmSteering:
    """By the same lines."""
    return alarm_steering_of(desk.running, steering(desk).dispatch)


def opened(name: str) -> str:
    """What is open of a digest: 'preview', 'test', 'edit', 'forget' or ''."""
    found: tuple[str, str] = st.session_state.get(OPEN, ("", ""))
    return found[1] if found[0] == name else ""


def open_or_close(name: str, what: str) -> None:
    """One thing at a time."""
    before = st.session_state.get(OPEN)
    st.session_state[OPEN] = ("", "") if before == (name, what) else (name, what)


def close() -> None:
    st.session_state[OPEN] = ("", "")
