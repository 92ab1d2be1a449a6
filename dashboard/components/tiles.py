"""Tiles: a metric's value with its change, course and target, and a way to the question behind it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import Final, Literal

import streamlit as st
from babel.units import format_unit

from dash_agent.insight.naming import bucket
from dash_agent.insight.wording import DURATIONS, Wording
from dash_agent.reports.tiles import Judged, Point, Tile
from dashboard.components.text import label, plain
from dashboard.words import Words

ROW: Final = 4
COLOURS: Final[dict[Judged, Literal["green", "red", "gray"]]] = {
    Judged.BETTER: "green",
    Judged.WORSE: "red",
    Judged.NONE: "gray",
}
FEWEST_POINTS: Final = 3


def tile_grid(tiles: Sequence[Tile], words: Words, wording: Wording, on_open: Callable[[Tile], None]) -> None:
    """on_open: called with the tile whose question somebody wants to see."""
    for start in range(0, len(tiles), ROW):
        for column, tile in zip(st.columns(ROW), tiles[start : start + ROW], strict=False):
            with column, st.container(border=True, height="stretch", gap="xsmall"):
                _tile(tile, words, wording, on_open)


def _tile(tile: Tile, words: Words, wording: Wording, on_open: Callable[[Tile], None]) -> None:
    course = [point for point in tile.series if not point.cut and point.value is not None]
    if st.button(
        label(tile.label),
        key=f"tile-{tile.metric}",
        type="tertiary",
        icon=":material/chevron_right:",
        icon_position="right",
        help=" ".join(filter(None, (words("overview.open_tile"), _course_told(tile, course, words, wording)))),
        disabled=bool(tile.problem),
    ):
        on_open(tile)
    st.metric(
        label(tile.label),
        plain(brief(tile.value, tile, wording)),
        _change(tile, words, wording),
        delta_color=COLOURS[tile.judged],
        delta_arrow="auto" if tile.change else "off",
        label_visibility="collapsed",
        chart_data=[float(point.value or 0) for point in course] if len(course) >= FEWEST_POINTS else None,
    )
    st.caption(plain(tile.problem) if tile.problem else _standing(tile, words, wording))


def brief(value: Decimal | int | None, tile: Tile, wording: Wording, *, signed: bool = False) -> str:
    """A number of the tile with its unit, a length of time in short: '14.2 min'."""
    if value is None or tile.unit not in DURATIONS:
        return wording.measure(value, tile.unit, tile.decimals)
    pattern = "#,##0." + "0" * tile.decimals if tile.decimals else "#,##0"
    told = format_unit(value, DURATIONS[tile.unit], "short", format=pattern, locale=wording.language)
    return f"+{told}" if signed and value > 0 else told


def _standing(tile: Tile, words: Words, wording: Wording) -> str:
    """Better or worse in a word, and the target."""
    told = [] if tile.judged is Judged.NONE else [words(f"overview.{tile.judged}")]
    if tile.target is not None:
        key = {True: "met", False: "missed", None: "unknown"}[tile.met]
        told.append(words(f"overview.target_{key}", target=plain(brief(tile.target, tile, wording))))
    return "  \n".join(told)


def _change(tile: Tile, words: Words, wording: Wording) -> str | None:
    """With its sign; '0' is said in a word. None where nothing was there to be held against."""
    if tile.change is None or tile.value is None:
        return None
    if not tile.change:
        return words("overview.no_change")
    if tile.unit in DURATIONS:
        told = brief(tile.change, tile, wording, signed=True)
    else:
        told = wording.difference(tile.change, tile.unit, tile.decimals, signed=True)
    if tile.relative is not None:
        told = f"{told} ({wording.number(tile.relative, 'percent', 1, signed=True)})"
    return plain_delta(told)


def plain_delta(text: str) -> str:
    """A delta's arrow goes by its first character, which is to stay a sign."""
    sign = text[0] if text[0] in "+-−" else ""
    return ("-" if sign == "−" else sign) + plain(text[len(sign) :])


def _course_told(tile: Tile, course: Sequence[Point], words: Words, wording: Wording) -> str | None:
    """The sparkline in words: its ends, and what is left out of it."""
    if tile.grain is None or len(course) < FEWEST_POINTS:
        return None
    high = max(course, key=lambda point: Decimal(point.value or 0))
    low = min(course, key=lambda point: Decimal(point.value or 0))
    told = {
        name: text
        for end, point in (("high", high), ("low", low))
        for name, text in (
            (f"{end}", wording.measure(point.value, tile.unit, tile.decimals)),
            (f"{end}_at", bucket(tile.grain, point.bucket, wording)),
        )
    }
    sentences = [words(f"overview.course_{tile.grain}", **told)]
    if any(point.cut for point in tile.series):
        sentences.append(words("overview.course_cut"))
    return plain(" ".join(sentences))
