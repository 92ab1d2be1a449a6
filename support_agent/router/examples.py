"""What customers write, by category: the examples of the category pages and the phrases of the router."""

from __future__ import annotations

import json
from base64 import b64decode, b64encode
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from importlib.resources import files
from typing import Final

import numpy as np
import yaml
from numpy.typing import NDArray
from pydantic import TypeAdapter

from dash_agent.ports import Embedder, Shelf

NAME: Final = "router-vectors"
BEGINNING: Final = 240
"""Characters of a message whose meaning is looked at: encoding takes longer for more, and tells less."""

Vectors = NDArray[np.float32]
Phrases = Mapping[str, Mapping[str, Sequence[str]]]


@dataclass(frozen=True, slots=True)
class CategoryPage:
    """What the router knows of a category: its name, what staff call it, and examples by language."""

    name: str
    title: str
    examples: Mapping[str, Sequence[str]]


@dataclass(frozen=True, slots=True)
class Example:
    category: str
    language: str
    text: str


def phrases() -> Phrases:
    """phrases/<language>.yaml: by language and category."""
    folder = files("support_agent.router") / "phrases"
    adapter = TypeAdapter(dict[str, list[str]])
    found = {}
    for file in sorted(folder.iterdir(), key=lambda entry: entry.name):
        if file.name.endswith(".yaml"):
            data = yaml.load(file.read_text("utf-8"), Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))  # noqa: S506
            found[file.name.removesuffix(".yaml")] = adapter.validate_python(data)
    return found


def examples(pages: Iterable[CategoryPage]) -> list[Example]:
    """Of every page, in every language. A category needs its page's examples and no more."""
    more = phrases()
    return [
        Example(page.name, code, text)
        for page in pages
        for code in sorted({*page.examples, *more})
        for text in dict.fromkeys((*page.examples.get(code, ()), *more.get(code, {}).get(page.name, ())))
    ]


class Meanings:
    """The vectors of texts. Each is made once: what the shelf keeps is by text, so a new example costs only itself."""

    def __init__(self, embedder: Embedder, shelf: Shelf | None, name: str = NAME) -> None:
        """name: under which the shelf keeps them."""
        self._embedder = embedder
        self._shelf = shelf
        self._name = name

    def of(self, text: str) -> Vectors:
        """Shape (dimensions,)."""
        return np.array(self._embedder.embed([text[:BEGINNING]])[0].parts, dtype=np.float32)

    def of_all(self, texts: Sequence[str]) -> Vectors:
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

    def _kept(self) -> dict[str, Vectors]:
        text = self._shelf.get(self._name, self._key()) if self._shelf else None
        if text is None:
            return {}
        data = json.loads(text)
        rows = np.frombuffer(b64decode(data["rows"]), dtype=np.float32).reshape(len(data["marks"]), -1)
        return dict(zip(data["marks"], rows, strict=True))

    def _keep(self, vectors: Mapping[str, Vectors]) -> None:
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
