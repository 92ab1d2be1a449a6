"""When digests are due: by the files, by hand, over daylight saving, after an outage; and the command."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from dash_agent.context.catalog import Catalog
from dash_agent.models.job import Schedule
from dash_agent.sending.orders import Order
from dash_agent.warehouse.digests import SqlDigests
from dash_agent.warehouse.roles import apply_grants
from dash_agent.warehouse.schedules import SqlSchedules, leading
from dash_agent.worker.digests import schedule
from dash_agent.worker.schedules import due_at
from tests.conftest import NOW, ROOT, ZONE
from tests.e2e.commands import on
from tests.e2e.databases import Database
from tests.e2e.digesting import MORNING, Post, daily, fill, insert, posting, rows, with_digests
from tests.stubs.telegram_server import TOKEN, TelegramServer


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


def test_schedules_follow_the_digests(post: Post) -> None:
    schedule(post.running)
    kept = SqlSchedules(post.state)
    assert [(one.name, one.kind, one.cron, one.payload["digest"]) for one in kept.listed()] == [
        ("digest-daily", "digest.send", "0 8 * * *", "daily")
    ]
    # What somebody has changed by hand stays, until the digest itself says another time.
    kept.change("digest-daily", cron="30 9 * * *", enabled=False)
    schedule(post.running)
    (one,) = kept.listed()
    assert (one.cron, one.enabled) == ("30 9 * * *", False)
    digests = SqlDigests(post.state)
    later = Schedule("digest-daily", "digest.send", "0 7 * * *", {"digest": "daily", "cron": "0 7 * * *"})
    digests.schedule("digest.send", [later])
    (one,) = kept.listed()
    assert (one.cron, one.enabled) == ("0 7 * * *", False)
    digests.schedule("digest.send", [])
    assert not kept.listed()


def test_what_was_missed_is_made_up_for_once(post: Post, telegram: TelegramServer) -> None:
    """Nobody led for three days: the digest of the last of them goes out, once."""
    schedule(post.running)
    rows(post.database, "UPDATE app.schedules SET last_at = '2026-11-17 06:00+00' RETURNING 1")
    late = datetime(2026, 11, 20, 13, 0, tzinfo=UTC)
    insert(post.database, datetime(2026, 11, 20, 8, 0, tzinfo=UTC), 1)
    for _ in range(2):
        with leading(post.database.app) as leadership:
            assert leadership is not None
            leadership.put_due(lambda one, _: due_at(one, late, ZONE))
    assert rows(post.database, "SELECT payload ->> 'due' FROM app.jobs") == [("2026-11-20T08:00:00+02:00",)]
    post.work(late)
    assert {key[1] for key in post.outcomes()} == {"2026-11-19"}
    assert len(telegram.messages) == 2
    # What its question calls yesterday is so as of when it was due.
    assert "Tickets by category, Nov 19, 2026: Shipping (5)" in telegram.messages[0].text


@pytest.mark.parametrize(
    ("cron", "last", "now", "due"),
    [
        # Clocks go forward on 26 March 2027 at 02:00, back on 25 October 2026 at 02:00.
        ("0 8 * * *", "2027-03-25T06:00", "2027-03-26T06:00", "2027-03-26T08:00:00+03:00"),
        ("0 8 * * *", "2026-10-24T05:00", "2026-10-25T07:00", "2026-10-25T08:00:00+02:00"),
        ("0 8 * * *", "2026-10-25T06:00", "2026-10-26T05:59", None),
        # 01:30 comes twice: the job's key is the local time, so it is one.
        ("30 1 * * *", "2026-10-23T22:30", "2026-10-25T00:00", "2026-10-25T01:30:00"),
    ],
)
def test_daylight_saving(cron: str, last: str, now: str, due: str | None) -> None:
    made = Schedule("digest-x", "digest.send", cron, {}, last_at=datetime.fromisoformat(f"{last}+00:00"))
    found = due_at(made, datetime.fromisoformat(f"{now}+00:00"), ZONE)
    assert (found is None) is (due is None)
    assert found is None or found.isoformat().startswith(due or "")


def test_the_command_and_the_schedule_are_one(filled: Database, telegram: TelegramServer, tmp_path: Path) -> None:
    shell = on(filled, tmp_path).having(
        TELEGRAM_BOT_TOKEN=TOKEN,
        TELEGRAM_API_BASE=telegram.base,
        TELEGRAM_CHAT_IDS="managers=77",
        DASH_BROWSER=str(tmp_path / "none"),
    )
    now = MORNING.isoformat()
    shown = shell.run("digest", "--now", now)
    assert shown.code == 0, shown.err
    assert "Daily digest · Nov 19, 2026" in shown.out
    assert "  Tickets: 8 (-2)" in shown.out
    dry = shell.run("digest", "daily", "--dry-run", "--now", now)
    assert dry.code == 0, dry.err
    assert "== managers_ru: left out, there is no chat 'managers_ru' in TELEGRAM_CHAT_IDS" in dry.out
    assert not telegram.messages
    sent = shell.run("digest", "daily", "--send", "--now", now)
    assert sent.code == 0, sent.out + sent.err
    assert "digest daily 2026-11-19..2026-11-19 telegram 77: sent" in sent.out
    assert len(telegram.of("77")) == 1
    assert (tmp_path / "data/digests/daily/daily-2026-11-19-2026-11-19/index.html").is_file()
    again = shell.run("digest", "daily", "--send", "--now", now)
    assert again.code == 0
    assert len(telegram.of("77")) == 1
    assert "sent" in shell.run("digest", "--list").out
    wrong = shell.run("digest", "dayly")
    assert (wrong.code, "did you mean 'daily'" in wrong.error) == (2, True)


def test_every_digest_of_ours_can_be_told(home: Catalog, desk: Database, tmp_path: Path) -> None:
    with TelegramServer() as server, posting(desk, home, server.base, tmp_path) as post:
        for name in home.digests:
            orders = [one for one in post.at(NOW).ordered(name, NOW) if isinstance(one, Order)]
            assert orders
            for order in orders:
                made = replace(post.dispatch, draw=lambda _: ({}, "")).told(order, home.digests[name])  # type: ignore[arg-type]
                assert not [line for part in made.parts for line in part.lines if "Not counted" in line.text]
                assert made.drawings


def test_the_files_are_as_the_schema_has_them() -> None:
    for path in (ROOT / "business/digests").glob("*.json"):
        assert json.loads(path.read_text())["$schema"] == "../../schemas/digest.schema.json"
