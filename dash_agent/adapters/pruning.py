"""Folders of digests, which stand in DASH_DATA_DIR/digests as FOLDER/LETTER."""

from __future__ import annotations

import shutil
import time
from pathlib import Path
from typing import Final

import structlog

logger = structlog.get_logger(__name__)

DAY_S: Final = 86_400.0
PAGE: Final = "index.html"
"""Written last: its age is the letter's."""


def prune_folders(root: Path, days: int) -> int:
    """Removes letters that are older, and how many. What is no letter of ours stays, and so do links."""
    removed = 0
    for letter in sorted(root.glob("*/*")):
        page = letter / PAGE
        if letter.is_symlink() or letter.parent.is_symlink() or not page.is_file():
            continue
        try:
            if time.time() - page.stat().st_mtime > days * DAY_S:
                shutil.rmtree(letter)
                removed += 1
        except OSError as error:
            logger.warning("a folder of a digest stays", folder=str(letter), reason=str(error))
    return removed
