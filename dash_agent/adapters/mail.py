"""Letters by mail, and as folders of pages."""

from __future__ import annotations

import hashlib
import re
from email.message import EmailMessage
from pathlib import Path
from typing import Final

from dash_agent.adapters.post import Post, headed, write_whole
from dash_agent.errors import NotSent
from dash_agent.models.message import Letter, Message
from dash_agent.ports import Clock

SENDER: Final = "dash@example.com"


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
        mail = headed(self._sender, to, letter.subject, self._clock.now())
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
            write_whole(folder / one.name, one.png)
        write_whole(folder / "index.txt", message.text.encode())
        # Last: who sees the page finds all of it.
        write_whole(folder / "index.html", message.html.replace('src="cid:', 'src="').encode())
        return str(folder)
