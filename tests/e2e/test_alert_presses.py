"""Buttons below alerts, how a rule proposes to be muted, the daily line, and gaps."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from threading import Event, Thread
from time import monotonic, sleep

import pytest

from dash_agent.adapters.telegram import Pacing, Telegram
from dash_agent.context.catalog import Catalog
from dash_agent.models.alarm import Address, Mute, MuteState, Precision
from dash_agent.models.reason import Reason
from dash_agent.reports.alerts.look import Withheld
from dash_agent.warehouse.bot_updates import take
from dash_agent.warehouse.jobs import SqlJobs
from dash_agent.worker.alerts import ask, poll
from tests.e2e.alarming import CHAT, HOUR, NOON, RUSSIAN, Guard, cause, guarding, rows, rule
from tests.e2e.databases import Database
from tests.stubs.telegram_server import TOKEN, Arrived, TelegramServer


@pytest.fixture(scope="module")
def own(fresh_database: Callable[[], Database]) -> Database:
    return fresh_database()


@pytest.fixture
def server() -> Iterator[TelegramServer]:
    with TelegramServer() as made:
        yield made


@pytest.fixture
def guard(own: Database, home: Catalog, server: TelegramServer) -> Iterator[Guard]:
    with guarding(own, home, server) as made:
        yield made


def pressed(guard: Guard) -> str:
    """Brings what was pressed to its end; what shows up at last."""
    ask(guard.telegram, guard.state, 0)
    guard.work(NOON + HOUR)
    return str(guard.server.answered[-1]["text"]) if guard.server.answered else ""


def labels(message: Arrived) -> list[str]:
    return [one["text"] for row in message.buttons["inline_keyboard"] for one in row]


def test_a_verdict_is_each_person_s_own_and_may_change(guard: Guard, server: TelegramServer) -> None:
    guard.look(NOON, cause())
    message = server.of(CHAT)[0]
    server.press(message, "Useful", 5)
    assert pressed(guard) == "Noted: useful. Thank you."
    assert labels(server.of(CHAT)[0]) == ["Useful · 1", "Noise"]
    server.press(message, "Useful", 5)
    server.press(message, "Noise", 6)
    pressed(guard)
    assert labels(server.of(CHAT)[0]) == ["Useful · 1", "Noise · 1"]
    server.press(message, "Noise", 5)
    pressed(guard)
    assert labels(server.of(CHAT)[0]) == ["Useful", "Noise · 2"]
    server.press(server.of(RUSSIAN)[0], "Полезно", 7)
    assert pressed(guard) == "Записано: полезно. Спасибо."
    assert guard.at(NOON).alerts.precision() == {"volume": Precision(1, 2)}
    assert not server.queries, "nobody waits for an answer"
    kept = rows(guard.database, "SELECT payload::text FROM app.jobs WHERE kind = 'telegram.update'")
    assert not any("Anna" in text for (text,) in kept)


def test_what_nobody_knows_is_answered_politely(guard: Guard, server: TelegramServer) -> None:
    guard.look(NOON, cause())
    message, other = server.of(CHAT)[0], server.of(RUSSIAN)[0]
    for data in ("x", "a:999999:useful", "a:1:great", "m:999999:mute", "a:99999999999999999999:noise"):
        server.press(message, "", data=data)
        assert pressed(guard) == "This button is not known here any more.", data
    server.press(message, "", data="x", language="ru")
    assert pressed(guard) == "Эта кнопка здесь больше неизвестна."
    theirs = message.buttons["inline_keyboard"][0][0]["callback_data"]
    server.press(other, "", data=theirs)
    assert pressed(guard) == "This alert is not for this chat, so nothing was noted."
    guard.ruled(rule("volume", {"chat": RUSSIAN}))
    server.press(message, "Useful")
    assert pressed(guard) == "This alert is not for this chat, so nothing was noted."
    server.press(message, "", data="a:0:useful")
    assert pressed(guard) == "This was a test. Nothing was noted."
    assert guard.at(NOON).alerts.precision() == {}


def test_an_update_is_handled_once(guard: Guard, server: TelegramServer) -> None:
    guard.look(NOON, cause())
    update = server.press(server.of(CHAT)[0], "Useful")
    assert ask(guard.telegram, guard.state, 0) == 1
    assert take(guard.telegram.bot, guard.state, [update, {"update_id": 9, "message": {}}]) == 0
    assert ask(guard.telegram, guard.state, 0) == 0
    assert server.updates == [], "what is kept here is forgotten there"
    guard.work(NOON)
    # Telegram is away as it is answered: the verdict is kept all the same.
    server.press(server.of(CHAT)[0], "Noise")
    ask(guard.telegram, guard.state, 0)
    server.failing = [502, 502]
    guard.work(NOON)
    assert guard.at(NOON).alerts.precision() == {"volume": Precision(0, 1)}


def test_one_process_asks_at_a_time(guard: Guard, server: TelegramServer) -> None:
    guard.look(NOON, cause())
    stop, clients = Event(), [Telegram(TOKEN, server.base, Pacing()) for _ in range(3)]
    threads = [Thread(target=poll, args=(client, guard.state, stop, 1), daemon=True) for client in clients]
    for thread in threads:
        thread.start()
    for user in range(4):
        server.press(server.of(CHAT)[0], "Useful", user)
    until = monotonic() + 10
    while monotonic() < until and len(rows(guard.database, "SELECT 1 FROM app.seen_events")) < 4:
        sleep(0.05)
    stop.set()
    for thread in threads:
        thread.join(10)
    for client in clients:
        client.close()
    guard.work(NOON)
    assert server.conflicts == 0
    assert guard.at(NOON).alerts.precision() == {"volume": Precision(4, 0)}


def test_noise_proposes_its_own_muting(guard: Guard, server: TelegramServer) -> None:
    guard.look(NOON, cause())
    message = server.of(CHAT)[0]
    for user in range(8):
        server.press(message, "Useful" if user < 2 else "Noise", user)
        pressed(guard)
        assert len(server.of(CHAT)) == (2 if user == 7 else 1), user
    asked, russian = server.of(CHAT)[1], server.of(RUSSIAN)[1]
    assert asked.text == (
        "“Unusual number of tickets” was noise more often than not\n"
        "2 of 8 verdicts said “useful” (25%). Mute it in this chat for a month?"
    )
    assert "2 из 8 (25\xa0%)" in russian.text
    assert (asked.silent, labels(asked)) == (True, ["Mute for a month", "Keep"])
    # Nothing is muted by itself.
    assert len(guard.look(NOON + 7 * HOUR, cause())) == 2
    server.press(asked, "Mute")
    assert pressed(guard) == "Not told here until Dec 20, 2026, 15:00."
    assert labels(server.of(CHAT)[1]) == ["✓ Mute for a month", "Keep"]
    server.press(russian, "Оставить", language="ru")
    assert pressed(guard) == "Сообщается как раньше."
    assert [one.chat for one in guard.look(NOON + 14 * HOUR, cause())] == [RUSSIAN]
    assert [one.chat for one in guard.look(NOON + timedelta(days=31), cause())] == [CHAT, RUSSIAN]
    # Who kept it is asked again after as many verdicts more.
    for user in range(20, 28):
        assert len([one for one in server.of(RUSSIAN) if "шумом" in one.text]) == 1
        server.press(message, "Noise", user)
        pressed(guard)
    assert len([one for one in server.of(RUSSIAN) if "шумом" in one.text]) == 2


def beat(guard: Guard, due: str) -> list[Arrived]:
    before = len(guard.server.messages)
    SqlJobs(guard.state).put("alert.heartbeat", f"beat {due} {before}", {"due": due})
    guard.work(NOON)
    return guard.server.messages[before:]


def test_a_daily_line_shows_that_silence_means_normal(guard: Guard, server: TelegramServer) -> None:
    guard.look(NOON - 26 * HOUR)
    for hours in (3, 2, 1):
        guard.look(NOON - hours * HOUR)
    told = beat(guard, "2026-11-20")
    assert [(one.chat, one.text, one.silent) for one in told] == [
        (CHAT, "3 looks over 12 segments in the last 24 hours, the last at 13:00: nothing unusual.", True),
        (
            RUSSIAN,
            "За последние 24 часа: 3 проверки, 12 сегментов, последняя в 13:00: ничего необычного.",
            True,
        ),
    ]
    assert beat(guard, "2026-11-20") == [], "once a day"


def test_the_daily_line_of_a_day_that_was_not_normal(guard: Guard, server: TelegramServer) -> None:
    off = Mute(0, "heartbeat", Address("telegram", RUSSIAN), MuteState.MUTED, NOON, NOON + 99 * HOUR)
    guard.at(NOON).alerts.mute(off)
    guard.look(NOON - 2 * HOUR, cause())
    guard.withheld = (
        Withheld("volume", why=Reason("no_metric", "there is no metric 'tickets'", {"metric": "tickets"})),
    )
    guard.look(NOON - HOUR)
    (told,) = beat(guard, "2026-11-20")
    assert told.text == (
        "1 look over 12 segments in the last 24 hours, the last at 12:00: 1 alert.\n"
        "1 look failed: there is no metric 'tickets'"
    )


def test_that_nobody_looked_is_said(guard: Guard) -> None:
    assert "No looks" in beat(guard, "2026-11-20")[0].text


def test_a_gap_is_told_once(guard: Guard, server: TelegramServer) -> None:
    often = [rule(name, {"chat": CHAT}, look=look) for name, look in (("volume", "*/5 * * * *"), ("slow", "0 * * * *"))]
    guard.ruled(*often)
    night = NOON.replace(hour=0, minute=10)  # 02:10 there
    guard.look(night)
    guard.look(night + timedelta(minutes=5))
    assert not server.messages
    told = guard.look(night + 4.5 * HOUR)
    assert [(one.text, one.silent) for one in told] == [
        ("No looks between 02:15 and 06:40: what was unusual then was not told.", True)
    ]
    assert guard.look(night + 4.6 * HOUR) == []


QUIET = {"from": "22:00", "to": "07:00", "except": "critical"}


@pytest.mark.parametrize("severity", ["warning", "critical"])
def test_what_is_told_of_looks_keeps_quiet_hours(severity: str, guard: Guard, server: TelegramServer) -> None:
    """One that is urgent is not kept: nobody has looked for what would have woken them."""
    quiet = rule("volume", {"chat": CHAT}, look="*/5 * * * *", quiet_hours=QUIET)
    urgent = rule("urgent", {"chat": CHAT}, look="*/5 * * * *", quiet_hours=QUIET, severity=severity)
    guard.ruled(quiet, urgent)
    night = NOON.replace(hour=0, minute=10)  # 02:10 there
    guard.look(night)
    told = guard.look(night + HOUR)
    if severity == "critical":
        assert ["No looks" in one.text for one in told] == [True]
        return
    assert told == []
    guard.work(night + 4 * HOUR)
    assert not server.messages
    guard.work(night + 5 * HOUR)
    assert [one.text for one in server.messages] == [
        "No looks between 02:10 and 03:10: what was unusual then was not told."
    ]


def test_a_rule_that_could_not_be_looked_at_is_told_when_it_can(guard: Guard, server: TelegramServer) -> None:
    guard.ruled(*(rule(name, {"chat": CHAT}, look="0 * * * *") for name in ("volume", "other")))
    guard.look(NOON)
    guard.withheld = (Withheld("volume"),)
    for hours in range(1, 4):
        assert guard.look(NOON + hours * HOUR) == []
    guard.withheld = ()
    (told,) = guard.look(NOON + 4 * HOUR)
    assert told.text == (
        "No looks between 14:00 and 18:00 for Unusual number of tickets: what was unusual then was not told.\n"
        "The reason: the data was late or wrong."
    )
