"""What speaks against a statement that a model wrote."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Kind = Literal["fan_out", "value", "rate", "range", "zone", "empty"]


@dataclass(frozen=True, slots=True)
class Doubt:
    """message: what and where. hint: what to do. refuses: nothing is shown; else it is told beside the rows.

    about: what the message names, for whoever says it in another language: the column of a figure and the figure; the
    column and value of a literal, and the nearest one; of rows that repeat, the aggregate.
    """

    kind: Kind
    message: str
    hint: str
    refuses: bool = True
    about: tuple[str, ...] = ()

    def __str__(self) -> str:
        return f"{self.message}; {self.hint}" if self.hint else self.message
