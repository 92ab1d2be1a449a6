"""Knowledge documents: whole, about every category, referring to each other by titles that exist, about nobody."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date

import pytest

from dash_agent.context.catalog import Catalog
from dash_agent.context.documents import Document, read_documents
from tests.conftest import ROOT

DOCUMENTS: Sequence[Document] = read_documents(ROOT)[0]
PAGES: Mapping[str | None, Document] = {d.front.category: d for d in DOCUMENTS if d.front.kind == "category"}

EXAMPLES = {"en": 8, "ru": 6, "he": 4, "es": 4, "fr": 4, "de": 4}
"""How many messages a category page has at least, by language."""

SCRIPTS = {"ru": r"[а-яё]", "he": r"[א-ת]", "en": r"[a-z]", "es": r"[a-z]", "fr": r"[a-z]", "de": r"[a-z]"}

CONTACT = re.compile(r"@|https?://|\+?\d[\d ()-]{7,}")
"""An e-mail address, a link, a phone or card number."""


def test_every_document_can_be_read() -> None:
    assert list(read_documents(ROOT)[1]) == []
    kinds = Counter(document.front.kind for document in DOCUMENTS)
    assert kinds["policy"] >= 12
    assert kinds["faq"] >= 12


def test_every_category_has_its_page(home: Catalog) -> None:
    categories = {v.value for v in home.values if v.dimension == "request_type" and v.value}
    assert set(PAGES) == categories
    assert {d.front.category for d in DOCUMENTS if d.front.category} <= categories


@pytest.mark.parametrize("category", PAGES, ids=str)
def test_a_page_says_what_customers_write(category: str) -> None:
    examples = PAGES[category].front.examples
    assert {language: len(items) for language, items in examples.items() if len(items) < EXAMPLES[language]} == {}
    assert set(examples) == set(EXAMPLES)
    lengths = [len(item) for items in examples.values() for item in items]
    assert min(lengths) < 30 < 70 < max(lengths), "short and long ones"
    for language, items in examples.items():
        assert [item for item in items if not re.search(SCRIPTS[language], item.lower())] == []


def test_no_message_is_an_example_of_two_categories() -> None:
    messages = [message for page in PAGES.values() for items in page.front.examples.values() for message in items]
    assert [message for message, count in Counter(messages).items() if count > 1] == []


def test_examples_and_texts_hold_no_contact_of_anybody() -> None:
    texts = [document.text for document in DOCUMENTS]
    texts += [message for page in PAGES.values() for items in page.front.examples.values() for message in items]
    assert [text for text in texts if CONTACT.search(text)] == []


def test_a_page_names_every_subtype_that_the_desk_has(live: Mapping[str, Sequence[str]]) -> None:
    named = [subtype for page in PAGES.values() for subtype in re.findall(r"`([a-z_]+)`", page.text)]
    assert sorted(named) == sorted(live["request_subtype"])


def test_what_is_referred_to_is_there(home: Catalog) -> None:
    titles = {document.front.title for document in DOCUMENTS}
    known = titles | set(PAGES) | {"ready for auto-send"}
    found = re.compile(r"(?<![*\w])\*([^*\n]+(?:\n[^*\n]+)?)\*(?![*\w])")
    for document in DOCUMENTS:
        referred = {" ".join(text.split()) for text in found.findall(document.text)}
        states = {state for state in referred if state.lower().replace(" ", "_") in SHIPMENT_STATES}
        assert referred - known - states == set(), document.file


SHIPMENT_STATES = {"preparing", "in_transit", "delivered", "lost", "returned", "skipped"}


def test_documents_are_reviewed_again_in_time() -> None:
    for document in DOCUMENTS:
        assert document.front.reviewed < document.front.review_by
        assert document.front.review_by.year == date(2027, 1, 1).year


def test_what_customers_may_read_refers_to_nothing_that_they_may_not() -> None:
    internal = {document.front.title for document in DOCUMENTS if document.front.audience == "staff"}
    for document in DOCUMENTS:
        if document.front.audience == "customers" and document.front.kind == "faq":
            assert {title for title in internal if f"*{title}*" in document.text} == set(), document.file
