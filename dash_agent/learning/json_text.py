"""Additions to a JSON file that leave every other line of it as a person wrapped it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from json.decoder import scanstring  # type: ignore[attr-defined]
from typing import Final

LINE: Final = 120
"""Characters that a line of the content files has at most."""

_DECODER: Final = json.JSONDecoder()
Entry = dict[str, object]


@dataclass(frozen=True, slots=True)
class Spot:
    """A value of a text: text[start:end]."""

    start: int
    end: int


def with_words(text: str, key: str, wanted: Callable[[Entry], bool], path: Sequence[str], words: Sequence[str]) -> str:
    """The text with words at the end of a list of one of its entries.

    key: of the file's list of entries. path: to the list within the entry; what is not there is made. Raises KeyError
    where no entry is wanted.
    """
    entry = _entry(text, key, wanted)
    here, found = entry, list(path)
    while found:
        members = dict(_members(text, here))
        if found[0] not in members:
            return _with_member(text, here, found, words)
        here = members[found.pop(0)]
    return _with_items(text, here, words)


def with_entry(text: str, key: str, entry: Entry) -> str:
    """The text with another entry at the end of the file's list."""
    spot = dict(_members(text, Spot(text.index("{"), len(text))))[key]
    last = list(_items(text, spot))[-1]
    indent = _indent(text, last.start)
    return f"{text[: last.end]},\n{indent}{_written(entry, indent)}{text[last.end :]}"


def with_entry_instead(text: str, key: str, wanted: Callable[[Entry], bool], entry: Entry | None) -> str:
    """The text with another entry in place of one, or without it. Raises KeyError where no entry is wanted."""
    spot = _entry(text, key, wanted)
    if entry is not None:
        indent = _indent(text, spot.start)
        return text[: spot.start] + _written(entry, indent) + text[spot.end :]
    items = list(_items(text, dict(_members(text, Spot(text.index("{"), len(text))))[key]))
    place = items.index(spot)
    if place:
        return text[: items[place - 1].end] + text[spot.end :]
    if len(items) > 1:
        return text[: spot.start] + text[items[1].start :]
    return text[: spot.start].rstrip() + text[_beyond(text, spot.end) :]


def _written(entry: Entry, indent: str) -> str:
    line = json.dumps(entry, ensure_ascii=False)
    if len(indent) + len(line) + 1 <= LINE:
        return line
    lines = [f'{indent}  "{name}": {json.dumps(value, ensure_ascii=False)}' for name, value in entry.items()]
    return "{\n" + ",\n".join(lines) + f"\n{indent}}}"


def _entry(text: str, key: str, wanted: Callable[[Entry], bool]) -> Spot:
    spot = dict(_members(text, Spot(text.index("{"), len(text))))[key]
    for item in _items(text, spot):
        if wanted(json.loads(text[item.start : item.end])):
            return item
    raise KeyError(key)


def _items(text: str, spot: Spot) -> Iterator[Spot]:
    """The values of a list."""
    at = _beyond(text, spot.start + 1)
    while text[at] != "]":
        _, end = _DECODER.raw_decode(text, at)
        yield Spot(at, end)
        at = _beyond(text, end)
        at = _beyond(text, at + 1) if text[at] == "," else at


def _members(text: str, spot: Spot) -> Iterator[tuple[str, Spot]]:
    """The keys of an object with their values."""
    at = _beyond(text, spot.start + 1)
    while text[at] != "}":
        name, end = scanstring(text, at + 1, True)
        start = _beyond(text, _beyond(text, end) + 1)
        _, end = _DECODER.raw_decode(text, start)
        yield name, Spot(start, end)
        at = _beyond(text, end)
        at = _beyond(text, at + 1) if text[at] == "," else at


def _beyond(text: str, at: int) -> int:
    """The next place that is no space."""
    while text[at].isspace():
        at += 1
    return at


def _with_items(text: str, spot: Spot, words: Sequence[str]) -> str:
    items = list(_items(text, spot))
    if not items:
        return text[: spot.start] + json.dumps(list(words), ensure_ascii=False) + text[spot.end :]
    for word in words:
        at = items[-1].end
        quoted = json.dumps(word, ensure_ascii=False)
        added = _added(text, at, quoted, list_end=spot.end)
        text = text[:at] + added + text[at:]
        spot = Spot(spot.start, spot.end + len(added))
        items = [Spot(at + len(added) - len(quoted), at + len(added))]
    return text


def _added(text: str, at: int, quoted: str, list_end: int) -> str:
    """On the last item's line where there is room with what stands behind it, else on a line of its own."""
    line = text.rfind("\n", 0, at) + 1
    behind = text.find("\n", at)
    rest = text[at : len(text) if behind < 0 else behind]
    inline = f", {quoted}"
    if at - line + len(inline) + len(rest) <= LINE or "\n" not in text[at:list_end]:
        return inline
    return f",\n{_indent(text, at)}{quoted}"


def _with_member(text: str, spot: Spot, path: Sequence[str], words: Sequence[str]) -> str:
    """A key more at the end of an object, with all that is under it."""
    value: object = list(words)
    for name in reversed(path[1:]):
        value = {name: value}
    added = f'"{path[0]}": {json.dumps(value, ensure_ascii=False)}'
    members = list(_members(text, spot))
    if not members:
        return f"{text[: spot.start]}{{{added}}}{text[spot.end :]}"
    last = members[-1][1].end
    wrapped = "\n" in text[last : spot.end]
    joint = f",\n{_indent(text, members[-1][1].start)}" if wrapped else ", "
    return text[:last] + joint + added + text[last:]


def _indent(text: str, at: int) -> str:
    line = text[text.rfind("\n", 0, at) + 1 : at]
    return line[: len(line) - len(line.lstrip())]
