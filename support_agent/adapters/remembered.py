"""An embedder that remembers: the router and the search ask for the vector of one message after each other."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from threading import Lock
from typing import Final

from dash_agent.ports import Embedder, Vector

MOST: Final = 128
"""Vectors; each takes about 16 kB."""


class Remembered:
    """Port `Embedder`. Texts that were asked for last are not embedded again. May be called from many threads."""

    def __init__(self, embedder: Embedder, most: int = MOST) -> None:
        self._embedder = embedder
        self._most = most
        self._kept: OrderedDict[str, Vector] = OrderedDict()
        self._lock = Lock()

    def embed(self, texts: Sequence[str]) -> tuple[Vector, ...]:
        """One by one: others, who ask meanwhile, come in between."""
        return tuple(map(self._one, texts))

    def _one(self, text: str) -> Vector:
        with self._lock:
            if text in self._kept:
                self._kept.move_to_end(text)
                return self._kept[text]
        (vector,) = self._embedder.embed((text,))
        with self._lock:
            self._kept[text] = vector
            if len(self._kept) > self._most:
                self._kept.popitem(last=False)
        return vector
