"""An answer as it is printed: nothing wider than the window, numbers under one another, colours never alone."""

from __future__ import annotations

import io
import re
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len
from rich.console import Console

from dash_agent.cli.answer import print_answer, print_plan
from dash_agent.cli.layout import Column, bar, grid, sparkline, wrapped
from dash_agent.cli.terminal import _Spinner, open_console
from dash_agent.context.catalog import Catalog
from dash_agent.insight.wording import Wording
from dash_agent.models.answer import Answer, AnswerColumn, ColumnRole, Fact, Source, Status
from dash_agent.models.plan import AskBack, Clarification, MetricPlan, Option, PatternPlan, Refusal, RefusalReason
from dash_agent.models.query import Grain, MetricQuery, Period
from dash_agent.models.sql import Cell
from tests.conftest import NOW, ZONE

WIDTHS = (60, 80, 120, 200)
WEEK = Period(datetime(2026, 11, 9, tzinfo=ZONE), datetime(2026, 11, 16, tzinfo=ZONE))
SQL = "SELECT\n  " + " AS told,\n  ".join(
    ["'a line of a statement that is wider than any window of this test'" * 4] * 2
)
DIM, METRIC, HELPER = ColumnRole.DIMENSION, ColumnRole.METRIC, ColumnRole.HELPER
ESCAPE = "\x1b"


def column(
    name: str, label: str, role: ColumnRole = METRIC, kind: str = "integer", unit: str | None = None
) -> AnswerColumn:
    return AnswerColumn(name, role, kind, unit, label)


def answer(columns: tuple[AnswerColumn, ...], rows: tuple[tuple[Cell, ...], ...], **more: object) -> Answer:
    made = Answer(
        answer_id="01JABCDEFGHJKMNPQRSTVWXYZ0",
        session_id=None,
        question="…",
        language="en",
        as_of=NOW,
        status=Status.ANSWERED,
        text="Tickets, Nov 9 – 15, 2026: " + "a sentence that goes on for longer than one line of any window does " * 3,
        plan=MetricPlan(MetricQuery(("tickets",), period=WEEK)),
        columns=columns,
        rows=rows,
        sql=SQL,
        assumptions=("Counted by the day the ticket was created, which is told in a sentence of some length.",),
        sources=(
            Source("metric", "tickets", "business/metrics.json"),
            Source("dimension", "channel", "business/dimensions.json"),
        ),
        suggestions=("Why did tickets change last week?",),
    )
    return replace(made, **more)  # type: ignore[arg-type]


CHANNELS = answer(
    (column("channel", "Channel", DIM, "text"), column("tickets", "Tickets")),
    (("email", 2778), ("whatsapp", 429), (None, 7)),
)
ONE = answer(
    (column("escalated", "Escalated"), column("escalated_previous", "before"), column("escalated_change", "change")),
    ((277, 302, -25),),
    plan=MetricPlan(MetricQuery(("escalated",), period=WEEK, compare=WEEK)),
    facts=(
        Fact("value", "escalated", "Escalated", 277, "count", previous=302),
        Fact("change", "escalated", "Escalated", -25, "count", previous=302),
        Fact("change", "escalated", "Escalated", Decimal("-8.3"), "percent", previous=302),
    ),
)
COMPARED = answer(
    (
        column("channel", "Channel", DIM, "text"),
        column("escalated", "Escalated"),
        column("escalated_previous", "Escalated, before"),
        column("escalated_change", "Escalated, change"),
    ),
    (("email", 12, 20, -8), ("chat", 1009, 7, 1002)),
    plan=MetricPlan(MetricQuery(("escalated",), ("channel",), period=WEEK, compare=WEEK)),
)
WIDE = answer(
    tuple(column(f"field_{n}", f"Label number {n} of a wide table", HELPER, "text") for n in range(12)),
    tuple(tuple(f"value {row} {n} incomprehensibilities" for n in range(12)) for row in range(3)),
)
SERIES = answer(
    (column("week", "Week", DIM, "date"), column("tickets", "Tickets")),
    tuple((date(2026, 10, 5 + 7 * n), 100 * (n + 1)) for n in range(3)),
    plan=MetricPlan(MetricQuery(("tickets",), grain=Grain.WEEK, period=WEEK)),
)
BUNDLE = answer(
    (column("ai_win_rate", "AI win rate", unit="percent", kind="number"), column("comparisons", "Comparisons")),
    ((Decimal("68.4"), 1512),),
    plan=PatternPlan("ai_vs_human_by_category"),
)
PRINTED = {"groups": CHANNELS, "one": ONE, "compared": COMPARED, "wide": WIDE, "series": SERIES, "bundle": BUNDLE}


def printed(
    answer: Answer,
    home: Catalog,
    width: int = 80,
    language: str = "en",
    *,
    colours: bool = False,
    terminal: bool = True,
) -> str:
    out = io.StringIO()
    system = "truecolor" if colours else None
    console = Console(
        file=out, width=width, force_terminal=terminal, color_system=system, markup=False, highlight=False, emoji=False
    )
    print_answer(replace(answer, language=language), console, Wording(home, language, ZONE))
    return out.getvalue()


def without_sql(text: str) -> list[str]:
    statement = set(SQL.splitlines())
    return [line for line in text.splitlines() if line not in statement]


@pytest.mark.parametrize("language", ["en", "ru"])
@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("name", PRINTED)
def test_no_line_is_wider_than_the_window(name: str, width: int, language: str, home: Catalog) -> None:
    text = printed(PRINTED[name], home, width, language)
    assert all(cell_len(line) <= width and line == line.rstrip() for line in without_sql(text)), text
    assert SQL in text


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("name", PRINTED)
def test_no_word_is_cut(name: str, width: int, home: Catalog) -> None:
    made = PRINTED[name]
    words = printed(made, home, width).split()
    wanted = [*made.text.split(), *made.assumptions[0].split()]
    if name == "wide":
        wanted += [word for row in made.rows for cell in row for word in str(cell).split()]
    assert {word for word in wanted if len(word) < width} <= set(words)


@pytest.mark.parametrize("width", WIDTHS)
def test_numbers_stand_under_one_another(width: int, home: Catalog) -> None:
    lines = printed(COMPARED, home, width, terminal=False).splitlines()
    email, chat = (next(line for line in lines if line.startswith(name)) for name in ("Email", "Chat"))
    ends = [[match.end() for match in re.finditer(r"[\d,]+", line)] for line in (email, chat)]
    assert ends[0] == ends[1]
    assert "1,002" in chat


@pytest.mark.parametrize("name", PRINTED)
def test_a_pipe_gets_neither_colours_nor_bars(name: str, home: Catalog) -> None:
    text = printed(PRINTED[name], home, terminal=False)
    assert ESCAPE not in text
    assert not set("█▏▎▍▌▋▊▉▁▂▃▄▅▆▇") & set(text)


def test_the_number_comes_first_with_its_change(home: Catalog) -> None:
    first = printed(ONE, home).splitlines()[0]
    assert re.fullmatch(r"Escalated  277  ▼ -25 \(-8\.3%\)  before: 302", first)


@pytest.mark.parametrize(
    ("metric", "change", "colour"),
    [
        ("escalated", -25, "32"),
        ("escalated", 25, "31"),
        ("resolved", 25, "32"),
        ("resolved", -25, "31"),
        ("tickets", 25, None),
    ],
)
def test_a_change_is_coloured_by_what_is_good_and_signed(
    metric: str, change: int, colour: str | None, home: Catalog
) -> None:
    facts = (Fact("value", metric, metric, 277, "count"), Fact("change", metric, metric, change, "count", previous=302))
    plan = MetricPlan(MetricQuery((metric,), period=WEEK))
    made = answer((column(metric, metric),), ((277,),), plan=plan, facts=facts)
    line = printed(made, home, colours=True).splitlines()[0]
    assert f"{'▲ +' if change > 0 else '▼ -'}25" in re.sub(r"\x1b\[[\d;]*m", "", line)
    assert [code for code in ("31", "32") if f";{code}m" in line] == ([colour] if colour else [])


def test_bars_are_as_long_as_their_numbers(home: Catalog) -> None:
    lines = [line for line in printed(SERIES, home).splitlines() if re.search(r"\d  █", line)]
    lengths = [line.count("█") for line in lines]
    assert lengths == [lengths[0], lengths[0] * 2, lengths[0] * 3]


def test_no_bars_for_numbers_below_zero(home: Catalog) -> None:
    below = replace(CHANNELS, rows=(("email", -5), ("chat", 9)))
    assert "█" not in printed(below, home)


def test_what_does_not_fit_is_shown_row_by_row_and_says_so(home: Catalog) -> None:
    text = printed(WIDE, home, 60)
    assert "12 columns do not fit into 60 characters" in " ".join(text.split())
    assert "do not fit" not in printed(CHANNELS, home, 60)


def test_it_says_how_to_ask_again_and_what_to_ask_next(home: Catalog) -> None:
    text = printed(CHANNELS, home, 60)
    assert "dash-agent replay 01JABCDEFGHJKMNPQRSTVWXYZ0" in text
    assert "Why did tickets change last week?" in text
    assert home.metrics["tickets"].description in " ".join(text.split())


def test_units_stand_in_the_heads(home: Catalog) -> None:
    made = replace(CHANNELS, columns=(CHANNELS.columns[0], column("response_time", "Response time", unit="minutes")))
    assert "Response time, minutes" in printed(made, home)
    assert "Response time, минуты" in printed(made, home, language="ru")


@pytest.mark.parametrize("width", WIDTHS)
def test_choices_and_refusals(width: int, home: Catalog) -> None:
    option = Option("Tickets by channel", "Tickets by channel in the last 30 days")
    clarify = answer((), (), status=Status.CLARIFY, sql=None, plan=Clarification(AskBack.NO_METRIC), options=(option,))
    refused = answer((), (), status=Status.REFUSED, sql=None, plan=Refusal(RefusalReason.NO_SUCH_DATA))
    for made in (clarify, refused):
        text = printed(made, home, width)
        assert "replay" not in text
        assert all(cell_len(line) <= width for line in text.splitlines())
    assert "Tickets by channel: Tickets by channel in the last 30 days" in " ".join(
        printed(clarify, home, width).split()
    )


def test_a_plan_is_told_key_by_key(home: Catalog) -> None:
    out = io.StringIO()
    print_plan(replace(CHANNELS, text=""), Console(file=out, width=60, force_terminal=False, markup=False))
    assert '  "metrics": ["tickets"]' in out.getvalue().splitlines()
    assert "null" not in out.getvalue()


def test_control_characters_of_the_data_are_not_obeyed(home: Catalog) -> None:
    text = printed(replace(CHANNELS, rows=(("a\x1b[31mb", 1), ("c\x07", 2))), home)
    assert ESCAPE not in text
    assert "\x07" not in text


WORDS = st.text(st.characters(categories=["L", "N"]), min_size=1, max_size=30)


@given(st.lists(WORDS, max_size=12), st.integers(8, 60))
def test_wrapping_loses_nothing(words: list[str], width: int) -> None:
    lines = wrapped(" ".join(words), width, first="  ", indent="    ")
    assert all(cell_len(line) <= width for line in lines)
    assert "".join("".join(lines).split()) == "".join(words)


@given(st.lists(st.tuples(WORDS, st.integers(-(10**9), 10**9)), min_size=1, max_size=6), st.integers(10, 80))
def test_a_grid_is_never_too_wide(rows: list[tuple[str, int]], width: int) -> None:
    made = grid([Column("Group"), Column("Number", number=True)], [[name, str(value)] for name, value in rows], width)
    if made is not None:
        lines = [*made.header, *(line for row in made.rows for line in row)]
        assert all(cell_len(line) <= made.width <= width for line in lines)
        assert {row[0].split()[-1] for row in made.rows} <= {str(value) for _, value in rows}


def test_bars_and_sparklines() -> None:
    assert bar(5, 10, 4) == "██"
    assert bar(None, 10, 4) == bar(0, 10, 4) == ""
    assert bar(Decimal("0.01"), 10, 4) == "▏"
    assert sparkline([0, 5, None, 10]) == "▁▅ █"
    assert sparkline([0, None]) == ""


def test_no_colour_means_no_control_characters(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], home: Catalog
) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("TERM", "xterm-256color")
    print_answer(ONE, open_console(), Wording(home, "en", ZONE))
    assert ESCAPE in capsys.readouterr().out
    monkeypatch.setenv("NO_COLOR", "1")
    print_answer(ONE, open_console(), Wording(home, "en", ZONE))
    assert ESCAPE not in capsys.readouterr().out


def test_a_spinner_shows_its_words_once_it_has_begun(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("TERM", "xterm-256color")
    early = _Spinner("Counting")
    early.stop()
    early.start()
    assert capsys.readouterr().err == ""
    late = _Spinner("Counting")
    late.start()
    late.stop()
    assert "Counting" in capsys.readouterr().err
