"""What the terminal says by itself around an answer, by language."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

ENGLISH: Final[Mapping[str, str]] = {
    "before": "before: {value}",
    "moved": "Moved most",
    "group": "Group",
    "was": "Before",
    "became": "Now",
    "change": "Change",
    "records": "One record a row: {count} columns do not fit into {width} characters.",
    "receipt": "Ask again: dash-agent replay {id}",
    "stage.starting": "Getting ready",
    "stage.planning": "Reading the question",
    "stage.model": "Asking a language model",
    "stage.running": "Counting",
}

RUSSIAN: Final[Mapping[str, str]] = {
    "before": "было: {value}",
    "moved": "Изменилось сильнее всего",
    "group": "Группа",
    "was": "Было",
    "became": "Стало",
    "change": "Изменение",
    "records": "Строки показаны записями: столбцов {count}, в {width} знаков они не помещаются.",
    "receipt": "Повторить: dash-agent replay {id}",
    "stage.starting": "Готовлюсь",
    "stage.planning": "Читаю вопрос",
    "stage.model": "Спрашиваю языковую модель",
    "stage.running": "Считаю",
}

MESSAGES: Final[Mapping[str, Mapping[str, str]]] = {"en": ENGLISH, "ru": RUSSIAN}


def stage(language: str, name: str) -> str:
    """What is being done; of a stage that has no words of its own, that something is."""
    messages = MESSAGES.get(language, ENGLISH)
    return messages.get(f"stage.{name}", messages["stage.running"])


def tell(language: str, key: str, **values: object) -> str:
    """A message in a language, in English where it has none. Raises KeyError for a key that is not known."""
    return MESSAGES.get(language, ENGLISH)[key].format(**values)
