"""The generator without a database: the same rows for the same options, any size, whole texts in every language."""

from __future__ import annotations

import hashlib
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path
from string import Formatter
from typing import Any

import pytest

from dash_agent.warehouse.demo import CarrierOutage, DemoOptions
from dash_agent.warehouse.demo.desk import draw_desk
from dash_agent.warehouse.demo.texts import text_book
from dash_agent.warehouse.demo.vocabulary import data_file, vocabulary

NOW = datetime(2026, 11, 21, 10, 30, tzinfo=UTC)


def options(**given: Any) -> DemoOptions:
    return DemoOptions(**{"now": NOW, "incidents_file": Path("unused"), "tickets": 600, **given})


def digests(chosen: DemoOptions) -> dict[str, str]:
    sums: dict[str, Any] = {}
    for rows in draw_desk(chosen).rows():
        sums.setdefault(rows.table, hashlib.sha256()).update(rows.text.encode())
    return {table: digest.hexdigest() for table, digest in sums.items()}


def test_the_same_options_give_the_same_bytes() -> None:
    assert digests(options()) == digests(options())


@pytest.mark.parametrize("change", [{"seed": 43}, {"now": NOW.replace(day=20)}, {"months": 6}])
def test_another_seed_now_or_length_gives_another_desk(change: dict[str, Any]) -> None:
    first, second = digests(options()), digests(options(**change))
    differing = {table for table in first if first[table] != second[table]}
    assert {"customers", "support_threads_data", "support_dialogs", "ai_human_comparison"} <= differing


@pytest.mark.parametrize("tickets", [0, 1, 2, 10, 61])
@pytest.mark.parametrize(
    ("now", "months"),
    [
        (datetime(2028, 2, 29, 23, 59, 59, tzinfo=UTC), 1),
        (datetime(2026, 3, 27, 0, 0, tzinfo=UTC), 36),
        (datetime(2026, 10, 24, 22, 30, tzinfo=UTC), 12),
        (datetime(2027, 1, 1, 0, 0, tzinfo=UTC), 2),
    ],
)
def test_any_size_and_any_now(tickets: int, now: datetime, months: int) -> None:
    counts: Counter[str] = Counter()
    for rows in draw_desk(options(tickets=tickets, now=now, months=months)).rows():
        assert rows.text.count("\n") == rows.size
        counts[rows.table] += rows.size
    assert counts["support_threads_data"] == tickets
    assert counts["support_dialogs"] >= tickets
    assert counts["customers"] >= 24


def test_progress_adds_up_to_the_total() -> None:
    desk = draw_desk(options(tickets=100))
    assert sum(rows.step for rows in desk.rows()) == desk.total


def test_given_incidents_take_the_place_of_drawn_ones() -> None:
    outage = CarrierOutage(
        datetime(2026, 6, 1, tzinfo=UTC), datetime(2026, 6, 15, tzinfo=UTC), carrier="DHL", factor=4.0
    )
    desk = draw_desk(options(tickets=20_000, incidents=(outage,)))
    (seeded,) = desk.incidents
    assert isinstance(seeded, CarrierOutage)
    # Three times what came anyway, of some 180 in two weeks.
    assert 300 < seeded.extra_tickets < 900
    assert draw_desk(options(incidents=())).incidents == ()


def test_no_cell_holds_a_stray_separator() -> None:
    widths = {
        "customers": 6, "subscriptions": 10, "shipments": 8, "support_threads_data": 27, "support_dialogs": 8,
        "ai_human_comparison": 11, "ai_agent_tasks": 11, "ai_answerer_instructions": 11,
    }  # fmt: skip
    for rows in draw_desk(options()).rows():
        assert {line.count("\t") + 1 for line in rows.text.splitlines()} <= {widths[rows.table]}


@pytest.mark.parametrize("language", vocabulary().language)
def test_every_language_has_words_for_everything(language: str) -> None:
    book = text_book(language)
    assert len(book.months) == 12
    for of_category, answers, human, subject in zip(book.opening, book.answer, book.human, book.subject, strict=True):
        assert len(set(of_category[-1])) >= 6
        assert all((*answers, *human, *subject))
    known = {"name", "month", "carrier"}
    for text in strings(data_file("messages", f"{language}.json")):
        assert {field for _, field, _, _ in Formatter().parse(text) if field is not None} <= known


def test_languages_do_not_borrow_from_each_other() -> None:
    openings = [{text for of in text_book(code).opening for text in of[-1]} for code in vocabulary().language]
    assert len(set().union(*openings)) == sum(map(len, openings))


def test_some_categories_are_ready_for_auto_send_and_some_are_not() -> None:
    """By the business definition, over the last 30 days of a desk of the default size."""
    since = (NOW - timedelta(days=30)).isoformat()
    tickets: Counter[str] = Counter()
    errors: Counter[str] = Counter()
    judged: dict[str, list[tuple[bool, str]]] = {}
    for rows in draw_desk(options(tickets=100_000)).rows():
        cells = (line.split("\t") for line in rows.text.splitlines())
        if rows.table == "support_threads_data":
            recent = [row for row in cells if row[21] >= since]
            tickets.update(row[7] for row in recent)
            errors.update(row[7] for row in recent if row[11] == "Error")
        if rows.table == "ai_human_comparison":
            for row in cells:
                if row[10] >= since:
                    judged.setdefault(row[2], []).append((row[7] != "human_better", row[6]))
    ready = set()
    for category, found in judged.items():
        points = [float(text) for _, text in found if text]
        wins = sum(won for won, _ in found) / len(found)
        small = errors[category] / tickets[category] <= 0.02
        if len(found) >= 50 and wins >= 0.85 and sum(points) / len(points) <= 15 and small:
            ready.add(category)
    assert {"skip_month", "change_address", "change_frequency"} <= ready
    assert not ready & {"cancel_subscription", "damaged_item", "payment_issue"}


def strings(node: object) -> list[str]:
    if isinstance(node, str):
        return [node]
    children = node.values() if isinstance(node, dict) else node if isinstance(node, list) else ()
    return [text for child in children for text in strings(child)]
