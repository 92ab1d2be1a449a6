"""Known phrases, and where they stand in a question."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from dash_agent.planning.terms import MetricTerm, Span, Term
from dash_agent.planning.tokens import Token


@dataclass(frozen=True, slots=True)
class Phrase:
    """words: the lemmas of each word. norms: the words as written. ordered: they stand in this order, not just
    side by side.

    exact: how the one word stands in the question, letter case and all: short codes such as 'US' are words, too.
    """

    words: tuple[frozenset[str], ...]
    norms: tuple[str, ...]
    term: Term
    ordered: bool = False
    exact: str | None = None


class Phrases(Protocol):
    """Phrases by their number."""

    def __getitem__(self, number: int, /) -> Phrase: ...

    def __iter__(self) -> Iterator[Phrase]: ...

    def of_kinds(self, *kinds: type[Term]) -> Iterator[Phrase]:
        """Those of such terms, in their order."""
        ...


class PhraseList(tuple[Phrase, ...]):
    """Phrases that are all made."""

    def of_kinds(self, *kinds: type[Term]) -> Iterator[Phrase]:
        return (phrase for phrase in self if isinstance(phrase.term, kinds))


@dataclass(frozen=True, slots=True)
class PhraseIndex:
    """Finds phrases in token sequences. Each stands under its rarest word alone, so that few are tried in vain.

    rarest: which word that is, by phrase. places: the phrases' numbers by a lemma of it.
    """

    phrases: Phrases
    rarest: Sequence[int]
    places: Mapping[str, Sequence[int]]

    @classmethod
    def of(cls, phrases: Sequence[Phrase]) -> PhraseIndex:
        seen = Counter(lemma for phrase in phrases for word in phrase.words for lemma in word)
        all_rarest: list[int] = []
        places: dict[str, list[int]] = defaultdict(list)
        for number, phrase in enumerate(phrases):
            often = [sum(seen[lemma] for lemma in word) for word in phrase.words]
            rarest = often.index(min(often))
            all_rarest.append(rarest)
            for lemma in phrase.words[rarest]:
                places[lemma].append(number)
        return cls(PhraseList(phrases), all_rarest, dict(places))

    def spans(self, tokens: Sequence[Token]) -> Iterator[Span]:
        """Every phrase at every place, overlaps included: by their start, then in the order of the phrases."""
        tried: set[tuple[int, int]] = set()
        found: list[tuple[int, int, Phrase]] = []
        for at, token in enumerate(tokens):
            for lemma in token.lemmas:
                for number in self.places.get(lemma, ()):
                    phrase = self.phrases[number]
                    for start in _starts(phrase, at, self.rarest[number], len(tokens)):
                        if (start, number) in tried:
                            continue
                        tried.add((start, number))
                        if _stands(phrase, tokens[start : start + len(phrase.words)]):
                            found.append((start, number, phrase))
        for start, _, phrase in sorted(found, key=lambda one: one[:2]):
            end = start + len(phrase.words)
            inexact = sum(token.norm.isascii() and token.norm not in phrase.norms for token in tokens[start:end])
            yield Span(phrase.term, start, end, phrase.norms, inexact)


def _starts(phrase: Phrase, at: int, rarest: int, length: int) -> range:
    """Where the phrase may begin if its rarest word is the token `at`."""
    last = length - len(phrase.words)
    if phrase.ordered:
        return range(at - rarest, at - rarest + 1) if rarest <= at <= last + rarest else range(0)
    return range(max(0, at - len(phrase.words) + 1), min(at, last) + 1)


def _stands(phrase: Phrase, tokens: Sequence[Token]) -> bool:
    if phrase.exact is not None:
        return tokens[0].text == phrase.exact
    if isinstance(phrase.term, MetricTerm) and any(token.after_comma for token in tokens[1:]):
        return False  # 'Tickets, cost' are two things, where 'ticket cost' is one.
    if phrase.ordered:
        return all(not word.isdisjoint(token.lemmas) for word, token in zip(phrase.words, tokens, strict=True))
    return _pairs(phrase.words, tokens)


def _pairs(words: Sequence[frozenset[str]], tokens: Sequence[Token]) -> bool:
    """Whether every word finds a token of its own."""
    if not words:
        return True
    first, rest = words[0], words[1:]
    return any(
        not first.isdisjoint(token.lemmas) and _pairs(rest, [*tokens[:index], *tokens[index + 1 :]])
        for index, token in enumerate(tokens)
    )
