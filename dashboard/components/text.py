"""Text that came from people, a database or a model, made to read as it stands.

Streamlit's Markdown knows more than Markdown does: icons and emoji between colons, coloured text, formulas, arrows made
of dashes, and addresses that become links by themselves. All of it is only text here.
"""

from __future__ import annotations

import re
from typing import Final

JOINER: Final = "\u2060"
"""A character of no width and no meaning: what is looked for in finished text, where a backslash is gone, is cut by it.
"""

MARKS: Final = re.compile(r"[\\`*_\[\]<>|~&$!#{}]|:(?=\S)")
OPENING: Final = re.compile(r"^(\s*)([+-](?=\s|$)|=+(?=\s*$)|-+(?=\s*$)|\d{1,9}(?=[.)](?:\s|$)))", re.MULTILINE)
"""What makes a line a rule or an item of a list."""
FOUND_LATER: Final = re.compile(
    r":(?=material[/_]|[\w+-]+:|//)|@(?=\S)|(?<=www)(?=\.)|(?<=[<~=-])(?=[-=>])|(?<=>)(?==)", re.IGNORECASE
)
"""Beginnings of icons, emoji, addresses and arrows."""
INVISIBLE: Final = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2066-\u2069\ufeff]")
"""Controls, and characters that turn the direction of writing."""

LONGEST: Final = 200
"""Characters of a label."""


def plain(text: str) -> str:
    """Markdown that shows the text as it stands, on as many lines, and does nothing else."""
    lines = (line.strip() for line in INVISIBLE.sub(" ", text.replace("\r\n", "\n")).split("\n"))
    cut = FOUND_LATER.sub(lambda found: found[0] + JOINER, "\n".join(lines))
    marked = MARKS.sub(lambda mark: "\\" + mark[0], cut)
    return OPENING.sub(_unopened, marked)


def paragraphs(text: str) -> str:
    """The same, with each line of the text on one of its own."""
    return plain(text).replace("\n", "  \n")


def sentence(text: str) -> str:
    """With a capital letter and a full stop, to stand behind another one."""
    ended = text if not text or text[-1] in ".!?…" else f"{text}."
    return ended[:1].upper() + ended[1:]


def label(text: str, longest: int = LONGEST) -> str:
    """The same on one line, for a button's or a field's: what is longer ends in an ellipsis."""
    line = " ".join(INVISIBLE.sub(" ", text).split())
    return plain(line if len(line) <= longest else f"{line[: longest - 1]}…")


def _unopened(found: re.Match[str]) -> str:
    space, mark = found.groups()
    return f"{space}{mark}\\" if mark.isdigit() else f"{space}\\{mark}"
