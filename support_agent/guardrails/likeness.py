"""How much a text is like known attacks and unlike ordinary messages, by meaning: what no list of words foresees.

A second opinion beside the rules, in the languages of the local embedder. It is learned from data/likeness.yaml by
kernel ridge regression on the examples' vectors: attacks weigh as much as ordinary messages, however many there are.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from hashlib import sha256
from importlib.resources import files
from typing import Final

import numpy as np
import yaml
from numpy.typing import NDArray
from pydantic import TypeAdapter

from dash_agent.ports import Embedder, Shelf
from support_agent.models import Attack

NAME: Final = "guard-examples"
ORDINARY: Final = "ordinary"
BEGINNING: Final = 240
"""Characters of a text that are looked at: encoding takes longer for more, and tells less."""
NARROWNESS: Final = 1.0
RIDGE: Final = 0.3
"""Of 0.5 to 2 and 0.1 to 3 the best on messages that are no examples."""
REMEMBERED: Final = 64
LEAST_WORDS: Final = 5
"""Fewer say too little for their meaning: a consent, a thank-you. The rules read those, too."""
_UNKNOWN: Final = re.compile("[\u0590-\u06ff]")
_LETTER: Final = re.compile(r"[^\W\d_]")

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Like:
    """score: about -1 for what customers write, 1 for attacks. attack: of the nearest example of one."""

    score: float
    attack: Attack


class Likeness:
    """Nothing is like anything until it has learned, which takes seconds once; the shelf keeps the vectors."""

    def __init__(self, embedder: Embedder, shelf: Shelf | None = None, ordinary: Sequence[str] = ()) -> None:
        """ordinary: what this shop's customers write, beside our own examples, in the embedder's languages."""
        self._embedder = embedder
        self._ordinary = ordinary
        self._shelf = shelf
        self._learned: tuple[Floats, Floats, Sequence[Attack | None]] | None = None
        self._like = lru_cache(REMEMBERED)(self._measured)

    def learn(self) -> None:
        rows = [(kind, text) for by_kind in examples().values() for kind, texts in by_kind.items() for text in texts]
        rows += [(ORDINARY, text) for text in self._ordinary]
        kinds = [None if kind == ORDINARY else Attack(kind) for kind, _ in rows]
        vectors = self._vectors([text for _, text in rows])
        wanted = np.array([-1.0 if kind is None else 1.0 for kind in kinds])
        weights = np.where(wanted > 0, 1 / (wanted > 0).sum(), 1 / (wanted < 0).sum()) * len(wanted) / 2
        held = _near(vectors, vectors) + RIDGE * np.diag(1 / weights)
        self._learned = vectors, np.linalg.solve(held, wanted), kinds
        self._like.cache_clear()

    def of(self, text: str) -> Like | None:
        """None where nothing was learned yet, and for a word or two or a script that the embedder does not know."""
        if self._learned is None or len(text.split()) < LEAST_WORDS:
            return None
        if 2 * len(_UNKNOWN.findall(text)) > len(_LETTER.findall(text)):
            return None
        return self._like(text[:BEGINNING])

    def _measured(self, text: str) -> Like | None:
        if self._learned is None:
            return None
        vectors, weights, kinds = self._learned
        near = _near(np.array([self._embedder.embed([text])[0].parts]), vectors)[0]
        nearest = max((at for at, kind in enumerate(kinds) if kind is not None), key=lambda at: near[at])
        attack = kinds[nearest]
        return None if attack is None else Like(float(near @ weights), attack)

    def _vectors(self, texts: Sequence[str]) -> Floats:
        key = sha256(json.dumps([type(self._embedder).__name__, *texts]).encode()).hexdigest()
        kept = self._shelf.get(NAME, key) if self._shelf else None
        if kept is not None:
            return np.array(json.loads(kept))
        made = [vector.parts for vector in self._embedder.embed(texts)]
        if self._shelf:
            self._shelf.put(NAME, key, json.dumps(made))
        return np.array(made)


def examples() -> Mapping[str, Mapping[str, Sequence[str]]]:
    """By language and kind: names of attacks, and 'ordinary'."""
    text = (files("support_agent.guardrails") / "data" / "likeness.yaml").read_text("utf-8")
    return TypeAdapter(dict[str, dict[str, list[str]]]).validate_python(yaml.safe_load(text))


def _near(some: Floats, others: Floats) -> Floats:
    """Vectors have the length 1, so that what they share says how far apart they are."""
    return np.asarray(np.exp(-2 * NARROWNESS * (1 - some @ others.T)), dtype=np.float64)
