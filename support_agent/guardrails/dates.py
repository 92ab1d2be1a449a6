"""Days that a reply names, and whether a tool, a document or the customer named them first."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from typing import Final

from support_agent.guardrails.folding import fold

Day = tuple[int, int]
"""Month and day."""
_ISO: Final = re.compile(r"(?<!\d)\d{4}-(\d{2})-(\d{2})(?!\d)")
_ISO_MONTH: Final = re.compile(r"(?<!\d)\d{4}-(\d{2})(?!\d)")
_NUMERIC: Final = re.compile(r"(?<![\d.,/])(\d{1,2})[./](\d{1,2})(?:[./]\d{2,4})?(?![\d%/])")
_NUMBERS: Final = re.compile(r"\d+")


class Calendar:
    """Months, weekdays and units of all languages, compiled. months: for each language its twelve."""

    def __init__(self, months: Collection[Collection[str]], weekdays: Collection[str], units: Collection[str]) -> None:
        self._months = tuple(
            (number, name.rstrip("*")) for names in months for number, name in enumerate(map(fold, names), start=1)
        )
        month = "|".join(sorted({re.escape(name) for _, name in self._months}, key=len, reverse=True))
        self._month = re.compile(rf"(?<!\w)[בהלמ]?({month})(?:\w{{0,3}})(?!\w)")
        self._day_month = re.compile(
            rf"(?<![\d:])(\d{{1,2}})(?:st|nd|rd|th|er|-?го|\.)?[^\S\n]+(?:of\s+|de\s+|ב)?({month})"
        )
        self._month_day = re.compile(rf"({month})\w*\s+(\d{{1,2}})(?!\d)")
        self._weekday = re.compile(rf"(?<!\w)[והבלמשכ]?(?:{'|'.join(_stem(fold(day)) for day in weekdays)})(?!\w)")
        unit = "|".join(_stem(fold(unit)) for unit in units)
        self._span = re.compile(
            rf"(?<!\d)(\d{{1,3}})(?:\s*(?:-|–|to|a|bis|до|עד)\s*\d{{1,3}})?\s+(?:[^\W\d]+\s+)?(?:{unit})(?!\w)"
        )

    def days(self, text: str) -> Iterator[Day]:
        plain = fold(text)
        yield from ((int(month), int(day)) for month, day in _ISO.findall(plain))
        bare = _ISO.sub(" ", plain)
        for first, second in _NUMERIC.findall(bare):
            if 1 <= int(second) <= 12 and 1 <= int(first) <= 31:
                yield int(second), int(first)
        yield from ((self._number(name), int(day)) for day, name in self._day_month.findall(bare))
        yield from ((self._number(name), int(day)) for name, day in self._month_day.findall(bare))

    def named_months(self, text: str) -> frozenset[int]:
        """Months that a text names, in words or in dates."""
        plain = fold(text)
        inside = {self._number(name) for name in self._month.findall(plain)}
        return frozenset(inside | {month for month, _ in self.days(text)} | set(map(int, _ISO_MONTH.findall(plain))))

    def loose(self, text: str) -> Iterator[str]:
        """Weekdays, 'tomorrow', 'in 3 days': as they stand, the spans by their number."""
        plain = fold(text)
        yield from (found.group() for found in self._weekday.finditer(plain))
        yield from (f"{found.group(1)} days" for found in self._span.finditer(plain))

    def _number(self, name: str) -> int:
        return next(number for number, known in self._months if known == name)


def _stem(word: str) -> str:
    return re.escape(word[:-1]) + r"\w*" if word.endswith("*") else re.escape(word)
