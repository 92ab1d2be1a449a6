"""Which of a page's examples a model is shown."""

from __future__ import annotations

from support_agent.adapters.near_examples import NearExamples
from support_agent.router import CategoryPage
from tests.unit.support.test_knowledge import WordsAsMeaning

ENGLISH = ("Please cancel it.", "How do I pause?", "My card was declined.", "Is there customs to pay?")
HEBREW = ("לבטל את המנוי", "להשהות את המנוי", "הכרטיס נדחה")
PAGES = (
    CategoryPage("cancel", "Cancel", {"en": ENGLISH, "he": HEBREW}),
    CategoryPage("pause", "Pause", {"en": ("A pause, please.",)}),
)


def test_the_most_similar_ones_come_first() -> None:
    near = NearExamples(PAGES, WordsAsMeaning()).near("they want customs from me", "cancel", "en", 2)
    assert near[0] == "Is there customs to pay?"
    assert len(near) == 2


def test_only_those_of_the_category() -> None:
    assert NearExamples(PAGES, WordsAsMeaning()).near("cancel", "pause", "en", 3) == ("A pause, please.",)
    assert NearExamples(PAGES, WordsAsMeaning()).near("cancel", "no such", "en", 3) == ()


def test_a_language_without_examples_gets_the_english_ones_by_meaning() -> None:
    assert NearExamples(PAGES, WordsAsMeaning()).near("pause", "cancel", "de", 1) == ("How do I pause?",)


def test_a_language_that_the_embedder_does_not_know_goes_by_words() -> None:
    assert NearExamples(PAGES, WordsAsMeaning()).near("הכרטיס שלי נדחה", "cancel", "he", 1) == (HEBREW[2],)


def test_without_an_embedder_words_decide() -> None:
    assert NearExamples(PAGES, None).near("my card", "cancel", "en", 1) == (ENGLISH[2],)


def test_a_category_is_embedded_once() -> None:
    embedder = WordsAsMeaning()
    examples = NearExamples(PAGES, embedder)
    for _ in range(3):
        examples.near("cancel", "cancel", "en", 2)
    assert sorted(embedder.asked) == sorted((*ENGLISH, "cancel", "cancel", "cancel"))
