"""Port `Shelf` in a folder: one file a name, which may be deleted at any time."""

from __future__ import annotations

import logging
import os
from contextlib import suppress
from hashlib import sha256
from pathlib import Path

log = logging.getLogger(__name__)


class FolderShelf:
    """folder: made when something is put there, 0700. A file's first line is its key and a hash of the rest."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def get(self, name: str, key: str) -> str | None:
        try:
            first, _, text = self._path(name).read_bytes().partition(b"\n")
            return text.decode() if first == _seal(key, text) else None
        except (OSError, UnicodeDecodeError):
            return None

    def put(self, name: str, key: str, text: str) -> None:
        """Whole or not at all. A disk that is full or closed to us is logged, and otherwise no matter."""
        data = text.encode()
        part = self._path(f"{name}.{os.getpid()}.part")
        try:
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW, 0o600)
            with os.fdopen(descriptor, "wb") as file:
                file.write(_seal(key, data) + b"\n" + data)
            part.replace(self._path(name))
        except OSError as error:
            log.warning("%s could not be kept in %s: %s", name, self._folder, error)
            with suppress(OSError):
                part.unlink(missing_ok=True)

    def _path(self, name: str) -> Path:
        return self._folder / name


def _seal(key: str, data: bytes) -> bytes:
    return f"{key} {sha256(data).hexdigest()}".encode()
