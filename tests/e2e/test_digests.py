"""Digests on a real database, to a stub of Telegram, to mail and to folders."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from email import message_from_bytes, policy
from pathlib import Path
from threading import Thread
from typing import Any

import psycopg
import pytest

from dash_agent.adapters.telegram import Pacing, Telegram
from dash_agent.context.catalog import Catalog
from dash_agent.context.digests import Audience, Chat, Folder, Mailbox, Picture, Rows, Section
from dash_agent.errors import UnknownName
from dash_agent.models.job import JobState
from dash_agent.models.principal import ScopeFilter
from dash_agent.semantic.scope import policies, row_rules
from dash_agent.warehouse.jobs import SqlJobs
from dash_agent.warehouse.logins import ScopedReader, scoped_url
from dash_agent.warehouse.roles import EMBEDDED, apply_grants
from dash_agent.warehouse.row_security import LOOKUPS
from tests.conftest import CASES
from tests.e2e.databases import Database
from tests.e2e.digesting import (
    CHAT,
    DAY,
    MORNING,
    RUSSIAN,
    Post,
    daily,
    fill,
    insert,
    posting,
    rows,
    with_digests,
)
from tests.stubs.telegram_server import TelegramServer, read, units
from tests.unit.test_pictures import needs_browser, size

GOLDEN = CASES / "digests"


@pytest.fixture
def filled(fresh_database: Callable[[], Database], home: Catalog) -> Database:
    made = fresh_database()
    apply_grants(made.owner, home.readable)
    fill(made)
    return made


@pytest.fixture
def telegram() -> Iterator[TelegramServer]:
    with TelegramServer() as made:
        yield made


@pytest.fixture
def post(filled: Database, home: Catalog, telegram: TelegramServer, tmp_path: Path) -> Iterator[Post]:
    with posting(filled, with_digests(home, daily(home)), telegram.base, tmp_path) as made:
        yield made


def dead(post: Post) -> list[str]:
    return [str(entry.error) for entry in SqlJobs(post.state).listed(JobState.DEAD)]


@pytest.mark.parametrize(("chat", "language"), [(CHAT, "en"), (RUSSIAN, "ru")])
def test_the_daily_digest_word_by_word(
    post: Post, telegram: TelegramServer, chat: str, language: str, request: pytest.FixtureRequest
) -> None:
    assert post.order("daily", MORNING) == 2
    post.work(MORNING)
    (sent,) = telegram.texts(chat)
    assert sent == (GOLDEN / f"daily.{language}.html").read_text(encoding="utf-8").rstrip("\n")
    assert units(read(sent)) <= 4096
    assert post.outcomes() == {(CHAT, "2026-11-19"): "sent", (RUSSIAN, "2026-11-19"): "sent"}
    kept = [found for one in post.dispatch.digests.listed("daily") if (found := post.dispatch.digests.get(one.key))]
    assert {one.key.address for one in kept} == {CHAT, RUSSIAN}
    assert all(one.messages[0]["html"] == telegram.texts(one.key.address)[0] for one in kept)


def test_once_however_often_it_is_due(post: Post, telegram: TelegramServer) -> None:
    assert post.order("daily", MORNING) == 2
    assert post.order("daily", MORNING + timedelta(hours=3)) == 0
    post.work(MORNING)
    post.work(MORNING)
    # The clock goes back an hour, the schedule's job comes a second time, and the jobs have been pruned meanwhile.
    rows(post.database, "DELETE FROM app.jobs RETURNING 1")
    rows(post.database, "DELETE FROM app.deliveries RETURNING 1")
    SqlJobs(post.state).put("digest.send", "again", {"digest": "daily", "due": MORNING.isoformat()})
    post.work(MORNING - timedelta(hours=1))
    assert len(telegram.of(CHAT)) == len(telegram.of(RUSSIAN)) == 1
    # A clock that runs ahead: what is due tomorrow is about the day before today, which was told.
    SqlJobs(post.state).put("digest.send", "ahead", {"digest": "daily", "due": (MORNING + DAY).isoformat()})
    post.work(MORNING)
    assert len(telegram.messages) == 2


def test_two_workers_send_it_once(post: Post, telegram: TelegramServer) -> None:
    post.order("daily", MORNING)
    workers = [Thread(target=post.work, args=(MORNING,)) for _ in range(3)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert [len(telegram.of(chat)) for chat in (CHAT, RUSSIAN)] == [1, 1]


def test_data_that_is_late_holds_it_back_until_it_is_mended(post: Post, telegram: TelegramServer) -> None:
    # The newest ticket is from the 19th, 11:20 there.
    tomorrow = MORNING + DAY
    post.order("daily", tomorrow)
    post.work(tomorrow)
    assert post.outcomes() == {(CHAT, "2026-11-20"): "withheld", (RUSSIAN, "2026-11-20"): "withheld"}
    assert telegram.texts(CHAT) == [
        "<b>Daily digest, Nov 20, 2026: held back, as the data is not right.</b>\n"
        "“Tickets”: the newest row is from 19 Nov 2026, 11:20, 2 days ago; a load may have stopped.\n"
        "It follows when that is mended."
    ]
    assert telegram.texts(RUSSIAN)[0].startswith("<b>Итоги дня, 20 нояб. 2026")
    post.work(tomorrow + timedelta(minutes=10))
    assert len(telegram.of(CHAT)) == 1, "the notice comes once"
    insert(post.database, tomorrow - timedelta(hours=20), 3)
    post.work(tomorrow + timedelta(minutes=20))
    assert post.outcomes() == {(CHAT, "2026-11-20"): "sent", (RUSSIAN, "2026-11-20"): "sent"}
    assert "Tickets: <b>3</b> (-5)" in telegram.texts(CHAT)[1]
    assert len(telegram.of(CHAT)) == 2


def test_what_is_not_mended_before_the_next_is_given_up(post: Post, telegram: TelegramServer) -> None:
    post.order("daily", MORNING + DAY)
    post.work(MORNING + DAY)
    assert rows(post.database, "SELECT count(*) FROM app.jobs WHERE done_at IS NULL") == [(2,)]
    post.work(MORNING + 2 * DAY)
    assert rows(post.database, "SELECT count(*) FROM app.jobs WHERE done_at IS NULL") == [(0,)]
    assert post.outcomes()[CHAT, "2026-11-20"] == "withheld"


def test_rows_that_came_twice_hold_it_back(post: Post, telegram: TelegramServer) -> None:
    with psycopg.connect(post.database.owner) as connection:
        connection.execute("ALTER TABLE support_threads_data DROP CONSTRAINT support_threads_data_thread_key_key")
    rows(
        post.database,
        "INSERT INTO support_threads_data (thread_key, channel, language, subject, request_type, urgency, status,"
        " created_at, updated_at) SELECT thread_key, channel, language, subject, request_type, urgency, status,"
        " created_at, updated_at FROM support_threads_data WHERE thread_key LIKE '2026-11-19%' RETURNING 1",
    )
    post.order("daily", MORNING)
    post.work(MORNING)
    assert post.outcomes()[CHAT, "2026-11-19"] == "withheld"
    assert "rows that came twice" in post.why(CHAT)


def test_numbers_that_changed_since_are_restated(post: Post, telegram: TelegramServer) -> None:
    post.order("daily", MORNING)
    post.work(MORNING)
    insert(post.database, MORNING - timedelta(hours=10), 2)  # late ones of the 19th
    insert(post.database, MORNING + timedelta(hours=4), 4)
    post.order("daily", MORNING + DAY)
    post.work(MORNING + DAY)
    second = telegram.texts(CHAT)[1]
    told = second[second.index("<b>Corrected") :].split("\n\n")[0].splitlines()
    assert told == [
        "<b>Corrected since the last one</b>",
        "Tickets, Nov 19, 2026: 10 instead of 8 (data came or changed later)",
        "Escalation rate, Nov 19, 2026: 10.0% instead of 12.5% (data came or changed later)",
    ]
    assert "10 вместо 8 (данные пришли или изменились позже)" in telegram.texts(RUSSIAN)[1]


def test_one_that_says_nothing_new_is_left_out(
    filled: Database, home: Catalog, telegram: TelegramServer, tmp_path: Path
) -> None:
    still = daily(home, Chat(chat=CHAT), skip_unchanged=True, sections=[Section(kind="metrics", metrics=["csat"])])
    with posting(filled, with_digests(home, still), telegram.base, tmp_path) as post:
        for number in range(3):
            at = MORNING + number * DAY
            insert(filled, at - timedelta(hours=3), 1)
            post.order("daily", at)
            post.work(at)
        found = post.outcomes()
    # CSAT: 4.50 of the 19th, then nobody rated.
    assert [found[CHAT, f"2026-11-{day}"] for day in (19, 20, 21)] == ["sent", "sent", "skipped"]
    assert len(telegram.of(CHAT)) == 2


def test_a_chat_that_blocked_the_bot_keeps_nobody_else_from_it(post: Post, telegram: TelegramServer) -> None:
    telegram.blocked.add(CHAT)
    post.order("daily", MORNING)
    post.work(MORNING)
    assert post.outcomes() == {(CHAT, "2026-11-19"): "refused", (RUSSIAN, "2026-11-19"): "sent"}
    assert "blocked by the user" in post.why(CHAT)
    (error,) = dead(post)
    assert "does not take messages of this bot" in error
    assert telegram.calls.count("sendMessage") == 2, "it is not asked again"


def test_a_wrong_token_is_named(filled: Database, home: Catalog, telegram: TelegramServer, tmp_path: Path) -> None:
    with posting(filled, with_digests(home, daily(home)), telegram.base, tmp_path, token="1:wrong") as post:
        post.order("daily", MORNING)
        post.work(MORNING)
        assert all("TELEGRAM_BOT_TOKEN" in error and "1:wrong" not in error for error in dead(post))
        assert len(dead(post)) == 2
    assert not telegram.messages
    # With the right one the same jobs go on.
    with posting(filled, with_digests(home, daily(home)), telegram.base, tmp_path) as post:
        for entry in SqlJobs(post.state).listed(JobState.DEAD):
            assert SqlJobs(post.state).retry(entry.job.job_id)
        post.work(MORNING)
    assert [len(telegram.of(chat)) for chat in (CHAT, RUSSIAN)] == [1, 1]


def test_429_is_waited_for(post: Post, telegram: TelegramServer) -> None:
    telegram.throttled[CHAT] = (2, 35)
    post.order("daily", MORNING)
    post.work(MORNING)
    assert len(telegram.of(CHAT)) == 0
    waits = "SELECT round(extract(epoch FROM run_at - now()) / 5), attempts FROM app.jobs WHERE done_at IS NULL"
    assert rows(post.database, waits) == [(7, 0)]
    post.work(MORNING)
    post.work(MORNING)
    assert [len(telegram.of(chat)) for chat in (CHAT, RUSSIAN)] == [1, 1]


def test_telegram_that_is_away_is_tried_again(post: Post, telegram: TelegramServer) -> None:
    away = Telegram("1:x", "http://127.0.0.1:9", Pacing(sleep=lambda _: None))
    post.order("daily", MORNING)
    real, post.dispatch = post.dispatch, replace(post.dispatch, messengers={"telegram": away})
    post.work(MORNING, attempts=2)
    away.close()
    assert "can't be reached" in post.why(CHAT)
    assert not telegram.messages
    post.dispatch = real
    for entry in SqlJobs(post.state).listed(JobState.DEAD):
        SqlJobs(post.state).retry(entry.job.job_id)
    post.work(MORNING)
    assert [len(telegram.of(chat)) for chat in (CHAT, RUSSIAN)] == [1, 1]


def test_what_broke_off_is_left_to_a_person_and_the_rest_goes_out(
    filled: Database, home: Catalog, telegram: TelegramServer, tmp_path: Path
) -> None:
    long = [Section(kind="question", question={"en": "Tickets by category yesterday"}, title={"en": "T" * 3000})] * 2
    with posting(
        filled, with_digests(home, daily(home, Chat(chat=CHAT), sections=long)), telegram.base, tmp_path
    ) as post:
        telegram.failing = [500]
        post.order("daily", MORNING)
        post.work(MORNING)
        assert post.outcomes() == {(CHAT, "2026-11-19"): "in_doubt"}
        assert len(telegram.of(CHAT)) == 1, "the second part"
        (entry,) = SqlJobs(post.state).listed(JobState.DEAD)
        post.work(MORNING)
        assert len(telegram.of(CHAT)) == 1
        # Somebody has looked and found the first part missing.
        SqlJobs(post.state).retry(entry.job.job_id)
        post.work(MORNING)
        assert len(telegram.of(CHAT)) == 2
        assert post.outcomes() == {(CHAT, "2026-11-19"): "sent"}


def test_a_chat_sees_its_rows(filled: Database, home: Catalog, telegram: TelegramServer, tmp_path: Path) -> None:
    narrow = Chat(chat=CHAT, scope=[Rows(dimension="request_type", values=["payment_issue"])])
    digest = daily(home, narrow, sections=[Section(kind="metrics", metrics=["tickets"])])
    scope = (ScopeFilter("request_type", ("payment_issue",)),)
    ruled = policies(row_rules(home, scope), LOOKUPS)
    login = ScopedReader(scoped_url(filled.app, EMBEDDED.reader, scope), ruled.conditions, ruled.lookups)
    apply_grants(filled.owner, home.readable, EMBEDDED, [login])
    with posting(filled, with_digests(home, digest), telegram.base, tmp_path) as post:
        post.order("daily", MORNING)
        post.work(MORNING)
    (sent,) = telegram.texts(CHAT)
    assert "<i>Only Category: Payment issue</i>" in sent
    assert "Tickets: <b>3</b> (-2)" in sent


def test_a_metric_that_is_gone_is_said(
    filled: Database, home: Catalog, telegram: TelegramServer, tmp_path: Path
) -> None:
    gone = daily(home, sections=[Section(kind="metrics", metrics=["tickets", "csat_avg"])])
    with posting(filled, with_digests(home, gone), telegram.base, tmp_path) as post:
        post.order("daily", MORNING)
        post.work(MORNING)
        assert post.outcomes()[CHAT, "2026-11-19"] == "failed"
        assert "there is no metric 'csat_avg'; did you mean 'csat" in post.why(CHAT)
        with pytest.raises(UnknownName, match="did you mean 'daily'"):
            post.dispatch.ordered("dayly", MORNING)
    assert not telegram.messages


def test_digests_of_the_dashboard(post: Post, telegram: TelegramServer, home: Catalog) -> None:
    own = daily(home, Chat(chat=CHAT), name="mine", title={"en": "Mine"})
    definition: Any = own.model_dump(mode="json", by_alias=True, exclude_none=True)
    post.dispatch.digests.define("mine", definition, "anna@example.com")
    post.dispatch.digests.define("broken", {"name": "broken"}, "anna@example.com")
    assert set(post.dispatch.known) == {"daily", "mine"}
    post.order("mine", MORNING)
    post.work(MORNING)
    assert telegram.texts(CHAT)[0].startswith("<b>Mine</b>")
    assert post.dispatch.digests.forget("mine")
    assert not post.dispatch.digests.forget("mine")


PICTURES = [
    Picture(metrics=["tickets"], by="day", period="last_7_full_days"),
    Picture(metrics=["tickets"], by="request_type"),
]


@needs_browser
def test_pictures_come_as_an_album(filled: Database, home: Catalog, telegram: TelegramServer, tmp_path: Path) -> None:
    with posting(filled, with_digests(home, daily(home, charts=PICTURES)), telegram.base, tmp_path) as post:
        post.order("daily", MORNING)
        post.work(MORNING)
    for chat, captions in (
        (CHAT, ["Tickets, Nov 13\u2009–\u200919, 2026", "Tickets, Nov 19, 2026"]),
        (RUSSIAN, ["Тикеты, 13–19 нояб. 2026\u202fг.", "Тикеты, 19 нояб. 2026\u202fг."]),
    ):
        (album,) = telegram.albums(chat)
        assert [one.text for one in album] == captions
        assert [size(one.picture or b"") for one in album] == [(1170, 1020), (1170, 1020)]
        assert album[0].message_id > telegram.of(chat)[0].message_id


def test_without_a_browser_the_text_goes_out_and_says_so(
    filled: Database, home: Catalog, telegram: TelegramServer, tmp_path: Path
) -> None:
    drawn = daily(home, charts=PICTURES)
    none = tmp_path / "no-browser"
    with posting(filled, with_digests(home, drawn), telegram.base, tmp_path, browser=none) as post:
        post.order("daily", MORNING)
        post.work(MORNING)
        assert post.outcomes()[CHAT, "2026-11-19"] == "sent"
        assert "there is no file" in post.why(CHAT)
    (sent,) = telegram.of(CHAT)
    assert "<i>Without charts: DASH_BROWSER: there is no file" in sent.html
    assert "<i>Без графиков:" in telegram.of(RUSSIAN)[0].html


@needs_browser
def test_mail_and_folders(filled: Database, home: Catalog, telegram: TelegramServer, tmp_path: Path) -> None:
    to = Audience(mail=[Mailbox(to="Anna@example.com")], file=[Folder(folder="daily", language="ru")])
    digest = daily(home, charts=PICTURES).model_copy(update={"audience": to})
    with posting(filled, with_digests(home, digest), telegram.base, tmp_path) as post:
        assert post.order("daily", MORNING) == 2
        post.work(MORNING)
        post.work(MORNING)
    (file,) = (tmp_path / "outbox").iterdir()
    mail = message_from_bytes(file.read_bytes(), policy=policy.default)
    assert (mail["To"], mail["Subject"]) == ("anna@example.com", "Daily digest · Nov 19, 2026")
    plain, html = mail.get_body(("plain",)), mail.get_body(("html",))
    assert plain is not None
    assert html is not None
    assert "Tickets: 8 (-2)" in plain.get_content()
    cids = [part["Content-ID"].strip("<>") for part in mail.walk() if part.get_content_type() == "image/png"]
    assert len(cids) == 2
    assert all(f'src="cid:{cid}"' in html.get_content() for cid in cids)
    folder = tmp_path / "digests" / "daily" / "daily-2026-11-19-2026-11-19"
    page = (folder / "index.html").read_text(encoding="utf-8")
    assert "Тикеты" in page
    assert all(
        f'src="{name}"' in page and size((folder / name).read_bytes()) for name in ("daily-1.png", "daily-2.png")
    )
    assert not telegram.messages


def test_who_there_is_no_way_to(filled: Database, home: Catalog, telegram: TelegramServer, tmp_path: Path) -> None:
    both = daily(home, Chat(chat="managers"), Chat(chat="nobody"))
    with posting(filled, with_digests(home, both), telegram.base, tmp_path, telegram_chats="-100200") as post:
        ordered, left = post.dispatch.ordered("daily", MORNING)
        assert ordered.key.address == "-100200"
        assert left.why == "there is no chat 'nobody' in TELEGRAM_CHAT_IDS"
        assert post.order("daily", MORNING) == 1
