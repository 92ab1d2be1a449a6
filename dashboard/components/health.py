"""Whether each part of the service is well, one line each."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Final

import streamlit as st

from dash_agent.context.freshness import by_doubt
from dash_agent.errors import DashError
from dash_agent.models.job import JobState
from dashboard.components.text import plain
from dashboard.state import Desk, own
from dashboard.words import Words

SILENT: Final = timedelta(minutes=30)
"""A worker does something every ten minutes."""


@dataclass(frozen=True, slots=True)
class Part:
    """fine: None where nobody can tell. told: how it is, in a few words."""

    name: str
    fine: bool | None
    told: str


def parts(found: list[Part], words: Words) -> None:
    with st.container(border=True, gap="xsmall"):
        for one in found:
            icon, colour, said = {
                True: (":material/check_circle:", "green", "well"),
                False: (":material/error:", "red", "not_well"),
                None: (":material/help:", "gray", "unknown"),
            }[one.fine]
            # The state in a word, too: not everybody sees the colour.
            state = f":{colour}[{icon} {words(f'costs.{said}')}]"
            st.markdown(f"{state} &nbsp; **{plain(one.name)}** · {plain(one.told)}")


def parts_of(desk: Desk) -> list[Part]:
    words, running = desk.words, desk.running
    parts = [_reached(name, error, words) for name, error in running.components().items()]
    problems = running.content.problems
    told = words("costs.content_bad", count=len(problems)) if problems else words("costs.content_good")
    parts.append(Part(words("costs.part_content"), not problems, told))
    return [*parts, _data(desk), _worker(desk), _model(desk)]


def _reached(name: str, error: DashError | None, words: Words) -> Part:
    return Part(
        words(f"costs.part_{name}"), error is None, words(f"costs.{'reached' if error is None else 'not_reached'}")
    )


def _data(desk: Desk) -> Part:
    words = desk.words
    try:
        found = by_doubt(desk.dash.preflight())
    except DashError:
        return Part(words("costs.part_data"), None, words("costs.not_reached"))
    told = ", ".join(words(f"costs.data_{doubt}", count=count) for doubt, count in found.items() if count)
    return Part(words("costs.part_data"), not told, told or words("costs.data_good"))


def _worker(desk: Desk) -> Part:
    words = desk.words
    try:
        done = own(desk.running.jobs).listed(JobState.DONE, 1)
        now = own(desk.running.operations).lately(1).at
    except DashError:
        return Part(words("costs.part_worker"), None, words("costs.not_reached"))
    ended = done[0].ended_at if done else None
    if ended is None:
        return Part(words("costs.part_worker"), None, words("costs.worker_never"))
    told = words("costs.worker_last", moment=desk.wording.moment(ended))
    return Part(words("costs.part_worker"), now - ended < SILENT, told)


def _model(desk: Desk) -> Part:
    names = ", ".join(f"{provider}:{name}" for provider, name in desk.settings.models)
    return Part(desk.words("costs.part_model"), True, names or desk.words("costs.no_model"))
