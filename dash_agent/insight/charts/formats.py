"""How plotly writes the numbers of a measure: on an axis, beside a bar, under the pointer.

Values stay the numbers that the rows hold. Plotly groups and points them by `layout.separators`, in a language's way;
minutes and hours, which are read badly as "1,512", are written out ("25 hr 12 min").
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from babel.dates import get_day_names
from babel.units import format_unit

from dash_agent.insight.charts.words import said
from dash_agent.insight.messages import locale
from dash_agent.insight.wording import DURATIONS, Wording

SPANS: Final = {"minutes": 1, "hours": 60}
"""Units of time that are written out, in minutes."""

_STEPS: Final = (1, 2, 5, 10, 15, 30, 60, 120, 180, 360, 720, 1440, 2880, 7200, 14400, 28800, 72000, 144000, 288000)
_TICKS: Final = 5


@dataclass(frozen=True, slots=True)
class Measure:
    """A column of numbers. index: in the rows. previous: the column of the earlier period, None where not compared.

    unit: as metrics declare it, and 'points' for a change of a rate. direction: which way is good.
    """

    name: str
    label: str
    unit: str | None
    decimals: int
    index: int
    previous: int | None = None
    direction: str = "neutral"

    @property
    def counts(self) -> bool:
        """True where the parts of a whole add up to it."""
        return self.unit in ("count", "tokens", "usd")


def separators(language: str) -> str:
    symbols = locale(language).number_symbols["latn"]
    return str(symbols["decimal"]) + str(symbols["group"])


def affixes(measure: Measure, wording: Wording) -> tuple[str, str]:
    """What stands before and after a number: ('$', ''), ('', '%'), ('', ' ms')."""
    match measure.unit:
        case "percent" | "usd":
            before, _, after = wording.number(1, measure.unit, 0).partition("1")
            return before, after
        case "points":
            return "", said(wording.language, "points")
        case unit if unit in DURATIONS:
            several = format_unit(5, DURATIONS[unit], "short", locale=locale(wording.language))
            before, _, after = several.partition("5")
            return before, after
        case _:
            return "", ""


def template(measure: Measure, of: str, wording: Wording, *, signed: bool = False) -> str:
    """A number in a template: '%{y:,.1f}%'; a span of time comes from customdata. of: the variable."""
    if measure.unit in SPANS:
        return "%{customdata}"
    before, after = affixes(measure, wording)
    return f"{before}%{{{of}:{'+' if signed else ''},.{measure.decimals}f}}{after}"


def spans(measure: Measure, values: Sequence[float | None], wording: Wording) -> list[str] | None:
    """Values written out as spans of time; None where the measure is not one."""
    if measure.unit not in SPANS:
        return None
    return ["" if value is None else span(value * SPANS[measure.unit], wording) for value in values]


def worded(measure: Measure, value: float, wording: Wording) -> str:
    """One value as it is said."""
    if measure.unit in SPANS:
        return span(value * SPANS[measure.unit], wording)
    if measure.unit == "points":
        return wording.number(value, None, measure.decimals, signed=True) + said(wording.language, "points")
    return wording.number(value, measure.unit, measure.decimals)


def span(minutes: float, wording: Wording) -> str:
    """'12.5 min', '25 hr 12 min', '3 days 4 hr'."""
    sign, minutes = ("−" if minutes < 0 else ""), abs(minutes)
    if minutes < 60:
        return sign + _counted(round(minutes, 1), "duration-minute", wording.language)
    whole = round(minutes)
    if whole < 72 * 60:
        parts = ((whole // 60, "duration-hour"), (whole % 60, "duration-minute"))
    else:
        hours = round(minutes / 60)
        parts = ((hours // 24, "duration-day"), (hours % 24, "duration-hour"))
    return sign + " ".join(_counted(count, unit, wording.language) for count, unit in parts if count)


@lru_cache(maxsize=4096)
def _counted(count: float, unit: str, language: str) -> str:
    """Kept: a year of days is 366 of them."""
    return format_unit(count, unit, "short", format="#,##0.#", locale=locale(language))


def short_weekdays(names: Sequence[str], wording: Wording) -> list[str]:
    """Weekdays as they stand in a calendar: 'Mon', 'пн'; other names as they are."""
    wide, short = (get_day_names(width, locale=locale(wording.language)) for width in ("wide", "abbreviated"))
    abbreviated = {wide[day]: short[day] for day in wide}
    return [abbreviated.get(name, name) for name in names]


def axis(measure: Measure, values: Sequence[float | None], wording: Wording, most: int = _TICKS) -> dict[str, object]:
    """How the axis of a measure is ticked. values: all that are drawn on it. most: steps from zero on."""
    known = [value for value in values if value is not None]
    low, high = min([0.0, *known]), max([0.0, *known])
    if measure.unit in SPANS:
        return _span_axis(SPANS[measure.unit], low, high, wording, most)
    before, after = affixes(measure, wording)
    ticked: dict[str, object] = {"tickformat": f",.{max(measure.decimals, 1)}~f", "tickprefix": before}
    ticked |= {"ticksuffix": after, "nticks": most + 1}
    if measure.decimals == 0 and high - low < most:
        ticked["dtick"] = 1
    return ticked


def _span_axis(minutes: int, low: float, high: float, wording: Wording, most: int) -> dict[str, object]:
    longest = max(high, -low) * minutes
    step = next((step for step in _STEPS if longest / step <= most), _STEPS[-1] * 2)
    first, last = -(-round(low * minutes) // step), int(high * minutes // step) + 1
    ticks = range(min(first, 0), last + 1)
    return {
        "tickmode": "array",
        "tickvals": [tick * step / minutes for tick in ticks],
        "ticktext": [span(tick * step, wording) if tick else "0" for tick in ticks],
    }
