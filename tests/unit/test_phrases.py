"""The index finds what trying every phrase at every place finds, in one order."""

from __future__ import annotations

from itertools import permutations

from hypothesis import given
from hypothesis import strategies as st

from dash_agent.planning.phrases import Phrase, PhraseIndex
from dash_agent.planning.terms import DimensionTerm, MetricTerm
from dash_agent.planning.tokens import Token

LEMMAS = st.frozensets(st.sampled_from("abcd"), min_size=1, max_size=2)
WORDS = st.lists(LEMMAS, min_size=1, max_size=3).map(tuple)


def phrase(words: tuple[frozenset[str], ...], ordered: bool, metric: bool) -> Phrase:
    term = MetricTerm("any") if metric else DimensionTerm("any")
    return Phrase(words, tuple(min(word) for word in words), term, ordered)


def token(lemmas: frozenset[str], after_comma: bool) -> Token:
    word = min(lemmas)
    return Token(word, word, lemmas, False, 0, 1, after_comma)


def stands(phrase: Phrase, tokens: list[Token]) -> bool:
    if isinstance(phrase.term, MetricTerm) and any(t.after_comma for t in tokens[1:]):
        return False
    orders = [tuple(tokens)] if phrase.ordered else permutations(tokens)
    return any(all(w & t.lemmas for w, t in zip(phrase.words, order, strict=True)) for order in orders)


@given(
    st.lists(st.builds(phrase, WORDS, st.booleans(), st.booleans()), max_size=8),
    st.lists(st.builds(token, LEMMAS, st.booleans()), max_size=6),
)
def test_every_phrase_is_found_wherever_it_stands(phrases: list[Phrase], tokens: list[Token]) -> None:
    expected = [
        (phrase.term, start, start + len(phrase.words), phrase.norms)
        for start in range(len(tokens))
        for phrase in phrases
        if start + len(phrase.words) <= len(tokens) and stands(phrase, tokens[start : start + len(phrase.words)])
    ]
    assert [(s.term, s.start, s.end, s.phrase) for s in PhraseIndex.of(phrases).spans(tokens)] == expected


def test_a_short_code_is_found_as_it_is_written() -> None:
    index = PhraseIndex.of([Phrase((frozenset({"us"}),), ("us",), DimensionTerm("country"), exact="US")])
    lemmas = frozenset({"us"})
    assert len(list(index.spans([Token("US", "us", lemmas, False, 0, 2)]))) == 1
    assert not list(index.spans([Token("us", "us", lemmas, False, 0, 2)]))
