"""Which chart an answer gets, and what is drawn in it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import plotly.graph_objects as go
import pytest

from dash_agent.context.catalog import Catalog
from dash_agent.insight.charts import themed
from dash_agent.models.answer import Chart, ChartKind
from dash_agent.models.query import Filter, Grain, MetricQuery, Op, Order, Period
from dash_agent.models.sql import Cell
from dash_agent.semantic.time import Calendar
from tests.conftest import NOW, ZONE
from tests.unit.drawn import Rows, drawn, drawn_pattern

CALENDAR = Calendar(NOW, ZONE)
OCTOBER, SEPTEMBER = CALENDAR.previous(Grain.MONTH), CALENDAR.previous(Grain.MONTH, back=2)
WEEKS = CALENDAR.days(date(2026, 8, 1), date(2026, 11, 21))
HOSTILE = '<b>bold</b><script>alert(1)</script> <a href="http://example.com">here</a> %{x} & &lt; $a$\n<br>next'
LONG = "A name that nobody would want to read in full on a telephone, since it never comes to an end"
CHANNELS = ("email", "chat", "telegram", "whatsapp", "facebook", "voice")


def asked(*metrics: str, **more: Any) -> MetricQuery:
    return MetricQuery(metrics, **({"period": OCTOBER} | more))


def days(count: int, first: date = date(2026, 10, 1)) -> list[date]:
    return [first + timedelta(days=number) for number in range(count)]


def values(chart: Chart, trace: int = 0, axis: str = "x") -> list[Any]:
    found = chart.data[trace][axis]
    assert isinstance(found, list)
    return found


def texts(value: object) -> Iterator[str]:
    """Every text in a figure."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for item in value.values():
            yield from texts(item)
    elif isinstance(value, list | tuple):
        for item in value:
            yield from texts(item)


def title(chart: Chart) -> str:
    head: Any = chart.layout["title"]
    return str(head["text"]).replace("<br>", " ")


def note(chart: Chart) -> str:
    head: Any = chart.layout["title"]
    return str(head["subtitle"]["text"]).replace("<br>", " ").replace("\u2009", " ")


BY_CHANNEL: Rows = [("email", 30), ("chat", 20), (None, 5)]
SERIES: Rows = [(day, 10 + number) for number, day in enumerate(days(31))]
SHAPES: dict[str, tuple[MetricQuery, Rows, ChartKind | None]] = {
    "a value": (asked("tickets"), [(7,)], None),
    "a value with its change": (asked("tickets", compare=SEPTEMBER), [(7, 9, -2)], ChartKind.NUMBER),
    "several values": (asked("tickets", "escalated"), [(7, 2)], None),
    "nothing": (asked("tickets", dimensions=("channel",)), [], None),
    "no value": (asked("csat", dimensions=("channel",)), [("email", None), ("chat", None)], None),
    "one group": (asked("tickets", dimensions=("channel",)), [("email", 3)], None),
    "one group compared": (
        asked("tickets", dimensions=("channel",), compare=SEPTEMBER), [("email", 3, 4, -1)], ChartKind.NUMBER,
    ),
    "one day": (asked("tickets", grain=Grain.DAY), [(date(2026, 10, 1), 3)], None),
    "time": (asked("tickets", grain=Grain.DAY), SERIES, ChartKind.LINE),
    "time of two counts": (
        asked("tickets", "escalated", grain=Grain.DAY), [(day, 5, 1) for day in days(9)], ChartKind.LINE,
    ),
    "time of two units": (
        asked("tickets", "csat", grain=Grain.DAY), [(day, 5, Decimal("4.1")) for day in days(9)], ChartKind.MULTIPLES,
    ),
    "time by few groups": (
        asked("tickets", grain=Grain.DAY, dimensions=("urgency",)),
        [(day, level, 5) for day in days(9) for level in ("low", "medium", "high")], ChartKind.LINE,
    ),
    "time by many groups": (
        asked("tickets", grain=Grain.DAY, dimensions=("channel",)),
        [(day, channel, 5) for day in days(9) for channel in CHANNELS], ChartKind.MULTIPLES,
    ),
    "groups": (asked("tickets", dimensions=("channel",)), BY_CHANNEL, ChartKind.BAR),
    "groups of two counts": (
        asked("tickets", "escalated", dimensions=("channel",)), [("email", 3, 1), ("chat", 2, 1)], ChartKind.GROUPED,
    ),
    "groups of two units": (
        asked("tickets", "csat", dimensions=("channel",)),
        [("email", 3, Decimal("4.1")), ("chat", 2, None)], ChartKind.MULTIPLES,
    ),
    "weekdays": (asked("tickets", grain=Grain.WEEKDAY), [(day, day) for day in range(1, 8)], ChartKind.BAR),
    "two splits": (
        asked("tickets", dimensions=("channel", "urgency")),
        [(c, level, 2) for c in CHANNELS for level in ("low", "high")], ChartKind.GROUPED,
    ),
    "two splits of many": (
        asked("tickets", dimensions=("urgency", "channel")),
        [(level, c, 2) for c in CHANNELS for level in ("low", "high")], ChartKind.MULTIPLES,
    ),
    "a ranking of pairs": (
        asked("tickets", dimensions=("channel", "urgency"), order=(Order("tickets"),), limit=2),
        [("email", "low", 9), ("chat", "low", 8)], ChartKind.BAR,
    ),
    "three splits": (
        asked("tickets", dimensions=("channel", "urgency", "language")),
        [("email", "low", "en", 9), ("chat", "low", "en", 8)], None,
    ),
}  # fmt: skip


@pytest.mark.parametrize("language", ["en", "ru"])
@pytest.mark.parametrize("name", SHAPES)
def test_the_shape_says_which_chart(home: Catalog, name: str, language: str) -> None:
    query, rows, kind = SHAPES[name]
    chart = drawn(home, query, rows, language)
    if chart is None:
        assert kind is None
        return
    assert chart.kind is kind
    json.dumps([list(chart.data), chart.layout], allow_nan=False)
    go.Figure(list(chart.data), chart.layout)
    assert bool(re.search("[а-яё]", title(chart))) is (language == "ru")
    assert chart.alt.endswith(".")
    assert bool(re.search("[а-яё]", chart.alt)) is (language == "ru")


def test_numbers_of_the_rows_are_numbers_of_the_figure(home: Catalog) -> None:
    chart = drawn(home, asked("csat", dimensions=("channel",)), [("email", Decimal("4.50")), ("chat", None), (None, 3)])
    assert chart
    assert values(chart, axis="y") == [4.5, None, 3]
    assert values(chart, axis="x") == ["Email", "Chat", "not known"]


def test_the_null_group_has_a_name_in_the_answers_language(home: Catalog) -> None:
    chart = drawn(home, asked("tickets", dimensions=("channel",)), BY_CHANNEL, "ru")
    assert chart
    assert values(chart)[-1] == "не указано"


def test_a_bucket_that_is_cut_is_joined_by_a_dashed_line(home: Catalog) -> None:
    weeks = [date(2026, 7, 27) + timedelta(weeks=number) for number in range(17)]
    counts = [100 + number for number in range(17)]
    chart = drawn(home, asked("tickets", grain=Grain.WEEK, period=WEEKS), list(zip(weeks, counts, strict=True)))
    assert chart
    whole, first, last = chart.data
    assert whole["y"] == [None, *counts[1:-1], None]
    assert first["y"] == [100, 101, *[None] * 15]
    assert last["y"] == [*[None] * 15, 115, 116]
    lines: list[Any] = [trace["line"] for trace in chart.data]
    assert [line.get("dash") for line in lines] == [None, "dot", "dot"]
    assert "dashed: not whole" in note(chart)
    # The lowest of the rows is a week that is not whole, and so no low.
    assert "101" in chart.alt
    assert "lowest: 100 " not in chart.alt


def test_a_whole_period_has_no_dashes(home: Catalog) -> None:
    chart = drawn(home, asked("tickets", grain=Grain.DAY), SERIES)
    assert chart
    assert len(chart.data) == 1
    assert values(chart, axis="y") == [count for _, count in SERIES]
    assert "dashed" not in note(chart)


def test_the_day_that_is_not_over_is_dashed_in_every_line_and_panel(home: Catalog) -> None:
    week = CALENDAR.last_days(7)
    for groups in (("email", "chat"), CHANNELS):
        rows = [(day, channel, 4) for day in days(7, date(2026, 11, 14)) for channel in groups]
        chart = drawn(home, asked("tickets", grain=Grain.DAY, dimensions=("channel",), period=week), rows)
        assert chart
        dashed = [trace for trace in chart.data if "dash" in str(trace["line"])]
        assert len(chart.data) == 2 * len(groups)
        assert len(dashed) == len(groups)
        assert len([trace for trace in chart.data if trace["showlegend"]]) == (2 if len(groups) == 2 else 0)


def test_the_earlier_period_is_a_paler_bar(home: Catalog) -> None:
    query = asked("tickets", dimensions=("channel",), compare=SEPTEMBER)
    chart = drawn(home, query, [("email", 30, 25, 5), ("chat", 20, None, None)])
    assert chart
    assert values(chart, 0, "y") == [30, 20]
    assert values(chart, 1, "y") == [25, None]
    assert "rgba" in str(chart.data[1]["marker"])
    assert chart.data[0]["name"] != chart.data[1]["name"]


def test_rows_in_the_order_of_their_change_show_the_change(home: Catalog) -> None:
    query = asked(
        "resolution_rate", dimensions=("channel",), compare=SEPTEMBER, order=(Order("resolution_rate_change"),)
    )
    rows = [("email", Decimal(80), Decimal(75), Decimal("5.0")), ("chat", Decimal(60), Decimal(90), Decimal("-30.0"))]
    chart = drawn(home, query, rows)
    assert chart
    assert len(chart.data) == 1
    assert values(chart, axis="y") == [5, -30]
    marker: Any = chart.data[0]["marker"]
    good, bad = marker["color"]
    assert good != bad


def test_a_fall_of_what_should_fall_is_good(home: Catalog) -> None:
    colours = {}
    for metric in ("resolution_rate", "escalation_rate"):
        chart = drawn(home, asked(metric, compare=SEPTEMBER), [(Decimal(80), Decimal(85), Decimal(-5))])
        assert chart
        delta: Any = chart.data[0]["delta"]
        colours[metric] = (delta["increasing"]["color"], delta["decreasing"]["color"])
    assert colours["resolution_rate"] == colours["escalation_rate"][::-1]


def test_a_share_is_what_is_drawn_where_it_was_asked_for(home: Catalog) -> None:
    rows = [("email", 30, Decimal("60.0")), ("chat", 20, Decimal("40.0"))]
    chart = drawn(home, asked("tickets", dimensions=("channel",), share=True), rows)
    assert chart
    assert values(chart, axis="y") == [60, 40]
    axis: Any = chart.layout["yaxis"]
    assert axis["ticksuffix"] == "%"


@pytest.mark.parametrize(("language", "said"), [("en", "the first 15 of 50"), ("ru", "первые 15 из 50")])
def test_what_is_left_out_is_said(home: Catalog, language: str, said: str) -> None:
    rows = [(f"Country {number}", 100 - number) for number in range(50)]
    chart = drawn(home, asked("tickets", dimensions=("country",)), rows, language)
    assert chart
    assert values(chart) == [100 - number for number in range(15)]
    assert said in note(chart)
    assert "51" in chart.alt


def test_panels_left_out_are_said(home: Catalog) -> None:
    rows = [(day, f"agent {number}", number) for day in days(5) for number in range(9)]
    chart = drawn(home, asked("tickets", grain=Grain.DAY, dimensions=("assigned_to",)), rows)
    assert chart
    assert [trace["name"] for trace in chart.data] == [f"agent {number}" for number in (8, 7, 6, 5, 4, 3)]
    assert "the first 6 of 9" in note(chart)


def test_a_year_of_days_is_one_line_with_few_ticks(home: Catalog) -> None:
    year = CALENDAR.days(date(2025, 11, 19), date(2026, 11, 20))
    rows = [(day, number % 7) for number, day in enumerate(days(366, date(2025, 11, 19)))]
    chart = drawn(home, asked("tickets", grain=Grain.DAY, period=year), rows, "ru")
    assert chart
    assert values(chart, axis="y") == [count for _, count in rows]
    axis: Any = chart.layout["xaxis"]
    assert len(axis["tickvals"]) <= 6
    assert axis["ticktext"][0] == "19 нояб.<br>2025"


def test_nothing_but_zeros_stands_on_a_line(home: Catalog) -> None:
    for query, rows in (
        (asked("tickets", dimensions=("channel",)), [("email", 0), ("chat", 0)]),
        (asked("tickets", grain=Grain.DAY), [(day, 0) for day in days(5)]),
    ):
        chart = drawn(home, query, rows)
        assert chart
        axis: Any = chart.layout["yaxis"]
        assert axis["range"] == [0, 1]
        assert axis["ticktext"] == ["0"]


def test_bars_start_at_zero_and_lines_of_close_rates_need_not(home: Catalog) -> None:
    rates = [(day, Decimal("90.5") + number) for number, day in enumerate(days(5))]
    line = drawn(home, asked("resolution_rate", grain=Grain.DAY), rates)
    bars = drawn(
        home, asked("resolution_rate", dimensions=("channel",)), [("email", Decimal(90)), ("chat", Decimal(91))]
    )
    counts = drawn(home, asked("tickets", grain=Grain.DAY), [(day, 90 + n) for n, day in enumerate(days(5))])
    assert line
    assert bars
    assert counts
    lows: list[Any] = [chart.layout["yaxis"] for chart in (line, bars, counts)]
    assert lows[0]["range"][0] > 50
    assert lows[1]["range"][0] == lows[2]["range"][0] == 0


HOSTILE_SHAPES: tuple[tuple[MetricQuery, Rows], ...] = (
    (asked("tickets", dimensions=("request_subtype",)), [(HOSTILE, 3), (LONG, 2), ("x", 1)]),
    (asked("tickets", dimensions=("request_subtype",), compare=SEPTEMBER), [(HOSTILE, 3, 4, -1)]),
    (asked("tickets", "csat", dimensions=("request_subtype",)), [(HOSTILE, 3, 4), ("y", 4, 5)]),
    (asked("tickets", grain=Grain.DAY, dimensions=("request_subtype",)), [(d, HOSTILE, 1) for d in days(3)]),
    (asked("tickets", dimensions=("channel", "request_subtype")), [("email", HOSTILE, 1), ("chat", "x", 1)]),
    (asked("tickets", dimensions=("request_subtype", "channel")), [(HOSTILE, c, 1) for c in CHANNELS]),
    (
        asked("tickets", dimensions=("channel",), filters=(Filter("request_subtype", Op.IN, (HOSTILE,)),)),
        [("email", 1), ("chat", 1)],
    ),
)  # fmt: skip


@pytest.mark.parametrize("number", range(len(HOSTILE_SHAPES)))
def test_names_from_the_data_are_text(home: Catalog, number: int) -> None:
    query, rows = HOSTILE_SHAPES[number]
    chart = drawn(home, query, rows)
    assert chart
    go.Figure(list(chart.data), chart.layout)
    for text in texts([list(chart.data), chart.layout]):
        assert not re.sub(r"<br>|<extra></extra>", "", text).count("<"), text
        assert "\n" not in text
    templates = [t for trace in chart.data for key in ("hovertemplate", "texttemplate") for t in texts(trace.get(key))]
    assert not [template for template in templates if "bold" in template or "A name" in template]


def test_no_word_is_cut_under_a_bar(home: Catalog) -> None:
    rows = [("shipping_inquiry", 3), ("cancel_subscription", 1), ("damaged_item", 1)]
    chart = drawn(home, asked("tickets", dimensions=("request_type",)), rows, "ru")
    assert chart
    axis: Any = chart.layout["yaxis"]
    assert {text.replace("<br>", " ") for text in axis["ticktext"]} == set(values(chart, axis="y"))


def test_two_groups_of_one_name_stay_two(home: Catalog) -> None:
    rows = [("not known", 3), (None, 2), ("a" * 60, 1)]
    chart = drawn(home, asked("tickets", dimensions=("request_subtype",)), rows)
    assert chart
    assert len(set(values(chart, axis="y"))) == 3
    axis: Any = chart.layout["yaxis"]
    assert all(len(line) <= 18 for text in axis["ticktext"] for line in text.split("<br>"))


@pytest.mark.parametrize(("language", "tick", "hover"), [("en", "12 hr", "1 hr 30 min"), ("ru", "12 ч", "1 ч 30 мин")])
def test_minutes_are_written_out(home: Catalog, language: str, tick: str, hover: str) -> None:
    rows = [("email", Decimal("90.0")), ("chat", Decimal("1512.5")), ("voice", Decimal("12.5"))]
    chart = drawn(home, asked("response_time", dimensions=("channel",)), rows, language)
    assert chart
    assert values(chart, axis="y") == [90, 1512.5, 12.5]
    axis: Any = chart.layout["yaxis"]
    assert tick in axis["ticktext"]
    assert values(chart, axis="customdata")[0] == hover
    assert values(chart, axis="customdata")[2] == ("12.5 min" if language == "en" else "12,5 мин")


@pytest.mark.parametrize(("language", "separators", "sign"), [("en", ".,", "%"), ("ru", ",\xa0", "\xa0%")])
def test_numbers_are_written_as_the_language_does(home: Catalog, language: str, separators: str, sign: str) -> None:
    rows = [("email", Decimal("90.5")), ("chat", Decimal("80.1"))]
    chart = drawn(home, asked("resolution_rate", dimensions=("channel",)), rows, language)
    assert chart
    assert chart.layout["separators"] == separators
    assert chart.data[0]["texttemplate"] == f"%{{y:,.1f}}{sign}"


def test_weekdays_and_hours_have_names(home: Catalog) -> None:
    week = drawn(home, asked("tickets", grain=Grain.WEEKDAY), [(day, day) for day in range(1, 8)], "ru")
    day = drawn(home, asked("tickets", grain=Grain.HOUR_OF_DAY), [(hour, hour) for hour in range(24)])
    assert week
    assert day
    axis: Any = week.layout["xaxis"]
    assert axis["ticktext"] == ["пн", "вт", "ср", "чт", "пт", "сб", "вс"]
    assert values(week)[0] == "понедельник"
    assert values(day)[5] == "5:00"
    assert values(day, axis="y") == list(range(24))


def test_the_target_of_a_rate_is_a_line_and_of_single_groups_a_stroke(home: Catalog) -> None:
    rate = next(t for t in home.targets if t.metric == "resolution_rate")
    times = next(t for t in home.targets if t.metric == "response_time")
    line = drawn(home, asked("resolution_rate", grain=Grain.DAY), [(day, Decimal(90)) for day in days(5)])
    bars = drawn(home, asked("response_time", dimensions=("urgency",)), [("high", Decimal(9)), ("low", Decimal(70))])
    counts = drawn(home, asked("tickets", dimensions=("channel",)), BY_CHANNEL)
    assert line
    assert bars
    assert counts
    shapes: Any = line.layout["shapes"]
    assert rate.value is not None
    assert shapes[0]["y0"] == shapes[0]["y1"] == float(rate.value)
    assert f"target {rate.value}" in note(line)
    assert values(bars, 1, "y") == [float(times.values["high"]), float(times.values["low"])]
    assert "shapes" not in counts.layout
    assert len(counts.data) == 1


def funnel_rows(*counts: int) -> Rows:
    stages = ("tickets", "ai_answered", "resolved", "sent")
    return [(stage, count, Decimal(100)) for stage, count in zip(stages, counts, strict=True)]


def test_stages_that_narrow_are_a_funnel(home: Catalog) -> None:
    chart = drawn_pattern(home, "ticket_funnel", funnel_rows(100, 90, 80, 70), "ru", OCTOBER)
    assert chart
    assert chart.kind is ChartKind.FUNNEL
    assert values(chart) == [100, 90, 80, 70]
    assert values(chart, axis="y")[0] == "Тикеты"
    go.Figure(list(chart.data), chart.layout)


def test_stages_that_do_not_narrow_are_bars(home: Catalog) -> None:
    chart = drawn_pattern(home, "ticket_funnel", funnel_rows(100, 90, 95, 70), period=OCTOBER)
    assert chart
    assert chart.kind is ChartKind.BAR


def test_weekday_against_hour_is_a_heat_map_with_all_of_both(home: Catalog) -> None:
    rows = [(1, 9, 5), (7, 23, 8)]
    chart = drawn_pattern(home, "arrivals_heatmap", rows, period=OCTOBER)
    assert chart
    assert chart.kind is ChartKind.HEATMAP
    assert values(chart, axis="y") == ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"]
    assert len(values(chart)) == 24
    cells = values(chart, axis="z")
    assert cells[0][9] == 5
    assert cells[6][23] == 8
    assert sum(cell is not None for row in cells for cell in row) == 2


def test_cohorts_are_a_heat_map_of_what_was_kept(home: Catalog) -> None:
    months = [date(2026, 8, 1), date(2026, 9, 1)]
    rows = [(month, number, 50, 40, Decimal(90 - number)) for month in months for number in range(2)]
    chart = drawn_pattern(home, "cohort_retention", rows)
    assert chart
    assert chart.kind is ChartKind.HEATMAP
    assert values(chart, axis="z") == [[90, 89], [90, 89]]
    assert "only “Kept, share” is drawn" in note(chart)


def test_a_list_is_a_table(home: Catalog) -> None:
    row: tuple[Cell, ...] = tuple(1 for _ in home.patterns["unassigned_urgent"].header.columns)
    assert drawn_pattern(home, "unassigned_urgent", [row, row]) is None


def test_hours_of_a_day_are_local_times(home: Catalog) -> None:
    rows = [(datetime.fromisoformat("2026-11-19T14:00") + timedelta(hours=number), number) for number in range(24)]
    chart = drawn(home, asked("tickets", grain=Grain.HOUR, period=CALENDAR.last_hours(24)), rows)
    assert chart
    assert values(chart)[0] == "2026-11-19T14:00:00"
    assert values(chart, axis="y") == list(range(24))


@pytest.mark.parametrize("dark", [False, True])
def test_a_theme_changes_colours_and_nothing_else(home: Catalog, dark: bool) -> None:
    chart = drawn(home, asked("tickets", dimensions=("channel",)), BY_CHANNEL)
    assert chart
    figure: Any = themed(chart, dark)
    assert figure["data"][0]["y"] == values(chart, axis="y")
    assert figure["layout"]["paper_bgcolor"] == ("#14171c" if dark else "#ffffff")
    assert figure["layout"]["font"]["color"] != chart.layout["font"]  # type: ignore[comparison-overlap]
    go.Figure(figure["data"], figure["layout"])


def luminance(colour: str) -> float:
    """Of WCAG 2.2."""
    parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("dark", [False, True])
def test_text_can_be_read_on_its_ground(home: Catalog, dark: bool) -> None:
    rows = [(day, level, 5) for day in days(9) for level in ("low", "medium", "high")]
    chart = drawn(home, asked("tickets", grain=Grain.DAY, dimensions=("urgency",)), rows)
    assert chart
    figure: Any = themed(chart, dark)
    ground = figure["layout"]["paper_bgcolor"]
    assert contrast(figure["layout"]["font"]["color"], ground) >= 7
    assert all(contrast(trace["line"]["color"], ground) >= 3 for trace in figure["data"])
    # As it is made it goes on either ground.
    font: Any = chart.layout["font"]
    assert contrast(font["color"], ground) >= 3


def test_a_period_of_the_answer_stands_under_the_title(home: Catalog) -> None:
    def told(period: Period, language: str) -> str:
        chart = drawn(home, asked("tickets", dimensions=("channel",), period=period), BY_CHANNEL, language)
        assert chart
        return note(chart)

    week = CALENDAR.days(date(2026, 11, 2), date(2026, 11, 9))
    assert "2" in told(week, "en")
    assert "нояб" in told(week, "ru")
