"""A table of how often each piece of the content was behind an answer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import streamlit as st

from dash_agent.insight.wording import Wording
from dash_agent.models.asked import ContentUse
from dashboard.words import Words, texts


def uses(words: Words, wording: Wording, found: Sequence[ContentUse], labels: Mapping[tuple[str, str], str]) -> None:
    """labels: what pieces are called, by layer and name; the name itself where there is none."""
    shown = [
        {
            "kind": _kind(words, one.layer),
            "name": labels.get((one.layer, one.name), one.name),
            "asked": one.asked,
            "shown": one.shown,
            "last": wording.moment(one.last),
        }
        for one in found
    ]
    config = {name: st.column_config.Column(words(f"knowledge.{name}")) for name in ("kind", "name", "shown", "last")}
    most = max((one.asked for one in found), default=0)
    config["asked"] = st.column_config.ProgressColumn(
        words("knowledge.asked"), format="%d", min_value=0, max_value=max(most, 1)
    )
    st.dataframe(shown, hide_index=True, column_config=config, alt=words("knowledge.uses_alt"), key="uses")


def _kind(words: Words, layer: str) -> str:
    key = f"knowledge.layer_{layer}"
    return words(key if key in texts(words.language) else "knowledge.layer_other")
