"""What is shown where something fails: a sentence for people, and a way on."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import streamlit as st
import structlog

from dash_agent.errors import DashError
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
    st.error(f"{_sentence(error.message)} {_sentence(error.hint)}".strip(), icon=":material/cloud_off:")
    again(words, place)


def again(words: Words, place: str) -> None:
    st.button(words("common.try_again"), key=f"again-{place}", icon=":material/refresh:")


def _sentence(text: str) -> str:
    """What errors say begins small and ends without a stop."""
    return f"{text[:1].upper()}{text[1:].rstrip('.')}." if text else ""
