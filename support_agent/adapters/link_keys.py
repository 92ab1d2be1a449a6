"""The keys that cancel links are signed with: those of the settings, or one of this installation."""

from __future__ import annotations

import os
import secrets
from base64 import b64encode
from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from typing import Final

from pydantic import SecretStr

from support_agent.cancel_links import Keys

KEY_FILE: Final = Path("secrets") / "cancel-links"


class LinkKeys:
    """The keys of cancel links; those that are kept in a file are read, or made, when a link is."""

    def __init__(self, given: SecretStr | None, data_dir: Path) -> None:
        self._given = Keys.read(given.get_secret_value()) if given is not None else None
        self._file = data_dir / KEY_FILE

    @cached_property
    def by_id(self) -> Mapping[int, bytes]:
        return (self._given or Keys.read(_kept_key(self._file))).by_id


def _kept_key(file: Path) -> str:
    """The key of this installation, made the first time; of two processes at once the first one's holds."""
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    part = file.with_name(f".{file.name}.{secrets.token_hex(8)}")
    descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    with os.fdopen(descriptor, "w") as written:
        written.write(f"1:{b64encode(secrets.token_bytes(32)).decode()}")
    try:
        os.link(part, file)
    except FileExistsError:
        pass
    finally:
        part.unlink()
    return file.read_text()
