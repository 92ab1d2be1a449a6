"""Every sentence that the product says by itself, by language. Plural forms are keyed by CLDR category."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Final

from babel import Locale

from dash_agent.insight.messages.english import ENGLISH
from dash_agent.insight.messages.russian import RUSSIAN

FALLBACK: Final = "en"

MESSAGES: Final[Mapping[str, Mapping[str, str]]] = {"en": ENGLISH, "ru": RUSSIAN}


def say(language: str, key: str, **values: object) -> str:
    """A message in a language. Raises KeyError for a key that no language has."""
    text = MESSAGES.get(language, ENGLISH)[key].format(**values)
    # A date may end in a full stop of its own ("2026 г."), which is the sentence's as well.
    return text[:-1] if text.endswith("..") else text


def counted(language: str, key: str, count: int) -> str:
    """A message whose form depends on a number, such as '21 строка'."""
    form = locale(language).plural_form(count)
    messages = MESSAGES.get(language, ENGLISH)
    return messages.get(f"{key}.{form}", messages[f"{key}.other"]).format(count=count)


@lru_cache(maxsize=8)
def locale(language: str) -> Locale:
    return Locale(language if language in MESSAGES else FALLBACK)
