"""Where mails go: to files of an outbox, or to a server. Nothing logs an address or a text."""

from __future__ import annotations

import os
import smtplib
import ssl
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from email.message import EmailMessage
from email.utils import format_datetime
from pathlib import Path
from typing import Final, Protocol
from urllib.parse import parse_qs, unquote, urlsplit

from dash_agent.errors import InDoubt, NotSent, WrongUse

PORTS: Final = {"smtp": 587, "smtps": 465}
TIMEOUT_S: Final = 20


@dataclass(frozen=True, slots=True)
class SmtpServer:
    host: str
    port: int
    is_tls: bool
    user: str | None
    password: str | None = field(repr=False)
    sender: str

    @classmethod
    def read(cls, url: str, sender: str) -> SmtpServer:
        """From `smtp://USER:PASSWORD@HOST:587?from=ADDRESS`, or smtps for TLS from the start. Raises WrongUse.

        sender: where neither `from` nor the user is an address.
        """
        try:
            found = urlsplit(url)
            port = found.port
        except ValueError:
            raise WrongUse("SMTP_URL is no address", "write smtp://USER:PASSWORD@HOST:587") from None
        if found.scheme not in PORTS or not found.hostname:
            raise WrongUse("SMTP_URL is no SMTP address", "write smtp://USER:PASSWORD@HOST:587, or smtps://")
        user, password = (unquote(part) if part else None for part in (found.username, found.password))
        own = parse_qs(found.query).get("from", [user if user and "@" in user else sender])[0]
        return cls(found.hostname, port or PORTS[found.scheme], found.scheme == "smtps", user, password, own)


class Post(Protocol):
    """Takes a whole mail. Raises NotSent, InDoubt."""

    repeatable: bool

    def post(self, mail: EmailMessage, name: str) -> str | None: ...


class Outbox:
    """One file a mail, readable by its owner alone; a second one of the same name is the same."""

    repeatable = True

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def post(self, mail: EmailMessage, name: str) -> str:
        file = self._folder / f"{name}.eml"
        write_whole(file, mail.as_bytes())
        return str(file)


class Smtp:
    repeatable = False

    def __init__(self, server: SmtpServer, context: Callable[[], ssl.SSLContext] = ssl.create_default_context) -> None:
        self._server = server
        self._context = context

    def post(self, mail: EmailMessage, name: str) -> None:
        del name
        # The other side's words may hold the address: none of them is repeated.
        try:
            with self._connected() as connection:
                connection.send_message(mail)
        except smtplib.SMTPServerDisconnected:
            doubt = InDoubt(f"the mail server {self._server.host} broke off")
            raise doubt.because("mail_broke_off", server=self._server.host) from None
        except (smtplib.SMTPException, OSError) as error:
            kind = type(error).__name__
            refused = NotSent(f"the mail server {self._server.host} took no mail ({kind})", "see SMTP_URL")
            raise refused.because("mail_refused", server=self._server.host, kind=kind) from None

    def _connected(self) -> smtplib.SMTP:
        server = self._server
        if server.is_tls:
            made: smtplib.SMTP = smtplib.SMTP_SSL(server.host, server.port, timeout=TIMEOUT_S, context=self._context())
        else:
            made = smtplib.SMTP(server.host, server.port, timeout=TIMEOUT_S)
            made.ehlo()
            if made.has_extn("starttls"):
                made.starttls(context=self._context())
            elif server.user is not None:
                made.close()
                bare = NotSent(f"the mail server {server.host} would take the password in the clear", "use smtps://")
                raise bare.because("mail_in_the_clear", server=server.host)
        if server.user is not None:
            made.login(server.user, server.password or "")
        return made


def headed(sender: str, to: str, subject: str, at: datetime) -> EmailMessage:
    """A mail without a text yet. Raises NotSent for what would be another header, such as a line break."""
    mail = EmailMessage()
    try:
        mail["From"], mail["To"], mail["Subject"] = sender, to, subject
    except ValueError:
        raise NotSent("this can't be the head of a mail").because("mail_head") from None
    mail["Date"] = format_datetime(at)
    return mail


def write_whole(file: Path, content: bytes) -> None:
    """Whole or not at all, for its owner alone."""
    part = file.with_name(f".{file.name}.{os.getpid()}")
    try:
        file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
        with os.fdopen(descriptor, "wb") as opened:
            opened.write(content)
        part.rename(file)
    except OSError as error:
        lost = NotSent(f"{file} could not be written: {error.strerror}")
        raise lost.because("file_not_written", file=file) from None
