"""The parts of a postal address, out of lines and commas, as the tool for addresses takes them."""

from __future__ import annotations

from typing import Final

from support_agent.models import Arguments
from support_agent.router.readers.addresses import (
    NUMBER,
    POSTAL,
    _is_flat,
    _is_street,
    _letters,
    _pieces,
    _without_country,
    _without_postal,
)

FEWEST: Final = 2
"""Parts from which on a text is an address, and not a sentence about one."""
MOST_WORDS_OF_HOUSE: Final = 2
REGION: Final = 3
"""Letters of a region's short name, which stands between its town and the postal code."""


def address_parts(text: str) -> Arguments:
    """recipient, street, flat, postal_code, town, country: those that the text has; {} where it is no address."""
    rest, country = _without_country(_pieces(text))
    found: dict[str, str] = {"country": country} if country else {}
    names: list[tuple[str, bool]] = []
    for piece in rest:
        bare, has_code = _without_postal(piece)
        if has_code:
            found.setdefault("postal_code", _postal(piece))
        if not bare:
            continue
        if _is_flat(bare):
            found.setdefault("flat", bare)
        elif "street" not in found and _is_street(bare):
            found["street"] = bare
        elif "street" in found and not NUMBER.search(found["street"]) and _house(bare):
            found["street"] = f"{found['street']}, {bare}"
        elif _letters(bare):
            names.append((bare, has_code))
    found |= _named(names)
    return dict(found) if len(found) >= FEWEST and ("street" in found or "postal_code" in found) else {}


def _postal(piece: str) -> str:
    match = POSTAL.search(piece.upper())
    return match.group() if match else ""


def _house(piece: str) -> bool:
    """The number of a house that stands apart from its street: '5', 'д. 5'."""
    return len(piece.split()) <= MOST_WORDS_OF_HOUSE and NUMBER.search(piece) is not None


def _named(names: list[tuple[str, bool]]) -> dict[str, str]:
    """The town stands with the postal code, or last; who receives stands before the street."""
    if not names:
        return {}
    at = next((place for place, (_, has_code) in enumerate(names) if has_code), len(names) - 1)
    town, first = names[at][0], at
    if at and len(town) <= REGION and town.isupper():
        town, first = f"{names[at - 1][0]}, {town}", at - 1
    others = [name for place, (name, _) in enumerate(names) if not first <= place <= at]
    recipient = next((name for name in others if " " in name), None)
    return {"town": town, **({"recipient": recipient} if recipient else {})}
