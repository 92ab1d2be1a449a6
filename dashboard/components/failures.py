"""What is shown where something fails: a sentence for people, and a way on."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import streamlit as st
import structlog

from dash_agent.errors import DashError, Unavailable, UnknownName, WrongUse
from dashboard.components.text import plain
from dashboard.words import Words

log = structlog.get_logger()


@contextmanager
def shown_failures(words: Words, place: str) -> Iterator[None]:
    """Errors of the block become a notice, so that the rest of a page stays.

    place: a name for the log, such as 'overview.tiles'. What Streamlit raises to stop or rerun a page passes.
    """
    try:
        yield
    except DashError as error:
        log.warning("page_part_failed", place=place, error=str(error))
        notice(words, error, place)
    except Exception:
        log.exception("page_part_broke", place=place)
        st.error(words("common.broke"), icon=":material/error:")
        again(words, place)


def notice(words: Words, error: DashError, place: str) -> None:
    """What an error means for the reader, and a way on."""
    unavailable = isinstance(error, Unavailable)
    icon = ":material/cloud_off:" if unavailable else ":material/error:"
    st.error(_sentence(words, error), icon=icon)
    # What can't be reached says where and why, which is for the log and whoever runs the server.
    if not unavailable:
        with st.expander(words("failures.details"), key=f"details-{place}"):
            st.text(str(error))
    again(words, place, afresh=isinstance(error, WrongUse))


def again(words: Words, place: str, *, afresh: bool = False) -> None:
    """afresh: without what the address says, which would fail again."""
    if afresh:
        said, then = words("failures.start_over"), st.query_params.clear
        st.button(said, key=f"afresh-{place}", icon=":material/refresh:", on_click=then)
    else:
        st.button(words("common.try_again"), key=f"again-{place}", icon=":material/refresh:")


def _sentence(words: Words, error: DashError) -> str:
    """The one of its class, or of the nearest above it that has one."""
    name = plain(error.name) if isinstance(error, UnknownName) else ""
    codes = [kind.code for kind in type(error).__mro__ if issubclass(kind, DashError)]
    return words(next(key for key in (f"failures.{code}" for code in codes) if key in words), name=name)
