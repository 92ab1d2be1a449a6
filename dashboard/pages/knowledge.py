"""What the system knows, what of it is used, what it could not answer, what it learned, and whether its files hold."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Final

import streamlit as st

from dash_agent.context.documents import read_documents
from dash_agent.models.learning import may_review
from dash_agent.reports import catalogue as entries
from dash_agent.reports.catalogue import LAYERS, Entry
from dashboard import state
from dashboard.components import asked, catalogue, checking, more, reviewing
from dashboard.components.failures import shown_failures
from dashboard.components.problems import problems
from dashboard.state import Desk

ASK: Final = "pages/ask.py"
SECTION: Final = "section"
CHOSEN: Final = "knowledge.section"


def main() -> None:
    desk = state.desk()
    st.title(desk.words("nav.knowledge"))
    _in_service(desk)
    section = _section(desk)
    with shown_failures(desk.words, f"knowledge.{section}"):
        SECTIONS[section](desk)


def _in_service(desk: Desk) -> None:
    """Which version answers, and what keeps a newer one out of service."""
    content, words = desk.running.content, desk.words
    version = content.serving.catalog.version
    if not content.problems:
        st.caption(words("knowledge.in_service", version=version))
        return
    st.warning(words("knowledge.stale", count=len(content.problems), version=version), icon=":material/history:")
    if may_review(desk.principal):
        with st.expander(words("knowledge.stale_problems"), icon=":material/rule:"):
            problems(words, content.problems)


def _section(desk: Desk) -> str:
    """The chosen part, which stands in the address."""
    offered = [name for name in SECTIONS if name != "check" or may_review(desk.principal)]
    wanted = state.address().get(SECTION, offered[0])
    st.session_state[CHOSEN] = wanted if wanted in offered else offered[0]
    chosen = st.segmented_control(
        desk.words("knowledge.section"),
        offered,
        format_func=lambda name: desk.words(f"knowledge.section_{name}"),
        key=CHOSEN,
        required=True,
        label_visibility="collapsed",
        on_change=lambda: state.put_in_address(section=st.session_state[CHOSEN]),
    )
    return chosen or offered[0]


def _catalogue(desk: Desk) -> None:
    words = desk.words
    known = entries.entries(desk.dash.catalog, read_documents(desk.settings.content_dir)[0], words.language)
    start = state.address().get("find", "")
    looked_for = st.text_input(words("knowledge.search"), start, key="knowledge.find", icon=":material/search:") or ""
    state.put_in_address(find=looked_for)
    found = entries.found(known, looked_for)
    if not found:
        st.info(words("knowledge.none_found"))
        return
    layer = _layer(desk, found)
    of_layer, of = [one for one in found if one.layer == layer], f"{layer}/{looked_for}"
    for one in of_layer[: more.shown(of)]:
        question = catalogue.entry(words, one, _questions(desk, one), sql=may_review(desk.principal))
        if question is not None:
            st.switch_page(ASK, query_params={"q": question})
    more.more(words, of, len(of_layer))


def _layer(desk: Desk, found: Sequence[Entry]) -> str:
    """The kind of entry that is shown, of those that were found."""
    counts = {layer: sum(one.layer == layer for one in found) for layer in LAYERS}
    offered, words = [layer for layer, count in counts.items() if count], desk.words

    def named(layer: str) -> str:
        return words("knowledge.with_count", name=words(f"knowledge.layer_{layer}"), number=counts[layer])

    chosen = st.pills(
        words("knowledge.layer"),
        offered,
        default=offered[0],
        format_func=named,
        required=True,
        label_visibility="collapsed",
        # Of its own for what is offered: a choice that is not among it any more has nowhere to be.
        key=f"knowledge.layer.{','.join(offered)}",
    )
    return chosen or offered[0]


def _questions(desk: Desk, one: Entry) -> Sequence[str]:
    given = (one.questions or {}).get(desk.words.language, ())
    if given:
        return given
    question = entries.example(desk.dash, one, desk.now, desk.words.language)
    return (question,) if question else ()


SECTIONS: Final[Mapping[str, Callable[[Desk], None]]] = {
    "catalogue": _catalogue,
    "uses": asked.uses,
    "unanswered": asked.unanswered,
    "learnings": reviewing.learnings,
    "check": checking.check,
}

main()
