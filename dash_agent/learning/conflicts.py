"""What stands against new words: the files, their examples, and what is learned already. The files win."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from dash_agent.context.content import DIMENSIONS, METRICS, VALUES
from dash_agent.context.patterns import Pattern
from dash_agent.models.learning import Gotcha, Learning, Payload, Synonym
from dash_agent.planning.learned.same import plain
from dash_agent.planning.learned.words import curated, term_of
from dash_agent.planning.lexicon import phrases_of
from dash_agent.planning.parser import Parser
from dash_agent.planning.phrases import Phrase
from dash_agent.planning.terms import (
    DimensionTerm,
    FillerTerm,
    MetricTerm,
    OrderTerm,
    PatternTerm,
    PersonalTerm,
    Term,
    UnavailableTerm,
    ValueTerm,
)
from dash_agent.planning.tokens import Token
from dash_agent.semantic.time import Calendar


def against(synonym: Synonym, parser: Parser, calendar: Calendar) -> str | None:
    """Why words can't mean what they are taught to, None where nothing stands against it."""
    term = term_of(synonym, parser.model.catalog)
    if term is None:
        return f"there is no {synonym.target} '{synonym.name}' in the files any more"
    for words in synonym.phrasings:
        reason = _closed(words, parser) or _curated(words, term, parser) or _clash(words, term, parser, calendar)
        if reason is not None:
            return reason
    return None


def overridden(payload: Payload, parser: Parser) -> str:
    """Why a learning has no effect by the files as they are, '' where it has. Cheaper than `against`."""
    match payload:
        case Synonym():
            term = term_of(payload, parser.model.catalog)
            if term is None:
                return f"there is no {payload.target} '{payload.name}' in the files any more"
            read = [_curated(words, term, parser) for words in payload.phrasings]
            return read[0] if read and read[0] is not None and all(read) else ""
        case Gotcha(metric=metric) if metric not in parser.model.catalog.metrics:
            return f"there is no metric '{metric}' in the files any more"
        case _:
            return ""


def _closed(words: str, parser: Parser) -> str | None:
    """Words that no teaching may open: what is personal, what sets rules aside, what the data does not hold."""
    tokens = parser.tokens(words)
    if not any(letter.isalpha() for token in tokens for letter in token.norm):
        return f"“{words}” has no letters in it"
    for span in parser.covered(tokens):
        said = " ".join(token.text for token in tokens[span.start : span.end])
        match span.term:
            case PersonalTerm():
                return f"“{said}” is about personal data, which answers never show"
            case OrderTerm():
                return f"“{said}” is an order to set rules aside, and no word for anything"
            case UnavailableTerm():
                return f"business/rules.json says that the data does not hold “{said}”, and the file wins"
            case _:
                continue
    return None


def _curated(words: str, term: Term, parser: Parser) -> str | None:
    found = curated(words, parser)
    if not found:
        return None
    if found == (term,) or (len(found) == 1 and _same_value(found[0], term)):
        return f"“{words}” means that already, by {_file_of(term)}: there is nothing to learn"
    if found == (FillerTerm(),):
        return f"“{words}” is an ordinary word that questions are full of, and would be read into all of them"
    read_as = ", ".join(dict.fromkeys(_name(one) for one in found))
    return (
        f"the files read “{words}” as {read_as} already, and the file wins; change {_file_of(found[0])} if it is wrong"
    )


def _same_value(one: Term, other: Term) -> bool:
    return isinstance(one, ValueTerm) and isinstance(other, ValueTerm) and one.choices == other.choices


def _name(term: Term) -> str:
    match term:
        case MetricTerm(name):
            return f"the metric {name}"
        case DimensionTerm(name):
            return f"the dimension {name}"
        case ValueTerm(choices):
            return " or ".join(f"{name} {', '.join(map(str, values))}" for name, values in choices)
        case PatternTerm(name):
            return f"the pattern {name}"
        case _:
            return f"a word of the grammar ({type(term).__name__.removesuffix('Term').lower()})"


def _file_of(term: Term) -> str:
    match term:
        case MetricTerm():
            return METRICS
        case DimensionTerm():
            return DIMENSIONS
        case ValueTerm():
            return VALUES
        case PatternTerm(name):
            return f"queries/{name}.sql"
        case _:
            return "the files"


def _clash(words: str, term: Term, parser: Parser, calendar: Calendar) -> str | None:
    """A question or a phrase of the files that would be read in another way with the words than without."""
    taught = phrases_of([(words, term)], parser.analyser)
    with_words = parser.with_taught(taught)
    for phrase in parser.phrases:
        text = " ".join(phrase.norms)
        if any(_could_hold(phrase.words, one) for one in taught):
            tokens = parser.tokens(text)
            if parser.covered(tokens) != with_words.covered(tokens):
                return f"“{words}” stands in “{text}”, which the files read as {_name(phrase.term)}"
    for question in _questions(parser):
        if not _stands(taught, parser.tokens(question)):
            continue
        if parser.plan(question, calendar) != with_words.plan(question, calendar):
            return f"“{question}”, a question of the files, would mean something else with “{words}” in it"
    return None


def _questions(parser: Parser) -> Iterator[str]:
    catalog = parser.model.catalog
    for examples in catalog.rules.examples.values():
        yield from examples
    for pattern in catalog.patterns.values():
        yield from _examples(pattern)


def _examples(pattern: Pattern) -> Iterator[str]:
    for questions in pattern.header.questions.values():
        yield from questions


def _stands(taught: Sequence[Phrase], tokens: Sequence[Token]) -> bool:
    return any(_could_hold([token.lemmas for token in tokens], phrase) for phrase in taught)


def _could_hold(words: Iterable[frozenset[str]], phrase: Phrase) -> bool:
    known = frozenset[str]().union(*words)
    return all(not word.isdisjoint(known) for word in phrase.words)


def other_meaning(synonym: Synonym, learnings: Iterable[Learning]) -> Learning | None:
    """One that is alive and gives the same words another meaning."""
    said = {plain(words) for words in synonym.phrasings}
    meant = (synonym.target, synonym.name, synonym.values)
    for one in learnings:
        other = one.payload
        if not isinstance(other, Synonym) or (other.target, other.name, other.values) == meant:
            continue
        if said & {plain(words) for words in other.phrasings}:
            return one
    return None
