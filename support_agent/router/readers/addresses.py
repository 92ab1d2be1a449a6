"""A postal address as somebody types it: whether it is whole, and which parts are missing."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import cache
from typing import Final

from babel import Locale

from support_agent.router.readers.vocabulary import vocabulary
from support_agent.router.words import normalised, tokens

LANGUAGES: Final = ("en", "ru", "he", "es", "fr", "de")
POSTAL: Final = re.compile(
    r"\b(?:[A-Z]{1,2}\d[A-Z\d]? ?\d[A-Z]{2}|[A-Z]\d[A-Z] ?\d[A-Z]\d|\d{4} ?[A-Z]{2}|\d{5}-\d{4}|\d{2}-\d{3}|\d{3} \d{2}"
    r"|[A-Z]{1,2}-\d{4,5}|\d{4,7})\b"
)
NUMBER: Final = re.compile(r"(?<![\w-])\d{1,5}(?:\s?[a-zа-я]\b)?(?:[/-]\d{1,4})?(?![\w-])", re.IGNORECASE)
ALIASES: Final = {
    name: code
    for code, names in {
        "US": "usa, us, сша, америка, eeuu",
        "GB": "uk, england, scotland, wales, great britain, англия",
        "NL": "holland",
        "RU": "rf, рф",
        "DE": "brd",
    }.items()
    for name in names.split(", ")
}
"""Short names that the CLDR does not have."""
PARTS: Final = ("name", "street", "number", "postal_code", "town", "country")


@dataclass(frozen=True, slots=True)
class AddressRead:
    """text: the address in one line. country: ISO 3166-1 alpha-2. missing: names out of PARTS, in their order."""

    text: str = field(repr=False)
    country: str | None
    missing: tuple[str, ...]

    @property
    def whole(self) -> bool:
        return not self.missing


def address(text: str) -> AddressRead:
    """Reads by lines and commas. It knows forms, not places: that a street exists is for the carrier to say."""
    pieces = _pieces(text)
    rest, country = _without_country(pieces)
    found = {"country"} if country else set()
    names = []
    for piece in rest:
        bare, postal = _without_postal(piece)
        found |= {"postal_code"} if postal else set()
        if _is_street(bare):
            found |= {"street"} | ({"number"} if NUMBER.search(bare) else set())
        elif NUMBER.fullmatch(bare.strip()) and "street" in found:
            found.add("number")
        elif _letters(bare) and not _is_flat(bare):
            names.append((bare, postal))
    if names:
        found.add("town")
    if len(names) > 1 and " " in names[0][0].strip() and not names[0][1]:
        found.add("name")
    return AddressRead(", ".join(pieces), country, tuple(part for part in PARTS if part not in found))


def _pieces(text: str) -> list[str]:
    """Lines and what commas divide, without what leads to them ('My new address is: …')."""
    body = text.split(":", 1)[1] if ":" in text.split("\n", 1)[0] else text
    return [piece.strip(" .;") for piece in re.split(r"[\n,;]+", body) if piece.strip(" .;")]


def _without_country(pieces: list[str]) -> tuple[list[str], str | None]:
    for at in range(len(pieces) - 1, -1, -1):
        code = _countries().get(normalised(pieces[at]))
        if code:
            return [*pieces[:at], *pieces[at + 1 :]], code
        for words in (1, 2):
            head, tail = _tail(pieces[at], words)
            if head and (code := _countries().get(normalised(tail))) and not _is_street(pieces[at]):
                return [*pieces[:at], head, *pieces[at + 1 :]], code
    return pieces, None


def _tail(piece: str, words: int) -> tuple[str, str]:
    parts = piece.split()
    return " ".join(parts[:-words]), " ".join(parts[-words:])


def _without_postal(piece: str) -> tuple[str, bool]:
    """A postal code with its town, or alone; a street's number is shorter, or stands with the street."""
    found = POSTAL.search(piece.upper())
    if not found or (
        _is_street(piece) and found.end() - found.start() < 5 and not piece.upper().endswith(found.group())
    ):
        return piece, False
    return (piece[: found.start()] + piece[found.end() :]).strip(), True


def _is_street(piece: str) -> bool:
    words = [token.text for token in tokens(piece)]
    if not _letters(piece):
        return False
    if vocabulary().has("street", words) and len(words) > 1:
        return True
    return bool(NUMBER.search(piece)) and not _is_flat(piece)


def _is_flat(piece: str) -> bool:
    words = [token.text for token in tokens(piece)]
    return bool(words) and vocabulary().has("flat", words)


def _letters(piece: str) -> bool:
    return sum(sign.isalpha() for sign in piece) > 1


@cache
def _countries() -> dict[str, str]:
    """Names of countries in every language, normalised → code; from the CLDR, by Babel."""
    named = {
        normalised(name): code
        for language in LANGUAGES
        for code, name in Locale(language).territories.items()
        if len(code) == 2 and code.isalpha()
    }
    return {**named, **{normalised(name): code for name, code in ALIASES.items()}}
