"""Links in a reply: only to the shop's own hosts."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from typing import Final
from urllib.parse import urlsplit

from support_agent.models import Leak

_LINK: Final = re.compile(r"(?i)\b(?:[a-z][a-z0-9+.-]*://|www\.)[^\s<>()\[\]\"']+|\b(?:javascript|data|vbscript):\S+")
_BARE_LINK: Final = re.compile(
    r"(?i)(?<![\w@.-])(?:[a-z0-9-]+\.)+(?:com|net|org|io|co|ru|de|fr|es|il|info|biz|xyz|link|site|online|shop|app|dev|me|ly|gg|top)"
    r"(?:/[^\s<>()\[\]\"']*)?(?![\w@])"
)


def without_links(text: str, hosts: Collection[str]) -> str:
    return _LINK.sub(lambda link: " " if _host(link.group()) in hosts else link.group(), text)


def _host(link: str) -> str:
    """'' where it is not a plain web address: other schemes, names before the host, ports."""
    parts = urlsplit(link if "://" in link else f"https://{link}")
    plain = parts.scheme == "https" and "@" not in parts.netloc and ":" not in parts.netloc
    return parts.netloc.lower() if plain else ""


def links(bare: str) -> Iterator[tuple[Leak, str]]:
    if _LINK.search(bare) or _BARE_LINK.search(bare):
        yield Leak.LINK, "a link that leads elsewhere"
