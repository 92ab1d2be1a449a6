"""A message as words: lower case, without accents and marks, with the sentence and the clause that each stands in."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection
from dataclasses import dataclass
from typing import Final

FINALS: Final = str.maketrans("ךםןףץ", "כמנפצ")
"""Hebrew letters at the end of a word: the same letter, another shape, so that a stem is one."""

OTHERS: Final = str.maketrans(
    {"œ": "oe", "æ": "ae", "ø": "o", "ł": "l", "э": "е", "’": "'", "`": "'", "´": "'", "׳": "'"}
)
LONG: Final = re.compile(r"(\w)\1{2,}")
PIECE: Final = re.compile(r"[^\W_]+(?:'[^\W_]+)*|\n\s*\n|[.!?;…]+|[\n,:()—–|•+/&]| - ")
CONTRACTED: Final = frozenset({"t", "s", "m", "d", "ll", "re", "ve"})


@dataclass(frozen=True, slots=True)
class Token:
    """A word. text: normalised. start, end: places in the message. sentence, clause: counted over the message."""

    text: str
    start: int
    end: int
    sentence: int
    clause: int


def normalised(text: str) -> str:
    """Lower case, without accents, vowel points and letters drawn out ('sooo')."""
    flat = unicodedata.normalize("NFKD", text.casefold().translate(OTHERS))
    bare = "".join(sign for sign in flat if not unicodedata.combining(sign))
    return LONG.sub(r"\1", bare.translate(FINALS))


def tokens(text: str) -> tuple[Token, ...]:
    """The words in order. A clause ends at a comma or a line's end, a sentence at a stop or an empty line."""
    found: list[Token] = []
    sentence = clause = 0
    for piece in PIECE.finditer(text):
        sign = piece.group()
        if not sign[0].isalnum():
            clause += 1
            sentence += (sign[0] in ".!?;…" and not _inside(text, piece.start())) or sign.count("\n") > 1
            continue
        for word, start in _parts(sign):
            at = piece.start() + start
            found.append(Token(normalised(word), at, at + len(word), sentence, clause))
    return tuple(found)


def split_at(words: tuple[Token, ...], joiners: Collection[str]) -> tuple[Token, ...]:
    """The same words with a new clause at each word that joins two thoughts: 'and', 'but', 'also'."""
    shift, last, out = 0, 0, []
    for word in words:
        shift += word.text in joiners and word.clause == last
        last = word.clause
        out.append(Token(word.text, word.start, word.end, word.sentence, word.clause + shift))
    return tuple(out)


def _inside(text: str, at: int) -> bool:
    """A point in a number, an address or an abbreviation ends nothing: a letter or a digit follows at once."""
    return text[at] == "." and at + 1 < len(text) and text[at + 1].isalnum()


def _parts(word: str) -> list[tuple[str, int]]:
    """ "don't" is one word, "l'adresse" two."""
    pieces = re.split("['’`´׳]", word)
    if len(pieces) == 1:
        return [(word, 0)]
    if pieces[-1].casefold() in CONTRACTED or (not word.isascii() and _hebrew(word)):
        return [("".join(pieces), 0)]
    out, at = [], 0
    for piece in pieces:
        out.append((piece, at))
        at += len(piece) + 1
    return [(piece, start) for piece, start in out if piece]


def _hebrew(word: str) -> bool:
    return any("א" <= sign <= "ת" for sign in word)
