"""Problems of content files, by file, each with its line and its rule."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import groupby

import streamlit as st

from dash_agent.check.families import FAMILIES
from dash_agent.errors import Problem
from dashboard.components.text import plain
from dashboard.words import Words

MEANINGS: Mapping[str, str] = {rule.code: rule.meaning for rules in FAMILIES.values() for rule in rules}
"""What holds by each rule, as docs/rules.md says it."""


def problems(words: Words, found: Sequence[Problem]) -> None:
    for file, few in groupby(found, lambda problem: problem.file):
        st.markdown(f"##### `{file}`")
        for problem in few:
            _problem(words, problem)


def _problem(words: Words, problem: Problem) -> None:
    wrong = problem.severity == "error"
    with st.container(border=True):
        with st.container(horizontal=True):
            kind = words("knowledge.check_error" if wrong else "knowledge.check_warning")
            icon = ":material/error:" if wrong else ":material/warning:"
            st.badge(kind, icon=icon, color="red" if wrong else "orange")
            if problem.rule:
                st.badge(problem.rule, color="gray", help=plain(MEANINGS.get(problem.rule, "")) or None)
        st.markdown(plain(problem.message))
        where = [words("knowledge.check_line", line=problem.line)] if problem.line else []
        place = [] if problem.line and problem.place.startswith("line ") else [problem.place]
        st.caption(plain(" · ".join(filter(None, (*where, *place)))))
