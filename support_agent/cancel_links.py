"""Cancel links: what they say is encrypted and can't be changed; keys rotate by their ids.

token = base64url(version | key id | nonce | ciphertext and tag), by AES-256-GCM; associated data: version, key id and
purpose.
Reading a link changes nothing. Whoever acts on one burns its jti (port `Cancellations`), so that it acts once.
"""

from __future__ import annotations

import base64
import binascii
import json
import re
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Final, Protocol

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from dash_agent.errors import WrongUse
from support_agent.models import Task

VERSION: Final = b"\x01"
PURPOSE: Final = b"dash cancel link"
NONCE: Final = 12
KEY: Final = 32
"""Bytes."""
WORKS: Final = timedelta(hours=48)
LONGEST: Final = 600
"""Characters of a token."""


@dataclass(frozen=True, slots=True)
class Keys:
    """The first makes links; all of them read."""

    by_id: Mapping[int, bytes] = field(repr=False)

    @classmethod
    def read(cls, text: str) -> Keys:
        """From `ID:BASE64,ID:BASE64`, the newest first; ids from 0 to 255, keys of 32 bytes. Raises WrongUse."""
        found: dict[int, bytes] = {}
        for entry in filter(None, map(str.strip, text.split(","))):
            name, _, coded = entry.partition(":")
            try:
                key = base64.b64decode(coded, validate=True)
            except (binascii.Error, ValueError):
                key = b""
            if not (name.isascii() and name.isdigit() and int(name) < 256 and len(key) == KEY) or int(name) in found:
                raise WrongUse(
                    "CANCEL_LINK_KEYS: not ID:BASE64 with an id of 0 to 255 and a key of 32 bytes, each once"
                )
            found[int(name)] = key
        if not found:
            raise WrongUse("CANCEL_LINK_KEYS: there is no key in it", "leave it out, or write ID:BASE64")
        return cls(found)


class Keyring(Protocol):
    """`Keys`, or what has them once they are needed."""

    @property
    def by_id(self) -> Mapping[int, bytes]: ...


@dataclass(frozen=True, slots=True)
class CancelLink:
    """What a link says. jti: its id, the same for all links of one task."""

    customer_id: int
    subscription_id: int
    expires_at: datetime
    jti: str


class CancelLinks:
    """Port `Links`. page: address under which the page is served, without its token. random: bytes for nonces."""

    def __init__(self, keys: Keyring, page: str, random: Callable[[int], bytes] = secrets.token_bytes) -> None:
        self._keys = keys
        self._page = page.rstrip("/")
        self._random = random

    def cancel(self, task: Task) -> str:
        """Raises WrongUse where the task is not a done one for a customer's subscription."""
        subscription_id = task.arguments.get("subscription_id")
        if task.finished_at is None or task.customer_id is None or not isinstance(subscription_id, int):
            raise WrongUse(f"task {task.task_id} is no reason for a cancel link")
        jti = f"{task.task_id}.{int(task.created_at.timestamp() * 1000)}"
        link = CancelLink(task.customer_id, subscription_id, task.finished_at + WORKS, jti)
        return f"{self._page}/{self.make(link)}"

    def masked(self, text: str) -> str:
        """A text without such links in it."""
        return re.sub(rf"{re.escape(self._page)}/[\w-]+", "…", text)

    def make(self, link: CancelLink) -> str:
        key_id, key = next(iter(self._keys.by_id.items()))
        nonce, head = self._random(NONCE), VERSION + bytes((key_id,))
        said = {"c": link.customer_id, "s": link.subscription_id, "exp": _seconds(link.expires_at), "jti": link.jti}
        sealed = AESGCM(key).encrypt(nonce, json.dumps(said, separators=(",", ":")).encode(), head + PURPOSE)
        return base64.urlsafe_b64encode(head + nonce + sealed).rstrip(b"=").decode()

    def read(self, token: str, now: datetime) -> CancelLink | None:
        """None for what is not ours, was changed, or is over."""
        raw = _unpacked(token)
        if raw is None or raw[:1] != VERSION or raw[1] not in self._keys.by_id:
            return None
        head, nonce, sealed = raw[:2], raw[2 : 2 + NONCE], raw[2 + NONCE :]
        try:
            said = json.loads(AESGCM(self._keys.by_id[raw[1]]).decrypt(nonce, sealed, head + PURPOSE))
        except InvalidTag:
            return None
        link = CancelLink(said["c"], said["s"], datetime.fromtimestamp(said["exp"], UTC), said["jti"])
        return link if now < link.expires_at else None


def _seconds(moment: datetime) -> int:
    return int(moment.timestamp())


def _unpacked(token: str) -> bytes | None:
    """The token's bytes, None where it is not written as we write it."""
    if len(token) > LONGEST or not token.isascii():
        return None
    try:
        raw = base64.b64decode(token + "=" * (-len(token) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        return None
    same = base64.urlsafe_b64encode(raw).rstrip(b"=").decode() == token
    return raw if same and len(raw) > 2 + NONCE + 16 else None
