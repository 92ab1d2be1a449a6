"""The content that an answer was given by, from what was kept of it, beside today's."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from tempfile import TemporaryDirectory

from dash_agent.context.catalog import Catalog, load_catalog
from dash_agent.errors import ContentError


@dataclass(frozen=True, slots=True)
class Then:
    """catalog: of an answer's version; None where it was not kept, or does not hold by today's rules (`reason`).

    changed: files that differ from today's, came or went, in order.
    """

    catalog: Catalog | None
    reason: str
    changed: tuple[str, ...]


def then(version: str, kept: Mapping[str, str] | None, today: Catalog) -> Then:
    """kept: texts by path, None where there are none."""
    if version == today.version:
        return Then(today, "", ())
    if kept is None:
        return Then(None, "", ())
    names = sorted({*kept, *today.files})
    changed = tuple(name for name in names if kept.get(name) != today.files.get(name))
    try:
        return Then(_loaded(kept), "", changed)
    except ContentError as error:
        return Then(None, str(error), changed)


def _loaded(files: Mapping[str, str]) -> Catalog:
    with TemporaryDirectory(prefix="dash-content-") as folder:
        root = Path(folder)
        for name, text in files.items():
            path = PurePosixPath(name)
            if path.is_absolute() or ".." in path.parts:
                continue
            target = root / path
            target.parent.mkdir(parents=True, exist_ok=True)
            # As bytes: line ends are part of the version.
            target.write_bytes(text.encode())
        return load_catalog(root)
