"""Files of the content folders that nothing reads, and what they were to be called."""

from __future__ import annotations

from collections.abc import Iterator
from difflib import get_close_matches
from pathlib import Path, PurePosixPath
from typing import Final

from dash_agent.context.alerts import ALERTS
from dash_agent.context.board import BOARD
from dash_agent.context.content import DIMENSIONS, METRICS, RULES, VALUES
from dash_agent.context.digests import DIGESTS
from dash_agent.context.prices import PRICES
from dash_agent.context.targets import TARGETS

ACCESS: Final = "business/access.json"
BUSINESS: Final = (METRICS, DIMENSIONS, VALUES, RULES, TARGETS, PRICES, BOARD, ACCESS)
OF_OTHERS: Final = frozenset({"business/support.json"})
"""Read by the support agent."""
ENDINGS: Final = {"tables": ".json", "queries": ".sql"}
"""Folder → the ending of its files, which lie in it side by side."""


def content_files(root: Path) -> Iterator[Path]:
    """Those of tables/, business/ and queries/ that are read."""
    for folder, ending in ENDINGS.items():
        yield from (root / folder).glob(f"*{ending}")
    yield from (root / DIGESTS).glob("*.json")
    yield from (root / ALERTS).glob("*.json")
    yield from (path for file in BUSINESS if (path := root / file).is_file())


def unread_files(root: Path) -> Iterator[str]:
    """The others in these folders. Hidden files and READMEs are nobody's slip."""
    read = set(content_files(root))
    for folder in (*ENDINGS, "business"):
        for path in sorted((root / folder).rglob("*")):
            parts = path.relative_to(root).parts
            hidden = any(part.startswith(".") for part in parts)
            name = "/".join(parts)
            known = path in read or name in OF_OTHERS
            if path.is_file() and not known and not hidden and path.stem.upper() != "README":
                yield name


def nearest_name(file: str) -> str | None:
    """The name under which it would be read, None where none is close."""
    path = PurePosixPath(file)
    folder, stem = path.parts[0], path.name.partition(".")[0]
    if folder in ENDINGS:
        return f"{folder}/{stem}{ENDINGS[folder]}"
    known = {PurePosixPath(name).stem: name for name in BUSINESS}
    close = get_close_matches(stem.lower(), list(known), n=1, cutoff=0.7)
    return known[close[0]] if close else None
