"""Numbers, periods and names in a language, by Babel."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_datetime, format_interval, format_skeleton, get_day_names
from babel.numbers import format_currency, format_decimal, format_percent
from babel.units import format_unit

from dash_agent.context.catalog import Catalog
from dash_agent.insight.messages import locale, say
from dash_agent.models.query import Grain, Period
from dash_agent.models.sql import Cell

DURATIONS = {
    "minutes": "duration-minute",
    "hours": "duration-hour",
    "days": "duration-day",
    "milliseconds": "duration-millisecond",
}


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
            words = format_unit(value, DURATIONS[unit], "long", format=pattern, locale=locale(self.language))
            return sign + words
        return sign + format_decimal(value, pattern, locale=locale(self.language))

    def period(self, period: Period | None, now: datetime) -> str:
        """The days that a period holds, such as '9–15 Nov 2026'; hours where it does not start at midnight."""
        here = locale(self.language)
        if period is None:
            return format_datetime(now.astimezone(self.zone), "d MMM y, HH:mm", locale=here)
        start, end = period.start.astimezone(self.zone), period.end.astimezone(self.zone)
        if start.time() != start.min.time():
            return format_interval(start, end, "yMMMdHm", tzinfo=self.zone, locale=here)
        last = end if period.to_now else end - timedelta(seconds=1)
        if start.date() >= last.date():
            return format_skeleton("yMMMd", start.date(), locale=here)
        return format_interval(start.date(), last.date(), "yMMMd", locale=here)

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
