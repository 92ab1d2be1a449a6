"""What is told of what was found: when, to whom, how often, in which words."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from threading import Thread

import pytest

from dash_agent.context.catalog import Catalog
from dash_agent.errors import WrongUse
from dash_agent.models.alert import Cause
from dash_agent.models.job import JobState
from dash_agent.models.principal import ScopeFilter
from dash_agent.models.reason import Reason
from dash_agent.reports.alerts.look import Withheld
from dash_agent.reports.reasons import reason_told
from dash_agent.warehouse.jobs import SqlJobs
from tests.conftest import CASES
from tests.e2e.alarming import CHAT, HOUR, NOON, RUSSIAN, Guard, cause, finding, guarding, rows, rule
from tests.e2e.databases import Database
from tests.stubs.telegram_server import TelegramServer, read, units

GOLDEN = CASES / "alerts"
CHATS = [CHAT, RUSSIAN]


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


def also() -> Cause:
    """Four more things of one cause."""
    others = [finding(20.0, metric="csat", segment=(), expected=10.0, name="volume")]
    others += [finding(9, segment=(ScopeFilter("channel", ("email",)),), expected=None, metric="", name="stuck")] * 3
    return Cause(finding(), tuple(others))


@pytest.mark.parametrize(("chat", "language"), [(CHAT, "en"), (RUSSIAN, "ru")])
def test_an_alert_word_by_word(guard: Guard, server: TelegramServer, chat: str, language: str) -> None:
    guard.look(NOON, also())
    (sent,) = server.of(chat)
    assert sent.html == (GOLDEN / f"first.{language}.html").read_text(encoding="utf-8").rstrip("\n")
    assert units(read(sent.html)) <= 4096
    labels = {"en": ["Useful", "Noise"], "ru": ["Полезно", "Шум"]}[language]
    (row,) = sent.buttons["inline_keyboard"]
    assert [one["text"] for one in row] == labels
    assert not sent.silent
    again = guard.look(NOON + 7 * HOUR, cause(300, NOON + 7 * HOUR))
    assert [one.text.splitlines()[0] for one in again if one.chat == chat] == [
        {
            "en": "🟠 Warning, and worse than told: Unusual number of tickets",
            "ru": "🟠 Внимание, стало хуже: Необычное число тикетов",
        }[language]
    ]
    over = guard.look(NOON + 8 * HOUR)
    (end,) = [one for one in over if one.chat == chat]
    assert end.html == (GOLDEN / f"over.{language}.html").read_text(encoding="utf-8").rstrip("\n")
    assert (end.silent, end.buttons) == (True, None)


def test_what_is_known_is_told_once(guard: Guard, server: TelegramServer) -> None:
    assert [one.chat for one in guard.look(NOON, cause())] == CHATS
    for hours in (1, 3, 5.9):
        at = NOON + hours * HOUR
        assert guard.look(at, cause(140 + hours, at)) == []
    # The cool-down of six hours is over, and it still holds.
    assert [one.chat for one in guard.look(NOON + 6 * HOUR, cause(163))] == CHATS
    assert "as before" in server.of(CHAT)[-1].text
    assert guard.look(NOON + 7 * HOUR, cause(163)) == []
    assert guard.stages() == [(CHAT, "told"), (RUSSIAN, "told")]
    assert [one.silent for one in guard.look(NOON + 8 * HOUR)] == [True, True]
    assert guard.stages() == [(CHAT, "over"), (RUSSIAN, "over")]
    assert guard.look(NOON + 9 * HOUR) == []


def test_clearly_worse_is_told_at_once(guard: Guard) -> None:
    guard.look(NOON, cause(100))  # 40 above what is usual
    assert guard.look(NOON + HOUR, cause(130)) == []
    worse = guard.look(NOON + 2 * HOUR, cause(141))  # 81
    assert ["worse than told" in one.text for one in worse if one.chat == CHAT] == [True]
    assert guard.look(NOON + 3 * HOUR, cause(200)) == [], "against what was told last"


def test_what_comes_back_within_the_cool_down_waits_for_its_end(guard: Guard, server: TelegramServer) -> None:
    guard.look(NOON, cause())
    assert len(guard.look(NOON + HOUR)) == 2, "back to normal"
    assert guard.look(NOON + 2 * HOUR, cause()) == []
    assert guard.look(NOON + 3 * HOUR) == [], "what was not told is not told to be over"
    assert guard.look(NOON + 4 * HOUR, cause()) == []
    assert len(guard.look(NOON + 6 * HOUR, cause())) == 2
    assert len(rows(guard.database, "SELECT 1 FROM app.alerts")) == 2, "the same alert all the time"
    guard.look(NOON + 7 * HOUR)
    assert len(guard.look(NOON + 13 * HOUR, cause())) == 2
    assert len(rows(guard.database, "SELECT 1 FROM app.alerts")) == 4, "another one"


QUIET = {"from": "22:00", "to": "07:00", "except": "critical"}


@pytest.mark.parametrize("severity", ["warning", "critical"])
def test_quiet_hours(guard: Guard, severity: str) -> None:
    guard.ruled(rule(quiet_hours=QUIET, severity=severity))
    at_eleven = NOON + 9 * HOUR  # 23:00 there
    told = guard.look(at_eleven, cause())
    if severity == "critical":
        assert [one.chat for one in told] == CHATS
        return
    assert told == []
    assert guard.stages() == [(CHAT, "quiet"), (RUSSIAN, "quiet")]
    assert guard.look(NOON + 17 * HOUR - timedelta(minutes=1), cause()) == []  # 06:59
    assert [one.chat for one in guard.look(NOON + 17 * HOUR, cause())] == CHATS
    assert guard.stages() == [(CHAT, "told"), (RUSSIAN, "told")]


def test_what_is_over_by_the_end_of_quiet_hours_is_not_told(guard: Guard) -> None:
    guard.ruled(rule(quiet_hours=QUIET))
    assert guard.look(NOON + 9 * HOUR, cause()) == []
    assert guard.look(NOON + 10 * HOUR) == []
    assert guard.look(NOON + 17 * HOUR) == []
    assert {stage for _, stage in guard.stages()} == {"over"}


def test_that_it_is_over_waits_for_the_end_of_quiet_hours(guard: Guard) -> None:
    guard.ruled(rule(quiet_hours=QUIET))
    assert len(guard.look(NOON + 7 * HOUR, cause())) == 2
    assert guard.look(NOON + 9 * HOUR) == []
    guard.work(NOON + 17 * HOUR)
    assert ["Back to normal" in one.text for one in guard.server.of(CHAT)] == [False, True]


def test_what_is_muted_is_noted_and_not_told(guard: Guard) -> None:
    from dash_agent.models.alarm import EVERYBODY, Address, Mute, MuteState

    alarms = guard.at(NOON)
    until = NOON + 2 * HOUR
    alarms.alerts.mute(Mute(0, "volume", Address("telegram", CHAT), MuteState.MUTED, NOON, until))
    assert [one.chat for one in guard.look(NOON, cause())] == [RUSSIAN]
    assert guard.stages() == [(CHAT, "muted"), (RUSSIAN, "told")]
    assert [one.chat for one in guard.look(until, cause())] == [CHAT], "it holds on, and the mute is over"
    alarms.alerts.mute(Mute(0, "volume", EVERYBODY, MuteState.MUTED, NOON, NOON + 99 * HOUR))
    assert guard.look(NOON + 3 * HOUR) == [], "what is muted is not told to be over"


def test_a_chat_sees_its_rows(guard: Guard) -> None:
    narrow = {"dimension": "channel", "values": ["email"]}
    guard.ruled(rule("volume", {"chat": CHAT}, {"chat": RUSSIAN, "language": "ru", "scope": [narrow]}))
    scope = (ScopeFilter("channel", ("email",)),)
    guard.scoped = {scope: (cause(12, segment=scope, expected=30.0, sample=12),)}
    sent = guard.look(NOON, cause())
    assert {view.principal.scope for view in guard.views} == {(), scope}
    assert [(one.chat, "140" in one.text, "12" in one.text) for one in sent] == [
        (CHAT, True, True),
        (RUSSIAN, False, True),
    ]
    assert "Только Канал: " in sent[1].text
    guard.scoped = {scope: ()}
    assert [one.chat for one in guard.look(NOON + HOUR, cause())] == [RUSSIAN], "over for who sees those rows alone"


def test_one_cause_whose_chief_changes_is_the_same(guard: Guard) -> None:
    first, second = finding(), finding(90, segment=())
    guard.look(NOON, Cause(first, (second,)))
    assert guard.look(NOON + HOUR, Cause(second, (first,))) == []
    assert len(guard.stages()) == 2
    # Two that are told each by itself become one: nothing is over.
    third = finding(segment=(ScopeFilter("channel", ("email",)),))
    assert len(guard.look(NOON + 2 * HOUR, Cause(second), Cause(third))) == 2
    assert guard.look(NOON + 3 * HOUR, Cause(second, (third,))) == []
    assert {stage for _, stage in guard.stages()} == {"told"}


def test_two_looks_at_once_tell_it_once(guard: Guard, server: TelegramServer) -> None:
    guard.found = (cause(),)
    jobs = SqlJobs(guard.state)
    for number in range(4):
        jobs.put("alert.look", f"look {number}", {"rules": ["volume"]})
    workers = [Thread(target=guard.work, args=(NOON,), kwargs={"name": f"w{n}"}) for n in range(3)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    guard.work(NOON)
    assert [len(server.of(chat)) for chat in CHATS] == [1, 1]
    assert len(guard.stages()) == 2


def test_clocks_jump(guard: Guard) -> None:
    guard.look(NOON, cause())
    assert guard.look(NOON - timedelta(minutes=30), cause()) == [], "back by half an hour"
    ahead = NOON + timedelta(days=400)
    assert len(guard.look(ahead, cause())) == 2
    # The clock was wrong by more than a year: it does not keep silence for that long.
    assert len(guard.look(NOON + HOUR, cause())) == 2
    assert guard.look(NOON + 2 * HOUR, cause()) == []


def test_who_blocked_the_bot_is_not_asked_again(guard: Guard, server: TelegramServer) -> None:
    server.blocked.add(CHAT)
    assert [one.chat for one in guard.look(NOON, cause())] == [RUSSIAN]
    (dead,) = SqlJobs(guard.state).listed(JobState.DEAD)
    assert "does not take messages of this bot" in str(dead.error)
    calls = server.calls.count("sendMessage")
    guard.look(NOON + 6 * HOUR, cause())
    assert server.calls.count("sendMessage") == calls + 1, "the other chat's"
    # They let it in again, and somebody has it sent.
    server.blocked.clear()
    SqlJobs(guard.state).retry(dead.job.job_id)
    guard.work(NOON + 7 * HOUR)
    assert len(server.of(CHAT)) == 1


def test_429_and_a_failure_in_between(guard: Guard, server: TelegramServer) -> None:
    server.throttled[CHAT] = (1, 30)
    assert [one.chat for one in guard.look(NOON, cause())] == [RUSSIAN]
    assert guard.look(NOON + HOUR, cause())[0].chat == CHAT
    server.failing = [502]
    guard.look(NOON + 8 * HOUR, cause())
    (dead,) = SqlJobs(guard.state).listed(JobState.DEAD)
    assert "may have arrived" in str(dead.error)
    assert len(server.messages) == 3
    guard.work(NOON + 9 * HOUR)
    assert len(server.messages) == 3, "what may have arrived is left to a person"


def test_what_waited_until_it_was_over_is_not_sent(guard: Guard, server: TelegramServer) -> None:
    guard.look(NOON, cause(), tell=False)
    assert guard.look(NOON + HOUR, tell=False) == []
    guard.work(NOON + HOUR)
    assert not server.messages
    assert [row[0] for row in rows(guard.database, "SELECT outcome FROM app.alert_tellings")] == ["skipped"] * 2


def test_what_is_over_while_it_leaves_is_told_to_be_over(guard: Guard, server: TelegramServer) -> None:
    guard.ruled(rule("volume", {"chat": CHAT}))
    guard.look(NOON, cause(), tell=False)
    once = [True]

    def meanwhile() -> None:
        if once.pop() if once else False:
            guard.look(NOON + HOUR, tell=False)

    server.arriving = meanwhile
    guard.work(NOON + HOUR)
    assert [one.text.splitlines()[0] for one in server.of(CHAT)] == [
        "🟠 Warning: Unusual number of tickets",
        "🟢 Back to normal: Unusual number of tickets",
    ]


def test_rules_that_are_changed_between_looks(guard: Guard, server: TelegramServer) -> None:
    guard.look(NOON, cause(), tell=False)
    guard.ruled(rule("other"))
    guard.work(NOON + HOUR)
    assert len(server.messages) == 2, "what was found is told as it was made"
    assert guard.look(NOON + 2 * HOUR) == [], "nothing is known of a rule that is gone"
    assert {stage for _, stage in guard.stages()} == {"over"}
    # A metric that is gone from the content goes by its name.
    guard.ruled(rule())
    sent = guard.look(NOON + 9 * HOUR, cause(metric="csat_avg", segment=(ScopeFilter("mood", ("sad",)),)))
    assert "csat_avg: 140" in sent[0].text
    assert "mood: sad" in sent[0].text


def test_a_rule_that_can_t_be_looked_at_leaves_its_alerts_as_they_are(guard: Guard) -> None:
    guard.ruled(rule(), rule("other"))
    guard.look(NOON, cause(), cause(name="other"))
    guard.withheld = (
        Withheld("volume", why=Reason("no_metric", "there is no metric 'tickets'", {"metric": "tickets"})),
    )
    over = guard.look(NOON + HOUR)
    assert [one.chat for one in over] == CHATS
    assert sorted(stage for _, stage in guard.stages()) == ["over", "over", "told", "told"]
    told = rows(guard.database, "SELECT rules, error FROM app.alert_looks ORDER BY look_id DESC LIMIT 1")
    ((names, why),) = told
    assert (names, reason_told("en", why)) == (["volume"], "there is no metric 'tickets'")
    assert reason_told("ru", why) == "метрики «tickets» больше нет"


def test_a_look_that_fails_is_noted(guard: Guard) -> None:
    guard.breaks = WrongUse("no connection to database 'x'")
    guard.look(NOON)
    ((names, why),) = rows(guard.database, "SELECT DISTINCT rules, error FROM app.alert_looks")
    assert (names, reason_told("en", why)) == (["volume"], "no connection to database 'x'")
    assert len(SqlJobs(guard.state).listed(JobState.DEAD)) == 1
    assert guard.at(NOON).alerts.last_look() is None


def test_an_address_that_there_is_no_way_to(guard: Guard, server: TelegramServer) -> None:
    base = rule("volume", {"chat": "managers"}, {"chat": "nobody"})
    guard.ruled(base.model_copy(update={"audience": base.audience.model_copy(update={"mail": []})}))
    assert [one.chat for one in guard.look(NOON, cause())] == [CHAT]
    _, left = guard.at(NOON).listeners()
    assert [one.why for one in left] == ["there is no chat 'nobody' in TELEGRAM_CHAT_IDS"]


def test_a_message_is_never_too_long(guard: Guard, server: TelegramServer) -> None:
    long = {"en": "Tickets & more <" * 200}
    guard.ruled(rule("volume", {"chat": CHAT}, question=long, title={"en": "<Title> & " * 30}))
    many = tuple(finding(n, metric="csat", segment=(ScopeFilter("channel", ("x" * 200,)),)) for n in range(40))
    (sent,) = guard.look(NOON, Cause(finding(), many))
    assert units(sent.text) <= 4096
    assert sent.text.endswith("In the dashboard")


SUMMER = datetime(2026, 10, 25, 0, 30, tzinfo=UTC)
"""Clocks went back from 02:00 to 01:00 an hour and a half before."""


def test_quiet_hours_go_by_local_clocks(guard: Guard) -> None:
    guard.ruled(rule("volume", {"chat": CHAT}, quiet_hours={"from": "01:00", "to": "02:30"}))
    # 02:30 there is 00:30 UTC after the change, and was 23:30 before it.
    assert guard.look(SUMMER - HOUR, cause()) == []
    assert len(guard.look(SUMMER, cause())) == 1
    assert replace(cause(), also=()).key == "volume|channel=chat"
