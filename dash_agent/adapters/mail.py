"""Mail, as files in an outbox or by SMTP, and folders of pages. Nothing logs an address or a text."""

from __future__ import annotations

import hashlib
import os
import re
import smtplib
import ssl
from collections.abc import Callable
from dataclasses import dataclass, field
from email.message import EmailMessage
from email.utils import format_datetime
from pathlib import Path
from typing import Final, Protocol
from urllib.parse import parse_qs, unquote, urlsplit

from dash_agent.errors import InDoubt, NotSent, WrongUse
from dash_agent.models.message import Letter, Message
from dash_agent.ports import Clock

SENDER: Final = "dash@example.com"
PORTS: Final = {"smtp": 587, "smtps": 465}
TIMEOUT_S: Final = 20


@dataclass(frozen=True, slots=True)
class SmtpServer:
    host: str
    port: int
    is_tls: bool
    user: str | None
    password: str | None = field(repr=False)
    sender: str = SENDER

    @classmethod
    def read(cls, url: str, sender: str = SENDER) -> SmtpServer:
        """From `smtp://USER:PASSWORD@HOST:587?from=ADDRESS`, or smtps for TLS from the start. Raises WrongUse."""
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
        _write(file, mail.as_bytes())
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
            raise InDoubt(f"the mail server {self._server.host} broke off") from None
        except (smtplib.SMTPException, OSError) as error:
            kind = type(error).__name__
            raise NotSent(f"the mail server {self._server.host} took no mail ({kind})", "see SMTP_URL") from None

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
                raise NotSent(f"the mail server {server.host} would take the password in the clear", "use smtps://")
        if server.user is not None:
            made.login(server.user, server.password or "")
        return made


class Mail:
    """Port `Messenger`: letters as HTML with their pictures in it, and as plain text beside."""

    def __init__(self, post: Post, clock: Clock, sender: str = SENDER) -> None:
        self._post, self._clock, self._sender = post, clock, sender

    @property
    def repeatable(self) -> bool:
        return self._post.repeatable

    def ready(self, to: str, message: Message) -> None:
        del to, message

    def send(self, to: str, message: Message, key: str) -> str | None:
        if not isinstance(message, Letter):
            raise NotSent("a mailbox takes letters")
        known = hashlib.sha256(key.encode()).hexdigest()[:24]
        return self._post.post(self._mail(to, message, known), f"{message.name}-{known[:8]}")

    def _mail(self, to: str, letter: Letter, known: str) -> EmailMessage:
        mail = EmailMessage()
        try:
            mail["From"], mail["To"], mail["Subject"] = self._sender, to, letter.subject
        except ValueError:
            # Such as a line break in an address, which would be another header.
            raise NotSent("this can't be the head of a mail") from None
        mail["Date"] = format_datetime(self._clock.now())
        mail["Message-ID"] = f"<{known}@dash-agent>"
        mail.set_content(letter.text)
        mail.add_alternative(letter.html, subtype="html")
        parts = mail.get_payload()
        page = parts[-1] if isinstance(parts, list) else None
        assert isinstance(page, EmailMessage)
        for one in letter.pictures:
            page.add_related(one.png, "image", "png", cid=f"<{one.name}>", filename=one.name, disposition="inline")
        return mail


class Folders:
    """Port `Messenger`: a folder for each letter, with `index.html`, the text and the pictures."""

    repeatable = True

    def __init__(self, root: Path) -> None:
        self._root = root

    def ready(self, to: str, message: Message) -> None:
        del to, message

    def send(self, to: str, message: Message, key: str) -> str:
        del key
        if not isinstance(message, Letter) or not re.fullmatch(r"[\w-]+", to):
            raise NotSent("a folder takes letters")
        folder = self._root / to / message.name
        for one in message.pictures:
            _write(folder / one.name, one.png)
        _write(folder / "index.txt", message.text.encode())
        # Last: who sees the page finds all of it.
        _write(folder / "index.html", message.html.replace('src="cid:', 'src="').encode())
        return str(folder)


def _write(file: Path, content: bytes) -> None:
    """Whole or not at all, for its owner alone."""
    part = file.with_name(f".{file.name}.{os.getpid()}")
    try:
        file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
        with os.fdopen(descriptor, "wb") as opened:
            opened.write(content)
        part.rename(file)
    except OSError as error:
        raise NotSent(f"{file} could not be written: {error.strerror}") from None
