"""The form that sets what models may cost somebody a day."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

import streamlit as st

from dashboard.words import Words


class Limit(StrEnum):
    USUAL = "usual"
    OWN = "own"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Allowance:
    """usd_per_day: of an own limit."""

    user: str
    limit: Limit
    usd_per_day: Decimal = Decimal(0)


def form(users: Sequence[str], usual: str, words: Words) -> Allowance | None:
    """usual: what everybody may spend, in words. None until it is sent."""
    with st.form("budget", border=False):
        user = st.selectbox(words("settings.person"), users, key="budget-user")
        limit: Limit | None = st.radio(
            words("settings.limit"),
            list(Limit),
            format_func=lambda one: words(f"settings.limit_{one}", usual=usual),
            horizontal=True,
            key="budget-limit",
        )
        usd = st.number_input(
            words("settings.usd_per_day"), min_value=0.0, value=1.0, step=0.5, format="%.2f", key="budget-usd"
        )
        sent = st.form_submit_button(words("settings.set_budget"), type="primary")
    if not sent or not user or limit is None:
        return None
    return Allowance(user, limit, Decimal(str(usd)).quantize(Decimal("0.01")))
