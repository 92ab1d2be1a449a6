"""Line numbers for places such as `metrics[3].where`. Looked up only for files that have a problem."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from json.decoder import scanstring  # type: ignore[attr-defined]
from pathlib import Path
from typing import Final

import yaml

from dash_agent.context.documents import FENCE
from dash_agent.context.files import SAFE_LOADER
from dash_agent.errors import Problem

Lines = Mapping[str, int]

_TOKEN: Final = re.compile(r'\s*(?:(?P<text>")|(?P<sign>[{}\[\],:])|(?P<word>[^\s{}\[\],:"]+))')


def with_lines(problems: Sequence[Problem], root: Path) -> list[Problem]:
    """The problems with the lines of their places, where those can be found."""
    by_file: dict[str, list[Problem]] = defaultdict(list)
    for problem in problems:
        by_file[problem.file].append(problem)
    found = []
    for file, own in by_file.items():
        if all(problem.line is not None for problem in own):
            found += own
            continue
        lines, twice = _places(root / file)
        for problem in own:
            if problem.line is None and problem.rule == "duplicate-key":
                # Found once a key, in the order of the ends of their objects: the lines are told apart by the key.
                key = problem.message.split("'")[1]
                at = twice.get(key, [])
                found.append(replace(problem, line=at[0], place=f"line {at[0]}") if at else problem)
            else:
                found.append(
                    problem if problem.line is not None else replace(problem, line=_line(lines, problem.place))
                )
    return found


def _line(lines: Lines, place: str) -> int | None:
    """Of the place, or of the nearest one around it that is in the file."""
    if not lines:
        return None
    while place and place not in lines:
        place = place[: max(place.rfind("."), place.rfind("["), 0)]
    return lines.get(place, 1)


def _places(path: Path) -> tuple[Lines, Mapping[str, Sequence[int]]]:
    """Line by place, and for JSON the lines of keys that their object has already."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError):
        return {}, {}
    match path.suffix:
        case ".json":
            return _json_places(text)
        case ".sql":
            header = text.partition("/*")[2].partition("*/")[0]
            return _yaml_places(header, text.partition("/*")[0].count("\n") + 1), {}
        case _:
            return _yaml_places(text.partition(f"{FENCE}\n")[2].partition(f"\n{FENCE}\n")[0], 2), {}


def _json_places(text: str) -> tuple[Lines, Mapping[str, Sequence[int]]]:
    """Not by a YAML reader, though JSON is nearly YAML: that stops at a tab."""
    lines: dict[str, int] = {}
    twice: dict[str, list[int]] = defaultdict(list)
    try:
        for place, key, line in _walk(text):
            if key and place in lines:
                twice[key].append(line)
            lines[place] = line
    except (ValueError, IndexError):
        pass  # not JSON: its problem has its own line
    return lines, twice


def _walk(text: str) -> Iterator[tuple[str, str, int]]:
    """Place, key and line of each key of an object, and place and line of each item of a list."""
    stack: list[list[object]] = []  # [place, index of the item, or None in an object]
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
            outer = str(stack[-1][0])
            place = f"{outer}.{value}" if outer else value
            yield place, value, line + 1
            wants_key = False
            continue
        if stack and stack[-1][1] is not None and sign not in ("]", ",", ":", "}"):
            place = f"{stack[-1][0]}[{stack[-1][1]}]"
            yield place, "", line + 1
        match sign:
            case "{":
                stack.append([place, None])
                wants_key = True
            case "[":
                stack.append([place, 0])
            case "}" | "]":
                place, wants_key = str(stack.pop()[0]), False
            case ",":
                wants_key = stack[-1][1] is None
                if isinstance(stack[-1][1], int):
                    stack[-1][1] += 1


def _yaml_places(text: str, first_line: int) -> Lines:
    loader = SAFE_LOADER(text)
    try:
        node = loader.get_single_node()
    except yaml.YAMLError:
        return {}
    finally:
        loader.dispose()
    return dict(_nodes(node, "", first_line)) if node is not None else {}


def _nodes(node: yaml.Node, place: str, first_line: int) -> Iterator[tuple[str, int]]:
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            inner = f"{place}.{key.value}" if place else str(key.value)
            yield inner, key.start_mark.line + first_line
            yield from _nodes(value, inner, first_line)
    elif isinstance(node, yaml.SequenceNode):
        for index, value in enumerate(node.value):
            yield f"{place}[{index}]", value.start_mark.line + first_line
            yield from _nodes(value, f"{place}[{index}]", first_line)
