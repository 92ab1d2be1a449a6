"""Addresses as people may see them: a person's own mailbox or chat is personal."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from dash_agent.models.principal import Principal, Role

HIDDEN: Final = "…"


def shown(channel: str, address: str, chats: Mapping[str, str], who: Principal) -> str:
    """Chats by their names, where they have some. Of others, and of mailboxes, all but the admins see a part.

    chats: ids by name.
    """
    named = next((name for name, one in chats.items() if one == address), address)
    if who.role is Role.ADMIN or channel == "file" or named in chats or address == who.user:
        return named
    if channel == "mail":
        name, _, host = named.partition("@")
        return f"{name[:1]}{HIDDEN}@{host}"
    # A group or a channel that is open to all is nobody's own.
    return named if named.startswith("@") else f"{HIDDEN}{named[-3:]}"


def without(text: str, address: str, told: str) -> str:
    """A text with an address as it may be seen."""
    return text.replace(address, told) if address else text
