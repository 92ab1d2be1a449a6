"""How near a message is in meaning to what customers write: examples of the category pages and phrases, as vectors."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from importlib.resources import files
from typing import Final

import numpy as np
import yaml
from numpy.typing import NDArray
from pydantic import TypeAdapter

from dash_agent.ports import Embedder, Shelf

NAME: Final = "router-examples"
BEGINNING: Final = 240
"""Characters of a message whose meaning is looked at: encoding takes longer for more, and tells less."""

RIDGE: Final = 1.0
"""How much the direction of a category is held back from following single examples; of 0.3, 1 and 3 the best."""

Floats = NDArray[np.float64]
Phrases = Mapping[str, Mapping[str, Sequence[str]]]


@dataclass(frozen=True, slots=True)
class CategoryPage:
    """What the router knows of a category: its name, what staff call it, and examples by language."""

    name: str
    title: str
    examples: Mapping[str, Sequence[str]]


class Examples:
    """A direction for each category: the ridge regression on the vectors of all examples.

    Nearest examples alone were right for two messages of three where this was for five of six. Made anew at each
    start, in a tenth of a second; only the vectors are kept on the shelf. A category needs its examples and no more.
    """

    def __init__(
        self, pages: Sequence[CategoryPage], languages: frozenset[str], embedder: Embedder, shelf: Shelf | None
    ) -> None:
        """languages: those that the embedder knows; examples in others are left out."""
        rows = [(page.name, text) for page in pages for text in _texts(page, phrases(), languages)]
        self._embedder = embedder
        self.languages = languages
        self._names = tuple(dict.fromkeys(name for name, _ in rows))
        owner = np.array([self._names.index(name) for name, _ in rows])
        self._directions = _directions(self._vectors([text for _, text in rows], shelf), owner) if rows else None

    def nearness(self, text: str) -> Mapping[str, float]:
        """By category, from about -0.2 to 1: how much the text is like its examples and unlike others'."""
        if self._directions is None:
            return {}
        vector = np.array(self._embedder.embed([text[:BEGINNING]])[0].parts)
        return dict(zip(self._names, (vector @ self._directions).tolist(), strict=True))

    def _vectors(self, texts: Sequence[str], shelf: Shelf | None) -> Floats:
        key = sha256(json.dumps([type(self._embedder).__name__, *texts]).encode()).hexdigest()
        kept = shelf.get(NAME, key) if shelf else None
        if kept is not None:
            return np.array(json.loads(kept))
        made = [vector.parts for vector in self._embedder.embed(texts)]
        if shelf:
            shelf.put(NAME, key, json.dumps(made))
        return np.array(made)


def phrases() -> Phrases:
    """phrases.yaml: by language and category."""
    text = (files("support_agent.router") / "phrases.yaml").read_text("utf-8")
    return TypeAdapter(dict[str, dict[str, list[str]]]).validate_python(yaml.safe_load(text))


def _texts(page: CategoryPage, more: Phrases, languages: frozenset[str]) -> list[str]:
    return [
        text
        for code in sorted(languages)
        for text in (*page.examples.get(code, ()), *more.get(code, {}).get(page.name, ()))
    ]


def _directions(vectors: Floats, owner: NDArray[np.int64]) -> Floats:
    """Every category weighs the same, whether it has ten examples or a hundred."""
    counts = np.bincount(owner)
    weight = 1 / np.sqrt(counts[owner])
    weight = (weight / weight.mean())[:, None] ** 2
    wanted = np.eye(len(counts))[owner] - 1 / len(counts)
    held = (vectors * weight).T @ vectors + RIDGE * np.eye(vectors.shape[1])
    return np.asarray(np.linalg.solve(held, (vectors * weight).T @ wanted), dtype=np.float64)
