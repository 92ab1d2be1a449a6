"""The client of Telegram against a server that checks what Telegram checks."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Iterator
from typing import Any

import pytest

from dash_agent.adapters.telegram import Pacing, Telegram
from dash_agent.errors import BadCredentials, InDoubt, NotSent, Throttled, TurnedAway
from dash_agent.models.message import Album, Button, Letter, Picture, Text
from tests.stubs.telegram_server import TOKEN, Bad, TelegramServer, read

PNG = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + (390).to_bytes(4, "big") + (340).to_bytes(4, "big") + b"\x08\x02\0\0\0"
CHAT = "77"


@pytest.fixture
def server() -> Iterator[TelegramServer]:
    with TelegramServer() as made:
        yield made


@pytest.fixture
def client(server: TelegramServer) -> Iterator[Telegram]:
    made = Telegram(TOKEN, server.base, Pacing(sleep=lambda _: None))
    yield made
    made.close()


def album(count: int, caption: str = "one & <two>") -> Album:
    words = caption.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return Album(tuple(Picture(f"p{n}.png", PNG + bytes([n]), f"{n} {words}") for n in range(count)))


def test_texts_pictures_and_albums_arrive_as_they_are(server: TelegramServer, client: Telegram) -> None:
    html = '<b>Day &amp; night</b>: 3 &lt; 4, <a href="https://dash.example.com/?a=1&amp;b=2">here</a> 🟢 «да»'
    buttons = ((Button("Useful", "useful:1"), Button("Noise", "noise:1")),)
    first = client.send(CHAT, Text(html, buttons, silent=True), "k")
    assert client.send(CHAT, album(1), "k") == "2"
    assert client.send(CHAT, album(3), "k") == "3,4,5"
    text, single, *group = server.of(CHAT)
    assert (first, text.html, text.text, text.silent) == ("1", html, "Day & night: 3 < 4, here 🟢 «да»", True)
    assert [one["callback_data"] for one in text.buttons["inline_keyboard"][0]] == ["useful:1", "noise:1"]
    assert (single.picture, single.text, single.group) == (PNG + b"\0", "0 one & <two>", "")
    assert [one.picture for one in group] == [PNG + bytes([n]) for n in range(3)]
    assert [one.text for one in group] == [f"{n} one & <two>" for n in range(3)]
    assert len({one.group for one in group}) == 1
    assert [[one.message_id for one in found] for found in server.albums(CHAT)] == [[2], [3, 4, 5]]


def test_what_telegram_refuses(server: TelegramServer, client: Telegram) -> None:
    client.send(CHAT, Text(f"<b>{'x' * 4096}</b>"), "k")
    for wrong in ("x" * 4097, "🟢" * 2049, "<b>x", "a & b", "1 < 2", "<h1>x</h1>", "<b><i>x</b></i>", " ", "<b></b>"):
        with pytest.raises(TurnedAway):
            client.send(CHAT, Text(wrong), "k")
    client.send(CHAT, album(10, "y" * 1021), "k")
    for wrong_album in (album(11), album(2, "y" * 1023), Album((Picture("p", b"GIF89a", "x"),))):
        with pytest.raises(TurnedAway):
            client.send(CHAT, wrong_album, "k")
    with pytest.raises(TurnedAway, match="BUTTON_DATA_INVALID"):
        client.send(CHAT, Text("x", ((Button("x", "d" * 65),),)), "k")
    with pytest.raises(NotSent):
        client.send(CHAT, Letter("n", "s", "h", "t"), "k")
    assert len(server.of(CHAT)) == 1 + 10


def test_who_does_not_take_it(server: TelegramServer, client: Telegram) -> None:
    server.blocked, server.chats = {"1"}, {"1", "2"}
    with pytest.raises(TurnedAway, match="blocked by the user"):
        client.send("1", Text("x"), "k")
    with pytest.raises(TurnedAway, match="chat not found"):
        client.send("3", Text("x"), "k")
    server.throttled["2"] = (1, 17)
    with pytest.raises(Throttled) as error:
        client.send("2", Text("x"), "k")
    assert error.value.seconds == 17
    client.send("2", Text("x"), "k")
    server.failing = [502]
    with pytest.raises(InDoubt):
        client.send("2", Text("y"), "k")
    assert [one.html for one in server.messages] == ["x"]


def test_a_wrong_token_is_named_and_not_told(server: TelegramServer, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("DEBUG")
    wrong = Telegram("999:wrong-token", server.base, Pacing(sleep=lambda _: None))
    with pytest.raises(BadCredentials, match="TELEGRAM_BOT_TOKEN") as error:
        wrong.send(CHAT, Text("x"), "k")
    wrong.close()
    gone = Telegram("999:wrong-token", "http://127.0.0.1:9", Pacing(sleep=lambda _: None))
    with pytest.raises(NotSent, match="can't be reached") as away:
        gone.send(CHAT, Text("x"), "k")
    gone.close()
    assert "wrong-token" not in f"{error.value} {away.value} {caplog.text}"
    assert error.value.__cause__ is away.value.__cause__ is None


def test_a_line_that_is_cut_leaves_it_in_doubt() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def cut() -> None:
            line, _ = listener.accept()
            line.recv(65536)
            line.close()

        thread = threading.Thread(target=cut)
        thread.start()
        client = Telegram(TOKEN, f"http://127.0.0.1:{listener.getsockname()[1]}", Pacing(sleep=lambda _: None))
        with pytest.raises(InDoubt):
            client.send(CHAT, Text("x"), "k")
        client.close()
        thread.join()


def test_the_pace_of_a_chat_a_group_and_all() -> None:
    now, slept = [100.0], list[float]()

    def sleep(seconds: float) -> None:
        slept.append(round(seconds, 2))
        now[0] += seconds

    pacing = Pacing(lambda: now[0], sleep)
    for chat, count in (("1", 1), ("1", 1), ("-2", 3), ("-2", 1), ("3", 1)):
        pacing.wait(chat, count)
    # A second after the first; 1/25 after any; an album of three in a group takes three times three seconds.
    assert slept == [1.0, 0.04, 9.0, 0.04]


def test_a_webhook_has_its_secret(server: TelegramServer, client: Telegram) -> None:
    with pytest.raises(TurnedAway, match="unallowed"):
        client.call("setWebhook", {"url": "http://127.0.0.1:9/", "secret_token": "no spaces"})
    client.call("setWebhook", {"url": "http://127.0.0.1:9/", "secret_token": "s3cret"})
    assert server.webhook == ("http://127.0.0.1:9/", "s3cret")
    client.call("deleteWebhook", {})
    server.updates = [{"update_id": 5}, {"update_id": 6}]
    assert client.call("getUpdates", {"offset": 6}) == [{"update_id": 6}]


@pytest.mark.parametrize("html", ["&nbsp;", "&", "<", "<script>x</script>", "</b>", "<b", "a > b"])
def test_the_stub_is_strict(html: str) -> None:
    with pytest.raises(Bad):
        read(html)


def test_buttons_are_json(server: TelegramServer, client: Telegram) -> None:
    client.send(CHAT, Text("x", ((Button("Да", "1"),),)), "k")
    found: Any = server.of(CHAT)[0].buttons
    assert json.dumps(found, ensure_ascii=False) == '{"inline_keyboard": [[{"text": "Да", "callback_data": "1"}]]}'
