"""The dashboard in a real browser: what a person does, in Russian, from a question to a shared link."""

from __future__ import annotations

from collections.abc import Iterator

import psycopg
import pytest
from playwright.sync_api import Browser, Page, expect

from tests.e2e.commands import on
from tests.e2e.dashboard.browser import REQUIRED, Watch, chromium, opened_browser, page_of, settled
from tests.e2e.dashboard.serving import started
from tests.e2e.databases import Database

pytestmark = pytest.mark.skipif(
    chromium() is None and not REQUIRED, reason="no Chromium on PATH, and DASH_BROWSER names none"
)

PAGES = ("ask", "overview", "funnel", "quality", "knowledge", "costs", "settings")
LAST_WEEK = "created_at >= '2026-11-09 00:00+02' AND created_at < '2026-11-16 00:00+02'"
QUESTION = "Сколько тикетов было за прошлую неделю по каналам?"
LEARNED = "TRUNCATE app.learnings, app.pins CASCADE"


@pytest.fixture(scope="module")
def url(desk: Database, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    shell = on(desk, tmp_path_factory.mktemp("browser"))
    _clear(desk)
    # Somebody who may not decide on it alone teaches a word.
    taught = shell.run("teach", "«ботики» — это WhatsApp", "--as", "olga@example.com")
    assert taught.code == 0, taught.err
    with started(shell) as address:
        yield address
    _clear(desk)


def _clear(desk: Database) -> None:
    with psycopg.connect(desk.owner, autocommit=True) as connection:
        connection.execute(LEARNED)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with opened_browser() as it:
        yield it


@pytest.fixture
def russian(browser: Browser, url: str) -> Iterator[Page]:
    """A page of somebody whose browser speaks Russian, which must not complain or reach for another host."""
    with page_of(browser, url, locale="ru-RU", viewport={"width": 1280, "height": 1200}) as (page, watch):
        yield page
        fine(watch)


def fine(watch: Watch) -> None:
    assert watch.complaints == []
    assert watch.elsewhere == []


def asked(page: Page, question: str) -> None:
    field = page.get_by_test_id("stChatInputTextArea")
    field.fill(question)
    field.press("Enter")
    expect(page.get_by_test_id("stChatMessage").filter(has_text=question).last).to_be_visible()
    settled(page)


def last_week(desk: Database, narrowed: str = "TRUE") -> int:
    with psycopg.connect(desk.owner) as connection:
        statement = f"SELECT count(*) FROM support_threads_data WHERE {LAST_WEEK} AND {narrowed}"
        row = connection.execute(statement.encode()).fetchone()
    assert row is not None
    return int(row[0])


def test_from_a_question_to_a_shared_link(russian: Page, browser: Browser, url: str, desk: Database) -> None:
    page = russian
    page.goto(url)
    settled(page)
    asked(page, QUESTION)
    emails = last_week(desk, "channel = 'email'")
    expect(page.get_by_text(f"Почта ({emails})")).to_be_visible()

    # A chip: another period, the same question.
    page.get_by_role("button", name="9–15 нояб. 2026").last.click()
    page.get_by_test_id("stPopoverBody").get_by_role("combobox").first.click()
    page.get_by_role("option", name="Прошлый месяц").click()
    page.get_by_role("button", name="Применить").click()
    expect(page.get_by_role("button", name="октябрь 2026").last).to_be_visible()
    settled(page)

    # A question that needs a choice.
    asked(page, "какие обращения хуже?")
    said = page.get_by_test_id("stChatMessage")
    before = said.count()
    page.get_by_role("button", name="Доля решённых").last.click()
    expect(said).to_have_count(before + 2)
    expect(said.last).to_contain_text("%")
    settled(page)

    # A pin stands on the overview.
    page.get_by_role("button", name="Закрепить", exact=True).first.click()
    expect(page.get_by_role("button", name="Открепить").first).to_be_visible()
    settled(page)

    # The link shows the same conversation to a browser that has never been here.
    link = page.url
    assert "session=" in link
    with page_of(browser, url, locale="ru-RU") as (other, watch):
        other.goto(link)
        settled(other)
        expect(other.get_by_text(f"Почта ({emails})")).to_be_visible()
        expect(other.get_by_text("какие обращения хуже?").last).to_be_visible()
        fine(watch)

    page.get_by_role("link", name="Обзор").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Обзор")
    settled(page)
    expect(page.get_by_role("heading", name="Закреплённ")).to_be_visible()


def test_a_learning_is_reviewed(russian: Page, url: str, desk: Database) -> None:
    page = russian
    page.goto(f"{url}/knowledge")
    settled(page)
    page.get_by_role("radio", name="Выученное").click()
    settled(page)
    page.get_by_role("button", name="Одобрить").first.click()
    expect(page.get_by_role("button", name="Одобрить")).to_have_count(0)
    settled(page)
    with psycopg.connect(desk.owner) as connection:
        found = connection.execute("SELECT status FROM app.learnings").fetchall()
    assert found == [("active",)]


def test_the_keyboard_reaches_the_pages_and_the_question(russian: Page, url: str) -> None:
    page = russian
    page.goto(url)
    settled(page)
    reached = set()
    for _ in range(40):
        page.keyboard.press("Tab")
        reached.add(
            page.evaluate("(document.activeElement.innerText || document.activeElement.ariaLabel || '').trim()")
        )
        reached.add(page.evaluate("document.activeElement.dataset.testid ?? ''"))
    for name in ("Обзор", "Знания", "Настройки"):
        assert any(name in text for text in reached), (name, reached)
    assert "stChatInputTextArea" in reached


@pytest.mark.parametrize("width", [1280, 390])
@pytest.mark.parametrize("name", PAGES)
def test_every_page_keeps_to_this_host_and_its_width(browser: Browser, url: str, name: str, width: int) -> None:
    with page_of(browser, url, viewport={"width": width, "height": 900}, color_scheme="dark") as (page, watch):
        page.goto(f"{url}/{name}")
        settled(page)
        page.wait_for_timeout(500)
        wider = page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
        assert wider <= 0
        fine(watch)
