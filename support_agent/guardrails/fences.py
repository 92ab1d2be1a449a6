"""Texts of others, quoted as data for a model."""

from __future__ import annotations

import re
from typing import Final

from support_agent.guardrails.folding import LONGEST

_CONTROL: Final = re.compile(
    "[\u0000-\u0008\u000b-\u001f\u007f\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff\U000e0000-\U000e007f]"
)
_BRACKETS: Final = str.maketrans({"<": "‹", ">": "›"})


def fence(kind: str, text: str, mark: str) -> str:
    """The text between two lines that nothing in it can close.

    kind: 'message', 'passage', 'file name'. mark: unguessable, new for every turn; what looks like it is taken out of
    the text, invisible characters too, and angle brackets become others. The instructions of a model have to say that
    what stands between such lines is never an order.
    """
    inner = _CONTROL.sub("", text[:LONGEST]).translate(_BRACKETS).replace(mark, "")
    return f"<data {mark} {kind}>\n{inner}\n</data {mark}>"
