"""Numbers, periods and names in a language, by Babel."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Literal
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_datetime, format_interval, format_skeleton, format_time, get_day_names
from babel.numbers import format_currency, format_decimal, format_percent
from babel.units import format_unit, get_unit_name

from dash_agent.context.catalog import Catalog
from dash_agent.insight.messages import locale, say
from dash_agent.models.query import Grain, Period
from dash_agent.models.sql import Cell
from dash_agent.semantic.time import floor, shift

DURATIONS = {
    "minutes": "duration-minute",
    "hours": "duration-hour",
    "days": "duration-day",
    "milliseconds": "duration-millisecond",
}


WHOLE = (Grain.MONTH, Grain.QUARTER, Grain.YEAR)
"""Units that have a name of their own."""

NOTHING = "–"


def unit_name(unit: str | None, language: str) -> str:
    """What a length of time is told in, '' for any other unit."""
    return get_unit_name(DURATIONS[unit], locale=locale(language)) or "" if unit in DURATIONS else ""


@dataclass(frozen=True, slots=True)
class Wording:
    """How things are said in one language and one time zone."""

    catalog: Catalog
    language: str
    zone: ZoneInfo

    def label(self, texts: Mapping[str, str], name: str) -> str:
        return texts.get(self.language) or texts.get("en") or name

    def number(self, value: Decimal | float, unit: str | None, decimals: int = 2, *, signed: bool = False) -> str:
        """A value with its unit: '73.2%', '1,234', '12,5 минуты', '$4,210.55'."""
        pattern = "#,##0." + "0" * decimals if decimals else "#,##0"
        sign = "+" if signed and value > 0 else ""
        if unit == "percent":
            share = Decimal(str(value)) / 100
            own = locale(self.language).percent_formats[None].pattern.replace("#,##0", pattern)
            return sign + format_percent(share, own, locale=locale(self.language))
        if unit == "usd":
            return sign + format_currency(value, "USD", f"¤{pattern}", locale(self.language), currency_digits=False)
        if unit in DURATIONS:
            # Whole ones in short: "на 21 минута" would want another case in Russian, and "на 21 мин" none.
            length: Literal["long", "short"] = "long" if decimals else "short"
            # With the zeros that are shown, on which the plural hangs: "10,0 минуты".
            value = Decimal(str(value)).quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP)
            words = format_unit(value, DURATIONS[unit], length, format=pattern, locale=locale(self.language))
            return sign + words
        return sign + format_decimal(value, pattern, locale=locale(self.language))

    def measure(self, value: Decimal | float | None, unit: str | None, decimals: int) -> str:
        """A value with its unit, or a dash where there is none."""
        return NOTHING if value is None else self.number(value, unit, decimals)

    def difference(self, value: Decimal | float, unit: str | None, decimals: int, *, signed: bool = False) -> str:
        """Of two values: rates differ by points."""
        if unit in ("percent", "points"):
            return say(self.language, "points", value=self.number(value, None, decimals, signed=signed))
        return self.number(value, unit, decimals, signed=signed)

    def period(self, period: Period | None, now: datetime) -> str:
        """The days that a period holds, such as '9–15 Nov 2026', 'October 2026' of a whole month; hours where it does
        not start at midnight.
        """
        here = locale(self.language)
        if period is None:
            return self.moment(now)
        start, end = period.start.astimezone(self.zone), period.end.astimezone(self.zone)
        if start.time() != start.min.time():
            same_day = start.date() == end.date()
            return f"{self.moment(start)} – {format_time(end, 'HH:mm', locale=here) if same_day else self.moment(end)}"
        last = end if period.to_now else end - timedelta(seconds=1)
        unit = next((unit for unit in WHOLE if self._is_whole(period, unit)), None)
        if unit is not None:
            return self.bucket(unit, start.date())
        if start.date() >= last.date():
            return format_skeleton("yMMMd", start.date(), locale=here)
        return format_interval(start.date(), last.date(), "yMMMd", locale=here)

    def moment(self, moment: datetime) -> str:
        """'Nov 20, 2026, 14:00'."""
        here, local = locale(self.language), moment.astimezone(self.zone)
        return f"{format_skeleton('yMMMd', local.date(), locale=here)}, {format_time(local, 'HH:mm', locale=here)}"

    def _is_whole(self, period: Period, unit: Grain) -> bool:
        first = period.start.astimezone(self.zone).date()
        after = datetime.combine(shift(first, unit, 1), time.min, self.zone)
        return not period.to_now and floor(first, unit) == first and period.end == after

    def value(self, dimension: str, value: Cell) -> str:
        """A stored value as a person calls it; a null group by its own word."""
        if value is None:
            return say(self.language, "unknown_group")
        for entry in self.catalog.values:
            if entry.dimension == dimension and entry.value == value:
                return self.label(entry.label, str(value))
        return str(value)

    def bucket(self, grain: Grain, value: Cell) -> str:
        here = locale(self.language)
        match value:
            case datetime():
                return format_datetime(value, "d MMM, HH:mm", locale=here)
            case date() if grain is Grain.MONTH:
                return format_date(value, "LLLL y", locale=here)
            case date() if grain is Grain.QUARTER:
                return format_date(value, "QQQ y", locale=here)
            case date() if grain is Grain.YEAR:
                return format_date(value, "y", locale=here)
            case date():
                return format_skeleton("yMMMd", value, locale=here)
            case int() if grain is Grain.WEEKDAY:
                return str(get_day_names("wide", locale=here)[value - 1])
            case _:
                return f"{value}:00" if grain is Grain.HOUR_OF_DAY else str(value)
