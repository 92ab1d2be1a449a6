"""What the agent says without a model: whole in every language, and never more than it may say."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Any, Final, get_args

import pytest
from babel import Locale

from support_agent.guardrails import ReplyContext, outgoing
from support_agent.models import Consent, Done, NotPossible, Reason
from support_agent.speaking import LANGUAGES, NoWords, Speaker, texts
from support_agent.speaking.matters import ASKED, PEOPLES, asked, done, hindered, looked, proposed
from support_agent.tools import TOOLS
from tests.conftest import ZONE

WHOLE: Final = ("en", "ru")
"""Languages that have every text."""
MOST_WORDS: Final = 120
IN_ENGLISH_ALONE: Final = {"page": {"title"}}
"""Pages are called in English, so other answers don't say where they are from."""
MONTH, DAY = date(2026, 12, 1), date(2027, 1, 9)
VALUES: Final[Mapping[str, object]] = {
    **dict.fromkeys(("month", "next_box", "first_box", "packed"), MONTH),
    **dict.fromkeys(("until", "longest", "shortest", "left", "arrived", "paused_until", "change_until"), DAY),
    **{name: datetime(2026, 12, 18, 22, 0, tzinfo=UTC) for name in ("undo_until", "lapses")},
    "started": date(2025, 1, 5),
    "stays_away": (MONTH, date(2027, 1, 1)),
    "plan": "standard",
    "frequency": "bimonthly",
    "was": "monthly",
    "status": "active",
    "kind": "broken",
    "hours": 48,
    "months": 3,
    "limit": 2,
    "boxes": 2,
    "items": 3,
    "days": 14,
    "number": 1,
    "count": 2,
    "working_days": 6,
    "usual_days": 10,
    "discount_percent": 20,
    "photos": 2,
    "there": 0,
    "carrier": "DHL",
    "tracking_number": "TRACK1",
    "name": "Ada",
    "title": "A page",
    "text": "An answer.",
    "address": "Ada Example, Rosenweg 12, 20095 Hamburg, DE",
    "link": "",
    "choices": "1.",
    "when": "",
    "first": "a",
    "second": "b",
    "category": "c",
    "within": "d",
    "parts": "street",
}
GROUNDS: Final = ("2026-12-01", "2027-01-01", "2027-01-09", "2026-12-18", "2026-12-19", "2025-01-05", "TRACK1")
ALL_KEYS = [(language, key) for language in LANGUAGES for key in texts(language)]


def forms(language: str, key: str) -> list[str]:
    found = texts(language)[key]
    return [found] if isinstance(found, str) else list(found.values())


def placeholders(language: str, key: str) -> set[str]:
    return {name for form in forms(language, key) for name in re.findall(r"\{(\w+)\}", form)}


def only(language: str, key: str) -> dict[str, object]:
    """The values that a text names, and the count that its form is chosen by."""
    return {name: VALUES[name] for name in placeholders(language, key) | {"count"}}


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_language_has_texts_that_english_has(language: str) -> None:
    assert texts(language).keys() <= texts("en").keys()
    if language in WHOLE:
        assert texts(language).keys() == texts("en").keys()


@pytest.mark.parametrize("language", LANGUAGES)
def test_texts_name_the_same_values(language: str) -> None:
    for key in texts(language):
        left_out = IN_ENGLISH_ALONE.get(key, set()) if language != "en" else set()
        assert placeholders(language, key) == placeholders("en", key) - left_out, key


@pytest.mark.parametrize("language", LANGUAGES)
def test_texts_with_forms_have_every_form_of_the_language(language: str) -> None:
    wanted = set(Locale.parse(language).plural_form.tags) | {"other"}
    with_forms = {key: text for key, text in texts(language).items() if not isinstance(text, str)}
    assert with_forms
    for key, text in with_forms.items():
        assert isinstance(text, Mapping)
        assert set(text) == wanted, key


@pytest.mark.parametrize(("language", "key"), ALL_KEYS)
def test_a_text_can_be_sent(language: str, key: str) -> None:
    """Short enough, and the guards of what leaves find nothing, once what it tells has really happened."""
    if key.startswith("format."):
        return
    text = Speaker(language, ZONE).say(key, **only(language, key))
    assert len(text.split()) <= MOST_WORDS
    tool = key.removeprefix("done.").split(".")[0]
    was_done = frozenset({tool} if key.startswith("done.") else TOOLS if key.startswith("undone") else ())
    states = frozenset({"paused", "skipped", "cancelled"})
    context = ReplyContext(
        language, typed=(str(VALUES["address"]),), grounds=GROUNDS, tracking=("TRACK1",), done=was_done, states=states
    )
    assert outgoing(text, context).words == ()


@pytest.mark.parametrize("reason", get_args(Reason))
def test_every_reason_has_words_or_is_for_a_colleague(reason: Reason) -> None:
    """Whoever adds a reason to a tool says here what a customer hears of it."""
    words = [hindered(Speaker(language, ZONE), NotPossible(reason, VALUES)) for language in WHOLE]
    assert all(words) is (reason not in PEOPLES | ASKED)


@pytest.mark.parametrize("reason", sorted(set(get_args(Reason)) - PEOPLES - ASKED))
def test_a_reason_without_values_still_has_words(reason: Reason) -> None:
    """Where there is no next box, and where an undo comes too late."""
    if reason in {"already_packed", "already_skipped", "no_box_in_month", "no_such_box", "same_frequency"}:
        assert all(hindered(Speaker(language, ZONE), NotPossible(reason)) for language in WHOLE)


MISSING: Final = {
    "pause_subscription": ("months",),
    "skip_month": ("month",),
    "change_frequency": ("frequency",),
    "change_address": ("recipient", "street", "postal_code", "town"),
    "create_damage_claim": ("kind", "items", "photos"),
    "issue_replacement": ("reason",),
}


@pytest.mark.parametrize("tool", MISSING)
@pytest.mark.parametrize("language", WHOLE)
def test_what_a_tool_misses_is_asked_for(language: str, tool: str) -> None:
    speaker = Speaker(language, ZONE)
    for name in MISSING[tool]:
        question = asked(speaker, tool, NotPossible("until_when", missing=(name,)))
        assert question is not None
        assert "?" in question or language == "ru" or name in ("photos", "kind")
    whole = asked(speaker, "change_address", NotPossible("address_incomplete", missing=MISSING["change_address"]))
    assert whole == speaker.say("ask.change_address.all")


@pytest.mark.parametrize("language", WHOLE)
@pytest.mark.parametrize(
    "tool", [name for name, tool in TOOLS.items() if tool.consent in (Consent.CUSTOMER, Consent.STAFF)]
)
def test_every_action_is_proposed_and_told(language: str, tool: str) -> None:
    speaker, consent = Speaker(language, ZONE), TOOLS[tool].consent
    assert consent is not None
    told = VALUES if tool == "pause_subscription" else {k: v for k, v in VALUES.items() if k != "stays_away"}
    assert proposed(speaker, tool, told, consent)
    assert done(speaker, tool, told, Done(told))


def test_a_pause_says_which_boxes_stay_away_and_which_still_come() -> None:
    told: dict[str, Any] = {**VALUES, "packed": date(2026, 11, 1)}
    text = proposed(Speaker("en", ZONE), "pause_subscription", told, Consent.CUSTOMER)
    assert "9 January 2027" in text
    assert "December 2026 and January 2027" in text
    assert "November 2026 box is packed already" in text


@pytest.mark.parametrize(
    ("language", "day", "month"),
    [
        ("en", "9 January 2027", "January 2027"),
        ("ru", "9 января 2027", "январь 2027"),
        ("de", "9. Januar 2027", "Januar 2027"),
        ("fr", "9 janvier 2027", "janvier 2027"),
        ("es", "9 de enero de 2027", "enero 2027"),
        ("he", "9 בינואר 2027", "ינואר 2027"),
    ],
)
def test_days_and_months_are_written_as_the_language_writes_them(language: str, day: str, month: str) -> None:
    speaker = Speaker(language, ZONE)
    assert speaker.worded("until", DAY) == day
    assert speaker.worded("next_box", date(2027, 1, 1)) == month


def test_what_nobody_has_written_in_a_language_is_not_said_in_another() -> None:
    with pytest.raises(NoWords, match=r"de: propose\.pause_subscription"):
        Speaker("de", ZONE).say("propose.pause_subscription", **VALUES)
    with pytest.raises(NoWords):
        looked(Speaker("en", ZONE), "no_such_tool", {})
