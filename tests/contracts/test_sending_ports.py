"""Ports that digests and alerts are kept and sent by: one suite for the fakes and for what the product uses."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from dash_agent.adapters.clock import FrozenClock
from dash_agent.adapters.mail import Folders, Mail
from dash_agent.adapters.post import Outbox
from dash_agent.adapters.telegram import Pacing, Telegram
from dash_agent.errors import NotSent, TurnedAway
from dash_agent.models.alarm import Address, Alert, Look, Mute, MuteState, Precision, Press, TellingKind
from dash_agent.models.alert import Stage, Verdict
from dash_agent.models.digest import Issue, IssueKey, Made, Number, Outcome
from dash_agent.models.message import Letter, Text, message_json
from dash_agent.ports import Alerts, Digests, Messenger
from dash_agent.warehouse.alerts import SqlAlerts
from dash_agent.warehouse.connections import Connections
from dash_agent.warehouse.digests import SqlDigests
from tests.e2e.alarming import HOUR, NOON, cause
from tests.e2e.databases import Database
from tests.fakes import FakeAlerts, FakeDigests, FakeMessenger
from tests.stubs.telegram_server import TOKEN, TelegramServer

CHAT, OTHER = Address("telegram", "77"), Address("telegram", "78")
MADE = Alert(0, "volume|channel=chat", CHAT, "en", Stage.QUIET, cause(), NOON, NOON)


@dataclass
class Shop:
    """transaction: of the fakes there is none to look at."""

    alerts: Alerts
    digests: Digests
    transaction: Callable[[], AbstractContextManager[Any]]

    def keep(self, alert: Alert) -> Alert:
        with self.transaction() as transaction:
            self.alerts.hold(transaction)
            return self.alerts.keep(transaction, alert)

    def order(self, alert: Alert, kind: TellingKind) -> int:
        with self.transaction() as transaction:
            return self.alerts.order(transaction, alert.alert_id, kind, Text(str(kind)), NOON).number


@pytest.fixture(params=["fake", "sql"])
def shop(request: pytest.FixtureRequest) -> Iterator[Shop]:
    if request.param == "fake":
        yield Shop(FakeAlerts(), FakeDigests(), lambda: nullcontext(None))
        return
    made: Database = request.getfixturevalue("fresh_database")()
    state = Connections(made.app)
    yield Shop(SqlAlerts(state), SqlDigests(state), state.transaction)
    state.close()


def test_an_alert_is_kept_as_it_is_now(shop: Shop) -> None:
    first = shop.keep(MADE)
    second = shop.keep(replace(MADE, key="volume|", address=OTHER, seen_at=NOON + HOUR))
    assert first.alert_id != second.alert_id
    told = replace(first, stage=Stage.TOLD, told_at=NOON, told=cause(), cause=cause(200))
    shop.keep(told)
    assert shop.alerts.alert(first.alert_id) == told
    shop.keep(replace(told, stage=Stage.OVER, over_at=NOON + HOUR))
    assert [one.alert_id for one in shop.alerts.listed()] == [second.alert_id, first.alert_id]
    assert [one.alert_id for one in shop.alerts.listed(only_open=True)] == [second.alert_id]
    with shop.transaction() as transaction:
        assert [one.alert_id for one in shop.alerts.of(transaction, CHAT, NOON)] == [first.alert_id]
        assert not shop.alerts.of(transaction, CHAT, NOON + HOUR)
        assert [one.alert_id for one in shop.alerts.of(transaction, OTHER, NOON + 9 * HOUR)] == [second.alert_id]
    assert shop.alerts.alert(999) is None


def test_tellings_are_numbered_and_settled(shop: Shop) -> None:
    alert = shop.keep(MADE)
    assert [shop.order(alert, kind) for kind in (TellingKind.FIRST, TellingKind.OVER)] == [1, 2]
    first = shop.alerts.telling(alert.alert_id, 1)
    assert first is not None
    assert (first.kind, first.outcome, first.message) == (TellingKind.FIRST, Outcome.BUILT, message_json(Text("first")))
    with shop.transaction() as transaction:
        shop.alerts.settle(transaction, replace(first, outcome=Outcome.SENT))
    shop.alerts.note(replace(first, number=2, kind=TellingKind.OVER, outcome=Outcome.REFUSED, why="gone"))
    kept = shop.alerts.alert(alert.alert_id)
    assert kept is not None
    assert kept.last is Outcome.REFUSED
    told = [(one.number, one.outcome, one.why) for _, one in shop.alerts.tellings()]
    assert told == [(2, Outcome.REFUSED, "gone"), (1, Outcome.SENT, "")]
    assert shop.alerts.telling(alert.alert_id, 3) is None


def test_verdicts_are_one_for_each_person(shop: Shop) -> None:
    alert = shop.keep(MADE)
    presses = [("5", Verdict.USEFUL, 1), ("6", Verdict.NOISE, 2), ("5", Verdict.NOISE, 4), ("5", Verdict.USEFUL, 3)]
    for user, verdict, order in presses:
        shop.alerts.press(Press(alert.alert_id, "77", user, verdict, NOON, order))
    assert shop.alerts.verdicts(alert.alert_id) == Precision(0, 2)
    shop.alerts.press(Press(alert.alert_id, "77", "7", Verdict.USEFUL, NOON, 5))
    assert shop.alerts.precision() == {"volume": Precision(1, 2)}
    assert shop.alerts.verdicts(999) == Precision()


def test_mutes_are_one_for_a_rule_and_an_address(shop: Shop) -> None:
    proposed = shop.alerts.mute(Mute(0, "volume", CHAT, MuteState.PROPOSED, NOON, count=8))
    muted = replace(proposed, state=MuteState.MUTED, until=NOON + HOUR, by="somebody")
    with shop.transaction() as transaction:
        assert shop.alerts.mute(muted, transaction).mute_id == proposed.mute_id
    other = shop.alerts.mute(Mute(0, "volume", OTHER, MuteState.KEPT, NOON))
    assert list(shop.alerts.mutes()) == [muted, other]
    assert (muted.holds(NOON), muted.holds(NOON + HOUR), other.holds(NOON)) == (True, False, False)
    assert (shop.alerts.unmute("volume", CHAT), shop.alerts.unmute("volume"), shop.alerts.unmute("volume")) == (1, 1, 0)


def test_looks(shop: Shop) -> None:
    looks = [
        Look("", ("volume", "mood"), NOON, 12, 1),
        Look("channel=chat", ("volume",), NOON + HOUR, 3),
        Look("", ("volume",), NOON + 2 * HOUR, error="no connection", gap_from=NOON),
    ]
    for one in looks:
        shop.alerts.looked(one)
    assert list(shop.alerts.looks(NOON + HOUR)) == [looks[2], looks[1]]
    assert shop.alerts.last_look() == shop.alerts.last_look(("volume",)) == looks[1]
    assert shop.alerts.last_look(("volume",), "") == shop.alerts.last_look(("mood",)) == looks[0]
    assert shop.alerts.last_look(("cost",)) is None


# Digests


def issue(day: int, outcome: Outcome = Outcome.BUILT, why: str = "", address: str = "77") -> Issue:
    key = IssueKey("daily", f"2026-11-{day}..2026-11-{day}", "telegram", address)
    return Issue(key, outcome, why, NOON + timedelta(days=day), NOON)


def test_what_becomes_of_a_digest(shop: Shop) -> None:
    digests, number = shop.digests, Number("tickets", "Tickets", "8")
    digests.note(issue(18, Outcome.WITHHELD, "late"))
    digests.keep(issue(18), Made((Text("x"),), (number,), "no charts"))
    kept = digests.get(issue(18).key)
    assert kept is not None
    assert (kept.outcome, kept.why, kept.numbers) == (Outcome.BUILT, "no charts", (number,))
    digests.note(issue(18, Outcome.IN_DOUBT, "cut off"))
    kept = digests.get(issue(18).key)
    assert kept is not None
    assert (kept.outcome, kept.numbers, kept.messages) == (Outcome.IN_DOUBT, (number,), (message_json(Text("x")),))
    assert digests.before(issue(19).key) is None
    with shop.transaction() as transaction:
        digests.sent(transaction, issue(18).key, [Text("x")])
    before = digests.before(issue(20).key)
    assert before is not None
    assert (before.key, before.outcome) == (issue(18).key, Outcome.SENT)
    digests.note(issue(19, Outcome.FAILED))
    digests.note(issue(19, Outcome.FAILED, address="78"))
    assert [one.key for one in digests.listed("daily", limit=2)] == [issue(19, address="78").key, issue(19).key]
    assert [one.key for one in digests.listed(outcomes=[Outcome.SENT])] == [issue(18).key]
    assert digests.listed("weekly") == []
    assert [one.key for one in digests.latest()] == [issue(19).key, issue(19, address="78").key]


def test_digests_that_are_no_files(shop: Shop) -> None:
    for name, title in (("b", "one"), ("a", "two"), ("b", "three")):
        shop.digests.define(name, {"name": name, "title": title}, "anna@example.com")
    assert list(shop.digests.definitions()) == [{"name": "a", "title": "two"}, {"name": "b", "title": "three"}]
    assert (shop.digests.forget("b"), shop.digests.forget("b")) == (True, False)


# Messengers


@pytest.fixture(params=["fake", "telegram"])
def chats(request: pytest.FixtureRequest) -> Iterator[tuple[Messenger, Callable[[], list[str]]]]:
    """A messenger whose chat 13 does not take anything, and what has arrived in 77."""
    if request.param == "fake":
        fake = FakeMessenger()
        fake.away.add("13")
        yield fake, lambda: [one.html for to, one, _ in fake.sent if to == "77" and isinstance(one, Text)]
        return
    with TelegramServer(blocked={"13"}) as server:
        telegram = Telegram(TOKEN, server.base, Pacing(sleep=lambda _: None))
        yield telegram, lambda: server.texts("77")
        telegram.close()


def test_a_messenger_of_chats(chats: tuple[Messenger, Callable[[], list[str]]]) -> None:
    messenger, arrived = chats
    assert not messenger.repeatable
    messenger.ready("77", Text("<b>x</b>"))
    references = [messenger.send("77", Text("<b>x</b>"), "k") for _ in range(2)]
    assert arrived() == ["<b>x</b>"] * 2, "it knows no key"
    assert len(set(references)) == 2
    with pytest.raises(TurnedAway):
        messenger.send("13", Text("x"), "k")
    with pytest.raises(NotSent):
        messenger.send("77", Letter("n", "s", "<p>h</p>", "t"), "k")
    assert len(arrived()) == 2


@pytest.mark.parametrize("kind", ["folder", "outbox"])
def test_a_messenger_of_letters_knows_its_key(kind: str, tmp_path: Path) -> None:
    mail = Mail(Outbox(tmp_path), FrozenClock(NOON), "dash@example.com")
    messenger: Messenger = Folders(tmp_path) if kind == "folder" else mail
    to = "daily" if kind == "folder" else "anna@example.com"
    letter = Letter("daily-1", "Daily", "<p>8 tickets</p>", "8 tickets")
    assert messenger.repeatable
    arrived = []
    for _ in range(2):
        messenger.ready(to, letter)
        messenger.send(to, letter, "key")
        arrived.append({one: one.read_bytes() for one in tmp_path.rglob("*") if one.is_file()})
    assert set(arrived[0]) == set(arrived[1])
    assert all(b"8 tickets" in content for content in arrived[1].values())
