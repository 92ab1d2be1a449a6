"""Who is to get a digest, a row each."""

from __future__ import annotations

from typing import Any, Final

import streamlit as st

from dash_agent.context.digests import Digest, address, readers, scope_of
from dash_agent.sending.addresses import shown
from dash_agent.sending.steering import Scope, Steering
from dashboard.components.recipients import rows
from dashboard.state import Desk
from dashboard.words import LANGUAGES

FIELDS: Final = {"telegram": "chat", "mail": "to", "file": "folder"}


def asked(desk: Desk, steering: Steering, before: Digest, key: str, *, empty: bool) -> dict[str, list[Any]]:
    """As a digest has it. empty: it begins with nobody, whoever gets `before`."""
    words = desk.words
    channels = {words(f"digests.channel_{one}"): one for one in FIELDS}
    languages = {words(f"settings.language_{one}"): one for one in LANGUAGES}
    scopes = {rows(desk, one): one for one in steering.scopes(desk.principal)}
    hidden = {} if empty else _hidden(desk, before)
    begun = [] if empty else [_row(desk, one, channels, languages, hidden) for _, one in readers(before)]
    first = {"channel": next(iter(channels)), "address": "", "language": next(iter(languages)), "rows": ""}
    st.markdown(words("digests.audience"))
    found = st.data_editor(
        begun or [{**first, "rows": next(iter(scopes))}],
        num_rows="dynamic",
        hide_index=True,
        column_config={
            "channel": st.column_config.SelectboxColumn(words("digests.channel"), options=list(channels)),
            "address": st.column_config.TextColumn(words("digests.address")),
            "language": st.column_config.SelectboxColumn(words("digests.language"), options=list(languages)),
            "rows": st.column_config.SelectboxColumn(words("digests.rows"), options=list(scopes)),
        },
        key=f"{key}-audience",
        alt=words("digests.audience"),
    )
    chats = ", ".join(f"`{name}`" for name in steering.dispatch.chats) or words("digests.no_chats")
    st.caption(words("digests.audience_told", chats=chats))
    made: dict[str, list[Any]] = {}
    for row in found:
        to = str(row.get("address") or "").strip()
        if not to:
            continue
        channel = channels.get(row.get("channel") or "", "telegram")
        scope: Scope = scopes.get(row.get("rows") or "", desk.principal.scope)
        made.setdefault(channel, []).append(
            {
                FIELDS[channel]: hidden.get((channel, to), to),
                "language": languages.get(row.get("language") or "", "en"),
                "scope": [{"dimension": one.dimension, "values": list(one.values)} for one in scope],
            }
        )
    return made


def _row(desk: Desk, one: Any, channels: dict[str, str], languages: dict[str, str], hidden: Any) -> dict[str, str]:
    channel, to = address(one)
    told = next((told for (kind, told), real in hidden.items() if (kind, real) == (channel, to)), to)
    return {
        "channel": next(name for name, known in channels.items() if known == channel),
        "address": told,
        "language": next(name for name, known in languages.items() if known == one.language),
        "rows": rows(desk, scope_of(one)),
    }


def _hidden(desk: Desk, before: Digest) -> dict[tuple[str, str], str]:
    """Addresses by channel and by what stands for them where they may not be seen; each by one of its own."""
    found: dict[tuple[str, str], str] = {}
    for _, one in readers(before):
        channel, to = address(one)
        told = base = shown(channel, to, desk.settings.chats, desk.principal)
        number = 1
        while told != to and (channel, told) in found:
            number += 1
            told = f"{base} ({number})"
        found[channel, told] = to
    return found
