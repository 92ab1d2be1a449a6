"""`make screenshots`: every page in both themes and widths, into docs/img, on a demo desk of its own.

In English, and in Russian once more, light and wide; names of pages as arguments draw only those. What the pages tell
of ourselves, what people asked and models cost, is made up here.
"""

from __future__ import annotations

import json
import random
import sys
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from io import BytesIO
from pathlib import Path
from typing import Final

import psycopg
from PIL import Image
from playwright.sync_api import Browser, Page

from tests.conftest import NOW, ROOT
from tests.e2e.commands import Shell, embedded
from tests.e2e.dashboard.browser import opened_browser, page_of, settled, whole
from tests.e2e.dashboard.serving import started

IMAGES: Final = ROOT / "docs" / "img"
PAGES: Final = ("ask", "overview", "funnel", "quality", "knowledge", "digests", "alerts", "costs", "settings")
SHOTS: Final = (
    *((theme, width, "en-US", "") for theme in ("light", "dark") for width in (1280, 390)),
    ("light", 1280, "ru-RU", "-ru"),
)
QUESTIONS: Final = {
    "en-US": "Tickets by category last week on WhatsApp vs the week before",
    "ru-RU": "Тикеты по категориям за прошлую неделю в WhatsApp и неделей раньше",
}
ADDRESS: Final = {"overview": "overview?period=last_week", "alerts": "digests?part=alerts"}
"""Of pages that are not looked at by their names alone."""
COLOURS: Final = 96
CHATS: Final = "managers=-1001234567890,managers_ru=-1009876543210"
TOLD: Final = """
    INSERT INTO app.digest_issues (digest, period, channel, address, outcome, why, due, at, scope)
    SELECT digest, period, channel, address, outcome, why, at::timestamptz, at::timestamptz, '[]'
    FROM (VALUES
        ('daily', '2026-11-19..2026-11-19', 'telegram', '-1001234567890', 'sent', '', '2026-11-20 06:00+00'),
        ('daily', '2026-11-19..2026-11-19', 'telegram', '-1009876543210', 'sent', '', '2026-11-20 06:00+00'),
        ('daily', '2026-11-19..2026-11-19', 'file', 'daily', 'sent', '', '2026-11-20 06:00+00'),
        ('weekly', '2026-11-09..2026-11-15', 'telegram', '-1001234567890', 'in_doubt', '', '2026-11-16 06:00+00'),
        ('weekly', '2026-11-09..2026-11-15', 'telegram', '-1009876543210', 'sent', '', '2026-11-16 06:00+00'),
        ('cost', '2026-11-09..2026-11-15', 'telegram', '-1001234567890', 'withheld', '', '2026-11-16 06:30+00'),
        ('daily', '2026-11-18..2026-11-18', 'telegram', '-1001234567890', 'skipped', '', '2026-11-19 06:00+00')
    ) AS t (digest, period, channel, address, outcome, why, at)
"""
HELD: Final = """
    WITH found AS (
        SELECT '{"also": [], "chief": {"rule": "answer_quality", "metric": "csat", "observed": 2.9, "expected": 4.2,
            "segment": [{"dimension": "request_type", "values": ["shipping_inquiry"]}], "sample": 41, "p": 0.0004,
            "driver": [{"dimension": "channel", "values": ["whatsapp"]}], "usual": [3.9, 4.5], "answers": [],
            "since": "2026-11-19T10:00:00+00:00", "start": "2026-11-19T12:00:00+00:00",
            "end": "2026-11-20T12:00:00+00:00"}}'::jsonb AS cause
    ), made AS (
        INSERT INTO app.alerts (rule, key, channel, address, language, stage, cause, opened_at, seen_at, told_at, told)
        SELECT 'answer_quality', 'answer_quality|request_type=shipping_inquiry', 'telegram', '-1001234567890', 'en',
               'told', cause, '2026-11-20 10:10+00', '2026-11-20 11:10+00', '2026-11-20 10:10+00', cause FROM found
        RETURNING alert_id
    ), told AS (
        INSERT INTO app.alert_tellings (alert_id, number, kind, outcome, at, message)
        SELECT alert_id, 1, 'first', 'sent', '2026-11-20 10:10+00',
               '{"kind": "text", "html": "", "buttons": [], "silent": false}' FROM made
    ), judged AS (
        INSERT INTO app.alert_verdicts (alert_id, chat, "user", verdict, at, press)
        SELECT alert_id, '-1001234567890', who, 'useful', '2026-11-20 10:20+00', 1
        FROM made, (VALUES ('anna'), ('olga')) AS t (who)
    )
    INSERT INTO app.alert_looks (scope, rules, at, segments, found)
    SELECT '', ARRAY['answer_quality', 'auto_send', 'cost', 'mood', 'pipeline_errors', 'response_targets', 'stuck',
                     'ticket_volume'], '2026-11-20 11:40+00'::timestamptz - n * interval '30 minutes', 64, 1
    FROM generate_series(0, 47) n
"""


def draw(folder: Path) -> None:
    shell = embedded(folder, folder / "data").having(
        DASH_NOW=NOW.isoformat(), TELEGRAM_CHAT_IDS=CHATS, TELEGRAM_BOT_TOKEN="1:none"
    )
    done = shell.run("db", "seed", "--tickets", "20000", "--now", NOW.isoformat())
    if done.code:
        raise SystemExit(done.err)
    url = shell.run("db", "start").out.strip()
    try:
        _fill(url)
        _taught(shell)
        _told(url)
        with started(shell) as address, opened_browser() as browser:
            for name in sys.argv[1:] or PAGES:
                for theme, width, locale, language in SHOTS:
                    kept = IMAGES / f"dashboard-{name}-{theme}-{width}{language}.png"
                    kept.write_bytes(_shot(browser, address, name, theme, width, locale))
                    print(f"{kept.name}: {kept.stat().st_size // 1024} kB", file=sys.stderr)
    finally:
        shell.run("db", "stop")


def _shot(browser: Browser, url: str, name: str, theme: str, width: int, locale: str) -> bytes:
    """A palette of few colours: pages have few, and git keeps every version of every picture."""
    viewport = {"width": width, "height": 900}
    with page_of(browser, url, color_scheme=theme, locale=locale, viewport=viewport) as (page, _):
        page.goto(f"{url}/{ADDRESS.get(name, name)}")
        settled(page)
        if name == "ask":
            _ask(page, QUESTIONS[locale])
        if name == "digests":
            _preview(page)
        whole(page, width)
        page.wait_for_timeout(700)
        drawn = Image.open(BytesIO(page.screenshot()))
    kept = BytesIO()
    drawn.convert("RGB").quantize(COLOURS).save(kept, "PNG", optimize=True)
    return kept.getvalue()


def _ask(page: Page, question: str) -> None:
    field = page.get_by_test_id("stChatInputTextArea")
    field.fill(question)
    field.press("Enter")
    page.get_by_test_id("stChatMessage").filter(has_text=question).last.wait_for()
    settled(page)


def _preview(page: Page) -> None:
    page.locator(".st-key-preview-daily button").click()
    page.locator(".st-key-digest-daily [data-testid='stHtml']").first.wait_for()
    settled(page)


def _told(url: str) -> None:
    """What went out, and what holds."""
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(TOLD.encode())
        connection.execute(HELD.encode())


def _taught(shell: Shell) -> None:
    for user, words in (
        ("olga@example.com", "«ботики» — это WhatsApp"),
        ("maria@example.com", "“parcels” means shipping inquiry"),
    ):
        shell.run("teach", words, "--as", user)


def _fill(url: str) -> None:
    """Some weeks of questions, with what they took."""
    chance = random.Random(7)
    with psycopg.connect(url, autocommit=True) as connection:
        for number, (at, took, status, engine, reused) in enumerate(_asked(chance)):
            user = chance.choice(["maria@example.com", "olga@example.com", "anton@example.com"])
            answer = {
                "status": status,
                "engine": engine,
                "timings_ms": {"total": took},
                "cache": {"answer_id": "earlier"} if reused else None,
                "sources": [{"layer": "metric", "name": chance.choice(["tickets", "resolution_rate", "csat"])}],
                "plan": None,
            }
            connection.execute(
                'INSERT INTO app.answers (answer_id, "user", created_at, kept_at, question, answer)'
                " VALUES (%s, %s, %s, %s, 'How many tickets?', %s)",
                (f"made-up-{number}", user, at, at, json.dumps(answer)),
            )
            if engine == "llm":
                connection.execute(
                    'INSERT INTO app.usage (answer_id, "user", at, model, calls, prompt, completion, cost_usd)'
                    " VALUES (%s, %s, %s, 'gpt-5.4-mini', 1, %s, %s, %s)",
                    (f"made-up-{number}", user, at, chance.randint(3_000, 6_000), chance.randint(100, 400), 0.01),
                )
        connection.execute(
            "INSERT INTO app.jobs (kind, key, attempts, error, done_at, dead_at) VALUES"
            " ('state.prune', 'made-up-1', 1, NULL, now(), NULL),"
            " ('values.refresh', 'made-up-2', 1, NULL, now(), NULL),"
            " ('digest.send', 'made-up-3', 8, 'mail.example.com refused the connection', NULL, now())"
        )


def _asked(chance: random.Random) -> Iterator[tuple[datetime, float, str, str, bool]]:
    now = datetime.now(UTC)
    for day in range(30):
        for _ in range(chance.randint(2, 28)):
            engine = "llm" if chance.random() < 0.04 else "grounded"
            took = chance.lognormvariate(7.3 if engine == "llm" else 3.6, 0.4)
            status = chance.choices(["answered", "refused", "clarify", "error"], [88, 6, 5, 1])[0]
            yield now - timedelta(days=day, minutes=chance.randint(0, 500)), took, status, engine, chance.random() < 0.2


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as made:
        draw(Path(made))
