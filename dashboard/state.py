"""What a page works with: who looks, in which language, on which `Dash`; and what stays between two looks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final, TypeVar

import streamlit as st

from dash_agent.ask import Dash
from dash_agent.bootstrap import Running
from dash_agent.errors import WrongUse
from dash_agent.insight.wording import Wording
from dash_agent.models.answer import Answer
from dash_agent.models.plan import Plan
from dash_agent.models.principal import Principal, Role
from dash_agent.settings import Settings
from dashboard.opened import House
from dashboard.words import Words

Port = TypeVar("Port")

DESK: Final = "desk"
ANALYSTS: Final = frozenset({Role.ANALYST, Role.ADMIN})
MANAGERS: Final = frozenset({Role.MANAGER, *ANALYSTS})


@dataclass(frozen=True, slots=True)
class Desk:
    """One person's place at the dashboard. Pages get all numbers from `answer`, `dash.ask` or `dash_agent.reports`."""

    house: House
    principal: Principal
    words: Words

    @property
    def running(self) -> Running:
        return self.house.running

    @property
    def settings(self) -> Settings:
        return self.house.settings

    @property
    def dash(self) -> Dash:
        """The one in service now."""
        return self.running.dash

    @property
    def wording(self) -> Wording:
        """Names and numbers in the page's language."""
        return self.dash.wording(self.words.language)

    @property
    def now(self) -> datetime:
        return self.running.clock.now()

    def answer(self, plan: Plan) -> Answer:
        """As `Dash.answer`, in the page's language. Raises Unavailable."""
        return self.dash.answer(plan, self.principal, language=self.words.language)

    def may(self, roles: frozenset[Role]) -> bool:
        return self.principal.role in roles


def desk() -> Desk:
    """The desk of this look, as `app.py` has set it."""
    found = st.session_state[DESK]
    if not isinstance(found, Desk):
        raise TypeError("a page is run by app.py, which sets the desk")
    return found


def own(port: Port | None) -> Port:
    """What this process keeps of its own. Raises WrongUse where it keeps nothing."""
    if port is None:
        raise WrongUse("this process keeps nothing of its own", "give it a database of its own")
    return port


def address() -> Mapping[str, str]:
    """What the page's address says behind its question mark: the last of each name."""
    return {name: st.query_params[name] for name in st.query_params}


def put_in_address(**values: str | None) -> None:
    """Changes parts of the address; None and '' take a part out."""
    for name, value in values.items():
        if value:
            if st.query_params.get(name) != value:
                st.query_params[name] = value
        elif name in st.query_params:
            del st.query_params[name]
