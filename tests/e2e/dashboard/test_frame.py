"""The frame of the dashboard: every page is found, in both languages, for every role that may see it."""

from __future__ import annotations

import pytest

from tests.e2e.dashboard.conftest import Look

TITLES = {
    "ask": ("Ask", "Вопросы"),
    "overview": ("Overview", "Обзор"),
    "funnel": ("Funnel and stuck", "Воронка и застрявшие"),
    "quality": ("AI and people", "ИИ и люди"),
    "knowledge": ("Knowledge", "Знания"),
    "costs": ("Cost and health", "Расходы и состояние"),
    "settings": ("Settings", "Настройки"),
}


@pytest.mark.parametrize("page", TITLES)
@pytest.mark.parametrize("language", ["en", "ru"])
def test_every_page_opens(look: Look, page: str, language: str) -> None:
    test = look(page, language=language)
    assert not test.exception
    assert [title.value for title in test.title] == [TITLES[page][language == "ru"]]
