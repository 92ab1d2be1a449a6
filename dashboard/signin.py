"""Who looks: by OIDC or the administrator's password where one is configured, else the administrator."""

from __future__ import annotations

from typing import Final

import streamlit as st

from dash_agent.models.principal import Principal, Role
from dashboard.opened import House
from dashboard.words import LANGUAGES

USER: Final = "user"
LANGUAGE: Final = "language"
ADMIN: Final = Principal("admin", Role.ADMIN)


def signed_in(house: House) -> Principal:
    """Stops the page at the way in where nobody is. Looked up at every look: rights may have changed meanwhile."""
    user = st.session_state.get(USER, ADMIN.user)
    return ADMIN if user == ADMIN.user else house.running.principals[user]


def language(principal: Principal) -> str:
    """What was chosen in this session, the person's own else."""
    chosen = st.session_state.get(LANGUAGE)
    return chosen if chosen in LANGUAGES else principal.language
