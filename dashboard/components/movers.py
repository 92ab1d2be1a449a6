"""What changed most, as answers tell it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

import streamlit as st

from dash_agent.models.answer import Answer
from dash_agent.reports.movers import Mover
from dash_agent.reports.tiles import Judged
from dashboard.components.text import label, paragraphs
from dashboard.words import Words

ICONS: Final = {
    Judged.BETTER: ":green[:material/thumb_up:]",
    Judged.WORSE: ":red[:material/thumb_down:]",
    Judged.NONE: ":material/swap_vert:",
}


def mover_list(movers: Sequence[Mover], words: Words, on_open: Callable[[Answer], None]) -> None:
    """on_open: called with the answer whose details somebody wants to see."""
    if not movers:
        st.caption(words("overview.nothing_moved"))
    for mover in movers:
        tile = mover.tile
        with st.container(border=True, gap="xsmall"):
            st.markdown(f"{ICONS[tile.judged]} {paragraphs(mover.answer.text)}")
            if st.button(
                words("overview.details", metric=label(tile.label)),
                key=f"moved-{tile.metric}",
                type="tertiary",
                icon=":material/manage_search:",
            ):
                on_open(mover.answer)
