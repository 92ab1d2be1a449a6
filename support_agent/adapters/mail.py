"""Mail to customers: codes and the like, through the host's outbox or mail server."""

from __future__ import annotations

from typing import Final

from dash_agent.adapters.post import Post, headed
from dash_agent.ports import Clock, Ids

SENDER: Final = "support@example.com"


class PlainMail:
    """Port `Mail`: plain text. ids: sort by time, so that the files of an outbox stand as they were sent."""

    def __init__(self, post: Post, clock: Clock, ids: Ids, sender: str = SENDER) -> None:
        self._post, self._clock, self._ids, self._sender = post, clock, ids, sender

    def send(self, to: str, subject: str, body: str) -> None:
        """Raises NotSent where it has not left for sure, InDoubt where nobody knows."""
        mail = headed(self._sender, to, subject, self._clock.now())
        mail.set_content(body)
        self._post.post(mail, self._ids.new())
