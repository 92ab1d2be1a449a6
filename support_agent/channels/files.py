"""Files of customers: what they are is read from their first bytes, and they are kept under names of ours."""

from __future__ import annotations

import os
import unicodedata
from pathlib import Path
from typing import Final
from uuid import UUID, uuid4

from support_agent.channels.failures import Refused
from support_agent.models import Attachment

FOLDER: Final = "files"
LARGEST: Final = 8 * 1024 * 1024
"""Bytes."""
MOST: Final = 20
"""Files of one conversation."""
LONGEST_NAME: Final = 120
IMAGES: Final = (b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"GIF87a", b"GIF89a")
BRANDS: Final = (b"heic", b"heix", b"mif1", b"avif")
DOCUMENT: Final = b"%PDF-"


def keep(data_dir: Path, dialog_id: str, name: str, content: bytes) -> Attachment:
    """Raises Refused for what is too large, too many, or of another kind."""
    if len(content) > LARGEST:
        raise Refused(413, "the file is too large", f"send at most {LARGEST // 1024 // 1024} MB")
    kind = kind_of(content)
    if kind is None:
        raise Refused(422, "this kind of file can't be taken", "send a picture or a PDF")
    folder = data_dir / FOLDER / str(UUID(dialog_id))
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    if sum(1 for _ in folder.iterdir()) >= MOST:
        raise Refused(422, f"a conversation has at most {MOST} files")
    file_id = str(uuid4())
    descriptor = os.open(folder / file_id, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
    return Attachment(file_id, plain_name(name), kind, len(content))


def kind_of(content: bytes) -> str | None:
    if content.startswith(IMAGES) or (content[:4] == b"RIFF" and content[8:12] == b"WEBP"):
        return "image"
    if content[4:8] == b"ftyp" and content[8:12] in BRANDS:
        return "image"
    return "document" if content.startswith(DOCUMENT) else None


def plain_name(name: str) -> str:
    """Without folders and what can't be seen; it is shown to staff and read by the guards, and opens nothing."""
    last = name.replace("\\", "/").rsplit("/", 1)[-1]
    return "".join(letter for letter in last if unicodedata.category(letter)[0] != "C")[:LONGEST_NAME]
