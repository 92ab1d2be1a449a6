"""What the pages say, in a language. Texts are files: `texts/<language>/<page>.json`, a flat object of keys and texts.

A text with a count is an object of plural forms by CLDR's names (`one`, `few`, `many`, `other`), chosen by `count`.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Final

from babel import Locale
from babel.numbers import format_decimal

TEXTS: Final = Path(__file__).parent / "texts"
LANGUAGES: Final = ("en", "ru")

Text = str | Mapping[str, str]


class Words:
    """language: one of LANGUAGES; texts of any other are English."""

    def __init__(self, language: str) -> None:
        self.language = language if language in LANGUAGES else LANGUAGES[0]
        self._locale = Locale(self.language)

    def __call__(self, key: str, **values: object) -> str:
        """key: 'page.name', as in texts/en/page.json. Raises KeyError for a text that no file has."""
        text = texts(self.language)[key]
        if not isinstance(text, str):
            text = self._form(text, values)
        count = values.get("count")
        if isinstance(count, int):
            values = {**values, "count": format_decimal(count, locale=self._locale)}
        return text.format(**values) if values else text

    def __contains__(self, key: str) -> bool:
        return key in texts(self.language)

    def _form(self, forms: Mapping[str, str], values: Mapping[str, object]) -> str:
        count = values["count"]
        if not isinstance(count, int):
            raise TypeError(f"a plural is chosen by a whole number, not by {count!r}")
        return forms.get(self._locale.plural_form(count)) or forms["other"]


@cache
def texts(language: str) -> Mapping[str, Text]:
    """All texts of a language, by 'page.name'."""
    found: dict[str, Text] = {}
    for path in sorted((TEXTS / language).glob("*.json")):
        for name, text in json.loads(path.read_text(encoding="utf-8")).items():
            found[f"{path.stem}.{name}"] = text
    return found
