"""Text that came from a question or a database, as Markdown that shows it and does nothing else."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Final

MARKS: Final = re.compile(r"[\\`*_\[\]<>|~&$@]|:(?=//)|(?<=www)\.", re.IGNORECASE)
"""What makes emphasis, links, HTML, entities, cells or formulas; and what a bare address is made a link by."""
OPENING: Final = re.compile(
    r"^([ \t]*)(#{1,6}(?=\s|$)|[+-](?=\s|$)|=+(?=\s*$)|-+(?=\s*$)|\d{1,9}(?=[.)](?:\s|$)))", re.MULTILINE
)
"""What makes a line a heading, a rule or an item of a list."""
INVISIBLE: Final = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\u200b-\u200f\u202a-\u202e\u2066-\u2069]")
"""Control characters, and those that turn the direction of writing."""


def plain(text: str) -> str:
    """The text as it reads, on as many lines; none begins with so much space that it would be code."""
    text = "\n".join(line.strip() for line in text.splitlines())
    shown = MARKS.sub(lambda mark: "\\" + mark[0], INVISIBLE.sub(" ", text))
    return OPENING.sub(_unopened, shown)


def _unopened(found: re.Match[str]) -> str:
    space, mark = found.groups()
    return f"{space}{mark}\\" if mark.isdigit() else f"{space}\\{mark}"


def one_line(text: str) -> str:
    return plain(" ".join(text.split()))


def table(heads: Sequence[str], numbers: Sequence[bool], rows: Iterable[Sequence[str]]) -> str:
    """numbers: which columns stand to the right."""
    rules = ["---:" if number else "---" for number in numbers]
    lines = [[one_line(head) for head in heads], rules, *([one_line(cell) for cell in row] for row in rows)]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)


def bullets(lines: Iterable[str]) -> str:
    return "\n".join(f"- {one_line(line)}" for line in lines)


def code(text: str, language: str) -> str:
    """A block that nothing within it can end."""
    longest = max((len(run) for run in re.findall("`+", text)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"{fence}{language}\n{text}\n{fence}"
