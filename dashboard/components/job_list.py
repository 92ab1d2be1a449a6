"""The queue: how many jobs there are of each kind, and those that were given up."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import streamlit as st

from dash_agent.insight.wording import Wording
from dash_agent.models.job import JobEntry, JobState
from dashboard.components.text import plain
from dashboard.words import Words


def counts(found: Mapping[tuple[str, JobState], int], words: Words) -> None:
    kinds = sorted({kind for kind, _ in found})
    shown = [{"kind": kind, **{state.value: found.get((kind, state), 0) for state in JobState}} for kind in kinds]
    config = {state.value: st.column_config.Column(words(f"costs.job_{state}")) for state in JobState}
    config["kind"] = st.column_config.Column(words("costs.job_kind"))
    st.dataframe(shown, hide_index=True, column_config=config, alt=words("costs.jobs_alt"), key="jobs")


def dead(found: Sequence[JobEntry], words: Words, wording: Wording, retry: Callable[[int], None] | None) -> None:
    """retry: None for who may not."""
    for entry in found:
        with st.container(border=True, key=f"dead-{entry.job.job_id}"):
            st.markdown(f"**{plain(entry.job.kind)}** · {plain(entry.job.key)}")
            ended = wording.moment(entry.ended_at) if entry.ended_at else ""
            st.caption(words("costs.given_up", count=entry.attempts, moment=ended))
            if entry.error:
                st.code(entry.error, language=None, wrap_lines=True)
            if retry is not None:
                st.button(
                    words("costs.retry"),
                    key=f"retry-{entry.job.job_id}",
                    icon=":material/replay:",
                    on_click=retry,
                    args=(entry.job.job_id,),
                )
