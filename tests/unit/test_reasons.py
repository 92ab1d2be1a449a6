"""Why something was not sent or looked at, in the reader's language."""

from __future__ import annotations

import re

import pytest

from dash_agent.errors import DashError, QueryTimeout, TurnedAway, WarehouseUnavailable
from dash_agent.models.reason import IN_WORDS, Reason, reason_of, why_of
from dash_agent.reports.reasons import RUSSIAN, reason_told

LEFT = TurnedAway("the chat 77 does not take messages of this bot any more: bot was blocked by the user")


@pytest.mark.parametrize(
    ("error", "russian"),
    [
        (
            LEFT.because("chat_left", chat=77, said="bot was blocked by the user"),
            "чат 77 больше не принимает сообщений этого бота: «bot was blocked by the user»",
        ),
        (QueryTimeout("it ran longer than 10 s"), "запрос шёл дольше, чем ему разрешено"),
        (WarehouseUnavailable("no connection"), "база данных недоступна"),
    ],
)
def test_an_error_is_kept_and_worded(error: DashError, russian: str) -> None:
    kept = why_of(error).kept
    assert reason_told("ru", kept) == russian
    assert reason_told("en", kept) == str(error)


def test_what_was_worded_already_is_told_as_such() -> None:
    kept = Reason(IN_WORDS, "Late.", words={"en": "Late.", "ru": "Поздно: «{x}»."}).kept
    assert [reason_told(one, kept) for one in ("en", "ru")] == ["Late.", "Поздно: «{x}»."]


@pytest.mark.parametrize("said", ["", "as it was kept before", '{"code": ', '{"other": 1}', "{curly}", "[1]"])
def test_what_is_no_reason_stands_as_it_is(said: str) -> None:
    assert reason_of(said) == Reason("", said)
    assert [reason_told(one, said) for one in ("en", "ru")] == [said, said]


def test_values_that_are_missing_leave_the_english() -> None:
    assert reason_told("ru", Reason("chat_left", "the chat left").kept) == "the chat left"


def test_russian_reasons_are_russian() -> None:
    for code, text in RUSSIAN.items():
        assert re.search("[а-яё]", re.sub(r"\{\w+\}", "", text)), code


def test_another_language_s_braces_are_no_place_for_values() -> None:
    kept = Reason("chat_left", "x", {"chat": "{now}", "said": "{0} {chat}"}).kept
    assert reason_told("ru", kept) == "чат {now} больше не принимает сообщений этого бота: «{0} {chat}»"
