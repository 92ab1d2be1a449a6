"""A mail server that takes one mail, refuses its recipient, or breaks off after the text."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager


class Played:
    """how: takes, refuses or breaks. lines: what it was told."""

    def __init__(self, how: str) -> None:
        self.how = how
        self.lines: list[str] = []
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.thread = threading.Thread(target=self.serve, daemon=True)
        self.thread.start()

    def serve(self) -> None:
        peer, _ = self.listener.accept()
        with peer, peer.makefile("rwb", buffering=0) as talk:
            talk.write(b"220 hello\r\n")
            data = False
            for raw in iter(talk.readline, b""):
                line = raw.decode().rstrip("\r\n")
                self.lines.append(line)
                word = line.upper()[:4]
                if data:
                    data = line != "."
                    if not data:
                        if self.how == "breaks":
                            return
                        talk.write(b"250 taken\r\n")
                elif word == "DATA":
                    data = True
                    talk.write(b"354 go on\r\n")
                elif word == "RCPT" and self.how == "refuses":
                    talk.write(b"550 no such mailbox ada@example.com\r\n")
                elif word == "QUIT":
                    talk.write(b"221 bye\r\n")
                    return
                else:
                    talk.write(b"250 ok\r\n")


@contextmanager
def played(how: str) -> Iterator[Played]:
    server = Played(how)
    yield server
    server.thread.join(5)
    server.listener.close()
