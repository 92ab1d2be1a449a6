"""What customers write about a matter, the most similar first: shown to a model beside its instructions."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from typing import Final

import numpy as np
from numpy.typing import NDArray
from rapidfuzz import fuzz, process

from dash_agent.ports import Embedder
from support_agent.router import CategoryPage
from support_agent.teaching import EMBEDDED

BEGINNING: Final = 240
"""Characters of a message that are compared."""
WRITTEN_IN: Final = "en"
"""The language of the examples where there are none in the one that is asked for."""


class NearExamples:
    """Port `Examples`, over the examples of the category pages. May be called from many threads.

    Those of a category are embedded when they are first asked for: a dozen sentences. embedder: None, and languages
    that it does not know, compare words.
    """

    def __init__(self, pages: Iterable[CategoryPage], embedder: Embedder | None) -> None:
        self._by_category: Mapping[str, Mapping[str, Sequence[str]]] = {page.name: page.examples for page in pages}
        self._embedder = embedder
        self._vectors = cache(self._embedded)

    def near(self, text: str, category: str, language: str, limit: int) -> Sequence[str]:
        by_language = self._by_category.get(category, {})
        spoken = language if by_language.get(language) else WRITTEN_IN
        examples = by_language.get(spoken, ())
        if len(examples) <= limit:
            return tuple(examples)
        if self._embedder is None or not {language, spoken} <= EMBEDDED:
            return _by_words(text[:BEGINNING], examples, limit)
        (asked,) = self._embedder.embed((text[:BEGINNING],))
        nearness = self._vectors(category, spoken) @ np.array(asked.parts)
        return tuple(examples[at] for at in np.argsort(-nearness)[:limit])

    def _embedded(self, category: str, language: str) -> NDArray[np.float64]:
        assert self._embedder is not None
        vectors = self._embedder.embed(tuple(self._by_category[category][language]))
        return np.array([vector.parts for vector in vectors])


def _by_words(text: str, examples: Sequence[str], limit: int) -> Sequence[str]:
    return tuple(found for found, _, _ in process.extract(text, examples, scorer=fuzz.token_set_ratio, limit=limit))
