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
PAGES: Final = ("ask", "overview", "funnel", "quality", "knowledge", "costs", "settings")
SHOTS: Final = (
    *((theme, width, "en-US", "") for theme in ("light", "dark") for width in (1280, 390)),
    ("light", 1280, "ru-RU", "-ru"),
)
QUESTIONS: Final = {
    "en-US": "Tickets by category last week on WhatsApp vs the week before",
    "ru-RU": "Тикеты по категориям за прошлую неделю в WhatsApp и неделей раньше",
}
PERIOD: Final = {"overview": "?period=last_week"}
COLOURS: Final = 96


def draw(folder: Path) -> None:
    shell = embedded(folder, folder / "data").having(DASH_NOW=NOW.isoformat())
    done = shell.run("db", "seed", "--tickets", "20000", "--now", NOW.isoformat())
    if done.code:
        raise SystemExit(done.err)
    url = shell.run("db", "start").out.strip()
    try:
        _fill(url)
        _taught(shell)
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
        page.goto(f"{url}/{name}{PERIOD.get(name, '')}")
        settled(page)
        if name == "ask":
            _ask(page, QUESTIONS[locale])
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
