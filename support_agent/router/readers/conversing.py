"""Port `Reading`: what customers type in answer to a question. The words are data, in `phrases/` and `words/`."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import date, timedelta
from functools import cache
from importlib.resources import files
from typing import Final

import yaml

from support_agent.models import Argument, Arguments
from support_agent.ports import Wish
from support_agent.router.readers import answers
from support_agent.router.readers.dates import box_month, pause_length
from support_agent.router.readers.frequencies import frequency
from support_agent.router.readers.parts import address_parts
from support_agent.router.readers.vocabulary import Vocabulary, spoken, vocabulary

LEAVING: Final = "leaving"
"""Not a tool: what is asked for who wants to leave. Its one argument is `reason`."""
SHORTEST_STEM: Final = 4
STEM: Final = 5
"""Letters by which a word of an option is known again in another form."""

Subtype = Callable[[str, str, str | None], str | None]
"""Category, text, language → the finer kind of the matter, None where the text says none."""


class Conversing:
    """subtype: the router's."""

    def __init__(self, subtype: Subtype) -> None:
        self._subtype = subtype
        self._readers: Mapping[str, Callable[[str, str, date], Arguments]] = {
            "pause_subscription": lambda text, _, today: _pause(text, today),
            "skip_month": lambda text, _, today: _month(text, today),
            "tracking": lambda text, _, today: _month(text, today),
            "change_frequency": lambda text, _, __: _known("frequency", frequency(text)),
            "change_address": lambda text, _, __: address_parts(text),
            "create_damage_claim": self._claim,
            LEAVING: lambda text, language, _: _known("reason", self._subtype("cancel_subscription", text, language)),
        }

    def consent(self, text: str, language: str, tool: str | None = None) -> bool | None:  # noqa: ARG002  all languages
        said = answers.consent(text)
        if said is answers.Answer.UNSURE and tool is not None and "?" not in text:
            # 'Yes, skip it' says no more than yes, where a skip was asked about.
            echoed = answers.consent(_without(f"echo_{tool}", text))
            said = echoed if echoed is answers.Answer.YES else said
        return None if said is answers.Answer.UNSURE else said is answers.Answer.YES

    def email(self, text: str) -> str | None:
        return answers.email(text)

    def code(self, text: str) -> str | None:
        return answers.code(text)

    def choice(self, text: str, language: str, options: Sequence[str]) -> int | None:  # noqa: ARG002
        said = {_stem(word) for word in spoken(text) if len(word) >= SHORTEST_STEM}
        told = [{_stem(word) for word in spoken(option) if len(word) >= SHORTEST_STEM} for option in options]
        fits = [len(said & (words - _shared(told))) for words in told]
        best = max(fits, default=0)
        if best and fits.count(best) == 1:
            return fits.index(best)
        # Words first: 'the standard one' names no number.
        place = answers.choice(text, len(options))
        return None if place is None else place - 1

    def wish(self, text: str, language: str) -> Wish:  # noqa: ARG002
        words = spoken(text)
        if _phrases().has("state", words):
            return Wish.STATE
        return Wish.RULE if _phrases().has("rule", words) else Wish.DO

    def arguments(self, tool: str, text: str, language: str, today: date) -> Arguments:
        reader = self._readers.get(tool)
        return reader(text, language, today) if reader is not None else {}

    def is_undo(self, text: str, language: str) -> bool:  # noqa: ARG002
        return _phrases().has("undo", spoken(text))

    def is_taken_back(self, text: str, language: str) -> bool:  # noqa: ARG002
        return _is_only("taken_back", text)

    def is_firm(self, text: str, language: str) -> bool:  # noqa: ARG002
        return _phrases().has("firm", spoken(text))

    def is_closing(self, text: str, language: str) -> bool:  # noqa: ARG002
        return _is_only("closing", text)

    def is_greeting(self, text: str, language: str) -> bool:  # noqa: ARG002
        return _is_only("greeting", text)

    def asks_if_machine(self, text: str, language: str) -> bool:  # noqa: ARG002
        return _phrases().has("machine", spoken(text))

    def _claim(self, text: str, language: str, today: date) -> Arguments:
        kind = self._subtype("damaged_item", text, language)
        found: dict[str, Argument] = {**_known("kind", kind), **_month(text, today)}
        numbers = [number for word in spoken(text) if (number := vocabulary().number(word)) is not None]
        if len(numbers) == 1 and 1 < numbers[0] <= 50:
            found["count"] = numbers[0]
        if _phrases().has("no_photo", spoken(text)):
            found["no_photo"] = True
        return found


def _known(name: str, value: Argument) -> Arguments:
    return {} if value is None else {name: value}


def _month(text: str, today: date) -> Arguments:
    found = box_month(text, today)
    return _known("month", None if found is None else found.isoformat())


def _pause(text: str, today: date) -> Arguments:
    if _phrases().has("end_pause", spoken(text)):
        return {"end": True}
    length = pause_length(text, today)
    if length is None:
        return {}
    if length.until is not None:
        return {"until": length.until.isoformat()}
    if length.days is not None:
        return {"until": (today + timedelta(days=length.days - 1)).isoformat()}
    return _known("months", length.months)


def _is_only(kind: str, text: str) -> bool:
    """Whether a text is made of such phrases and of politeness, and is no question of its own."""
    words, known = spoken(text), _phrases()
    found = known.find(kind, words)
    covered = {at for one in (*found, *known.find("polite", words)) for at in range(one.start, one.end)}
    asks = "?" in text and kind != "greeting"
    return bool(found) and not asks and len(covered) == len(words)


def _without(kind: str, text: str) -> str:
    words = spoken(text)
    covered = {at for one in _phrases().find(kind, words) for at in range(one.start, one.end)}
    return " ".join(word for at, word in enumerate(words) if at not in covered)


def _stem(word: str) -> str:
    return word[:STEM]


def _shared(told: Sequence[set[str]]) -> set[str]:
    """Stems that several options have: they choose nothing."""
    every = [stem for words in told for stem in words]
    return {stem for stem in every if every.count(stem) > 1}


@cache
def _phrases() -> Vocabulary:
    """Of all languages together: who is asked in German may answer in English."""
    listed: dict[str, list[str]] = {}
    folder = files("support_agent.router.readers") / "phrases"
    for file in sorted(folder.iterdir(), key=lambda entry: entry.name):
        if file.name.endswith(".yaml"):
            for kind, phrases in yaml.safe_load(file.read_text("utf-8")).items():
                listed.setdefault(str(kind), []).append(re.sub(r"\s+", " ", str(phrases)))
    return Vocabulary({kind: ", ".join(texts) for kind, texts in listed.items()}, {"numbers": {}, "ordinals": {}}, {})
