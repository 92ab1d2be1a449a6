"""Passes of whoever knew the administrator's password: signed, for some hours, and void once the password changes."""

from __future__ import annotations

import hashlib
import hmac
import os
import secrets
import time
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from functools import cache
from math import ceil
from pathlib import Path
from threading import Lock
from typing import Final

import jwt

from dash_agent.errors import Unavailable
from dash_agent.settings import Settings

COOKIE: Final = "dash_pass"
HOURS: Final = 12
SECRET_BYTES: Final = 32
LONGEST: Final = 1024
"""Characters of a password; a longer one is wrong."""

Clock = Callable[[], float]
"""Seconds since 1970."""


class Passes:
    """Knows the password and the passes that were given for it. Thread-safe."""

    def __init__(self, password: str, secret: bytes, clock: Clock = time.time) -> None:
        """secret: of this installation, so that passes hold when the process starts anew."""
        self._password = _digest(password)
        # Of the password, too: another one makes every pass void.
        self._key = hmac.digest(secret, b"pass:" + self._password, "sha256")
        self._clock = clock
        self._given_back: dict[str, float] = {}
        self._lock = Lock()

    def is_password(self, given: str) -> bool:
        """In a time that tells nothing of it."""
        return len(given) <= LONGEST and hmac.compare_digest(_digest(given), self._password)

    def issue(self) -> str:
        ends = self._clock() + HOURS * 3600
        return jwt.encode({"jti": secrets.token_urlsafe(16), "end": ends}, self._key, algorithm="HS256")

    def holds(self, given: str | None) -> bool:
        found = self._read(given)
        return found is not None and found[0] not in self._given_back

    def give_back(self, given: str | None) -> None:
        """It holds no longer, for whoever has a copy of it."""
        found = self._read(given)
        if found is None:
            return
        with self._lock:
            now = self._clock()
            self._given_back = {name: end for name, end in self._given_back.items() if end > now}
            self._given_back[found[0]] = found[1]

    def seal(self, text: str) -> str:
        """What only who holds the key can make of a text: for forms and links that must be ours."""
        return hmac.digest(self._key, b"seal:" + text.encode("utf-8", "surrogateescape"), "sha256").hex()

    def is_sealed(self, text: str, seal: str) -> bool:
        return hmac.compare_digest(self.seal(text).encode(), seal.encode("utf-8", "surrogateescape"))

    def _read(self, given: str | None) -> tuple[str, float] | None:
        """Its name and its end, None where it is not one of ours or is over."""
        if not given:
            return None
        try:
            claims = jwt.decode(given, self._key, algorithms=["HS256"])
        except jwt.PyJWTError:
            return None
        name, end = claims.get("jti"), claims.get("end")
        if not isinstance(name, str) or not isinstance(end, float | int) or end <= self._clock():
            return None
        return name, float(end)


class Attempts:
    """How often passwords were tried lately, from one address and from all. Thread-safe."""

    def __init__(self, of_one: int = 5, of_all: int = 50, minutes: float = 15, clock: Clock = time.time) -> None:
        self._of_one, self._of_all, self._span_s = of_one, of_all, minutes * 60
        self._clock = clock
        self._tried: deque[tuple[float, str]] = deque()
        self._lock = Lock()

    def wait_s(self, address: str) -> int:
        """0, and the attempt is counted; or for how many seconds none is allowed."""
        with self._lock:
            now = self._clock()
            while self._tried and self._tried[0][0] <= now - self._span_s:
                self._tried.popleft()
            own = [at for at, who in self._tried if who == address]
            if len(own) >= self._of_one:
                return ceil(own[-self._of_one] + self._span_s - now)
            if len(self._tried) >= self._of_all:
                return ceil(self._tried[-self._of_all][0] + self._span_s - now)
            self._tried.append((now, address))
            return 0

    def forget(self, address: str) -> None:
        """After the right password."""
        with self._lock:
            self._tried = deque((at, who) for at, who in self._tried if who != address)


@cache
def passes(password: str, data_dir: Path) -> Passes:
    """The ones of this process. Raises Unavailable."""
    return Passes(password, kept_secret(data_dir))


def passes_of(settings: Settings) -> Passes | None:
    """None where no password is set. Raises Unavailable."""
    password = settings.admin_password
    return None if password is None else passes(password.get_secret_value(), settings.data_dir)


def kept_secret(data_dir: Path) -> bytes:
    """Of this installation alone, made at the first use. Raises Unavailable."""
    path = data_dir / "dashboard.secret"
    try:
        if not path.exists():
            _make(path)
        secret = bytes.fromhex(path.read_text(encoding="ascii"))
    except (OSError, ValueError) as error:
        raise Unavailable(f"{path} can't be made or read: {error}", "see that DASH_DATA_DIR may be written") from error
    if len(secret) < SECRET_BYTES:
        raise Unavailable(f"{path} is damaged", "remove it, and everybody signs in anew")
    return secret


def _make(path: Path) -> None:
    """Whole or not at all; another process may be quicker."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_suffix(f".{secrets.token_hex(8)}")
    with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(secrets.token_hex(SECRET_BYTES))
    try:
        with suppress(FileExistsError):
            path.hardlink_to(part)
    finally:
        part.unlink()


def _digest(text: str) -> bytes:
    return hashlib.sha256(text.encode("utf-8", "surrogateescape")).digest()
