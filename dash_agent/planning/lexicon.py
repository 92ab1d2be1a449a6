"""Every phrase that the content files, the live values and the languages know, by dictionary form."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cached_property, lru_cache
from itertools import groupby, pairwise
from typing import Final, TypeVar

from rapidfuzz import fuzz, process
from rapidfuzz.distance import DamerauLevenshtein

from dash_agent.context.catalog import Catalog
from dash_agent.context.patterns import Pattern
from dash_agent.models.query import Grain
from dash_agent.planning.compiled import Compiled, KeptLexicon
from dash_agent.planning.languages import LANGUAGES
from dash_agent.planning.languages.language import Operator
from dash_agent.planning.phrases import Phrase, PhraseIndex
from dash_agent.planning.terms import (
    BundleTerm,
    DimensionTerm,
    FillerTerm,
    GrainTerm,
    MeasureTerm,
    MetricTerm,
    OperatorTerm,
    OrderTerm,
    PatternTerm,
    PersonalTerm,
    Span,
    SubjectTerm,
    SuperlativeTerm,
    Term,
    TopicTerm,
    UnavailableTerm,
    ValueTerm,
)
from dash_agent.planning.tokens import Analyser, Token, inflected, normal

SHORTEST_FUZZY = 5
REMEMBERED: Final = 500
Key = TypeVar("Key", bound=Hashable)
ALIKE = 70.0
"""How like a known phrase an unknown word must be to offer it, of 100."""


class Lexicon:
    """Finds phrases in token sequences."""

    def __init__(
        self,
        made: Compiled,
        analyser: Analyser,
        kept: KeptLexicon | None = None,
        taught: Sequence[Phrase] = (),
    ) -> None:
        """kept: where what takes long and few questions need is looked for, and put. taught: phrases of no file."""
        self._made = made
        self._index, self._surface = made.index, made.surface
        self._taught = PhraseIndex.of(taught)
        self._analyser = analyser
        self._kept = kept
        # One question is looked through up to ten times, and so are the names that choices are made of.
        self._remembered = lru_cache(maxsize=REMEMBERED)(lambda tokens: tuple(self._spans(tokens)))

    def with_taught(self, taught: Sequence[Phrase]) -> Lexicon:
        """The same one with phrases of no file beside its own, for the price of those."""
        return Lexicon(self._made, self._analyser, self._kept, taught)

    @property
    def phrases(self) -> Iterable[Phrase]:
        """Its own, not the taught ones."""
        return self._index.phrases

    def spans(self, tokens: Sequence[Token]) -> Sequence[Span]:
        """Every phrase at every place, overlaps included; articles and 'our' may stand anywhere within."""
        return self._remembered(tuple(tokens))

    def _spans(self, tokens: Sequence[Token]) -> Iterator[Span]:
        yield from self._index.spans(tokens)
        yield from self._taught.spans(tokens)
        places = [at for at, token in enumerate(tokens) if token.lemmas.isdisjoint(ARTICLES)]
        if len(places) == len(tokens):
            return
        kept = [_with_comma(tokens, before, at) for before, at in pairwise((-1, *places))]
        for span in (*self._index.spans(kept), *self._taught.spans(kept)):
            start, end = places[span.start], places[span.end - 1] + 1
            if end - start > span.end - span.start:
                yield replace(span, start=start, end=end)

    @cached_property
    def _surface_list(self) -> Sequence[str]:
        """Words that a typo may be of, Russian ones in all their cases."""
        found = self._kept.spelling() if self._kept is not None else None
        if found is None:
            found = self._spelled()
            if self._kept is not None:
                self._kept.keep_spelling(found)
        return found

    @cached_property
    def _surface_of(self) -> Mapping[tuple[str, int], Sequence[str]]:
        """The same by first letter and length: few slips are of the first letter, and those are not mended."""
        found: dict[tuple[str, int], list[str]] = defaultdict(list)
        for word in (*self._surface_list, *LIGHT_WORDS):
            found[word[0], len(word)].append(word)
        return dict(found)

    def _spelled(self) -> Sequence[str]:
        content = self._surface - LIGHT_WORDS
        return sorted({form for word in content for form in (word, *inflected(word))} - LIGHT_WORDS)

    def corrected(self, word: str) -> str | None:
        """The known word that a typo stands for: one edit up to eight letters, two above; None where unsure.

        First comes one that sounds alike, then the fewest edits, then a letter left out.
        """
        if len(word) < SHORTEST_FUZZY:
            return None
        allowed = 1 if len(word) <= 8 else 2
        lengths = range(len(word) - allowed, len(word) + allowed + 1)
        alike = [known for length in lengths for known in self._surface_of.get((word[0], length), ())]
        near = sorted(
            (_heard(known) != _heard(word), distance, len(known) <= len(word), known)
            for known in alike
            if (distance := DamerauLevenshtein.distance(word, known, score_cutoff=allowed)) <= allowed
        )
        if not near:
            return None
        likest = [known for *rank, known in near if rank == list(near[0][:-1])]
        if not LIGHT_WORDS.isdisjoint(likest):
            return None
        return likest[0] if all(self._same_word(likest[0], known) for known in likest[1:]) else None

    def nearest(self, word: str, limit: int = 3) -> tuple[tuple[str, Term], ...]:
        """Phrases of metrics, dimensions and values that look like an unknown word, the likest first.

        They are looser than `corrected`, and only good to be offered.
        """
        near = process.extract(word, self._named.keys(), scorer=fuzz.ratio, limit=limit, score_cutoff=ALIKE)
        return tuple((phrase, self._named[phrase]) for phrase, _, _ in near)

    @cached_property
    def _named(self) -> Mapping[str, Term]:
        """Phrases long enough to be mistaken for another word."""
        named = self._index.phrases.of_kinds(MetricTerm, DimensionTerm, ValueTerm)
        return {" ".join(p.norms): p.term for p in named if sum(map(len, p.norms)) >= SHORTEST_FUZZY}

    def _same_word(self, one: str, other: str) -> bool:
        return bool(self._analyser.forms(one)[0] & self._analyser.forms(other)[0])


def compiled(
    catalog: Catalog, values: Mapping[str, Sequence[str]], analyser: Analyser, others: Iterable[str] = ()
) -> Compiled:
    """Every phrase of the content files, the live values and the languages.

    others: words that a typo may be of, beside those of the phrases.
    """
    making = _Making(analyser)
    for text, term, ordered in _catalogue_phrases(catalog):
        making.add(text, term, ordered=ordered or _leans(text))
    for text, term in _language_phrases():
        making.add(text, term, ordered=True, fuzzy=isinstance(term, OperatorTerm) and not term.operator.light)
    for text, value_term in _values(catalog, values).items():
        exact = text if len(text) <= SHORTEST_CODE else None
        making.add(text, value_term, ordered=_leans(text), exact=exact)
    making.surface.update(word for word in others if len(word) >= SHORTEST_FUZZY)
    return Compiled(PhraseIndex.of(making.phrases), frozenset(making.surface))


def phrases_of(words: Iterable[tuple[str, Term]], analyser: Analyser) -> tuple[Phrase, ...]:
    """Phrases as the content files' own are made."""
    making = _Making(analyser)
    for text, term in words:
        making.add(text, term, ordered=_leans(text), exact=text if len(text) <= SHORTEST_CODE else None)
    return tuple(making.phrases)


class _Making:
    def __init__(self, analyser: Analyser) -> None:
        self._analyser = analyser
        self.phrases: list[Phrase] = []
        self.surface: set[str] = set()

    def add(
        self, text: str, term: Term, *, ordered: bool = False, fuzzy: bool = True, exact: str | None = None
    ) -> None:
        found = self._analyser.words(text)
        if not found:
            return
        bare = tuple(word for word in found if word[0] not in ARTICLES)
        # 'The US' without its article is a pronoun.
        found = bare if sum(len(norm) for norm, _ in bare) >= SHORTEST_BARE else found
        norms, words = zip(*found, strict=True)
        if text.startswith(LITERAL) or not COMPARATIVES.isdisjoint(norms):
            literal = norms if text.startswith(LITERAL) else COMPARATIVES
            words = tuple(frozenset((n,)) if n in literal else word for n, word in zip(norms, words, strict=True))
        self.phrases.append(Phrase(words, norms, term, ordered, exact))
        if fuzzy:
            self.surface.update(norm for norm in norms if len(norm) >= SHORTEST_FUZZY and norm.isalpha())


LONG: Final = 4
"""Words of a phrase that keeps its order: so many by chance side by side say something else."""

SHORTEST_BARE: Final = 4
SHORTEST_CODE: Final = 2

LITERAL: Final = "="
"""Opens a phrase of a language that stands in just this form: 'on Fridays' is not 'on Friday'."""

LIGHT_WORDS: Final = frozenset(
    normal(word)
    for language in LANGUAGES
    for phrase in (
        *language.fillers,
        *(text for operator, texts in language.operators.items() if operator.light for text in texts),
    )
    for word in phrase.split()
)
"""What no typo is mended to: a strange word that became one of these would be gone."""


def _heard(word: str) -> str:
    """Without doubled letters and soft signs: one more or less of them is the commonest slip."""
    return "".join(letter for letter, _ in groupby(word) if letter != "ь")


ARTICLES: Final = frozenset(word for language in LANGUAGES for word in language.articles)


def _with_comma(tokens: Sequence[Token], before: int, at: int) -> Token:
    """The token `at`, with the comma that stands before an article that is left out."""
    parted = any(token.after_comma for token in tokens[before + 1 : at + 1])
    return replace(tokens[at], after_comma=True) if parted and not tokens[at].after_comma else tokens[at]


LEANING: Final = frozenset(
    word
    for language in LANGUAGES
    for word in (*language.fillers, *language.operators[Operator.NOT], *language.operators[Operator.WHICH])
)


COMPARATIVES: Final = frozenset(word for language in LANGUAGES for word in language.comparatives)


def _leans(text: str) -> bool:
    """A phrase whose edge is a little word keeps its order: 'in escalation' is not 'escalation in'. So does one that
    compares: 'the AI better' is not 'better than the AI'.
    """
    words = normal(text).split() or [""]
    if len(words) >= LONG:
        return True
    return words[0] in LEANING or words[-1] in LEANING or not COMPARATIVES.isdisjoint(words)


def _catalogue_phrases(catalog: Catalog) -> Iterator[tuple[str, Term, bool]]:
    for metric in catalog.metrics.values():
        if metric.synonyms:
            for text in (*_all(metric.synonyms), metric.name.replace("_", " ")):
                yield text, MetricTerm(metric.name), False
    for bundle in catalog.bundles.values():
        for text in _all(bundle.synonyms):
            yield text, BundleTerm(bundle.name), False
    for pattern in catalog.patterns.values():
        for text in _pattern_words(catalog, pattern):
            yield text, PatternTerm(pattern.header.name), False
    for text, dimensions in _shared(
        (text, dimension.name)
        for dimension in catalog.dimensions.values()
        for text in (*_all(dimension.synonyms), dimension.name.replace("_", " "))
    ).items():
        yield text, DimensionTerm(dimensions[0], dimensions[1:]), False
    for (text, most), metrics in _shared(_superlatives(catalog)).items():
        yield text, SuperlativeTerm(metrics, most), True
    for topic in catalog.rules.topics:
        for text in _all(topic.synonyms):
            yield text, TopicTerm(topic.name), False
    subjects: dict[str, list[str]] = defaultdict(list)
    for table in catalog.tables.values():
        for text in _all(table.synonyms):
            subjects[normal(text)].append(table.table)
    for text, tables in subjects.items():
        yield text, SubjectTerm(tuple(tables)), False
    for text in _all(catalog.rules.unavailable):
        yield text, UnavailableTerm(), False


def _shared(words: Iterable[tuple[Key, str]]) -> Mapping[Key, tuple[str, ...]]:
    """Everything that has the same words."""
    found: dict[Key, dict[str, None]] = defaultdict(dict)
    for key, name in words:
        found[key][name] = None
    return {key: tuple(names) for key, names in found.items()}


def _superlatives(catalog: Catalog) -> Iterator[tuple[tuple[str, bool], str]]:
    for metric in catalog.metrics.values():
        for most, words in ((True, metric.superlatives.most), (False, metric.superlatives.least)):
            for text in _all(words):
                yield (normal(text), most), metric.name


def _pattern_words(catalog: Catalog, pattern: Pattern) -> Iterator[str]:
    yield from _all(pattern.header.phrases)
    metric = catalog.metrics.get(pattern.header.metric or "")
    if pattern.header.kind == "list" and metric is not None:
        yield from _all(metric.synonyms)


def _language_phrases() -> Iterator[tuple[str, Term]]:
    for language in LANGUAGES:
        for operator, texts in language.operators.items():
            for text in texts:
                yield text, OperatorTerm(operator)
        for grain, texts in language.buckets.items():
            for text in texts:
                yield text, GrainTerm(grain, bare=True)
        for units, texts in language.measures.items():
            for text in texts:
                yield text, MeasureTerm(units)
        for days, texts in language.weekdays.items():
            for text in texts:
                yield text, ValueTerm(((Grain.WEEKDAY.value, days),))
        for text in language.light:
            yield text, FillerTerm()
        for text in language.personal:
            yield text, PersonalTerm()
        for text in language.orders:
            yield text, OrderTerm()


def _values(catalog: Catalog, live: Mapping[str, Sequence[str]]) -> Mapping[str, ValueTerm]:
    """Words for values: stored ones as they stand, and those of the files; one term a word, all its meanings in it."""
    found: dict[str, dict[tuple[str, tuple[str, ...]], None]] = defaultdict(dict)
    for dimension, stored in live.items():
        for value in stored:
            text = value if len(value) <= 2 else normal(value.replace("_", " "))
            found[text][dimension, (value,)] = None
    for entry in catalog.values:
        # A value that no row has just now is a value all the same.
        if entry.value is not None and _is_live(catalog, entry.dimension) and len(entry.value) > 2:
            found[normal(entry.value.replace("_", " "))][entry.dimension, entry.stored] = None
        for text in _all(entry.synonyms):
            # Short codes stand as they are written, or in capitals: 'uk' and 'UK'.
            for written in {text, text.upper()} if len(text) <= SHORTEST_CODE else (normal(text),):
                found[written][entry.dimension, entry.stored] = None
    ordinary = {word for language in LANGUAGES for word in language.ordinary}
    twins = twins_of(catalog)
    return {
        text: ValueTerm(
            tuple(choices),
            text not in ordinary,
            tuple((twin, stored) for name, stored in choices for twin in twins[name]),
        )
        for text, choices in found.items()
    }


def twins_of(catalog: Catalog) -> Mapping[str, Sequence[str]]:
    """For each dimension those that say to hold the same values."""
    dimensions = catalog.dimensions.values()
    return {d.name: [other.name for other in dimensions if other.values_of == d.name] for d in dimensions}


def _is_live(catalog: Catalog, dimension: str) -> bool:
    table, _, name = catalog.dimensions[dimension].column.partition(".")
    column = catalog.tables[table].column(name)
    return column is not None and column.values == "live"


def _all(words: Mapping[str, Iterable[str]]) -> Iterator[str]:
    for texts in words.values():
        yield from texts
