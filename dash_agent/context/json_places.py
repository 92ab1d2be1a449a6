"""Where things stand in a JSON text: each key and each item of a list with its place and its line."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from json.decoder import scanstring  # type: ignore[attr-defined]
from typing import Final

_TOKEN: Final = re.compile(r'\s*(?:(?P<text>")|(?P<sign>[{}\[\],:])|(?P<word>[^\s{}\[\],:"]+))')


@dataclass(frozen=True, slots=True)
class Stand:
    """place: such as `metrics[3].where`. line: from 1. key: None of an item of a list.

    again: the object has that key already.
    """

    place: str
    line: int
    key: str | None = None
    again: bool = False


@dataclass(slots=True)
class _Open:
    """An object or a list that is not closed yet. index: of the item, None in an object. keys: of the object so far."""

    place: str
    index: int | None
    keys: set[str] = field(default_factory=set)


DEEPEST: Final = 100
"""Levels that are looked into: each makes every place longer, and no file of ours has ten."""


def stands(text: str) -> Iterator[Stand]:
    """In the order of the text. Raises ValueError, IndexError where it is no JSON.

    Not by a YAML reader, though JSON is nearly YAML: that stops at a tab.
    """
    stack: list[_Open] = []
    at = line = 0
    place, wants_key = "", False
    while found := _TOKEN.match(text, at):
        start = found.start(found.lastgroup or 0)
        line += text.count("\n", at, start)
        at = found.end()
        sign = found["sign"]
        value = ""
        if found["text"]:
            value, at = scanstring(text, at, True)
        if wants_key and found["text"]:
            outer = stack[-1]
            place = f"{outer.place}.{value}" if outer.place else value
            yield Stand(place, line + 1, value, value in outer.keys)
            outer.keys.add(value)
            wants_key = False
            continue
        if stack and stack[-1].index is not None and sign not in ("]", ",", ":", "}"):
            place = f"{stack[-1].place}[{stack[-1].index}]"
            yield Stand(place, line + 1)
        if len(stack) > DEEPEST:
            return
        match sign:
            case "{":
                stack.append(_Open(place, None))
                wants_key = True
            case "[":
                stack.append(_Open(place, 0))
            case "}" | "]":
                place, wants_key = stack.pop().place, False
            case ",":
                wants_key = stack[-1].index is None
                if stack[-1].index is not None:
                    stack[-1].index += 1
