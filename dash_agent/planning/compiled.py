"""What a lexicon was made to, as a text that the next process reads instead of making it again.

Dictionary forms of some ten thousand words take a second. The text holds names and numbers only: nothing in it runs.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields, is_dataclass
from decimal import Decimal
from enum import StrEnum
from functools import cache
from hashlib import sha256
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final, get_args

from dash_agent.installed import code_stamp
from dash_agent.models.query import Grain
from dash_agent.planning.favourites import Favourites
from dash_agent.planning.languages.language import Operator
from dash_agent.planning.phrases import Phrase, PhraseIndex, Phrases
from dash_agent.planning.terms import Term
from dash_agent.planning.tokens import Forms
from dash_agent.ports import Shelf

TERMS: Final[Mapping[str, Callable[..., Term]]] = {kind.__name__: kind for kind in get_args(Term)}
ENUMS: Final[Mapping[str, type[StrEnum]]] = {"Grain": Grain, "Operator": Operator}
LEXICON: Final = "lexicon.json"
SPELLING: Final = "spelling.txt"
MAKERS: Final = ("planning", "context", "models")
"""Packages whose code decides what a lexicon is made to."""


@dataclass(frozen=True, slots=True)
class Compiled:
    """surface: words that a typo may be of. forms: of every word that a parser over it looked up before a question.

    favourites: None until a parser over it has read the example questions.
    """

    index: PhraseIndex
    surface: frozenset[str]
    forms: Forms = field(default_factory=dict)
    favourites: Favourites | None = None


class KeptLexicon:
    """What was made of some content files and live values, on a shelf; None where it was not, or not by this code."""

    def __init__(self, shelf: Shelf, version: str, values: Mapping[str, Sequence[str]]) -> None:
        """version: of the content files."""
        self._shelf = shelf
        self._key = key_of(version, values)

    def lexicon(self) -> Compiled | None:
        text = self._shelf.get(LEXICON, self._key)
        try:
            return None if text is None else read(text)
        except (ValueError, KeyError, TypeError, IndexError):
            return None

    def keep_lexicon(self, made: Compiled) -> None:
        self._shelf.put(LEXICON, self._key, written(made))

    def spelling(self) -> Sequence[str] | None:
        """Words that a typo may be of."""
        text = self._shelf.get(SPELLING, self._key)
        return None if text is None else text.split("\n")

    def keep_spelling(self, words: Sequence[str]) -> None:
        self._shelf.put(SPELLING, self._key, "\n".join(words))


def key_of(version: str, values: Mapping[str, Sequence[str]]) -> str:
    """Another one for other content files (their version), other live values, or other code."""
    content = json.dumps([version, sorted((name, *found) for name, found in values.items()), _code()])
    return sha256(content.encode()).hexdigest()[:32]


@cache
def _code() -> Sequence[str]:
    """Of the packages, and of the Russian dictionary."""
    dictionary = find_spec("pymorphy3_dicts_ru")
    origin = Path(dictionary.origin).stat() if dictionary is not None and dictionary.origin is not None else None
    return code_stamp(*MAKERS), str(origin.st_mtime_ns if origin else "")


def written(made: Compiled) -> str:
    words: dict[frozenset[str], int] = {}
    terms: dict[Term, int] = {}
    phrases = [
        _line(phrase, [words.setdefault(word, len(words)) for word in phrase.words], terms)
        for phrase in made.index.phrases
    ]
    forms = {norm: [words.setdefault(lemmas, len(words)), plural] for norm, (lemmas, plural) in made.forms.items()}
    return json.dumps(
        {
            # One text: reading lists within lists of so many would take longer than a question.
            "phrases": "\n".join(phrases),
            "rarest": made.index.rarest,
            "places": made.index.places,
            "surface": sorted(made.surface),
            "forms": forms,
            "words": [sorted(word) for word in words],
            "terms": [_plain(term) for term in terms],
            "favourites": [made.favourites.metrics, made.favourites.dimensions] if made.favourites else None,
        },
        ensure_ascii=False,
        separators=(",", ":"),
    )


def _line(phrase: Phrase, words: Sequence[int], terms: dict[Term, int]) -> str:
    """No word and no value of two letters has a blank in it."""
    term = terms.setdefault(phrase.term, len(terms))
    fields = (" ".join(map(str, words)), " ".join(phrase.norms), str(term), "1" if phrase.ordered else "")
    return "\t".join(fields if phrase.exact is None else (*fields, phrase.exact))


def read(text: str) -> Compiled:
    """Raises ValueError, KeyError, TypeError or IndexError where it is not what `written` writes."""
    found = json.loads(text)
    words = [frozenset(word) for word in found["words"]]
    phrases = _Written(found["phrases"].split("\n"), words, [_term(term) for term in found["terms"]])
    index = PhraseIndex(phrases, found["rarest"], found["places"])
    forms = {norm: (words[number], bool(plural)) for norm, (number, plural) in found["forms"].items()}
    first = Favourites(*map(tuple, found["favourites"])) if found["favourites"] else None
    return Compiled(index, frozenset(found["surface"]), forms, first)


class _Written(Phrases):
    """Phrases that are made when a question comes upon them: one has some hundred of the twenty thousand."""

    def __init__(self, lines: Sequence[str], words: Sequence[frozenset[str]], terms: Sequence[Term]) -> None:
        self._lines = lines
        self._words = words
        self._terms = terms
        self._made: dict[int, Phrase] = {}

    def __getitem__(self, number: int) -> Phrase:
        found = self._made.get(number)
        if found is None:
            words, norms, term, ordered, *exact = self._lines[number].split("\t")
            lemmas = tuple(self._words[int(word)] for word in words.split())
            found = self._made[number] = Phrase(
                lemmas, tuple(norms.split(" ")), self._terms[int(term)], bool(ordered), exact[0] if exact else None
            )
        return found

    def __iter__(self) -> Iterator[Phrase]:
        return (self[number] for number in range(len(self._lines)))

    def of_kinds(self, *kinds: type[Term]) -> Iterator[Phrase]:
        wanted = {str(number) for number, term in enumerate(self._terms) if isinstance(term, kinds)}
        return (self[number] for number, line in enumerate(self._lines) if line.split("\t", 3)[2] in wanted)


def _plain(value: object) -> object:
    """A term as its name and fields, and whatever may stand in one."""
    match value:
        case StrEnum():
            return {type(value).__name__: value.value}
        case Decimal():
            return {"Decimal": str(value)}
        case tuple():
            return [_plain(item) for item in value]
        case str() | int() | None:
            return value
        case _ if isinstance(value, Term) and is_dataclass(value):
            return {type(value).__name__: [_plain(getattr(value, one.name)) for one in fields(value)]}
        case _:
            raise TypeError(f"{value!r} stands in no term")


def _term(plain: Any) -> Term:
    [(name, values)] = plain.items()
    return TERMS[name](*map(_value, values))


def _value(plain: Any) -> object:
    match plain:
        case list():
            return tuple(map(_value, plain))
        case {"Decimal": str() as number}:
            return Decimal(number)
        case dict():
            [(name, value)] = plain.items()
            return ENUMS[name](value)
        case _:
            return plain
