"""Mail: as files in the outbox folder, or by SMTP. Neither logs an address or a text."""

from __future__ import annotations

import os
import smtplib
import ssl
from collections.abc import Callable
from dataclasses import dataclass, field
from email.message import EmailMessage
from email.utils import format_datetime
from pathlib import Path
from typing import Final
from urllib.parse import parse_qs, unquote, urlsplit

from dash_agent.errors import InDoubt, NotSent, WrongUse
from dash_agent.ports import Clock, Ids

SENDER: Final = "support@example.com"
PORTS: Final = {"smtp": 587, "smtps": 465}
TIMEOUT_S: Final = 20


class OutboxMail:
    """Port `Mail`: one file a mail, readable by its owner alone, in the order in which they were sent."""

    def __init__(self, folder: Path, clock: Clock, ids: Ids, sender: str = SENDER) -> None:
        self._folder = folder
        self._clock = clock
        self._ids = ids
        self._sender = sender

    def send(self, to: str, subject: str, body: str) -> None:
        message = _message(self._sender, to, subject, body, format_datetime(self._clock.now()))
        name = f"{self._ids.new()}.eml"
        try:
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            _write(self._folder / f".{name}", self._folder / name, message.as_bytes())
        except OSError as error:
            raise NotSent(f"a mail could not be written to {self._folder}: {error.strerror}") from None


def _write(part: Path, whole: Path, content: bytes) -> None:
    """Whole or not at all."""
    descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
    part.rename(whole)


@dataclass(frozen=True, slots=True)
class SmtpServer:
    host: str
    port: int
    is_tls: bool
    user: str | None
    password: str | None = field(repr=False)
    sender: str = SENDER

    @classmethod
    def read(cls, url: str) -> SmtpServer:
        """From `smtp://USER:PASSWORD@HOST:587?from=ADDRESS`, or smtps for TLS from the start. Raises WrongUse."""
        try:
            found = urlsplit(url)
            port = found.port
        except ValueError:
            raise WrongUse("SMTP_URL is no address", "write smtp://USER:PASSWORD@HOST:587") from None
        if found.scheme not in PORTS or not found.hostname:
            raise WrongUse("SMTP_URL is no SMTP address", "write smtp://USER:PASSWORD@HOST:587, or smtps://")
        user, password = (unquote(part) if part else None for part in (found.username, found.password))
        sender = parse_qs(found.query).get("from", [user if user and "@" in user else SENDER])[0]
        return cls(found.hostname, port or PORTS[found.scheme], found.scheme == "smtps", user, password, sender)


class SmtpMail:
    """Port `Mail`. Raises NotSent where it has not left for sure, InDoubt where nobody knows."""

    def __init__(
        self, server: SmtpServer, clock: Clock, context: Callable[[], ssl.SSLContext] = ssl.create_default_context
    ) -> None:
        self._server = server
        self._clock = clock
        self._context = context

    def send(self, to: str, subject: str, body: str) -> None:
        message = _message(self._server.sender, to, subject, body, format_datetime(self._clock.now()))
        # The other side's words may hold the address: none of them is repeated.
        try:
            with self._connected() as connection:
                connection.send_message(message)
        except smtplib.SMTPServerDisconnected:
            raise InDoubt(f"the mail server {self._server.host} broke off") from None
        except (smtplib.SMTPException, OSError) as error:
            kind = type(error).__name__
            raise NotSent(f"the mail server {self._server.host} took no mail ({kind})", "see SMTP_URL") from None

    def _connected(self) -> smtplib.SMTP:
        server = self._server
        if server.is_tls:
            connection: smtplib.SMTP = smtplib.SMTP_SSL(
                server.host, server.port, timeout=TIMEOUT_S, context=self._context()
            )
        else:
            connection = smtplib.SMTP(server.host, server.port, timeout=TIMEOUT_S)
            connection.ehlo()
            if connection.has_extn("starttls"):
                connection.starttls(context=self._context())
            elif server.user is not None:
                connection.close()
                raise NotSent(f"the mail server {server.host} would take the password in the clear", "use smtps://")
        if server.user is not None:
            connection.login(server.user, server.password or "")
        return connection


def _message(sender: str, to: str, subject: str, body: str, date: str) -> EmailMessage:
    message = EmailMessage()
    try:
        message["From"], message["To"], message["Subject"], message["Date"] = sender, to, subject, date
    except ValueError:
        # Such as a line break in an address, which would be another header.
        raise NotSent("this can't be the head of a mail") from None
    message.set_content(body)
    return message
