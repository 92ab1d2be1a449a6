"""What a word of digits may be: a number, a year, a date, the same in every language.

Dots put the day first. With slashes it is clear only where one of the two is above 12; else it is not read.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from typing import Any

from dash_agent.planning.periods.spec import Day, InYear, Months

YEARS = range(1990, 2101)
ISO = re.compile(r"(\d{4})-(\d{2})(?:-(\d{2}))?")
DAY_FIRST = re.compile(r"(\d{1,2})\.(\d{1,2})\.(\d{4}|\d{2})")
SLASHED = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{4}|\d{2})")
DAY_AND_MONTH = re.compile(r"(\d{1,2})\.(\d{2})")


def numeral(norm: str) -> Mapping[str, Any]:
    """Classes and what the word stands for in each. DM: a day and a month; DM_SURE: one that can't be a decimal."""
    if norm.isdecimal():
        number = int(norm) if len(norm) <= 4 else 0
        found: dict[str, Any] = {"NUMBER": number} if number > 0 else {}
        return {**found, "YEARNO": number} if number in YEARS and len(norm) == 4 else found
    if dated := ISO.fullmatch(norm):
        year, month, day = dated.groups()
        return _dated(year, month, day) if day else _month_dated(year, month)
    if dated := DAY_FIRST.fullmatch(norm):
        day, month, year = dated.groups()
        return _dated(year, month, day)
    if dated := SLASHED.fullmatch(norm):
        one, other, year = dated.groups()
        if (int(one) > 12) is (int(other) > 12):
            return {}
        return _dated(year, other, one) if int(one) > 12 else _dated(year, one, other)
    if dated := DAY_AND_MONTH.fullmatch(norm):
        day, month = dated.groups()
        if 1 <= int(day) <= 31 and 1 <= int(month) <= 12:
            meant = Day(int(day), int(month))
            return {"DM": meant, "DM_SURE": meant} if day[0] == "0" else {"DM": meant}
    return {}


def _dated(year: str, month: str, day: str) -> Mapping[str, Any]:
    number = int(year) + (2000 if len(year) == 2 else 0)
    try:
        meant = date(number, int(month), int(day))
    except ValueError:
        return {}
    return {"DATE": Day(meant.day, meant.month, InYear(number))} if number in YEARS else {}


def _month_dated(year: str, month: str) -> Mapping[str, Any]:
    possible = int(year) in YEARS and 1 <= int(month) <= 12
    return {"MONTH_DATE": Months(int(month), 1, InYear(int(year)))} if possible else {}
