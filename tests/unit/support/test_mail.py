"""Mail into the outbox folder, and to a server that a test plays."""

from __future__ import annotations

import socket
import stat
import threading
from datetime import UTC, datetime
from email import message_from_bytes, policy
from pathlib import Path

import pytest

from dash_agent.adapters.clock import FrozenClock
from dash_agent.adapters.ids import UlidIds
from dash_agent.adapters.post import Outbox, Smtp, SmtpServer
from dash_agent.errors import InDoubt, NotSent, WrongUse
from support_agent.adapters.mail import SENDER, PlainMail
from tests.stubs.smtp_server import played

CLOCK = FrozenClock(datetime(2026, 11, 20, 12, tzinfo=UTC))


def outbox(folder: Path) -> PlainMail:
    return PlainMail(Outbox(folder), CLOCK, UlidIds())


def by_server(url: str) -> PlainMail:
    server = SmtpServer.read(url, SENDER)
    return PlainMail(Smtp(server), CLOCK, UlidIds(), server.sender)


def test_a_mail_is_a_file_for_its_owner_alone(tmp_path: Path) -> None:
    folder = tmp_path / "data" / "outbox"
    outbox(folder).send("ada@example.com", "Ваш код", "Ваш код: 123456.")
    (file,) = folder.iterdir()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    mail = message_from_bytes(file.read_bytes(), policy=policy.default)
    assert (mail["To"], mail["Subject"]) == ("ada@example.com", "Ваш код")
    assert "123456" in mail.get_content()


def test_mails_stand_in_the_order_in_which_they_were_sent(tmp_path: Path) -> None:
    mail = outbox(tmp_path / "outbox")
    for number in range(3):
        mail.send("ada@example.com", str(number), "")
        # ULIDs sort by the millisecond.
        threading.Event().wait(0.003)
    subjects = [message_from_bytes(one.read_bytes())["Subject"] for one in sorted((tmp_path / "outbox").iterdir())]
    assert subjects == ["0", "1", "2"]


@pytest.mark.parametrize("to", ["ada@example.com\nBcc: all@example.com", "ada@example.com\r\n\r\nHello"])
def test_an_address_makes_no_other_header(tmp_path: Path, to: str) -> None:
    with pytest.raises(NotSent) as raised:
        outbox(tmp_path).send(to, "Code", "1")
    assert "example.com" not in str(raised.value)
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_is_none_is_told(tmp_path: Path) -> None:
    (tmp_path / "outbox").write_text("a file")
    with pytest.raises(NotSent):
        outbox(tmp_path / "outbox").send("ada@example.com", "Code", "1")


def test_a_server_gets_the_mail() -> None:
    with played("takes") as server:
        by_server(f"smtp://127.0.0.1:{server.port}?from=desk@example.com").send(
            "ada@example.com", "Code", "It is 123456."
        )
    assert "mail FROM:<desk@example.com>" in [line.partition(" size")[0] for line in server.lines]
    assert "rcpt TO:<ada@example.com>" in server.lines
    assert "It is 123456." in server.lines


@pytest.mark.parametrize(("how", "error"), [("refuses", NotSent), ("breaks", InDoubt)])
def test_what_did_not_leave_is_told_without_the_address(how: str, error: type[Exception]) -> None:
    with played(how) as server, pytest.raises(error) as raised:
        by_server(f"smtp://127.0.0.1:{server.port}").send("ada@example.com", "Code", "123456")
    assert "ada" not in str(raised.value)


def test_a_server_that_is_not_there_has_taken_nothing() -> None:
    free = socket.create_server(("127.0.0.1", 0))
    port = free.getsockname()[1]
    free.close()
    with pytest.raises(NotSent):
        by_server(f"smtp://127.0.0.1:{port}").send("ada@example.com", "Code", "1")


def test_no_password_goes_in_the_clear() -> None:
    with played("takes") as server:
        mail = by_server(f"smtp://ada:secret@127.0.0.1:{server.port}")
        with pytest.raises(NotSent):
            mail.send("ada@example.com", "Code", "1")
    assert not [line for line in server.lines if line.upper().startswith(("AUTH", "MAIL"))]


def test_the_setting_is_read_and_its_password_not_shown() -> None:
    read = SmtpServer.read("smtps://desk%40example.com:p%2Fw@mail.example.com", SENDER)
    assert (read.host, read.port, read.is_tls) == ("mail.example.com", 465, True)
    assert (read.user, read.password, read.sender) == ("desk@example.com", "p/w", "desk@example.com")
    assert "p/w" not in repr(read)


@pytest.mark.parametrize("url", ["", "mail.example.com", "http://example.com", "smtp://", "smtp://example.com:x"])
def test_a_setting_that_is_none_is_told(url: str) -> None:
    with pytest.raises(WrongUse):
        SmtpServer.read(url, SENDER)
