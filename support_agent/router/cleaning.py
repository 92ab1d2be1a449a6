"""What the customer wrote themselves: without what they quote and without their signature."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Final

from support_agent.router.families import LanguageFile, phrases_of
from support_agent.router.words import normalised

LAST_LINES: Final = 9
"""Lines after a closing formula that may be a signature: name, position, company, address, telephone, a disclaimer."""

SIGNED: Final = re.compile(r"^(--|__|—)\s*$")
QUOTE: Final = re.compile(r"^\s*>")


class Cleaner:
    """Knows how mail programs and people of every language begin a quotation and end a letter."""

    def __init__(self, files: Iterable[LanguageFile]) -> None:
        kept = list(files)
        self._quoted = re.compile("|".join(mark for file in kept for mark in file.quoted), re.IGNORECASE)
        self._closings = tuple({" ".join(phrase) for file in kept for phrase in phrases_of(file.signoffs)})

    def own_words(self, text: str) -> str:
        """The message without quoted lines, what follows a quotation's head, and the signature.

        The text as it is where nothing would be left.
        """
        lines = self._unsigned(self._unquoted(text.replace("\r\n", "\n").split("\n")))
        kept = "\n".join(lines).strip()
        return kept or text.strip()

    def _unquoted(self, lines: Sequence[str]) -> list[str]:
        kept: list[str] = []
        for line in lines:
            plain = line.strip()
            if kept and (self._quoted.search(plain) or self._quoted.search(normalised(plain))):
                break
            if not QUOTE.match(line):
                kept.append(line)
        return kept

    def _unsigned(self, lines: list[str]) -> list[str]:
        first = max(1, len(lines) - LAST_LINES)
        for at, line in enumerate(lines):
            if at and SIGNED.match(line.strip()):
                return lines[:at]
            if at >= first and self._closes(line):
                return lines[:at]
        return lines

    def _closes(self, line: str) -> bool:
        plain = normalised(line).strip(" ,.!-")
        return len(plain) < 60 and any(
            plain == mark or plain.startswith((f"{mark} ", f"{mark},")) for mark in self._closings
        )
