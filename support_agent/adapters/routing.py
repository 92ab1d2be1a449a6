"""The router of a process: there at once, and better when it has learned."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from dash_agent.context.documents import Document
from dash_agent.ports import Embedder, Shelf
from support_agent.categories import Categories
from support_agent.models import Route, Said
from support_agent.router import CategoryPage, LexicalRouter


class Routing:
    """Port `Router`, by rules at first; then by the examples' words, and by what they mean once that is learned beside
    the answers.
    """

    def __init__(self, pages: Sequence[CategoryPage], embedder: Embedder | None, shelf: Shelf) -> None:
        self._embedder = embedder
        self._shelf = shelf
        self._router = LexicalRouter(pages)

    def is_kept(self) -> bool:
        """Whether the shelf has all that there is to learn."""
        return self._embedder is None or self._router.is_kept(self._embedder, self._shelf)

    def learn_words(self) -> None:
        if self._embedder is not None:
            self._router = self._router.learned(None, self._shelf)

    def learn_meaning(self) -> None:
        """Takes some seconds once; the shelf keeps it."""
        if self._embedder is not None:
            self._router = self._router.learned(self._embedder, self._shelf)

    def route(self, text: str, history: Sequence[Said], language: str | None) -> Route:
        return self._router.route(text, history, language)

    def subtype(self, category: str, text: str, language: str | None) -> str | None:
        return self._router.subtype(category, text, language)

    def language_of(self, text: str, told: str | None) -> str:
        return self._router.language_of(text, told)


def category_pages(documents: Sequence[Document], categories: Categories) -> Sequence[CategoryPage]:
    """Of the preset's categories; one whose page is missing is known by its name alone."""
    fronts = {document.front.category: document.front for document in documents if document.front.kind == "category"}
    found = []
    for name in categories.by_name:
        front = fronts.get(name)
        examples: Mapping[str, Sequence[str]] = front.examples if front is not None else categories[name].examples
        found.append(CategoryPage(name, front.title if front is not None else name.replace("_", " "), examples))
    return found
