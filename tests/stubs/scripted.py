"""A model's provider that answers by script, over real HTTP. What a request may hold is the protocol's to say."""

from __future__ import annotations

import json
import threading
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from time import perf_counter, sleep
from types import TracebackType
from typing import Any, ClassVar

Json = Mapping[str, Any]


@dataclass(frozen=True)
class Call:
    """The model calls a tool. arguments: an object, or text that is sent as it stands."""

    tool: str
    arguments: Json | str = field(default_factory=dict)


@dataclass(frozen=True)
class Text:
    text: str


@dataclass(frozen=True)
class Fail:
    """An HTTP error. retry_after: seconds, for its header."""

    status: int
    message: str = "the stub was told to fail"
    retry_after: int | None = None


@dataclass(frozen=True)
class Hang:
    """Nothing comes for so many seconds; then the connection is closed."""

    seconds: float


@dataclass(frozen=True)
class BrokenJson:
    """Status 200, and a body that ends in the middle of an object."""


@dataclass(frozen=True)
class Cut:
    """A proper reply that stops in mid-stream: the connection is closed after some of it."""

    reply: Call | Text


Reply = Call | Text | Fail | Hang | BrokenJson | Cut
Script = Sequence[Reply | Callable[["Request"], Reply]]


@dataclass(frozen=True)
class Request:
    """body: as it came. tokens: of its prompt, tools included, by the provider's own vocabulary."""

    body: Json
    tokens: int

    @property
    def told(self) -> str:
        """Everything that the model was told, as text."""
        return json.dumps(self.body, ensure_ascii=False)


@dataclass(frozen=True)
class Bad(Exception):
    """A request that the protocol does not allow."""

    status: int
    message: str
    code: str | None = None


@cache
def vocabulary() -> Any:
    with warnings.catch_warnings():
        # The package opens its data in a way that Python 3.11 calls old.
        warnings.simplefilter("ignore", DeprecationWarning)
        import bpe_openai

        return bpe_openai.get_encoding("o200k_base")


def tokens(value: object) -> int:
    """Of a text, or of an object as compact JSON."""
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return len(vocabulary().encode(text))


class Protocol:
    """What differs between providers."""

    path: ClassVar[str]

    def check(self, body: Json, headers: Mapping[str, str]) -> int:
        """The prompt's tokens. Raises Bad."""
        raise NotImplementedError

    def reply(self, reply: Call | Text, body: Json, prompt: int) -> Json:
        raise NotImplementedError

    def stream(self, reply: Call | Text, body: Json, prompt: int) -> Iterator[str]:
        """The events, each with its blank line."""
        raise NotImplementedError

    def error(self, bad: Bad) -> Json:
        raise NotImplementedError


class Provider:
    """Serves a protocol on a port of its own. Replies come in order; after the last one, `otherwise` for ever.

    busy_s: seconds that requests took in here, which are not the product's.
    """

    def __init__(
        self, protocol: Protocol, script: Script = (), otherwise: Reply | Callable[[Request], Reply] | None = None
    ):
        self.protocol = protocol
        self.script = list(script)
        self.otherwise = otherwise
        self.requests: list[Request] = []
        self.busy_s = 0.0
        self._lock = threading.Lock()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}"

    def __enter__(self) -> Provider:
        # Here and not at the first request: loading takes a second, and a warning's filters are no thread's own.
        vocabulary()
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def next(self, request: Request) -> Reply:
        with self._lock:
            self.requests.append(request)
            planned = self.script.pop(0) if self.script else self.otherwise
        if planned is None:
            return Fail(500, "the script has ended")
        return planned(request) if callable(planned) else planned


def _handler(provider: Provider) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        # One packet a reply: headers and body apart would wait for an acknowledgement in between.
        wbufsize = -1

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            pass

        def do_POST(self) -> None:
            began = perf_counter()
            self._answer()
            provider.busy_s += perf_counter() - began

        def _answer(self) -> None:
            raw = self.rfile.read(int(self.headers["content-length"]))
            if self.path != provider.protocol.path:
                return self._send(404, json.dumps({"error": {"message": f"no such path: {self.path}"}}))
            try:
                body = json.loads(raw)
                prompt = provider.protocol.check(body, {name.lower(): value for name, value in self.headers.items()})
            except Bad as bad:
                return self._send(bad.status, json.dumps(provider.protocol.error(bad)))
            return self._give(provider.next(Request(body, prompt)), body, prompt)

        def _give(self, reply: Reply, body: Json, prompt: int) -> None:
            match reply:
                case Fail(status, message, retry_after):
                    extra = {} if retry_after is None else {"retry-after": str(retry_after)}
                    self._send(status, json.dumps(provider.protocol.error(Bad(status, message))), extra)
                case Hang(seconds):
                    sleep(seconds)
                    self.close_connection = True
                case BrokenJson():
                    self._send(200, '{"id": "x", "choices": [{"message": {"rol')
                case Cut(whole):
                    self._cut(whole, body, prompt)
                case Call() | Text() if body.get("stream"):
                    events = "".join(provider.protocol.stream(reply, body, prompt))
                    self._send(200, events, {"content-type": "text/event-stream"})
                case Call() | Text():
                    self._send(200, json.dumps(provider.protocol.reply(reply, body, prompt)))

        def _cut(self, reply: Call | Text, body: Json, prompt: int) -> None:
            """Half of the bytes that were announced."""
            streamed = bool(body.get("stream"))
            parts = provider.protocol.stream(reply, body, prompt) if streamed else ()
            text = "".join(parts) if streamed else json.dumps(provider.protocol.reply(reply, body, prompt))
            kind = "text/event-stream" if streamed else "application/json"
            self._send(200, text, {"content-type": kind}, keep=len(text) // 2)
            self.close_connection = True

        def _send(
            self, status: int, text: str, extra: Mapping[str, str] | None = None, keep: int | None = None
        ) -> None:
            data = text.encode()
            headers = {"content-type": "application/json", "content-length": str(len(data)), **(extra or {})}
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(data[:keep])
            self.wfile.flush()

    return Handler
