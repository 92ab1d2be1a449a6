"""What a text shows of its kind, for the likeness to attacks: neighbouring words, and pieces of words."""

from __future__ import annotations

from itertools import pairwise
from typing import Final

from support_agent.guardrails.folding import fold
from support_agent.guardrails.lexicon import words_of
from support_agent.teaching import Kind, Signs, pieces

KINDS: Final = (Kind(0.8, seldom=4), Kind(1.2, seldom=5))
LONGEST: Final = 2_000
"""Characters that are read."""


def signs(text: str) -> Signs:
    words = words_of(fold(text[:LONGEST]))
    return list(dict.fromkeys(f"{one} {other}" for one, other in pairwise(words))), pieces(words)
