"""The grammar of periods: sequences of word classes, the same for every language."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from dash_agent.models.query import Grain
from dash_agent.planning.languages import LANGUAGES
from dash_agent.planning.languages.language import Language, TimeWord
from dash_agent.planning.periods.spec import TimeSpec
from dash_agent.planning.terms import GrainTerm, Span, TimeTerm
from dash_agent.planning.tokens import Analyser, Token

UNIT, MONTH, NUMBER, YEAR = "unit", "month", "number", "year"
DAYS_OF = {Grain.DAY: 1, Grain.WEEK: 7, Grain.MONTH: 30, Grain.QUARTER: 90, Grain.YEAR: 365}
"""Lengths in days of a bare unit up to now, as in "за месяц"."""


@dataclass(frozen=True, slots=True)
class Atom:
    """A token seen as one class of time words, with what it carries. bare: it stands in its dictionary form."""

    kind: str
    number: int = 0
    unit: Grain | None = None
    bare: bool = False


Atoms = Sequence[Atom]
Maker = Callable[[Atoms], TimeSpec | GrainTerm | None]


def _unit(kind: str) -> Maker:
    return lambda atoms: TimeSpec(kind, unit=atoms[-1].unit)


def _last(atoms: Atoms) -> TimeSpec | None:
    unit = atoms[-1].unit
    if unit is Grain.HOUR:
        return TimeSpec("last", Grain.HOUR, 1)
    return TimeSpec("previous", unit=unit)


def _count(atoms: Atoms) -> TimeSpec | None:
    number = next(atom.number for atom in atoms if atom.kind == NUMBER)
    return TimeSpec("last", atoms[-1].unit, number) if number > 0 else None


def _count_or_quarter(atoms: Atoms) -> TimeSpec | None:
    """'за 3 квартал' is the third quarter, 'за 3 квартала' three of them."""
    if atoms[-1].unit is Grain.QUARTER and atoms[-1].bare:
        return _quarter(atoms[1:])
    return _count(atoms)


def _span(atoms: Atoms) -> TimeSpec | None:
    unit = atoms[-1].unit
    if unit is None or unit is Grain.HOUR:
        return TimeSpec("last", Grain.HOUR, 1)
    return TimeSpec("last", Grain.DAY, DAYS_OF[unit]) if unit is not Grain.DAY else TimeSpec("last", Grain.HOUR, 24)


def _month(atoms: Atoms) -> TimeSpec:
    years = [atom.number for atom in atoms if atom.kind == YEAR]
    return TimeSpec("month", month=atoms[0].number, year=years[0] if years else None)


def _month_of_year(atoms: Atoms) -> TimeSpec | None:
    back = {TimeWord.THIS.value: 0, TimeWord.LAST.value: -1}[atoms[1].kind]
    return TimeSpec("month", month=atoms[0].number, count=back) if atoms[2].unit is Grain.YEAR else None


def _quarter(atoms: Atoms) -> TimeSpec | None:
    number = next(atom.number for atom in atoms if atom.kind == NUMBER)
    years = [atom.number for atom in atoms if atom.kind == YEAR]
    quarter = all(atom.unit in (None, Grain.QUARTER) for atom in atoms) and 1 <= number <= 4
    return TimeSpec("quarter", count=number, year=years[0] if years else None) if quarter else None


def _year(atoms: Atoms) -> TimeSpec | None:
    return TimeSpec("year", year=atoms[0].number) if all(a.unit in (None, Grain.YEAR) for a in atoms) else None


def _date(kind: str) -> Maker:
    def make(atoms: Atoms) -> TimeSpec | None:
        day = next((atom.number for atom in atoms if atom.kind == NUMBER), None)
        month = next(atom.number for atom in atoms if atom.kind == MONTH)
        year = next((atom.number for atom in atoms if atom.kind == YEAR), None)
        return TimeSpec(kind, day=day, month=month, year=year) if day is None or 1 <= day <= 31 else None

    return make


T = TimeWord
RULES: tuple[tuple[tuple[str, ...], Maker], ...] = (
    ((T.TODAY,), lambda _: TimeSpec("current", Grain.DAY)),
    ((T.YESTERDAY,), lambda _: TimeSpec("previous", Grain.DAY)),
    ((T.THIS, UNIT), _unit("current")),
    ((T.LAST,), lambda _: TimeSpec("previous")),
    ((T.LAST, UNIT), _last),
    ((T.LAST, NUMBER, UNIT), _count),
    ((T.PAST, NUMBER, UNIT), _count),
    ((T.PAST, UNIT), _span),
    ((T.SPAN, UNIT), _span),
    ((T.SPAN, NUMBER, UNIT), _count_or_quarter),
    ((MONTH,), _month),
    ((MONTH, YEAR), _month),
    ((MONTH, YEAR, UNIT), lambda a: _month(a) if a[2].unit is Grain.YEAR else None),
    ((MONTH, T.LAST, UNIT), _month_of_year),
    ((MONTH, T.THIS, UNIT), _month_of_year),
    ((T.QUARTER_NAME, NUMBER), _quarter),
    ((T.QUARTER_NAME, NUMBER, YEAR), _quarter),
    ((NUMBER, UNIT), _quarter),
    ((NUMBER, UNIT, YEAR), _quarter),
    ((YEAR,), _year),
    ((YEAR, UNIT), _year),
    ((NUMBER, MONTH), _date("date")),
    ((MONTH, NUMBER), _date("date")),
    ((NUMBER, MONTH, YEAR), _date("date")),
    ((MONTH, NUMBER, YEAR), _date("date")),
    ((T.PER, UNIT), lambda a: GrainTerm(a[1].unit) if a[1].unit else None),
    ((T.SINCE, MONTH), _date("since")),
    ((T.SINCE, MONTH, YEAR), _date("since")),
    ((T.SINCE, NUMBER, MONTH), _date("since")),
    ((T.SINCE, MONTH, NUMBER), _date("since")),
)


class PeriodGrammar:
    """Finds periods and grains in token sequences."""

    def __init__(self, analyser: Analyser) -> None:
        self._atoms: dict[str, list[Atom]] = {}
        for language in LANGUAGES:
            for word, atom in _time_words(language):
                for lemma in analyser.forms(word)[0]:
                    self._atoms.setdefault(lemma, []).append(atom)

    def spans(self, tokens: Sequence[Token]) -> Iterator[Span]:
        """Every period and grain at every place, overlaps included."""
        classes = [self._classes(token) for token in tokens]
        for start in range(len(tokens)):
            for kinds, make in RULES:
                end = start + len(kinds)
                if end > len(tokens):
                    continue
                atoms = [classes[start + offset].get(kind) for offset, kind in enumerate(kinds)]
                whole = [atom for atom in atoms if atom is not None]
                if len(whole) == len(kinds) and (made := make(whole)) is not None:
                    yield Span(made if isinstance(made, GrainTerm) else TimeTerm(made), start, end)

    def _classes(self, token: Token) -> Mapping[str, Atom]:
        found: dict[str, Atom] = {}
        for lemma in sorted(token.lemmas, key=lambda lemma: lemma == token.norm):
            for atom in self._atoms.get(lemma, ()):
                found[atom.kind] = replace(atom, bare=token.norm == lemma)
        if token.norm.isdigit() and len(token.norm) <= 4:
            number = int(token.norm)
            found[NUMBER] = Atom(NUMBER, number)
            if 1990 <= number <= 2100:
                found[YEAR] = Atom(YEAR, number)
        return found


def _time_words(language: Language) -> Iterator[tuple[str, Atom]]:
    for kind, words in language.time.items():
        for word in words:
            yield word, Atom(kind.value)
    for word, unit in language.units.items():
        yield word, Atom(UNIT, unit=unit)
    for word, number in language.months.items():
        yield word, Atom(MONTH, number)
    for word, number in language.numbers.items():
        yield word, Atom(NUMBER, number)
