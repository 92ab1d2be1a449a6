"""Russian in Latin letters: 'gde moya posylka'. Every writer has rules of their own; this reads the commonest."""

from __future__ import annotations

from typing import Final

LETTERS: Final = tuple(
    (latin, letter)
    for latin, _, letter in (
        pair.partition(":")
        for pair in (
            "shch:щ sch:щ zh:ж kh:х ts:ц tz:ц ch:ч sh:ш yu:ю ju:ю iu:ю ya:я ja:я ia:я yo:е jo:е ye:е ck:к 4:ч 6:ш "
            "a:а b:б v:в w:в g:г d:д e:е z:з i:и j:и k:к l:л m:м n:н o:о p:п r:р s:с t:т u:у f:ф h:х c:ц y:ы x:х "
            "q:к ':ь "
        ).split()
    )
)
"""Longer spellings first."""


def cyrillic(word: str) -> str:
    """One reading in Cyrillic, normalised: 'ы' stands for 'y' within a word, 'и' after a vowel and at its end."""
    out: list[str] = []
    rest = word
    while rest:
        for latin, letter in LETTERS:
            if rest.startswith(latin):
                out.append(_softened(letter, out, rest[len(latin) :]))
                rest = rest[len(latin) :]
                break
        else:
            out.append(rest[0])
            rest = rest[1:]
    return "".join(out)


def _softened(letter: str, before: list[str], after: str) -> str:
    if letter != "ы":
        return letter
    vowel = bool(before) and before[-1] in "аеиоуэюя"
    return "и" if vowel or not before or (not after and before[-1] in "гкхжчшщ") else "ы"
