"""What the agent says without a model: texts by language, filled with values of their kind.

`texts/<language>.json` is a flat object of keys and texts. English has every key; another language has those that
somebody wrote in it, and the agent hands over where it has no words.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

from babel import Locale
from babel.dates import format_date, format_datetime
from babel.lists import format_list
from babel.numbers import format_currency, format_decimal

TEXTS: Final = Path(__file__).parent / "texts"
LANGUAGES: Final = ("en", "ru", "he", "es", "fr", "de")
MONTHS: Final = frozenset({"month", "next_box", "first_box", "packed", "stays_away", "box_month"})
"""Values that are boxes: dates said as the name of their month."""
NAMED: Final = frozenset({"plan", "frequency", "was", "status", "kind", "reason"})
"""Values that are codes with a name of their own: 'plan.gift', 'frequency.monthly'. `was` is a frequency."""

Text = str | Mapping[str, str]


class NoWords(LookupError):
    """A text that nobody has written in this language."""


class Speaker:
    """One language, one time zone: how the agent says a thing. language: of LANGUAGES; any other is English."""

    def __init__(self, language: str, zone: ZoneInfo) -> None:
        self.language = language if language in LANGUAGES else LANGUAGES[0]
        self.zone = zone
        self._locale = Locale.parse(self.language)

    @property
    def language_name(self) -> str:
        """In English, as models know it."""
        return str(self._locale.english_name)

    def has(self, *keys: str) -> bool:
        return all(key in texts(self.language) for key in keys)

    def say(self, key: str, **values: object) -> str:
        """The text of a key. A text with forms is chosen by `count`. Raises NoWords."""
        found = texts(self.language).get(key)
        if found is None:
            raise NoWords(f"{self.language}: {key}")
        if not isinstance(found, str):
            found = self._form(found, values["count"])
        return found.format(**{name: self.worded(name, value) for name, value in values.items()})

    def worded(self, name: str, value: object) -> str:
        """A value as it stands in a sentence. name: what it is, which says how a date or a code is said."""
        match value:
            case bool() | None:
                return str(value)
            case str():
                return self._named(name, value)
            case datetime():
                return format_datetime(value.astimezone(self.zone), self._pattern("moment"), locale=self._locale)
            case date():
                return (
                    self.month(value)
                    if name in MONTHS
                    else format_date(value, self._pattern("day"), locale=self._locale)
                )
            case int():
                return format_decimal(value, locale=self._locale)
            case Decimal():
                return format_currency(value, "USD", locale=self._locale)
            case Sequence():
                return format_list([self.worded(name, one) for one in value], locale=self._locale)
            case _:
                raise TypeError(f"{name}: no words for {type(value).__name__}")

    def _pattern(self, kind: str) -> str:
        """How days and moments are written, as Babel reads it: 'format.day', 'format.month', 'format.moment'."""
        return str(texts(self.language)[f"format.{kind}"])

    def month(self, day: date) -> str:
        # Asked for months that stand alone, Babel gives some languages those of the one that it was asked for first.
        return format_date(day, self._pattern("month"), locale=self._locale)

    def _named(self, name: str, value: str) -> str:
        kind = "frequency" if name == "was" else name
        if name not in NAMED:
            return value
        found = texts(self.language).get(f"{kind}.{value}")
        if not isinstance(found, str):
            raise NoWords(f"{self.language}: {kind}.{value}")
        return found

    def _form(self, forms: Mapping[str, str], count: object) -> str:
        if not isinstance(count, int):
            raise TypeError(f"a form is chosen by a whole number, not by {count!r}")
        return forms.get(self._locale.plural_form(count)) or forms["other"]


@cache
def texts(language: str) -> Mapping[str, Text]:
    return json.loads((TEXTS / f"{language}.json").read_text(encoding="utf-8"))  # type: ignore[no-any-return]
