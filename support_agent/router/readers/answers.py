"""Short answers: consent, a choice from a list, a one-time code, an e-mail address."""

from __future__ import annotations

import re
import unicodedata
from enum import StrEnum
from typing import Final

from support_agent.router.readers.vocabulary import Found, spoken, vocabulary

UP: Final = "👍✅👌✔🆗"
DOWN: Final = "👎❌🚫✖"
DIGITS: Final = 6
EMAIL: Final = re.compile(r"(?<![\w.+-])[\w+-]+(?:\.[\w+-]+)*@[\w-]+(?:\.[\w-]+)+(?![\w-])", re.ASCII)
APART: Final = re.compile(r"(?<=\d)[\s.\-–—_]+(?=\d)")


class Answer(StrEnum):
    YES = "yes"
    NO = "no"
    UNSURE = "unsure"


def consent(text: str) -> Answer:
    """A yes is a yes only where nothing else is said: a condition, a question, a number or a word not known to be
    polite makes it unsure. A no needs no more than itself.
    """
    words, known = spoken(text), vocabulary()
    signs = {*UP, *DOWN} & set(text)
    if "?" in text or "؟" in text or known.has("doubt", words):
        return Answer.UNSURE
    said = known.has("agreed", words) or any(sign in UP for sign in signs)
    denied = known.has("denied", words) or any(sign in DOWN for sign in signs)
    if said == denied:
        return Answer.UNSURE
    if denied:
        return Answer.NO
    left = _left_over(words)
    return Answer.UNSURE if left else Answer.YES


def choice(text: str, count: int) -> int | None:
    """Which of a numbered list, from 1: 'the second one', '2', 'последнюю'. None where it names none or several."""
    known = vocabulary()
    named = {value for word in spoken(text) if (value := known.ordinal(word)) is not None}
    if not named:
        named = {value for word in spoken(text) if word.isdecimal() and (value := known.number(word)) is not None}
    if not named:
        named = {value for word in spoken(text) if (value := known.number(word)) is not None}
    chosen = {count if value == -1 else value for value in named}
    return chosen.pop() if len(chosen) == 1 and 1 <= min(chosen) <= count else None


def code(text: str) -> str | None:
    """Six digits in any script and spacing, or spoken one by one. None for any other count."""
    plain = "".join(str(unicodedata.digit(sign, sign)) for sign in text)
    for runs in (re.findall(r"\d+", APART.sub("", plain)), re.findall(r"\d+", plain)):
        six = {str(run) for run in runs if len(run) == DIGITS}
        if len(six) == 1:
            return six.pop()
    numbers = [vocabulary().number(word) for word in spoken(plain)]
    digits = "".join(str(number) for number in numbers if number is not None and number < 10)
    return digits if len(digits) == DIGITS and all(n is None or n < 10 for n in numbers) else None


def email(text: str) -> str | None:
    """The one address that is named, in lower case; also as spoken, 'anna at example dot com'."""
    found = {address.casefold() for address in EMAIL.findall(text)} or _spoken_addresses(text)
    return found.pop() if len(found) == 1 else None


def _spoken_addresses(text: str) -> set[str]:
    known, words = vocabulary(), text.casefold().replace(",", " ").split()
    ats = {found.start for found in known.find("at", words)}
    if len(ats) != 1:
        return set()
    dots = {found.start for found in known.find("dot", words)}
    joined = "".join("@" if at in ats else "." if at in dots else f" {word} " for at, word in enumerate(words))
    packed = re.sub(r" ?([@.]) ?", r"\1", joined)
    return set(EMAIL.findall(packed))


def _left_over(words: list[str]) -> list[str]:
    """Words that are neither a yes nor politeness."""
    known = vocabulary()
    covered: set[int] = set()
    for kind in ("agreed", "neutral"):
        for found in known.find(kind, words):
            covered |= _places(found)
    return [word for at, word in enumerate(words) if at not in covered]


def _places(found: Found) -> set[int]:
    return set(range(found.start, found.end))
