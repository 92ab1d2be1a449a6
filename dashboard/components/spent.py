"""Tables of what models have cost, and of what they may."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from dash_agent.insight.wording import Wording
from dash_agent.models.usage import Budget, Cost
from dashboard.words import Words


def costs(found: Sequence[Cost], by: str, words: Words) -> None:
    """by: 'user' or 'model'."""
    shown = [
        {
            "key": cost.key or words("costs.no_name"),
            "answers": cost.answers,
            "tokens": cost.usage.prompt + cost.usage.completion,
            "cost": float(cost.usage.cost_usd),
        }
        for cost in found
    ]
    config = {
        "key": st.column_config.Column(words("costs.by_user" if by == "user" else "costs.by_model_name")),
        "answers": st.column_config.NumberColumn(words("costs.answers"), format="localized"),
        "tokens": st.column_config.NumberColumn(words("costs.tokens"), format="localized"),
        "cost": st.column_config.NumberColumn(words("costs.cost"), format="dollar"),
    }
    st.dataframe(shown, hide_index=True, column_config=config, alt=words(f"costs.{by}_alt"), key=f"costs-{by}")


def budgets(found: Sequence[Budget], words: Words, wording: Wording) -> None:
    """What was spent today, of what may be."""
    shown = [
        {
            "user": one.user,
            "spent": wording.number(one.spent, "usd", 4),
            "budget": allowed(one, words, wording),
            "share": None if not one.usd_per_day else float(100 * one.spent / one.usd_per_day),
        }
        for one in found
    ]
    config = {name: st.column_config.Column(words(f"costs.{name}")) for name in ("spent", "budget")}
    config["user"] = st.column_config.Column(words("costs.by_user"))
    config["share"] = st.column_config.ProgressColumn(words("costs.share"), format="%.0f%%", min_value=0, max_value=100)
    st.dataframe(shown, hide_index=True, column_config=config, alt=words("costs.budgets_alt"), key="budgets")


def allowed(one: Budget, words: Words, wording: Wording) -> str:
    if one.usd_per_day is None:
        return words("costs.no_limit")
    amount = wording.number(one.usd_per_day, "usd", 2)
    return words("costs.own_budget", amount=amount) if one.is_own else amount
