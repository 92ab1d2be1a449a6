"""Line numbers for places such as `metrics[3].where`. Looked up only for files that have a problem."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import yaml

from dash_agent.context.documents import FENCE
from dash_agent.context.files import SAFE_LOADER
from dash_agent.context.json_places import stands
from dash_agent.errors import Problem

Lines = Mapping[str, int]


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
        lines = _places(root / file)
        for problem in own:
            found.append(problem if problem.line is not None else replace(problem, line=_line(lines, problem.place)))
    return found


def _line(lines: Lines, place: str) -> int | None:
    """Of the place, or of the nearest one around it that is in the file."""
    if not lines:
        return None
    while place and place not in lines:
        place = place[: max(place.rfind("."), place.rfind("["), 0)]
    return lines.get(place, 1)


def _places(path: Path) -> Lines:
    """Line by place."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError):
        return {}
    match path.suffix:
        case ".json":
            return _json_places(text)
        case ".sql":
            header = text.partition("/*")[2].partition("*/")[0]
            return _yaml_places(header, text.partition("/*")[0].count("\n") + 1)
        case _:
            return _yaml_places(text.partition(f"{FENCE}\n")[2].partition(f"\n{FENCE}\n")[0], 2)


def _json_places(text: str) -> Lines:
    lines: dict[str, int] = {}
    with suppress(ValueError, IndexError):  # not JSON: its problem has its own line
        for stand in stands(text):
            lines[stand.place] = stand.line
    return lines


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
