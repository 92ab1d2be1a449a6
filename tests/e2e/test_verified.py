"""Answers as files for queries/: the same rows for the same period, another period by its parameters, and the check."""

from __future__ import annotations

from pathlib import Path

import pytest

from dash_agent.ask import Dash
from dash_agent.cli.promoting import FOLDERS, problems_of
from dash_agent.context.catalog import load_catalog
from dash_agent.errors import WrongUse
from dash_agent.learning.promotion import Patch
from dash_agent.learning.verified import Wanted, suggested_phrase, verified
from dash_agent.models.answer import Answer, Trust
from dash_agent.models.plan import PatternPlan, SqlPlan
from dash_agent.models.principal import Principal, Role
from tests.conftest import NOW, ROOT
from tests.e2e.serving import settings
from tests.fakes import FakeAnswers

ANALYST = Principal("anton@example.com", Role.ANALYST)


def made(dash: Dash, question: str, phrase: str = "whatsapp desk by category") -> tuple[Answer, Patch]:
    answer = dash.ask(question, ANALYST)
    wanted = Wanted("whatsapp_desk", "WhatsApp's desk", phrase, question=f"{phrase} last week")
    return answer, verified(answer, wanted, dash.statement, dash.catalog.files)


def over(dash: Dash, patch: Patch, folder: Path) -> Dash:
    """With the file among the others."""
    for name in (*FOLDERS, "schemas"):
        (folder / name).symlink_to(ROOT / name) if name != "queries" else (folder / name).mkdir()
    for path in (ROOT / "queries").glob("*.sql"):
        (folder / "queries" / path.name).write_bytes(path.read_bytes())
    (folder / patch.file).write_text(patch.after, encoding="utf-8")
    return dash.over(load_catalog(folder), FakeAnswers())


@pytest.mark.parametrize(
    "question",
    [
        "Tickets by category on WhatsApp last week",
        "Tickets by category on WhatsApp in the last 30 days",
        "Resolution rate by category on WhatsApp last month",
    ],
)
def test_the_file_gives_the_same_rows_and_passes_the_check(dash: Dash, question: str, tmp_path: Path) -> None:
    answer, patch = made(dash, question)
    assert answer.rows
    assert problems_of(patch, settings(content_dir=ROOT), NOW) == ()
    saved = over(dash, patch, tmp_path)
    said = question.rpartition("WhatsApp ")[2]
    again = saved.ask(f"whatsapp desk by category {said}", ANALYST, now=NOW)
    assert isinstance(again.plan, PatternPlan)
    assert (again.plan.name, again.trust) == ("whatsapp_desk", Trust.VERIFIED)
    assert again.rows == answer.rows
    # Its period is the question's, not the one that it was saved from.
    other = dash.ask("Tickets by category on WhatsApp 3 weeks ago", ANALYST)
    if question.startswith("Tickets"):
        assert saved.ask("whatsapp desk by category 3 weeks ago", ANALYST, now=NOW).rows == other.rows != answer.rows


def test_a_state_of_now_stays_one(dash: Dash, tmp_path: Path) -> None:
    answer, patch = made(dash, "Stuck tickets by category")
    assert ":now" in patch.after
    assert ":start" not in patch.after
    saved = over(dash, patch, tmp_path)
    again = saved.ask("whatsapp desk by category", ANALYST, now=NOW)
    assert isinstance(again.plan, PatternPlan)
    assert again.rows == answer.rows


@pytest.mark.parametrize(
    ("question", "why"),
    [
        ("Tickets this month vs last month", "compares two"),
        ("Tickets by day last week", "fixed date"),
        ("Ticket funnel last week", "rows of its own"),
        ("Tickets by frobnication", "rows of its own"),
    ],
)
def test_what_cannot_be_one_is_refused(dash: Dash, question: str, why: str) -> None:
    with pytest.raises(WrongUse, match=why):
        made(dash, question)


@pytest.mark.parametrize(
    ("name", "why"),
    [("../x", "no name"), ("a", "no name"), ("Ж", "no name"), ("x*/y", "no name"), ("ticket_funnel", "there already")],
)
def test_names_that_no_file_can_have(dash: Dash, name: str, why: str) -> None:
    answer = dash.ask("Tickets by category last week", ANALYST)
    with pytest.raises(WrongUse, match=why):
        verified(answer, Wanted(name, "x", "y", "z"), dash.statement, dash.catalog.files)


def test_hostile_words_stay_in_the_header(dash: Dash) -> None:
    """Nothing that is typed ends the comment that the header stands in."""
    answer = dash.ask("Tickets by category last week", ANALYST)
    evil = "x */ DROP TABLE customers; /* ' : {"
    patch = verified(answer, Wanted("evil", evil, evil, evil), dash.statement, dash.catalog.files)
    head, _, rest = patch.after.partition("*/")
    assert "DROP TABLE" in head
    assert "DROP" not in rest


def test_dates_that_a_model_wrote_are_not_kept_for_ever(dash: Dash) -> None:
    sql = "SELECT count(*) AS n FROM support_threads_data WHERE created_at >= '2026-11-01'"
    answer = dash.answer(SqlPlan(sql), ANALYST)
    with pytest.raises(WrongUse, match="fixed date"):
        verified(answer, Wanted("novem", "x", "y", "z"), dash.statement, dash.catalog.files)


@pytest.mark.parametrize(
    ("question", "phrase"),
    [
        ("Tickets by category last week", "tickets by category"),
        ("How many tickets did we get last week?", "tickets did we get"),
        ("Тикеты по каналам за прошлую неделю", "тикеты по каналам"),
    ],
)
def test_a_phrase_leaves_the_period_out(dash: Dash, question: str, phrase: str) -> None:
    assert suggested_phrase(dash.ask(question, ANALYST)) == phrase
