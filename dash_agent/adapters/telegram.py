"""Telegram's Bot API: what digests, alerts and the chat with managers send by. No message names the token."""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from threading import Lock
from typing import Any, Final

import httpx

from dash_agent.errors import BadCredentials, InDoubt, NotSent, Throttled, TurnedAway
from dash_agent.models.message import Album, Button, Message, Text

BASE: Final = "https://api.telegram.org"
TIMEOUT: Final = httpx.Timeout(60.0, connect=10.0)
EACH_S: Final = 1 / 25
"""Between two messages to whichever chats: Telegram takes about 30 a second."""
CHAT_S, GROUP_S = 1.0, 3.0
"""Between two messages to one chat: about one a second, and 20 a minute to a group or channel."""

LONGEST_ANSWER: Final = 200
"""Characters of what shows up when a button is pressed."""

Files = Mapping[str, tuple[str, bytes, str]]

# It would write each address that is called, and the token is part of it.
logging.getLogger("httpx").setLevel(logging.WARNING)


class Pacing:
    """Keeps this process within Telegram's limits. clock: seconds that only grow. Thread-safe."""

    def __init__(
        self, clock: Callable[[], float] = time.monotonic, sleep: Callable[[float], object] = time.sleep
    ) -> None:
        self._clock, self._sleep = clock, sleep
        self._free: dict[str, float] = {}
        self._free_for_all = float("-inf")
        self._lock = Lock()

    def wait(self, chat: str, messages: int = 1) -> None:
        """Until so many may go to a chat."""
        gap = GROUP_S if chat.startswith(("-", "@")) else CHAT_S
        with self._lock:
            now = self._clock()
            at = max(now, self._free_for_all, self._free.get(chat, now))
            self._free_for_all = at + EACH_S
            self._free[chat] = at + gap * messages
        if at > now:
            self._sleep(at - now)


class Telegram:
    """Ports `Messenger` and `Replies`. One for a process. Thread-safe."""

    repeatable = False

    def __init__(self, token: str, base: str = BASE, pacing: Pacing | None = None) -> None:
        self._token = token
        self._client = httpx.Client(base_url=base, timeout=TIMEOUT)
        self._pacing = pacing or Pacing()

    @property
    def bot(self) -> str:
        """The bot's id, which is no secret."""
        return self._token.partition(":")[0]

    def close(self) -> None:
        self._client.close()

    # What comes back

    def updates(self, first: int | None, seconds: int) -> Sequence[Mapping[str, Any]]:
        """Presses of buttons from an update on, which makes those before it forgotten; waits so long for the first.

        Raises NotSent and its kinds, and InDoubt; either way it may be asked again.
        """
        values: dict[str, object] = {"timeout": seconds, "allowed_updates": ["callback_query"]}
        found: Sequence[Mapping[str, Any]] = self.call(
            "getUpdates", values | ({} if first is None else {"offset": first})
        )
        return found

    def have_sent(self, url: str, secret: str) -> None:
        """Has presses of buttons sent to an address, with the secret, in place of being asked for."""
        self.call("setWebhook", {"url": url, "secret_token": secret, "allowed_updates": ["callback_query"]})

    def answer(self, query: str, text: str) -> None:
        # An answer that comes too late is refused, and there is nobody left to read it.
        with suppress(TurnedAway):
            self.call("answerCallbackQuery", {"callback_query_id": query, "text": text[:LONGEST_ANSWER]})

    def relabel(self, chat: str, message: int, buttons: Sequence[Sequence[Button]]) -> None:
        # A message that stands so already is refused, too.
        with suppress(TurnedAway):
            values = {"chat_id": chat, "message_id": message, "reply_markup": _keyboard(buttons)}
            self.call("editMessageReplyMarkup", values)

    # What goes out

    def ready(self, to: str, message: Message) -> None:
        self._pacing.wait(to, len(message.pictures) if isinstance(message, Album) else 1)

    def send(self, to: str, message: Message, key: str) -> str:
        """The ids of the messages that it became."""
        del key  # Telegram knows none
        match message:
            case Text():
                return self._text(to, message)
            case Album():
                return self._album(to, message)
            case _:
                raise NotSent("a letter is nothing for a chat")

    def call(self, method: str, values: Mapping[str, object], files: Files | None = None) -> Any:
        """The result of a method of the Bot API. Raises NotSent and its kinds, and InDoubt."""
        data = {name: value if isinstance(value, str) else json.dumps(value) for name, value in values.items()}
        try:
            answer = self._client.post(f"/bot{self._token}/{method}", data=data, files=files)
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.UnsupportedProtocol) as error:
            # Their words may hold the address, and the token with it.
            kind = type(error).__name__
            lost = NotSent(f"Telegram can't be reached ({kind})", "see TELEGRAM_API_BASE")
            raise lost.because("telegram_unreachable", kind=kind) from None
        except httpx.HTTPError as error:
            kind = type(error).__name__
            doubt = InDoubt(f"Telegram broke off ({kind}); {method} may have arrived")
            raise doubt.because("telegram_broke_off", kind=kind) from None
        return _result(answer, method, str(values.get("chat_id", "")))

    def _text(self, to: str, message: Text) -> str:
        values: dict[str, object] = {
            "chat_id": to,
            "text": message.html,
            "parse_mode": "HTML",
            "link_preview_options": {"is_disabled": True},
            "disable_notification": message.silent,
        }
        if message.buttons:
            values["reply_markup"] = _keyboard(message.buttons)
        return str(self.call("sendMessage", values)["message_id"])

    def _album(self, to: str, album: Album) -> str:
        """Telegram's albums begin at two pictures. It makes no sound: the text before it has."""
        files = {f"photo{n}": (one.name, one.png, "image/png") for n, one in enumerate(album.pictures)}
        values: dict[str, object] = {"chat_id": to, "disable_notification": True}
        if len(album.pictures) == 1:
            told = {"photo": "attach://photo0", "caption": album.pictures[0].caption, "parse_mode": "HTML"}
            return str(self.call("sendPhoto", {**values, **told}, files)["message_id"])
        media = [
            {"type": "photo", "media": f"attach://{name}", "caption": one.caption, "parse_mode": "HTML"}
            for name, one in zip(files, album.pictures, strict=True)
        ]
        sent = self.call("sendMediaGroup", {**values, "media": media}, files)
        return ",".join(str(one["message_id"]) for one in sent)


def _keyboard(buttons: Sequence[Sequence[Button]]) -> Mapping[str, object]:
    return {"inline_keyboard": [[_button(one) for one in row] for row in buttons]}


def _button(button: Button) -> Mapping[str, str]:
    return {"text": button.label, "callback_data": button.data}


def _result(answer: httpx.Response, method: str, chat: str) -> Any:
    status = answer.status_code
    if status >= 500:
        failed = InDoubt(f"Telegram failed with {status}; {method} may have arrived")
        raise failed.because("telegram_failed", status=status)
    try:
        told = answer.json()
    except ValueError:
        stranger = InDoubt(f"what answers at TELEGRAM_API_BASE is no Bot API ({status})")
        raise stranger.because("no_bot_api", status=status) from None
    if told.get("ok"):
        return told["result"]
    said, parameters = str(told.get("description", "")), told.get("parameters") or {}
    match status:
        case 401 | 404:
            # Of a token that is none at all, Telegram says that there is no such address.
            unknown = BadCredentials(
                "Telegram does not know this bot", "set TELEGRAM_BOT_TOKEN to what @BotFather gave"
            )
            raise unknown.because("unknown_bot")
        case 429:
            seconds = float(parameters.get("retry_after", 1))
            full = Throttled(f"Telegram takes nothing more for chat {chat} for {seconds:.0f} s", seconds)
            raise full.because("telegram_full", chat=chat, seconds=f"{seconds:.0f}")
        case 400 if "migrate_to_chat_id" in parameters:
            now = parameters["migrate_to_chat_id"]
            moved = TurnedAway(f"the group {chat} has become {now}", "write the new id")
            raise moved.because("chat_moved", chat=chat, now=now)
        case 403:
            left = TurnedAway(f"the chat {chat} does not take messages of this bot any more: {said}")
            raise left.because("chat_left", chat=chat, said=said)
        case _:
            refused = TurnedAway(f"Telegram refused {method} to chat {chat}: {said}")
            raise refused.because("telegram_refused", method=method, chat=chat, said=said)
