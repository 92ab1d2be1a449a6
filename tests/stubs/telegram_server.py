"""Telegram's Bot API for tests: it checks what Telegram checks, and keeps what arrives as it came.

Lengths are counted after entities, in UTF-16. HTML is stricter than Telegram's own: a bare `&` or `>` is refused, too.
"""

from __future__ import annotations

import json
import re
import struct
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from email import message_from_bytes
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self
from urllib.error import HTTPError
from urllib.parse import parse_qs
from urllib.request import Request, urlopen

TOKEN = "123456:AAH-stub_token-0123456789abcdefghij"
TAGS = frozenset("b strong i em u ins s strike del code pre a tg-spoiler blockquote".split())
PIECE = re.compile(r"<(/?)([a-zA-Z-]+)((?:\s+[a-z]+=\"[^\"<>]*\")*)\s*>|&(?:lt|gt|amp|quot|#\d+|#x[0-9a-fA-F]+);|[<>&]")
NAMED = {"&lt;": "<", "&gt;": ">", "&amp;": "&", "&quot;": '"'}
SECRET = re.compile(r"[A-Za-z0-9_-]{1,256}")
LONGEST_TEXT, LONGEST_CAPTION, LONGEST_DATA, LONGEST_ANSWER = 4096, 1024, 64, 200
PNG = b"\x89PNG\r\n\x1a\n"


class Bad(Exception):
    def __init__(self, status: int, said: str, **parameters: object) -> None:
        super().__init__(said)
        self.status, self.parameters = status, parameters


@dataclass(frozen=True)
class Arrived:
    """A message as it stands in a chat. html: as it was sent. text: as it is read. group: of an album."""

    chat: str
    message_id: int
    html: str
    text: str
    picture: bytes | None = None
    group: str = ""
    silent: bool = False
    buttons: Any = None


def read(html: str) -> str:
    """What a reader sees. Raises Bad for what Telegram can't parse."""
    open_tags: list[str] = []
    text, at = "", 0
    for found in PIECE.finditer(html):
        text += html[at : found.start()]
        at = found.end()
        piece, name = found.group(), (found.group(2) or "").lower()
        if piece in "<>&":
            where = len(html[: found.start()].encode())
            raise Bad(400, f"Bad Request: can't parse entities: unescaped '{piece}' at byte offset {where}")
        if piece.startswith("&"):
            text += NAMED.get(piece) or chr(int(piece[3:-1], 16) if piece[2] == "x" else int(piece[2:-1]))
        elif name not in TAGS:
            raise Bad(400, f'Bad Request: can\'t parse entities: Unsupported start tag "{name}"')
        elif not found.group(1):
            open_tags.append(name)
        elif not open_tags or open_tags.pop() != name:
            raise Bad(400, f'Bad Request: can\'t parse entities: Unmatched end tag "{name}"')
    if open_tags:
        raise Bad(400, f"Bad Request: can't parse entities: Can't find end tag corresponding to \"{open_tags[-1]}\"")
    return (text + html[at:]).strip()


def units(text: str) -> int:
    return len(text.encode("utf-16-le")) // 2


Values = Mapping[str, Any]
Files = Mapping[str, bytes]


@dataclass
class TelegramServer:
    """chats: those that are there, None for any. blocked: those that do not take messages of the bot.

    throttled: chat → (how many calls are still refused, retry_after). a_minute: messages that a chat takes in a
    minute. failing: status codes that the next calls get, with nothing done. arriving, arrived: called before a
    message is kept and before the answer to it leaves. updates: that nobody has confirmed yet. asked: whether somebody
    asks for them right now. queries: presses that wait for an answer.
    """

    token: str = TOKEN
    chats: set[str] | None = None
    blocked: set[str] = field(default_factory=set)
    throttled: dict[str, tuple[int, int]] = field(default_factory=dict)
    a_minute: int | None = None
    failing: list[int] = field(default_factory=list)
    messages: list[Arrived] = field(default_factory=list)
    calls: list[str] = field(default_factory=list)
    arriving: Callable[[], None] = lambda: None
    arrived: Callable[[], None] = lambda: None
    webhook: tuple[str, str] | None = None
    updates: list[Any] = field(default_factory=list)
    answered: list[Values] = field(default_factory=list)
    queries: set[str] = field(default_factory=set)
    asked: bool = False
    conflicts: int = 0
    presses: int = 0

    def __enter__(self) -> Self:
        self._lock, self._at = threading.RLock(), dict[str, list[float]]()
        self._server = _Quiet(("127.0.0.1", 0), _handler(self))
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    @property
    def base(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def of(self, chat: str) -> list[Arrived]:
        with self._lock:
            return [one for one in self.messages if one.chat == chat]

    def texts(self, chat: str) -> list[str]:
        return [one.html for one in self.of(chat) if one.picture is None]

    def albums(self, chat: str) -> list[list[Arrived]]:
        found: dict[str, list[Arrived]] = {}
        for one in self.of(chat):
            if one.picture is not None:
                found.setdefault(one.group or str(one.message_id), []).append(one)
        return list(found.values())

    def deliver(self, update: Values, secret: str | None = None) -> int:
        """Sends an update to the webhook, with the secret that it was set with; the status of the reply."""
        assert self.webhook is not None, "no webhook was set"
        url, known = self.webhook
        head = {"Content-Type": "application/json", "X-Telegram-Bot-Api-Secret-Token": secret or known}
        try:
            with urlopen(Request(url, json.dumps(update).encode(), head)) as answer:
                return int(answer.status)
        except HTTPError as error:
            return error.code

    def press(self, message: Arrived, label: str, user: int = 5, *, language: str = "en", data: str = "") -> Values:
        """Somebody presses the button that begins so; the update that waits for the bot. data: in place of its own."""
        rows = message.buttons["inline_keyboard"] if message.buttons else []
        found = data or next(one["callback_data"] for row in rows for one in row if one["text"].startswith(label))
        chat: dict[str, Any] = {"id": int(message.chat), "type": "private"} if message.chat[0] != "@" else {}
        chat = chat or {"id": -1009, "type": "channel", "username": message.chat[1:]}
        with self._lock:
            self.presses += 1
            query = {
                "id": f"query-{self.presses}",
                "from": {"id": user, "is_bot": False, "first_name": "Anna", "language_code": language},
                "message": {"message_id": message.message_id, "date": 0, "chat": chat, "text": message.text},
                "chat_instance": "1",
                "data": found,
            }
            update = {"update_id": 1000 + self.presses, "callback_query": query}
            self.queries.add(f"query-{self.presses}")
            self.updates.append(update)
        return update

    def call(self, method: str, values: Values, files: Files) -> Any:
        if method == "getUpdates":
            return self._polled(values)
        with self._lock:
            self.calls.append(method)
            made = getattr(self, f"_{method}", None)
            if made is None:
                raise Bad(404, "Not Found: method not found")
            return made(values, files)

    # Methods, by the names that they have there

    def _getMe(self, values: Values, files: Files) -> Any:  # noqa: N802
        return {"id": int(self.token.split(":")[0]), "is_bot": True, "first_name": "Dash", "username": "dash_bot"}

    def _sendMessage(self, values: Values, files: Files) -> Any:  # noqa: N802
        chat = self._chat(values)
        text = self._parsed(values, "text", LONGEST_TEXT, "message is too long")
        if not text:
            raise Bad(400, "Bad Request: message text is empty")
        return self._kept(Arrived(chat, 0, values["text"], text, None, "", _true(values), _buttons(values)))

    def _sendPhoto(self, values: Values, files: Files) -> Any:  # noqa: N802
        chat = self._chat(values)
        text = self._parsed(values, "caption", LONGEST_CAPTION, "message caption is too long")
        png = _png(str(values.get("photo", "")), files)
        return self._kept(Arrived(chat, 0, values.get("caption", ""), text, png, "", _true(values), _buttons(values)))

    def _sendMediaGroup(self, values: Values, files: Files) -> Any:  # noqa: N802
        chat = self._chat(values)
        media = json.loads(values.get("media", "[]"))
        if not 2 <= len(media) <= 10:
            raise Bad(400, "Bad Request: wrong number of items in the media group: 2 to 10 are allowed")
        group, made = f"g{len(self.messages)}", []
        for one in media:
            if one.get("type") != "photo":
                raise Bad(400, "Bad Request: this stub takes albums of photos only")
            text = self._parsed(one, "caption", LONGEST_CAPTION, "message caption is too long")
            png = _png(one.get("media", ""), files)
            made.append(Arrived(chat, 0, one.get("caption", ""), text, png, group, _true(values)))
        return self._kept(*made)

    def _editMessageText(self, values: Values, files: Files) -> Any:  # noqa: N802
        chat = self._chat(values)
        text = self._parsed(values, "text", LONGEST_TEXT, "message is too long")
        number = int(values["message_id"])
        for at, one in enumerate(self.messages):
            if (one.chat, one.message_id) == (chat, number):
                if one.html == values["text"]:
                    raise Bad(400, "Bad Request: message is not modified")
                self.messages[at] = Arrived(chat, number, values["text"], text, buttons=_buttons(values))
                return _told(self.messages[at])
        raise Bad(400, "Bad Request: message to edit not found")

    def _editMessageReplyMarkup(self, values: Values, files: Files) -> Any:  # noqa: N802
        chat, number, buttons = self._chat(values), int(values["message_id"]), _buttons(values)
        for at, one in enumerate(self.messages):
            if (one.chat, one.message_id) == (chat, number):
                if one.buttons == buttons:
                    raise Bad(400, "Bad Request: message is not modified")
                self.messages[at] = replace(one, buttons=buttons)
                return _told(self.messages[at])
        raise Bad(400, "Bad Request: message to edit not found")

    def _answerCallbackQuery(self, values: Values, files: Files) -> Any:  # noqa: N802
        if units(str(values.get("text", ""))) > LONGEST_ANSWER:
            raise Bad(400, "Bad Request: MESSAGE_TOO_LONG")
        if values["callback_query_id"] not in self.queries:
            raise Bad(400, "Bad Request: query is too old and response timeout expired or query ID is invalid")
        self.queries.discard(values["callback_query_id"])
        self.answered.append(values)
        return True

    def _setWebhook(self, values: Values, files: Files) -> Any:  # noqa: N802
        secret = values.get("secret_token", "")
        if not SECRET.fullmatch(secret):
            raise Bad(400, "Bad Request: secret token contains unallowed characters")
        self.webhook = (values["url"], secret)
        return True

    def _deleteWebhook(self, values: Values, files: Files) -> Any:  # noqa: N802
        self.webhook = None
        return True

    def _polled(self, values: Values) -> Any:
        """Waits for the first one, but lets others call meanwhile. Who asks beside another one is refused."""
        with self._lock:
            self.calls.append("getUpdates")
            if self.webhook is not None:
                raise Bad(409, "Conflict: can't use getUpdates method while webhook is active")
            if self.asked:
                self.conflicts += 1
                raise Bad(409, "Conflict: terminated by other getUpdates request")
            self.asked = True
        until = time.monotonic() + int(values.get("timeout", 0))
        offset = int(values.get("offset", 0))
        try:
            while True:
                with self._lock:
                    self.updates = [one for one in self.updates if one["update_id"] >= offset]
                    if self.updates or time.monotonic() >= until:
                        return list(self.updates)
                time.sleep(0.01)
        finally:
            self.asked = False

    def _chat(self, values: Values) -> str:
        chat = str(values.get("chat_id", ""))
        if not chat or (self.chats is not None and chat not in self.chats):
            raise Bad(400, "Bad Request: chat not found")
        if chat in self.blocked:
            raise Bad(403, "Forbidden: bot was blocked by the user")
        left, seconds = self.throttled.get(chat, (0, 0))
        if left:
            self.throttled[chat] = (left - 1, seconds)
            raise Bad(429, f"Too Many Requests: retry after {seconds}", retry_after=seconds)
        recent = [at for at in self._at.get(chat, []) if at > time.monotonic() - 60]
        if self.a_minute is not None and len(recent) >= self.a_minute:
            raise Bad(429, "Too Many Requests: retry after 60", retry_after=60)
        self._at[chat] = [*recent, time.monotonic()]
        return chat

    def _parsed(self, values: Values, key: str, most: int, said: str) -> str:
        html = str(values.get(key, ""))
        text = read(html) if values.get("parse_mode") == "HTML" else html.strip()
        if units(text) > most:
            raise Bad(400, f"Bad Request: {said}")
        return text

    def _kept(self, *made: Arrived) -> Any:
        self.arriving()
        first = len(self.messages) + 1
        kept = [Arrived(**{**vars(one), "message_id": first + at}) for at, one in enumerate(made)]
        self.messages.extend(kept)
        self.arrived()
        return [_told(one) for one in kept] if kept[0].group else _told(kept[0])


def _told(one: Arrived) -> Any:
    return {"message_id": one.message_id, "date": 0, "chat": {"id": one.chat}, "text": one.text}


def _true(values: Values) -> bool:
    return values.get("disable_notification") == "true"


def _buttons(values: Values) -> Any:
    found = json.loads(values["reply_markup"]) if "reply_markup" in values else None
    for row in found["inline_keyboard"] if found else ():
        for one in row:
            if not 1 <= len(one.get("callback_data", "").encode()) <= LONGEST_DATA:
                raise Bad(400, "Bad Request: BUTTON_DATA_INVALID")
    return found


def _png(named: str, files: Files) -> bytes:
    png = files.get(named.removeprefix("attach://"))
    if png is None or not png.startswith(PNG):
        raise Bad(400, "Bad Request: IMAGE_PROCESS_FAILED")
    width, height = struct.unpack(">II", png[16:24])
    if width + height > 10_000 or max(width, height) > 20 * min(width, height) or len(png) > 10 << 20:
        raise Bad(400, "Bad Request: PHOTO_INVALID_DIMENSIONS")
    return png


def _body(kind: str, content: bytes) -> tuple[Values, Files]:
    if kind.startswith("application/json"):
        return {name: _plain(value) for name, value in json.loads(content).items()}, {}
    if not kind.startswith("multipart/form-data"):
        return {name: values[-1] for name, values in parse_qs(content.decode(), keep_blank_values=True).items()}, {}
    values: dict[str, Any] = {}
    files: dict[str, bytes] = {}
    for part in message_from_bytes(f"Content-Type: {kind}\r\n\r\n".encode() + content).get_payload():
        name = part.get_param("name", header="content-disposition")
        found = part.get_payload(decode=True)
        if part.get_filename() is None:
            values[name] = found.decode()
        else:
            files[name] = found
    return values, files


def _plain(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)


class _Quiet(ThreadingHTTPServer):
    def handle_error(self, request: Any, client_address: Any) -> None:
        """Clients that are killed break off."""


def _handler(server: TelegramServer) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            content = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            _, bot, method = [*self.path.split("/", 2), ""][:3]
            try:
                if server.failing:
                    raise Bad(server.failing.pop(0), "Internal Server Error")
                if bot != f"bot{server.token}":
                    raise Bad(401, "Unauthorized")
                result = server.call(method, *_body(self.headers.get("Content-Type", ""), content))
                self._answer(200, {"ok": True, "result": result})
            except Bad as bad:
                told = {"ok": False, "error_code": bad.status, "description": str(bad)}
                self._answer(bad.status, {**told, "parameters": bad.parameters} if bad.parameters else told)

        do_GET = do_POST  # noqa: N815

        def _answer(self, status: int, told: Any) -> None:
            body = json.dumps(told).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *args: object) -> None:
            pass

    return Handler
