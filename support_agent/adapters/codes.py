"""One-time codes in `app.identification_codes`, kept as scrypt hashes. Every code has a row, known address or not."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final

from psycopg import Connection

from dash_agent.warehouse.connections import Connections

HOLDS: Final = timedelta(minutes=10)
PAUSE: Final = timedelta(hours=1)
TRIES: Final = 5
"""Wrong codes in a dialogue before the pause."""
TRIES_OF_ADDRESS: Final = 10
"""Over all dialogues: somebody else's tries alone should not shut a customer out at once."""
CODES: Final = 4
"""In a dialogue within the pause's time; the first one and three more."""
CODES_OF_ADDRESS: Final = 8

LOCK: Final = "SELECT pg_advisory_xact_lock(hashtextextended('code ' || %s, 0))"
TRIED: Final = """
    SELECT coalesce(sum(tries) FILTER (WHERE dialog_id = %(dialog)s AND last_try_at > %(since)s), 0),
           coalesce(sum(tries) FILTER (WHERE email = %(email)s AND last_try_at > %(since)s), 0),
           count(*) FILTER (WHERE dialog_id = %(dialog)s AND issued_at > %(since)s),
           count(*) FILTER (WHERE email = %(email)s AND issued_at > %(since)s)
    FROM app.identification_codes
    WHERE (dialog_id = %(dialog)s OR email = %(email)s) AND greatest(issued_at, last_try_at) > %(since)s
"""
ISSUE: Final = """
    INSERT INTO app.identification_codes (dialog_id, email, salt, code_hash, issued_at, expires_at)
    VALUES (%s, %s, %s, %s, %s, %s)
"""
# Only the newest one counts.
LATEST: Final = """
    SELECT code_id, email, salt, code_hash, expires_at, used_at FROM app.identification_codes
    WHERE dialog_id = %s ORDER BY code_id DESC LIMIT 1 FOR UPDATE
"""
WRONG: Final = "UPDATE app.identification_codes SET tries = tries + 1, last_try_at = %s WHERE code_id = %s"
USED: Final = "UPDATE app.identification_codes SET used_at = %s WHERE code_id = %s"


def draw_code() -> str:
    """Six digits."""
    return f"{secrets.randbelow(1_000_000):06}"


class SqlCodes:
    """Port `Codes`, on the app role. draw: six digits. salt: bytes that are never used twice."""

    def __init__(
        self,
        connections: Connections,
        draw: Callable[[], str] = draw_code,
        salt: Callable[[int], bytes] = secrets.token_bytes,
    ) -> None:
        self._connections = connections
        self._draw = draw
        self._salt = salt

    def issue(self, dialog_id: str, email: str, now: datetime) -> str | None:
        code, salt = self._draw(), self._salt(16)
        kept = _hash(code, salt)
        with self._connections.transaction() as connection:
            _lock(connection, dialog_id, email)
            tried, tried_of_address, codes, codes_of_address = _tried(connection, dialog_id, email, now)
            if tried >= TRIES or tried_of_address >= TRIES_OF_ADDRESS:
                return None
            if codes >= CODES or codes_of_address >= CODES_OF_ADDRESS:
                return None
            connection.execute(ISSUE, (dialog_id, email, salt, kept, now, now + HOLDS))
        return code

    def verify(self, dialog_id: str, code: str, now: datetime) -> str | None:
        with self._connections.transaction() as connection:
            connection.execute(LOCK, (dialog_id,))
            row = connection.execute(LATEST, (dialog_id,)).fetchone()
            code_id, email, salt, kept, expires_at, used_at = row or (None, "", b"", b"", now, None)
            right = hmac.compare_digest(_hash(code, salt), kept)
            if code_id is None or used_at is not None or now >= expires_at:
                return None
            tried, tried_of_address, *_ = _tried(connection, dialog_id, email, now)
            if tried >= TRIES or tried_of_address >= TRIES_OF_ADDRESS:
                return None
            connection.execute(USED if right else WRONG, (now, code_id))
            return str(email) if right else None

    def is_paused(self, dialog_id: str, now: datetime) -> bool:
        with self._connections.transaction() as connection:
            row = connection.execute(LATEST, (dialog_id,)).fetchone()
            email = "" if row is None else row[1]
            tried, tried_of_address, *_ = _tried(connection, dialog_id, email, now)
        return tried >= TRIES or tried_of_address >= TRIES_OF_ADDRESS


def _lock(connection: Connection, dialog_id: str, email: str) -> None:
    """Of a dialogue first, then of an address: always in this order."""
    connection.execute(LOCK, (dialog_id,))
    connection.execute(LOCK, (email,))


def _tried(connection: Connection, dialog_id: str, email: str, now: datetime) -> tuple[int, int, int, int]:
    """Wrong codes in the dialogue and for the address, and codes asked for, within the time of the pause."""
    given = {"dialog": dialog_id, "email": email, "since": now - PAUSE}
    row = connection.execute(TRIED, given).fetchone()
    assert row is not None
    return row[0], row[1], row[2], row[3]


def _hash(code: str, salt: bytes) -> bytes:
    """About 10 ms and 4 MB: all codes of a row take hours to try, and a code holds for minutes."""
    return hashlib.scrypt(code.encode(), salt=salt, n=2**12, r=8, p=1)
