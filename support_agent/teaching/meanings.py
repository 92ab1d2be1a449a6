"""What texts mean, kept on a shelf."""

from __future__ import annotations

import json
from base64 import b64decode, b64encode
from collections.abc import Mapping, Sequence
from hashlib import sha256
from typing import Final

import numpy as np

from dash_agent.ports import Embedder, Shelf
from support_agent.teaching.solving import Floats

BEGINNING: Final = 240
"""Characters of a text whose meaning is looked at: encoding takes longer for more, and tells less."""

EMBEDDED: Final = frozenset({"en", "ru", "es", "fr", "de"})
"""Languages of the local embedder; Hebrew is read by its words alone."""


class Meanings:
    """The vectors of texts. Each is made once: what the shelf keeps is by text, so a new example costs only itself."""

    def __init__(self, embedder: Embedder, shelf: Shelf | None, name: str) -> None:
        """name: under which the shelf keeps them."""
        self._embedder = embedder
        self._shelf = shelf
        self._name = name

    def of_each(self, texts: Sequence[str]) -> Floats:
        """Shape (texts, dimensions); nothing is kept of them."""
        made = self._embedder.embed([text[:BEGINNING] for text in texts])
        return np.array([vector.parts for vector in made], dtype=np.float32)

    def of_all(self, texts: Sequence[str]) -> Floats:
        """Shape (texts, dimensions), in their order."""
        kept = self._kept()
        new = [text for text in dict.fromkeys(texts) if _mark(text) not in kept]
        if new:
            made = self._embedder.embed([text[:BEGINNING] for text in new])
            kept |= {
                _mark(text): np.array(vector.parts, dtype=np.float32) for text, vector in zip(new, made, strict=True)
            }
            self._keep({_mark(text): kept[_mark(text)] for text in texts})
        return np.array([kept[_mark(text)] for text in texts], dtype=np.float32)

    def has_all(self, texts: Sequence[str]) -> bool:
        """Whether the shelf has the vectors of all."""
        kept = self._kept()
        return all(_mark(text) in kept for text in texts)

    def _kept(self) -> dict[str, Floats]:
        text = self._shelf.get(self._name, self._key()) if self._shelf else None
        if text is None:
            return {}
        data = json.loads(text)
        rows = np.frombuffer(b64decode(data["rows"]), dtype=np.float32).reshape(len(data["marks"]), -1)
        return dict(zip(data["marks"], rows, strict=True))

    def _keep(self, vectors: Mapping[str, Floats]) -> None:
        if self._shelf is not None:
            rows = b64encode(np.array(list(vectors.values()), dtype=np.float32).tobytes()).decode()
            self._shelf.put(self._name, self._key(), json.dumps({"marks": list(vectors), "rows": rows}))

    @property
    def made_by(self) -> str:
        return type(self._embedder).__name__

    def _key(self) -> str:
        return f"1 {self.made_by} {BEGINNING}"


def _mark(text: str) -> str:
    return sha256(text.encode()).hexdigest()[:24]
