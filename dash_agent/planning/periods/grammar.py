"""The grammar of periods and buckets: one machinery over the words and rules of every language."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

from dash_agent.planning.languages import LANGUAGES
from dash_agent.planning.periods.common import COMMON
from dash_agent.planning.periods.dates import numeral
from dash_agent.planning.periods.english import ENGLISH
from dash_agent.planning.periods.rules import FILLERS, Grammar, Reading, Word
from dash_agent.planning.periods.russian import RUSSIAN
from dash_agent.planning.periods.spec import ANY_YEAR, InYear, Months, Since, TimeSpec
from dash_agent.planning.periods.words import PeriodLanguage
from dash_agent.planning.terms import GrainTerm, Span, TimeTerm
from dash_agent.planning.tokens import Analyser, Token

PERIOD_LANGUAGES: tuple[PeriodLanguage, ...] = (ENGLISH, RUSSIAN)
Found = tuple[TimeSpec, int, int]
JOINING = frozenset(word for language in PERIOD_LANGUAGES for word in language.joining)
COMPARING_WITH = frozenset(word for language in PERIOD_LANGUAGES for word in language.comparing_with)


class PeriodGrammar:
    """Finds periods and buckets in token sequences. Made once, it serves any thread."""

    def __init__(self, analyser: Analyser) -> None:
        self._exact: dict[str, dict[str, Any]] = {}
        self._by_lemma: dict[str, dict[str, Any]] = {}
        self._alone: set[str] = set()
        for language in PERIOD_LANGUAGES:
            for name, words in language.classes.items():
                known = dict.fromkeys(words.split()) if isinstance(words, str) else words
                for word, value in known.items():
                    self._add(word, name, value, inflected=language.inflected)
        self._add_numbers(analyser)
        self._grammar = Grammar.of((*COMMON, *(rule for language in PERIOD_LANGUAGES for rule in language.rules)))
        self._literals = frozenset(self._grammar.literals())

    @property
    def words(self) -> frozenset[str]:
        """Every word that may be part of a period, as the languages list them: for whoever mends typos."""
        known = (*self._exact, *self._by_lemma, *self._literals)
        return frozenset(word for word in known if word.isalpha())

    def spans(self, tokens: Sequence[Token]) -> Iterator[Span]:
        """Every period and bucket at every place, overlaps included, one reading for each."""
        words = [self._word(tokens, at) for at in range(len(tokens))]
        norms = {token.norm for token in tokens}
        said = {name for language in PERIOD_LANGUAGES for name, among in language.said.items() if norms & among}
        starts = [start for start, word in enumerate(words) if word.keys]
        if self._has_series(words, starts):
            # 'How did it go month by month from May to October' sets no two months against each other.
            said -= {"changing"}
        reading = Reading(self._grammar, words, frozenset(said))
        found = [(spec, start, end) for start in starts for end, spec in dict(reading.found("TIME", start)).items()]
        for spec, start, end in found:
            if "comparing" in said and self._is_second_side(spec, start, tokens, found):
                continue
            yield Span(TimeTerm(self._with_year(spec, end, tokens, found)), start, end)
        for start in starts:
            if tokens[start].after_comma or tokens[start].after_stop:
                for end, spec in dict(reading.found("BARE", start)).items():
                    if _closes(tokens, end):
                        yield Span(TimeTerm(spec), start, end)
        for start in starts:
            for end, term in dict(reading.found("GRAIN", start)).items():
                yield Span(term, start, end)

    def _has_series(self, words: Sequence[Word], starts: Sequence[int]) -> bool:
        reading = Reading(self._grammar, words, frozenset())
        buckets = (term for start in starts for _, term in reading.found("GRAIN", start))
        return any(isinstance(term, GrainTerm) and not term.bare and not term.grain.cyclic for term in buckets)

    def _is_second_side(self, spec: TimeSpec, start: int, tokens: Sequence[Token], found: Sequence[Found]) -> bool:
        """'Сравни ноябрь с 1 октября' names two periods, and none that begins on the first."""
        earlier = any(end <= start for _, _, end in found)
        return earlier and isinstance(spec, Since) and tokens[start].norm in COMPARING_WITH

    def _with_year(self, spec: TimeSpec, end: int, tokens: Sequence[Token], found: Sequence[Found]) -> TimeSpec:
        """'October and November 2025' are both of 2025; of 'December and January 2026' the first is of 2025."""
        if not isinstance(spec, Months) or spec.year != ANY_YEAR:
            return spec
        at = end
        while at < len(tokens) and at < end + 2 and tokens[at].norm in JOINING:
            at += 1
        if at == end and not (at < len(tokens) and tokens[at].after_comma):
            return spec
        following = [self._with_year(s, e, tokens, found) for s, start, e in found if start == at]
        for other in following:
            if isinstance(other, Months) and other.months == spec.months and other.year != ANY_YEAR:
                return replace(spec, year=_year_before(other.year) if spec.first > other.first else other.year)
        return spec

    # Words

    def _add(self, word: str, name: str, value: Any, *, inflected: bool) -> None:
        if word[0] in "=!":
            self._exact.setdefault(word[1:], {})[name] = value
            if word[0] == "!":
                self._alone.add(word[1:])
        elif inflected:
            self._by_lemma.setdefault(word, {})[name] = value
        else:
            self._exact.setdefault(word, {})[name] = value

    def _add_numbers(self, analyser: Analyser) -> None:
        for language in LANGUAGES:
            for word, number in language.numbers.items():
                for lemma in analyser.forms(word)[0]:
                    classes = self._by_lemma.setdefault(lemma, {})
                    classes["NUMBER"] = number
                    if number < 10:
                        classes["ONES"] = number
                    elif number < 100 and number % 10 == 0 and number > 10:
                        classes["TENS"] = number

    def _word(self, tokens: Sequence[Token], at: int) -> Word:
        token = tokens[at]
        keys: dict[str, Any] = {token.norm: None} if token.norm in self._literals else {}
        if token.norm[0].isdecimal():
            keys.update(numeral(token.norm))
        else:
            if token.norm not in self._alone:
                for lemma in token.lemmas:
                    keys.update(self._by_lemma.get(lemma, ()))
            keys.update(self._exact.get(token.norm, ()))
            doubts = (lang.doubtful for lang in PERIOD_LANGUAGES if token.norm in lang.doubtful.words)
            if not all(doubtful.sure(tokens, at) for doubtful in doubts):
                keys = {}
        return Word(token.norm, keys, token.after_comma, token.after_dash)


def _closes(tokens: Sequence[Token], end: int) -> bool:
    """Nothing of weight follows in this part of the sentence."""
    if end == len(tokens) or tokens[end].after_comma or tokens[end].after_stop:
        return True
    return all(token.norm in FILLERS for token in tokens[end:])


def _year_before(year: InYear) -> InYear:
    return InYear(None if year.number is None else year.number - 1, None if year.ago is None else year.ago + 1)
