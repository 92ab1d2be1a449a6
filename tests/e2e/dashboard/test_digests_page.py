"""Digests and alerts: what went out and why not, preview, test, pause and resend, making one; for whom, and in need."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

import psycopg
import pytest
from psycopg.types.json import Jsonb
from pydantic import SecretStr
from streamlit.testing.v1 import AppTest

from dash_agent.bootstrap import Database as Opened
from dash_agent.bootstrap import Running, open_on
from dash_agent.context.catalog import Catalog
from dash_agent.context.digests import Audience, Chat, Mailbox, Rows, Section
from dash_agent.errors import WrongUse
from dash_agent.models.alarm import Address, Look, MuteState, Press
from dash_agent.models.alarm import Alert as Held
from dash_agent.models.alert import Cause, Finding, Stage, Verdict
from dash_agent.models.digest import IssueKey
from dash_agent.models.principal import Principal, Role, ScopeFilter
from dash_agent.sending.steering import Steering
from dash_agent.settings import Settings
from dash_agent.warehouse.alerts import SqlAlerts
from dash_agent.warehouse.roles import EMBEDDED, apply_grants
from dash_agent.worker.digests import schedule
from dashboard import opened
from dashboard.opened import House
from tests.conftest import NOW, ROOT
from tests.e2e.dashboard.conftest import away, looking, scoped_readers, texts
from tests.e2e.databases import Database
from tests.e2e.digesting import daily, fill, rows, with_digests
from tests.e2e.serving import settings
from tests.stubs.telegram_server import TOKEN, TelegramServer

GERMAN = (ScopeFilter("country", ("DE", "FR")),)
PAUL = Principal("paul@example.com", Role.MANAGER, "en", GERMAN)
MARIA = Principal("maria@example.com", Role.MANAGER)
ADMIN = Principal("admin", Role.ADMIN)
PERIOD = "2026-11-18..2026-11-18"
DOUBTFUL = IssueKey("daily", PERIOD, "telegram", "-77")
STATE = (
    "app.digests, app.digest_issues, app.schedules, app.jobs, app.deliveries, app.audit, app.alerts, app.alert_looks,"
    " app.alert_mutes, app.alert_verdicts, app.alert_tellings"
)


@dataclass
class Place:
    database: Database
    running: Running
    settings: Settings
    telegram: TelegramServer

    @property
    def steering(self) -> Steering:
        return opened.steering(opened.house())


@pytest.fixture(scope="module")
def place(
    fresh_database: Callable[[], Database], home: Catalog, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Place]:
    """A small desk with two digests of files: `daily` for two chats, `german` for mailboxes that see some countries."""
    made, folder = fresh_database(), tmp_path_factory.mktemp("digests")
    apply_grants(made.owner, home.readable, EMBEDDED, scoped_readers(made, home))
    fill(made)
    mailboxes = [Mailbox(to=f"{name}@example.com", scope=[Rows(dimension="country", values=["DE", "FR"])])
                 for name in ("anna", "bert")]  # fmt: skip
    sections = [Section(kind="metrics", metrics=["tickets", "csat"]), Section(kind="stuck")]
    all_rows = daily(home, Chat(chat="managers"), Chat(chat="78", language="ru"), sections=sections)
    german = all_rows.model_copy(
        update={
            "name": "german",
            "title": {"en": "Germany and France", "ru": "Германия и Франция"},
            "audience": Audience(mail=mailboxes),
            "schedule": "30 9 * * mon-fri",
        }
    )
    stuck = {name: one for name, one in home.alerts.items() if one.kind == "stuck"}
    catalog = replace(with_digests(home, all_rows, german), alerts=stuck)
    with TelegramServer() as telegram:
        chosen = settings(
            content_dir=ROOT,
            data_dir=folder,
            now=NOW,
            telegram_token=SecretStr(TOKEN),
            telegram_base=telegram.base,
            telegram_chats="managers=-77",
            browser=Path("/nowhere/chromium"),
        )
        given = Opened(made.owner, made.app, made.reader, False, lambda _: None)
        with open_on(given, catalog, chosen) as running:
            yield Place(made, running, chosen, telegram)


@pytest.fixture
def desk(place: Place) -> Iterator[Place]:
    """With nothing that went out yet."""
    with psycopg.connect(place.database.owner) as connection:
        connection.execute(f"TRUNCATE {STATE}".encode())
    place.telegram.messages.clear()
    opened.use(House(place.running, place.settings))
    yield place
    opened.close()


@pytest.fixture
def sent(desk: Place) -> Place:
    """One in doubt for the day before yesterday, and what went out to Anna yesterday."""
    message = {"kind": "text", "html": "<b>Daily digest</b>\nTickets: <b>10</b>", "buttons": [], "silent": False}
    with psycopg.connect(desk.database.owner) as connection:
        for digest, channel, to, outcome, why, scope in (
            ("daily", "telegram", "-77", "in_doubt", "cut off on the way to -77", []),
            ("german", "mail", "anna@example.com", "sent", "", [{"dimension": "country", "values": ["DE", "FR"]}]),
        ):
            connection.execute(
                "INSERT INTO app.digest_issues"
                " (digest, period, channel, address, outcome, why, due, at, scope, messages)"
                " VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s)",
                (digest, PERIOD, channel, to, outcome, why, NOW, NOW, Jsonb(scope), Jsonb([message])),
            )
        connection.execute(
            "INSERT INTO app.jobs (kind, key, error, dead_at) VALUES ('digest.deliver', %s, 'cut off', now())",
            (str(DOUBTFUL),),
        )
    return desk


def pressed(test: AppTest, key: str) -> AppTest:
    (button,) = [one for one in test.button if one.key == key]
    return button.click().run()


def offered(test: AppTest) -> set[str]:
    return {str(one.key) for one in test.button}


def audit(desk: Place) -> list[tuple[str, str, str]]:
    return [
        tuple(row) for row in rows(desk.database, 'SELECT "user", action, subject FROM app.audit ORDER BY audit_id')
    ]


# What there is


def test_what_went_out_to_whom_and_what_comes_next(sent: Place) -> None:
    test = looking("digests")
    assert not test.exception
    assert not test.error
    shown = texts(test)
    assert "Every day at 08:00 · about: Yesterday · next Nov 21, 2026, 08:00" in shown
    assert "Monday to Friday at 09:30 · about: Yesterday · next Nov 23, 2026, 09:30" in shown
    assert "**managers** · English" in shown
    assert "in doubt" in shown
    assert "Cut off on the way to managers." in shown
    assert "Nothing has gone out yet." in shown
    assert "**anna@⁠example.com**" in shown
    filtered = texts(looking("digests", outcome="sent"))
    assert filtered.count("in doubt") == shown.count("in doubt") - 1
    assert "Tickets" in "".join(one.body for one in pressed(test, f"show-{DOUBTFUL}").get("html"))


def test_in_russian(sent: Place) -> None:
    test = looking("digests", language="ru")
    shown = texts(test)
    assert test.title[0].value == "Рассылки и оповещения"
    assert "Каждый день в 08:00 · период: Вчера · следующая 21 нояб. 2026\u202fг., 08:00" in shown
    assert "С понедельника по пятницу в 09:30" in shown
    assert "под вопросом" in shown


def test_with_nothing(desk: Place) -> None:
    shown = texts(looking("digests"))
    assert "Nothing has gone out that fits." in shown
    shown = texts(looking("digests", part="alerts"))
    assert "Nobody has looked yet." in shown
    assert "Nothing unusual holds now." in shown
    assert "Nothing has been told yet." in shown


def test_with_the_database_down_it_says_so(sent: Place) -> None:
    test = looking("digests")
    database = sent.running.parts["database"]
    url = away(database)
    try:
        for part in ("digests", "alerts"):
            test.query_params["part"] = part
            test.run()
            assert not test.exception
            assert "The database can't be reached." in test.error[0].value
            assert "secret" not in texts(test)
    finally:
        database.url = url
    assert not test.run().error


# For whom


def test_a_viewer_has_no_part_in_it(sent: Place) -> None:
    with pytest.raises(ValueError, match=r"pages/digests\.py"):
        looking("digests", user="vera@example.com")
    vera = Principal("vera@example.com", Role.VIEWER)
    steering = sent.steering
    for refused in (
        lambda: steering.standing(vera),
        lambda: steering.history(vera),
        lambda: steering.issue(vera, DOUBTFUL),
        lambda: steering.pause(vera, "daily", paused=True),
    ):
        with pytest.raises(WrongUse, match="for managers"):
            refused()


def test_a_manager_sees_personal_addresses_in_part_and_resends_nothing(sent: Place) -> None:
    test = looking("digests", user="maria@example.com")
    shown = texts(test)
    assert "anna@" not in shown.replace("\u2060", "")
    assert "a…@" in shown
    assert "managers" in shown
    assert not [key for key in offered(test) if key.startswith("resend")]
    with pytest.raises(WrongUse, match="only an admin"):
        sent.steering.resend(MARIA, DOUBTFUL, looked=True)


def test_who_sees_some_rows_sees_what_is_told_of_those(sent: Place) -> None:
    test = looking("digests", user="paul@example.com")
    shown = texts(test)
    assert "Germany and France" in shown
    assert "Daily digest" not in shown
    assert "in doubt" not in shown
    steering, known = sent.steering, sent.steering.dispatch.known["daily"]
    assert steering.issue(PAUL, DOUBTFUL) is None
    with pytest.raises(WrongUse, match="rows that you don't see"):
        steering.pause(PAUL, "daily", paused=True)
    with pytest.raises(WrongUse, match="rows that you don't see"):
        steering.preview(PAUL, known, steering.readings(MARIA, known, "en")[0])
    said = steering.define(PAUL, known.model_copy(update={"name": "mine"}), new=True)
    assert [one.rule for one in said] == ["rows", "rows"]
    # What was kept before scopes were is for those alone who see every row.
    rows(sent.database, "UPDATE app.digest_issues SET scope = NULL RETURNING 1")
    assert not steering.history(PAUL)
    assert len(steering.history(MARIA)) == 2


# Preview and test


def test_a_preview_is_what_telegram_shows(desk: Place) -> None:
    test = pressed(looking("digests"), "preview-daily")
    assert not test.error
    (bubble,) = test.get("html")
    assert "<b>Daily digest</b> · Nov 19, 2026" in bubble.body
    assert "Tickets: <b>8</b>" in bubble.body
    russian = next(one for one in test.selectbox if one.key == "preview-reading-daily")
    russian.select_index(1).run()
    assert "Итоги дня" in test.get("html")[0].body
    assert rows(desk.database, "SELECT count(*) FROM app.digest_issues") == [(0,)]


def test_a_test_goes_to_one_chat_and_counts_as_nothing(desk: Place) -> None:
    test = pressed(looking("digests", user="maria@example.com"), "test-daily")
    pressed(test, "test-send-daily")
    assert test.success[0].value.startswith("Sent to managers: 1 message")
    (arrived,) = desk.telegram.texts("-77")
    assert arrived.startswith("<b>Test: Daily digest</b>")
    assert "Tickets: <b>8</b>" in arrived
    assert not desk.telegram.texts("78")
    assert rows(desk.database, "SELECT count(*) FROM app.digest_issues") == [(0,)]
    assert audit(desk) == [("maria@example.com", "digest.test", "daily")]


def test_a_test_that_does_not_arrive_says_why(desk: Place) -> None:
    test = pressed(looking("digests"), "test-daily")
    desk.telegram.blocked.add("-77")
    try:
        pressed(test, "test-send-daily")
    finally:
        desk.telegram.blocked.clear()
    assert test.error[0].value.startswith("It did not arrive: ")
    assert "blocked" in test.error[0].value
    assert not desk.telegram.of("-77")


def test_a_test_to_a_mailbox_leaves_the_digests_own_letter(desk: Place) -> None:
    digest = desk.steering.dispatch.known["daily"]
    reading = desk.steering.readings(ADMIN, digest, "en")[0]
    assert desk.steering.send_test(ADMIN, digest, reading, "mail", "anna@example.com", "1") == 1
    (mail,) = (desk.settings.data_dir / "outbox").glob("**/test-daily-*")
    assert b"Test: Daily digest" in mail.read_bytes()


# Pausing and sending once more


def test_paused_it_stays_so_until_it_is_resumed(desk: Place) -> None:
    test = pressed(looking("digests", user="maria@example.com"), "pause-daily")
    assert rows(desk.database, "SELECT enabled FROM app.schedules WHERE name = 'digest-daily'") == [(False,)]
    schedule(desk.running)
    assert rows(desk.database, "SELECT enabled FROM app.schedules WHERE name = 'digest-daily'") == [(False,)]
    shown = texts(test.run())
    assert "paused" in shown
    assert "Every day at 08:00 · about: Yesterday\n" in shown
    pressed(test, "pause-daily")
    assert rows(desk.database, "SELECT enabled FROM app.schedules WHERE name = 'digest-daily'") == [(True,)]
    assert [action for _, action, _ in audit(desk)] == ["digest.paused", "digest.resumed"]


def test_what_is_in_doubt_is_sent_once_more_after_somebody_looked(sent: Place) -> None:
    test = looking("digests")
    (button,) = [one for one in test.button if one.key == f"resend-{DOUBTFUL}"]
    assert button.disabled
    with pytest.raises(WrongUse, match="may have arrived"):
        sent.steering.resend(ADMIN, DOUBTFUL)
    next(one for one in test.checkbox if one.key == f"looked-{DOUBTFUL}").check().run()
    pressed(test, f"resend-{DOUBTFUL}")
    assert rows(sent.database, "SELECT dead_at FROM app.jobs WHERE kind = 'digest.deliver'") == [(None,)]
    assert audit(sent) == [("admin", "digest.resent", str(DOUBTFUL))]
    assert not sent.steering.resend(ADMIN, DOUBTFUL, looked=True)


# Making one


def test_one_is_made_changed_and_deleted(desk: Place) -> None:
    test = pressed(looking("digests", user="maria@example.com"), "new-digest")
    field = {str(one.key): one for one in (*test.text_input, *test.multiselect, *test.selectbox)}
    field["form-new--name"].set_value("Мой")
    pressed(test, "form-new--save")
    assert "Latin letters" in test.error[0].value
    assert not rows(desk.database, "SELECT name FROM app.digests")
    field = {str(one.key): one for one in (*test.text_input, *test.multiselect, *test.selectbox)}
    field["form-new--name"].set_value("mine")
    field["form-new--title-en"].set_value("My figures")
    field["form-new--kind"].set_value("weekly")
    field["form-new--sections"].set_value(["metrics", "stuck"])
    test.run()
    next(one for one in test.multiselect if one.key == "form-new--metrics").set_value(["tickets", "csat"])
    pressed(test, "form-new--save")
    assert not test.error
    ((definition,),) = rows(desk.database, "SELECT definition FROM app.digests WHERE name = 'mine'")
    assert definition == {
        "name": "mine",
        "title": {"en": "My figures"},
        "schedule": "0 8 * * mon",
        "period": "yesterday",
        "sections": [{"kind": "metrics", "metrics": ["tickets", "csat"]}, {"kind": "stuck"}],
    }
    assert rows(desk.database, "SELECT cron FROM app.schedules WHERE name = 'digest-mine'") == [("0 8 * * mon",)]
    assert "On Mondays at 08:00" in texts(test)

    pressed(test, "edit-mine")
    next(one for one in test.text_input if one.key == "form-mine-title-en").set_value("Our figures")
    pressed(test, "form-mine-save")
    assert "Our figures" in texts(test)
    pressed(test, "forget-mine")
    pressed(test, "really-mine")
    assert "Our figures" not in texts(test)
    assert not rows(desk.database, "SELECT name FROM app.digests")
    assert not rows(desk.database, "SELECT name FROM app.schedules WHERE name = 'digest-mine'")
    assert [action for _, action, _ in audit(desk)] == ["digest.defined", "digest.defined", "digest.forgotten"]


def test_a_files_digest_is_changed_in_its_file(desk: Place) -> None:
    assert not {"edit-daily", "forget-daily"} & offered(looking("digests"))
    steering = desk.steering
    with pytest.raises(WrongUse, match="is a file"):
        steering.define(ADMIN, steering.dispatch.known["daily"], new=False)
    with pytest.raises(WrongUse, match="is a file"):
        steering.forget(ADMIN, "daily")


def test_mistakes_are_named_and_nothing_is_kept(desk: Place) -> None:
    good = desk.steering.dispatch.known["daily"].model_copy(update={"name": "mine"})
    twice = Audience(telegram=[Chat(chat="manager"), Chat(chat="78"), Chat(chat="78")])
    wrong = good.model_copy(update={"schedule": "0 8 31 2 *", "audience": twice})
    said = desk.steering.define(ADMIN, wrong, new=True)
    assert [(one.place, one.rule) for one in said] == [
        ("audience.telegram[2]", "duplicate-name"),
        ("schedule", "schedule"),
        ("audience.telegram[0]", "chat"),
    ]
    assert not rows(desk.database, "SELECT name FROM app.digests")
    assert not audit(desk)


# Alerts


@pytest.fixture
def held(desk: Place) -> Place:
    """One that holds for a chat, told an hour ago, that one person found useful; a look an hour ago, after a gap."""
    alerts, hour = SqlAlerts(desk.running.parts["database"]), timedelta(hours=1)
    rule = next(one for one in desk.running.catalog.alerts.values() if one.kind == "stuck")
    finding = Finding(rule.name, "", (), NOW - 3 * hour, NOW - hour, NOW - hour, 171, None, 171)
    cause = Cause(finding)
    with desk.running.parts["database"].transaction() as transaction:
        made = Held(
            0, cause.key, Address("telegram", "-77"), "en", Stage.TOLD, cause, NOW - hour, NOW, NOW - hour, cause
        )
        kept = alerts.keep(transaction, made)
    alerts.press(Press(kept.alert_id, "-77", "anna", Verdict.USEFUL, NOW, 1))
    alerts.looked(Look("", (rule.name,), NOW - hour, 40, 1, "", NOW - 9 * hour))
    return desk


def test_what_holds_and_whether_anybody_looks(held: Place) -> None:
    test = looking("digests", part="alerts")
    assert not test.exception
    assert not test.error
    shown = texts(test)
    assert "Last look Nov 20, 2026, 13:00 · 1 look in the last 24 hours" in shown
    assert "Nobody looked from Nov 20, 2026, 05:00 until Nov 20, 2026, 13:00." in shown
    (bubble,) = test.get("html")
    assert "<b>171</b>" in bubble.body
    assert "Since Nov 20, 2026, 11:00" in bubble.body
    assert shown.count("1 of 1 said “useful” (100%)") == 2
    assert "Внимание" in looking("digests", language="ru", part="alerts").get("html")[0].body


def test_who_sees_some_rows_sees_no_alerts_of_all(held: Place) -> None:
    test = looking("digests", user="paul@example.com", part="alerts")
    assert not test.error
    assert not test.get("html")
    assert "Nothing unusual holds now." in texts(test)


def test_muted_and_told_again(held: Place) -> None:
    name = next(one.name for one in held.running.catalog.alerts.values() if one.kind == "stuck")
    test = pressed(looking("digests", user="maria@example.com", part="alerts"), f"mute-rule-{name}")
    pressed(test, f"mute-now-{name}")
    alerts = SqlAlerts(held.running.parts["database"])
    (mute,) = alerts.mutes()
    assert (mute.rule, mute.state, mute.until, mute.by) == (
        name, MuteState.MUTED, NOW + timedelta(days=30), "maria@example.com",
    )  # fmt: skip
    assert "muted until Dec 20, 2026, 14:00" in texts(test)
    pressed(test, f"unmute-{mute.mute_id}")
    assert not [one for one in alerts.mutes() if one.holds(NOW)]
    assert [action for _, action, _ in audit(held)] == ["alert.muted", "alert.unmuted"]


def test_a_sample_arrives_and_counts_as_nothing(held: Place) -> None:
    name = next(one.name for one in held.running.catalog.alerts.values() if one.kind == "stuck")
    before = rows(held.database, "SELECT count(*) FROM app.alerts")
    test = pressed(looking("digests", part="alerts"), f"test-rule-{name}")
    pressed(test, f"sample-send-{name}")
    assert test.success[0].value == "Sent to managers."
    (arrived,) = held.telegram.texts("-77")
    assert "Test, nothing has happened." in arrived
    assert rows(held.database, "SELECT count(*) FROM app.alerts") == before
    assert audit(held) == [("admin", "alert.test", name)]
