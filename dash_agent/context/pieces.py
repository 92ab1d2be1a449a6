"""Knowledge documents in pieces by heading, each short enough to be read beside others."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Final

from dash_agent.context.documents import Document

LONGEST: Final = 900
"""Characters of a piece; a longer section is cut between paragraphs."""

_HEADING: Final = re.compile(r"^#{1,6}\s+(.*?)\s*#*$")


@dataclass(frozen=True, slots=True)
class Piece:
    """name: the file without its ending, and the heading. heading: '' for what stands above the first one."""

    name: str
    heading: str
    text: str


def pieces(document: Document) -> Iterator[Piece]:
    """The sections in order. One that is longer than LONGEST becomes several, numbered from the second on."""
    stem = str(PurePosixPath(document.file).relative_to("knowledge").with_suffix(""))
    for heading, body in _sections(document):
        for number, text in enumerate(_cut(body), 1):
            place = "#".join(filter(None, (stem, _slug(heading))))
            yield Piece(place if number == 1 else f"{place}-{number}", heading, text)


def _sections(document: Document) -> Iterator[tuple[str, str]]:
    heading, lines = "", list[str]()
    for line in document.text.splitlines():
        found = _HEADING.match(line)
        if found is None:
            lines.append(line)
            continue
        if any(map(str.strip, lines)):
            yield heading, "\n".join(lines).strip()
        # The document's own title is told with every piece.
        heading = "" if found[1] == document.front.title else found[1]
        lines = []
    if any(map(str.strip, lines)):
        yield heading, "\n".join(lines).strip()


def _cut(text: str) -> Iterator[str]:
    held = ""
    for paragraph in re.split(r"\n\s*\n", text):
        if held and len(held) + len(paragraph) > LONGEST:
            yield held
            held = ""
        held = f"{held}\n\n{paragraph}" if held else paragraph
        while len(held) > LONGEST:
            at = max(held.rfind("\n", 0, LONGEST), held.rfind(" ", 0, LONGEST))
            at = at if at > 0 else LONGEST
            yield held[:at].rstrip()
            held = held[at:].lstrip()
    if held:
        yield held


def _slug(heading: str) -> str:
    return "-".join(re.findall(r"\w+", heading.lower()))
