"""Which pages are found, and that those for staff never are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import pytest

from dash_agent.context.documents import read_documents
from dash_agent.ports import Vector
from support_agent.adapters.knowledge import ONE_PAGE, PagesForCustomers
from tests.conftest import ROOT

DOCUMENTS, PROBLEMS = read_documents(ROOT)
FOR_STAFF = {document.file for document in DOCUMENTS if document.front.audience == "staff"}


@dataclass
class WordsAsMeaning:
    """Texts that share a word lie near; asked: how many texts were embedded."""

    words: tuple[str, ...] = ("cancel", "customs", "pause", "card", "xyzzy")
    asked: list[str] = field(default_factory=list)

    def embed(self, texts: Sequence[str]) -> tuple[Vector, ...]:
        self.asked.extend(texts)
        return tuple(self._one(text.lower()) for text in texts)

    def _one(self, text: str) -> Vector:
        parts = [float(word in text) for word in self.words]
        length = sum(parts) ** 0.5
        return Vector((*(part / length if length else 0.0 for part in parts), 0.0 if length else 1.0))


@dataclass
class OneShelf:
    kept: dict[str, tuple[str, str]] = field(default_factory=dict)

    def get(self, name: str, key: str) -> str | None:
        found = self.kept.get(name)
        return found[1] if found is not None and found[0] == key else None

    def put(self, name: str, key: str, text: str) -> None:
        self.kept[name] = (key, text)


@pytest.fixture
def pages() -> PagesForCustomers:
    made = PagesForCustomers(DOCUMENTS, WordsAsMeaning())
    made.warm()
    return made


def test_the_nearest_page_comes_first_with_its_source(pages: PagesForCustomers) -> None:
    found = pages.search("Do I have to pay customs?", "en", None)
    assert found[0].source == "knowledge/faq/customs-and-duties.md"
    assert found[0].title == "Do I have to pay customs?"
    assert [one.score for one in found] == sorted((one.score for one in found), reverse=True)


@pytest.mark.parametrize(
    "text", ["retention offer discount", "auto-send draft review", "replacement approval", "red lines tone"]
)
@pytest.mark.parametrize("warm", [True, False])
def test_pages_for_staff_are_never_found(text: str, warm: bool) -> None:
    pages = PagesForCustomers(DOCUMENTS, WordsAsMeaning(("offer", "draft", "approv", "red line")))
    if warm:
        pages.warm()
    assert FOR_STAFF
    assert not {one.source for one in pages.search(text, "en", None, limit=50)} & FOR_STAFF


def test_what_no_page_is_about_finds_nothing(pages: PagesForCustomers) -> None:
    assert pages.search("xyzzy", "en", None) == ()


def test_one_page_does_not_fill_the_answer(pages: PagesForCustomers) -> None:
    found = [one.source for one in pages.search("cancel", "en", None, limit=6)]
    assert max(found.count(source) for source in found) <= ONE_PAGE
    assert len(pages.search("cancel", "en", None, limit=2)) == 2


def test_before_it_is_warm_words_are_searched() -> None:
    meaning = WordsAsMeaning()
    pages = PagesForCustomers(DOCUMENTS, meaning)
    assert pages.search("customs duty", "en", None)[0].source == "knowledge/faq/customs-and-duties.md"
    assert meaning.asked == []


def test_the_shelf_saves_the_next_process_the_work() -> None:
    shelf, first, second = OneShelf(), WordsAsMeaning(), WordsAsMeaning()
    for meaning in (first, second):
        PagesForCustomers(DOCUMENTS, meaning, shelf).warm()
    assert len(first.asked) > 100
    assert second.asked == []
