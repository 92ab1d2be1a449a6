"""A digest before it goes out: to be looked at, and to be sent to one address as a test."""

from __future__ import annotations

from typing import Final
from uuid import uuid4

import streamlit as st

from dash_agent.context.digests import Digest
from dash_agent.errors import JobError
from dash_agent.models.digest import Recipient
from dash_agent.sending.steering import Steering
from dashboard.components import messages, recipients
from dashboard.components.text import label, plain
from dashboard.state import Desk

MADE: Final = "digests.previewed"


def preview(desk: Desk, steering: Steering, digest: Digest) -> None:
    """What is made stays until another is: it asks a dozen questions and draws charts."""
    words = desk.words
    reading = _reading(desk, steering, digest, "preview")
    key = (digest.model_dump_json(), reading, words.language)
    made = st.session_state.get(MADE)
    again = st.button(words("digests.afresh"), key=f"afresh-{digest.name}", icon=":material/refresh:", type="tertiary")
    if made is None or made[0] != key or again:
        with st.spinner(words("digests.making")):
            made = key, steering.preview(desk.principal, digest, reading)
        st.session_state[MADE] = made
    found = made[1]
    if found.held:
        st.warning(f"{words('digests.held')} {plain(' '.join(found.held))}", icon=":material/hourglass_empty:")
    if found.pictures:
        st.caption(words("digests.no_pictures"))
    messages.shown(found.messages, words)


def test(desk: Desk, steering: Steering, digest: Digest) -> None:
    words = desk.words
    st.caption(words("digests.test_told"))
    reading = _reading(desk, steering, digest, "test")
    choices = _addresses(desk, steering, digest)
    to: str | None = st.selectbox(
        words("digests.test_to"),
        list(choices),
        index=0 if choices else None,
        format_func=label,
        placeholder=words("digests.test_placeholder"),
        help=words("digests.test_help"),
        accept_new_options=True,
        key=f"test-to-{digest.name}",
    )
    if not st.button(words("digests.test_send"), key=f"test-send-{digest.name}", type="primary") or not to:
        return
    channel, address = choices.get(to) or _typed(to)
    try:
        with st.spinner(words("digests.sending")):
            count = steering.send_test(desk.principal, digest, reading, channel, address, uuid4().hex)
    except JobError as error:
        st.error(words("digests.test_failed", reason=plain(error.message)), icon=":material/error:")
        return
    st.success(words("digests.test_sent", count=count, to=plain(to)), icon=":material/check:")


def _reading(desk: Desk, steering: Steering, digest: Digest, what: str) -> Recipient:
    """The language and the rows in which it is read."""
    found = steering.readings(desk.principal, digest, desk.words.language)
    if len(found) == 1:
        return found[0]
    return st.selectbox(
        desk.words("digests.as_read"),
        found,
        format_func=lambda one: label(_told(desk, one)),
        key=f"{what}-reading-{digest.name}",
    )


def _told(desk: Desk, one: Recipient) -> str:
    language = desk.words(f"settings.language_{one.language}")
    return f"{language} · {recipients.rows(desk, one.scope)}"


def _addresses(desk: Desk, steering: Steering, digest: Digest) -> dict[str, tuple[str, str]]:
    """Chats that have a name, one's own mailbox, and the mailboxes of the audience, as they may be seen."""
    found: dict[str, tuple[str, str]] = {}
    if "telegram" not in steering.dispatch.closed:
        found |= {name: ("telegram", name) for name in steering.dispatch.chats}
    if "@" in desk.principal.user:
        found[desk.principal.user] = "mail", desk.principal.user
    for one in steering.readers(desk.principal, digest):
        if one.channel == "mail":
            found[recipients.address(desk, "mail", one.address)] = "mail", one.address
    return found


def _typed(to: str) -> tuple[str, str]:
    """A mailbox, or a chat: '@channel' is one."""
    return ("mail" if "@" in to.strip()[1:] else "telegram"), to.strip()
