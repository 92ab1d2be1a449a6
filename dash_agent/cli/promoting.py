"""A patch of the content files tried in a copy of them, and written."""

from __future__ import annotations

import shutil
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final
from zoneinfo import ZoneInfo

from dash_agent.check import linter
from dash_agent.errors import Problem, WrongUse
from dash_agent.learning.promotion import Patch
from dash_agent.semantic.time import Calendar
from dash_agent.settings import Settings

FOLDERS: Final = ("tables", "business", "queries", "knowledge")


def problems_of(patch: Patch, settings: Settings, now: datetime) -> tuple[Problem, ...]:
    """What the patch would bring into the files: errors that are not there without it."""
    with TemporaryDirectory(prefix="dash-content-") as folder:
        root = Path(folder)
        for name in FOLDERS:
            if (settings.content_dir / name).is_dir():
                shutil.copytree(settings.content_dir / name, root / name)
        calendar = Calendar(now, ZoneInfo(settings.timezone))
        before = {problem.message for problem in linter.check(root, calendar).problems}
        (root / patch.file).write_text(patch.after, encoding="utf-8")
        found = linter.check(root, calendar).problems
    return tuple(one for one in found if one.severity == "error" and one.message not in before)


def written(patch: Patch, root: Path) -> None:
    """Writes the file, unless somebody changed it since it was read. Raises WrongUse."""
    path = root / patch.file
    now = path.read_text(encoding="utf-8") if path.is_file() else ""
    if now != patch.before:
        raise WrongUse(f"{patch.file} has changed meanwhile", "promote again")
    path.write_text(patch.after, encoding="utf-8")
