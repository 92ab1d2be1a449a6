"""Names from the data as plotly is to draw them: as text, whatever they hold.

Plotly reads tags (<b>, <a href>, <br>) and entities in most of its text, so every name is escaped. A name never
stands in a template, where `%{…}` would be read too.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from textwrap import wrap
from typing import Final

LINE: Final = "<br>"
MORE: Final = "…"
SAME: Final = "\u200b"
"""Follows a name that another group has, too: plotly would draw the two as one."""

_CONTROL: Final = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029]")


def escaped(text: str) -> str:
    """One line of text without a tag or an entity in it. Control characters become spaces."""
    plain = _CONTROL.sub(" ", text)
    return plain.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def lines_of(text: str, width: int, most: int) -> list[str]:
    """Text in lines of up to `width` letters, escaped; what does not go into `most` lines ends in '…'."""
    found = wrap(" ".join(text.split()), width, max_lines=most, placeholder=MORE) or [""]
    return [escaped(line) for line in found]


def broken(text: str, width: int, most: int = 2) -> str:
    return LINE.join(lines_of(text, width, most))


def shortened(text: str, width: int) -> str:
    return escaped(text if len(text) <= width else text[: width - 1].rstrip() + MORE)


def told_apart(names: Sequence[str]) -> list[str]:
    """Escaped names, each different from those before it."""
    seen: dict[str, int] = {}
    found = []
    for name in names:
        plain = escaped(name)
        found.append(plain + SAME * seen.get(plain, 0))
        seen[plain] = seen.get(plain, 0) + 1
    return found
