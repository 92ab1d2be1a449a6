"""Digests as letters: to a mail server that a test plays."""

from __future__ import annotations

from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage

import pytest

from dash_agent.adapters.clock import FrozenClock
from dash_agent.adapters.mail import SENDER, Mail
from dash_agent.adapters.post import Smtp, SmtpServer
from dash_agent.errors import InDoubt, NotSent
from dash_agent.models.message import Letter, Picture, Text
from tests.stubs.smtp_server import Played, played

CLOCK = FrozenClock(datetime(2026, 11, 20, 6, tzinfo=UTC))
CHART = Picture("tickets.png", b"\x89PNG", "Tickets by day")
LETTER = Letter("daily", "Итоги дня", '<p>Тикеты: 214</p><img src="cid:tickets.png">', "Тикеты: 214", (CHART,))


def post(server: Played) -> Mail:
    read = SmtpServer.read(f"smtp://127.0.0.1:{server.port}", SENDER)
    return Mail(Smtp(read), CLOCK, read.sender)


def arrived(server: Played) -> EmailMessage:
    begun = server.lines.index("data") + 1
    return message_from_bytes("\n".join(server.lines[begun : server.lines.index(".")]).encode(), policy=policy.default)


def test_a_letter_arrives_with_its_text_its_page_and_its_pictures() -> None:
    with played("takes") as server:
        post(server).send("anna@example.com", LETTER, "digest daily")
    mail = arrived(server)
    assert (mail["To"], mail["From"], mail["Subject"]) == ("anna@example.com", SENDER, LETTER.subject)
    plain, page = mail.get_body(("plain",)), mail.get_body(("html",))
    assert plain is not None
    assert plain.get_content().strip() == LETTER.text
    assert page is not None
    assert page.get_content().strip() == LETTER.html
    (picture,) = (part for part in mail.walk() if part.get_content_type() == "image/png")
    assert picture["Content-ID"] == f"<{CHART.name}>"
    assert picture.get_content() == CHART.png


def test_one_letter_has_one_id_however_often_it_is_sent() -> None:
    ids = set()
    for key in ("digest daily", "digest daily", "digest weekly"):
        with played("takes") as server:
            post(server).send("anna@example.com", LETTER, key)
        ids.add(arrived(server)["Message-ID"])
    assert len(ids) == 2


@pytest.mark.parametrize(("how", "error"), [("refuses", NotSent), ("breaks", InDoubt)])
def test_what_did_not_arrive_is_told_without_the_address(how: str, error: type[Exception]) -> None:
    with played(how) as server, pytest.raises(error) as raised:
        post(server).send("anna@example.com", LETTER, "digest daily")
    assert "anna" not in str(raised.value)


def test_a_mailbox_takes_letters_alone() -> None:
    nowhere = Mail(Smtp(SmtpServer.read("smtp://127.0.0.1:1", SENDER)), CLOCK)
    with pytest.raises(NotSent, match="takes letters"):
        nowhere.send("anna@example.com", Text("<b>no</b>"), "digest daily")
