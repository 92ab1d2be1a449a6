"""How much a text is like known attacks, or a reply like known bad ones: what no list of words foresees.

A second opinion beside the rules, by pieces of words in every language, and by meaning in those of the embedder. What
it knows was learned from examples/<what>/<language>.yaml by `make learn` and lies in data/<what>.json.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.resources import files
from typing import Final

import numpy as np
import yaml
from pydantic import TypeAdapter

from dash_agent.ports import Embedder
from support_agent.guardrails.signs import signs
from support_agent.models import Attack, Leak
from support_agent.teaching import BEGINNING, Floats, Learned

ORDINARY: Final = "ordinary"
ATTACKS: Final = "attacks"
REPLIES: Final = "replies"
CLASSES: Final[Mapping[str, Sequence[str]]] = {
    ATTACKS: (ORDINARY, *Attack),
    REPLIES: (
        ORDINARY,
        Leak.PROMISE,
        Leak.CONFIRMED_TOO_EARLY,
        Leak.PROMPT,
        Leak.SECRET,
        Leak.OTHERS_DATA,
        Leak.HEALTH_OR_LAW,
    ),
}
"""By what is looked at: messages for attacks, replies for what they must not hold."""
REMEMBERED: Final = 64
LEAST_WORDS: Final = 4
"""Fewer say too little: a consent, a thank-you. The rules read those, too."""
_UNKNOWN: Final = re.compile("[\u0590-\u06ff]")
_LETTER: Final = re.compile(r"[^\W\d_]")


@dataclass(frozen=True, slots=True)
class Like:
    """score: about -1 for what is ordinary, 1 for what is not. kind: the class that it is most like."""

    score: float
    kind: str


class Likeness:
    """embedder: None reads words alone. what: of CLASSES. May be called from many threads."""

    def __init__(self, embedder: Embedder | None, what: str = ATTACKS) -> None:
        self._what = what
        self._embedder = embedder
        self._like = lru_cache(REMEMBERED)(self._measured)

    def of(self, text: str) -> Like | None:
        """None for a word or two."""
        return self._like(text) if len(text.split()) >= LEAST_WORDS else None

    def _measured(self, text: str) -> Like:
        scores = _known(self._what).scores(signs(text), self._vector(text))
        ordinary = scores.pop(ORDINARY)
        nearest = max(scores, key=lambda name: scores[name])
        return Like(scores[nearest] - ordinary, nearest)

    def _vector(self, text: str) -> Floats | None:
        """None without an embedder, and for a script that it does not know."""
        if self._embedder is None or 2 * len(_UNKNOWN.findall(text)) > len(_LETTER.findall(text)):
            return None
        return np.array(self._embedder.embed([text[:BEGINNING]])[0].parts, dtype=np.float32)


def examples(what: str) -> Mapping[str, Mapping[str, Sequence[str]]]:
    """By language and class."""
    adapter = TypeAdapter(dict[str, list[str]])
    folder = files("support_agent.guardrails") / "examples" / what
    listed = sorted(folder.iterdir(), key=lambda entry: entry.name)
    return {
        file.name.removesuffix(".yaml"): adapter.validate_python(yaml.safe_load(file.read_text("utf-8")))
        for file in listed
        if file.name.endswith(".yaml")
    }


@cache
def _known(what: str) -> Learned:
    return Learned.loaded((files("support_agent.guardrails") / "data" / f"{what}.json").read_text("utf-8"))
