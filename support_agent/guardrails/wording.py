"""The words by which a reply is read, of all languages together."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from support_agent.guardrails.dates import Calendar
from support_agent.guardrails.folding import fold
from support_agent.guardrails.lexicon import LANGUAGES, read_data
from support_agent.guardrails.personal import Words
from support_agent.guardrails.rules import Rulebook


@dataclass(frozen=True, slots=True)
class ReplyWords:
    """joint: where a clause ends. contrast: where a sentence turns."""

    common: Mapping[str, frozenset[str]]
    code_words: frozenset[str]
    personal: Words
    calendar: Calendar
    contrast: re.Pattern[str]
    joint: re.Pattern[str]


@cache
def reply_words() -> ReplyWords:
    data = {language: read_data("leaving", language) for language in LANGUAGES}

    def of(name: str) -> list[str]:
        return [word for each in data.values() for word in _list(each[name])]

    return ReplyWords(
        common={language: frozenset(fold(word) for word in _list(each["common"])) for language, each in data.items()},
        code_words=frozenset(word.casefold() for word in of("code_words")),
        personal=Words(of("greetings"), of("titles"), of("streets"), of("people")),
        joint=re.compile(rf"(?i)[,;:–—]|\s(?:{'|'.join(map(re.escape, of('joints')))})\s"),
        contrast=re.compile(rf"(?i)[,;–—]?\s+(?:{'|'.join(map(re.escape, of('contrast')))})\s+"),
        calendar=Calendar([_list(each["months"]) for each in data.values()], of("weekdays"), of("units")),
    )


def _list(value: object) -> list[str]:
    assert isinstance(value, list)
    return value


@cache
def reply_rules() -> Rulebook:
    return Rulebook("leaving")
