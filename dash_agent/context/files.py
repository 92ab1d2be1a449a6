"""Reading one content file: its text, JSON or YAML in it, and a pydantic model of as much of it as holds."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final, Generic, TypeVar

import yaml
from pydantic import BaseModel, ConfigDict, ValidationError
from pydantic_core import ErrorDetails

from dash_agent.context.json_places import stands
from dash_agent.context.mistakes import described
from dash_agent.context.mistakes import nearest as nearest
from dash_agent.errors import Problem

LocalText = dict[str, str]
LocalWords = dict[str, list[str]]


class FileModel(BaseModel):
    """Base of every file's shape: unknown keys are problems, values are never coerced."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


Shape = TypeVar("Shape", bound=FileModel)
Value = TypeVar("Value")
Dropped = Mapping[str, Mapping[int, object]]


@dataclass(frozen=True, slots=True)
class Read(Generic[Value]):
    """One file as far as it could be read.

    value: what holds of it, None where nothing does. dropped: by key of the file, the items of lists that do not
    hold and so are not in `value`, by their position.
    """

    value: Value | None
    problems: tuple[Problem, ...] = ()
    dropped: Dropped = field(default_factory=dict)

    def also(self, problems: Iterable[Problem]) -> Read[Value]:
        """With problems that were found in `value`, at places as the file counts them."""
        return Read(self.value, (*self.problems, *(placed(found, self.dropped) for found in problems)), self.dropped)


_ITEM: Final = re.compile(r"(\w+)\[(\d+)\]")


def placed(problem: Problem, dropped: Dropped) -> Problem:
    """A problem with the position of its item as the file counts it, with what was dropped before it."""
    found = _ITEM.match(problem.place)
    left_out = dropped.get(found.group(1), {}) if found else {}
    if not found or not left_out:
        return problem
    at = int(found.group(2))
    for position in sorted(left_out):
        at += position <= at
    return replace(problem, place=f"{found.group(1)}[{at}]{problem.place[found.end() :]}")


def read_text(path: Path, file: str) -> str | Problem:
    """file: the name that problems carry."""
    try:
        if not path.is_file():
            return Problem(
                file, "", "this is no file that can be read; put a file here, or take it away", rule="encoding"
            )
        if path.stat().st_size > LARGEST_FILE:
            return Problem(file, "", f"the file is larger than {LARGEST_FILE >> 20} MB", rule="encoding")
        return path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        return Problem(file, f"line {line}", "the file is not UTF-8 text; save it as UTF-8", rule="encoding", line=line)
    except OSError as error:
        return Problem(file, "", f"can't be read: {error.strerror}", rule="encoding")


LARGEST_FILE: Final = 4 << 20
"""Bytes. Ours are below a tenth of it."""

LONGEST_NUMBER: Final = 40
"""Digits and signs of a number in a file: more is none that anything here could hold."""


def read_json(path: Path, file: str, shape: type[Shape]) -> Read[Shape]:
    text = read_text(path, file)
    if isinstance(text, Problem):
        return Read(None, (text,))
    reading = _Reading()
    try:
        data = json.loads(
            text,
            object_pairs_hook=reading.made,
            parse_int=reading.whole,
            parse_float=reading.broken,
            parse_constant=reading.none,
        )
    except json.JSONDecodeError as error:
        place = f"line {error.lineno}, column {error.colno}"
        return Read(None, (Problem(file, place, _json_words(error.msg), rule="syntax", line=error.lineno),))
    except _NoNumber as error:
        line = text.count("\n", 0, text.find(error.written)) + 1
        return Read(None, (Problem(file, f"line {line}", error.said, rule="wrong-value", line=line),))
    except RecursionError:
        return Read(None, (Problem(file, "", "brackets are nested too deeply", rule="syntax"),))
    twice = [_given_twice(file, s.key or "", s.line) for s in stands(text) if s.again] if reading.has_twice else []
    return parse(data, file, shape).also(twice)


class _NoNumber(Exception):
    """written: as the file has it."""

    def __init__(self, written: str, said: str) -> None:
        super().__init__(said)
        self.written = written
        self.said = said


class _Reading:
    """What json would take without a word: a key that an object has twice, and numbers that none are."""

    def __init__(self) -> None:
        self.has_twice = False

    def made(self, pairs: list[tuple[str, object]]) -> dict[str, object]:
        found = dict(pairs)
        self.has_twice = self.has_twice or len(found) < len(pairs)
        return found

    def whole(self, written: str) -> int:
        return int(_short(written))

    def broken(self, written: str) -> float:
        return float(_short(written))

    def none(self, written: str) -> float:
        raise _NoNumber(written, f"'{written}' is no number")


def _short(written: str) -> str:
    if len(written) > LONGEST_NUMBER:
        said = f"the number {written[:8]}… has {len(written)} digits; {LONGEST_NUMBER} at most are read"
        raise _NoNumber(written, said)
    return written


def _given_twice(file: str, key: str, line: int) -> Problem:
    message = f"the key '{key}' is there twice in one object; only the last one counts"
    return Problem(file, f"line {line}", message, rule="duplicate-key", line=line)


_JSON_WORDS = {
    "Expecting ',' delimiter": "a comma or a closing bracket is missing before this",
    "Expecting ':' delimiter": "a colon is missing between key and value",
    "Expecting property name enclosed": "a key in double quotes is wanted here; after the last one stands no comma",
    "Expecting value": "a value is missing here; after the last one stands no comma, and text is in double quotes",
    "Illegal trailing comma": "after the last one stands no comma",
    "Extra data": "the file goes on after its end; a bracket may be closed too early",
    "Unterminated string": "this text has no closing quote",
    "Invalid control character": "a text goes over the end of its line, or holds a tab; write \\n or \\t",
    "Invalid \\": "a backslash is written as two: \\\\",
}


def _json_words(message: str) -> str:
    words = next((words for start, words in _JSON_WORDS.items() if message.startswith(start)), message)
    return f"not valid JSON: {words}"


MOST_ALIASES: Final = 20

SAFE_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
"""The C reader where PyYAML has it: two dozen headers in pure Python cost a fifth of a second at each start."""


def read_yaml(text: str, file: str, shape: type[Shape], *, called: str, first_line: int) -> Read[Shape]:
    """YAML inside of a file. called: what that part is, for messages. first_line: of the file, where it begins."""
    if text.count("*") > MOST_ALIASES and _aliases(text) > MOST_ALIASES:
        said = "it repeats parts by * too often; write them out"
        return Read(None, (Problem(file, called, said, rule="syntax", line=first_line),))
    loader = SAFE_LOADER(text)
    try:
        node = loader.get_single_node()
        # Before it is made into data, which puts what is merged in (<<) among an object's own keys.
        twice = list(_keys_twice(node, set())) if node is not None else []
        data = loader.construct_document(node) if node is not None else None
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        return Read(None, (_yaml_problem(error, file, called, first_line),))
    finally:
        loader.dispose()
    return parse(data, file, shape, called).also([_given_twice(file, key, line + first_line) for key, line in twice])


def _aliases(text: str) -> int:
    """How often parts are repeated by alias. A few that hold each other make more data than there is memory."""
    try:
        return sum(isinstance(event, yaml.AliasEvent) for event in yaml.parse(text, Loader=SAFE_LOADER))
    except (yaml.YAMLError, ValueError, RecursionError):
        return 0


def _keys_twice(node: yaml.Node, seen: set[int]) -> Iterator[tuple[str, int]]:
    """Keys that an object has already, with their lines from 0: YAML would take the last without a word.

    seen: nodes that were looked at, by id: an alias stands for one of them.
    """
    if id(node) in seen:
        return
    seen.add(id(node))
    if isinstance(node, yaml.MappingNode):
        keys = set[tuple[str, str]]()
        for key, value in node.value:
            if isinstance(key, yaml.ScalarNode):
                if (key.tag, key.value) in keys:
                    yield key.value, key.start_mark.line
                keys.add((key.tag, key.value))
            yield from _keys_twice(value, seen)
    elif isinstance(node, yaml.SequenceNode):
        for item in node.value:
            yield from _keys_twice(item, seen)


def _yaml_problem(error: Exception, file: str, called: str, first_line: int) -> Problem:
    mark = getattr(error, "problem_mark", None)
    problem = str(getattr(error, "problem", None) or error)
    said = next((words for part, words in _YAML_WORDS.items() if part in problem), problem)
    line = mark.line + first_line if mark else None
    place = f"line {line}, column {mark.column + 1}" if mark else called
    return Problem(file, place, f"the {called} is not valid YAML: {said}", rule="syntax", line=line)


_YAML_WORDS = {
    "Exceeds the limit": "a number is too long to be read",
    "',' or ']'": "a comma is missing in a list, or the ] that closes it",
    "',' or '}'": "a comma is missing in an object, or the } that closes it",
    "mapping values are not allowed": "a colon stands where none may; text with a colon is written in quotes",
    "could not find expected ':'": "a colon is missing after a key",
    "cannot start any token": "this character can't begin a value; indent by spaces, and write such text in quotes",
    "unexpected end of stream": "a text has no closing quote",
    "expected key": "the line is not indented as its neighbours are",
    "expected <block end>": "the line is not indented as its neighbours are",
}


def parse(data: object, file: str, shape: type[Shape], called: str = "file") -> Read[Shape]:
    """`data` (as JSON or YAML gave it) in its shape: all of it, or what is left without the items that do not hold."""
    try:
        return Read(shape.model_validate(data))
    except ValidationError as error:
        details = error.errors(include_url=False)
        problems = tuple(described(file, detail, shape, data, called) for detail in details)
        kept, dropped = _without(data, details)
    try:
        return Read(shape.model_validate(kept), problems, dropped)
    except ValidationError:
        return Read(None, problems, dropped)


def _without(data: object, details: Sequence[ErrorDetails]) -> tuple[object, Dropped]:
    """The data without unknown keys, and without the items of its lists and the keys of its own that are wrong."""
    if not isinstance(data, dict):
        return data, {}
    kept = deepcopy(data)
    dropped: dict[str, dict[int, object]] = {}
    for detail in details:
        loc = detail["loc"]
        if detail["type"] == "extra_forbidden":
            _forget(kept, loc)
        elif len(loc) > 1 and isinstance(loc[1], int) and isinstance(data.get(loc[0]), list):
            dropped.setdefault(str(loc[0]), {})[loc[1]] = data[loc[0]][loc[1]]
        elif loc:
            kept.pop(loc[0], None)
    for key, positions in dropped.items():
        if key in kept:
            kept[key] = [item for at, item in enumerate(kept[key]) if at not in positions]
    return kept, dropped


def _forget(data: object, loc: Sequence[str | int]) -> None:
    here = data
    for part in loc[:-1]:
        # A part that the data does not have is the kind that pydantic chose.
        if isinstance(here, list) and isinstance(part, int):
            here = here[part]
        elif isinstance(here, dict):
            here = here.get(part, here)
    if isinstance(here, dict):
        here.pop(loc[-1], None)
