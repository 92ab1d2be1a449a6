"""Addresses in parts: what a part may look like, and the one line that they make. Countries are data."""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

LONGEST: Final = 80
"""Characters of a part."""

ALLOWED: Final = re.compile(r"[\w\s.,'’ʼ״׳\"/#&()№°ºª:;-]+")
"""Letters and digits of any script, and the signs that addresses have. No '@', no '<', no line breaks."""
BREAKS: Final = re.compile(r"[\r\n\t\v\f\u2028\u2029]")
ELSEWHERE: Final = re.compile(r"[A-Z0-9][A-Z0-9 -]{1,9}")
LINK: Final = re.compile(r"www\.|://|https?:", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Address:
    """country: ISO 3166-1 alpha-2."""

    recipient: str
    street: str
    postal_code: str
    town: str
    country: str
    flat: str = ""

    @property
    def line(self) -> str:
        parts = (self.recipient, self.street, self.flat, f"{self.postal_code} {self.town}", self.country)
        return ", ".join(filter(None, parts))


def country_code(text: str) -> str | None:
    """The code of a country that is named in one of our languages, or by its code; None where it is not known."""
    plain = " ".join(unicodedata.normalize("NFC", text).casefold().split())
    if len(plain) == 2 and plain.upper() in _countries():
        return plain.upper()
    return next((code for code, (_, names) in _countries().items() if plain in names), None)


def wrong_parts(parts: Mapping[str, str], country: str) -> tuple[str, ...]:
    """Names of the parts that no address has, in the order that they are asked for."""
    return tuple(name for name, text in parts.items() if not _fits(name, text, country))


def _fits(name: str, text: str, country: str) -> bool:
    if len(text) > LONGEST or BREAKS.search(text) or LINK.search(text) or not ALLOWED.fullmatch(text or " "):
        return False
    match name:
        case "flat":
            return True
        case "postal_code":
            known = _countries().get(country)
            return bool((known[0] if known else ELSEWHERE).fullmatch(text.upper()))
        case "street":
            return _has_letters(text) and any(sign.isdigit() for sign in text)
        case _:
            return _has_letters(text)


def _has_letters(text: str) -> bool:
    return sum(sign.isalpha() for sign in text) >= 2


def same_place(one: str, other: str) -> bool:
    """Whether two lines say the same, apart from case and signs."""
    return _bare(one) == _bare(other)


def _bare(line: str) -> list[str]:
    return re.findall(r"\w+", unicodedata.normalize("NFKC", line).casefold())


@cache
def _countries() -> Mapping[str, tuple[re.Pattern[str], frozenset[str]]]:
    read = json.loads(Path(__file__).with_name("countries.json").read_text(encoding="utf-8"))
    return {code: (re.compile(one["postal"]), frozenset(one["names"])) for code, one in read.items()}
