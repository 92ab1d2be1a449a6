"""Words that people taught, as phrases beside those of the files. The files' own words win."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from dash_agent.context.catalog import Catalog
from dash_agent.models.learning import Learning, Synonym, Target
from dash_agent.planning.lexicon import phrases_of, twins_of
from dash_agent.planning.parser import Parser
from dash_agent.planning.phrases import Phrase
from dash_agent.planning.terms import DimensionTerm, FillerTerm, MetricTerm, Term, UnknownTerm, ValueTerm
from dash_agent.planning.tokens import CYRILLIC, Token

SAME_WORDS: Final = "same-words"


@dataclass(frozen=True, slots=True)
class TaughtWords:
    """A synonym's phrases, those left out that the files have a meaning for."""

    learning: Learning
    synonym: Synonym
    phrases: tuple[Phrase, ...]


def term_of(synonym: Synonym, catalog: Catalog) -> Term | None:
    """None where the catalogue has not, or no longer, what the words were taught to mean."""
    match synonym.target:
        case Target.METRIC:
            return MetricTerm(synonym.name) if synonym.name in catalog.metrics else None
        case Target.DIMENSION:
            return DimensionTerm(synonym.name) if synonym.name in catalog.dimensions else None
        case Target.VALUE:
            if synonym.name not in catalog.dimensions or not synonym.values:
                return None
            twins = tuple((twin, synonym.values) for twin in twins_of(catalog)[synonym.name])
            return ValueTerm(((synonym.name, synonym.values),), True, twins)


def taught_words(learnings: Iterable[Learning], parser: Parser) -> tuple[TaughtWords, ...]:
    """The synonyms among learnings, each as phrases that stand in no file."""
    made = []
    for learning in learnings:
        if not isinstance(learning.payload, Synonym):
            continue
        term = term_of(learning.payload, parser.model.catalog)
        if term is None:
            continue
        phrases = phrases_of([(words, term) for words in learning.payload.phrasings], parser.analyser)
        kept = tuple(phrase for phrase in phrases if not is_curated(" ".join(phrase.norms), parser))
        if kept:
            made.append(TaughtWords(learning, learning.payload, kept))
    return tuple(made)


def curated(words: str, parser: Parser) -> Sequence[Term]:
    """What the files and languages make of words by themselves: () where they leave one of them unexplained."""
    spans = parser.covered(parser.tokens(words))
    if any(isinstance(span.term, UnknownTerm) for span in spans):
        return ()
    return tuple(span.term for span in spans if not isinstance(span.term, FillerTerm)) or (FillerTerm(),)


def is_curated(words: str, parser: Parser) -> bool:
    """Whether every word has a meaning without having been taught one."""
    return bool(curated(words, parser))


def could_stand(phrase: Phrase, cyrillic: bool) -> bool:
    """Whether a question can hold the phrase, by its letters alone."""
    return cyrillic or not any(CYRILLIC.search(norm) for norm in phrase.norms)


def standing(tokens: Sequence[Token], phrases: Mapping[Phrase, TaughtWords], parser: Parser) -> set[Phrase]:
    """The phrases that stand in a question, by the terms that a parser over them gives its words."""
    norms = {phrase.norms: phrase for phrase in phrases}
    return {
        norms[span.phrase]
        for span in parser.covered(tokens)
        if span.phrase in norms and norms[span.phrase].term == span.term
    }
