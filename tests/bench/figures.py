"""Figures, their limits, and how they are printed."""

from __future__ import annotations

import json
import random
import statistics
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter

import yaml

CASES = Path(__file__).parents[1] / "cases"


@dataclass(frozen=True, slots=True)
class Limits:
    """Milliseconds at most, None where there is no limit."""

    median: float | None = None
    p95: float | None = None
    worst: float | None = None


FREE = Limits()


class Report:
    """Prints figures as they come, and knows whether one missed its limit."""

    def __init__(self) -> None:
        self.missed = False

    def show(
        self, what: str, taken: Sequence[float], limits: Limits = FREE, *, worst: str = "", unit: str = "ms"
    ) -> None:
        """Median, 95 % and worst. worst: what the last one was of."""
        if not taken:
            self.missed = True
            print(f"{what:<26} nothing was measured: MISSED")
            return
        found = sorted(taken)
        parts = (
            self._figure("median", statistics.median(found), limits.median, unit),
            self._figure("95 %", found[min(len(found) - 1, int(len(found) * 0.95))], limits.p95, unit),
            self._figure("worst", found[-1], limits.worst, unit),
        )
        print(f"{what:<26} {len(found):>5} x  " + "  ".join(parts) + (f"  {worst[:70]}" if worst else ""))

    def single(self, what: str, value: float, limit: float | None, unit: str) -> None:
        print(f"{what:<26}          {self._figure('', value, limit, unit)}")

    def _figure(self, name: str, value: float, limit: float | None, unit: str) -> str:
        missed = limit is not None and value > limit
        self.missed = self.missed or missed
        bound = "" if limit is None else f" (at most {limit:g})" + (" MISSED" if missed else "")
        return f"{name} {value:.{1 if unit == 'ms' else 0}f} {unit}{bound}".strip()


def milliseconds(work: Callable[[], object]) -> float:
    began = perf_counter()
    work()
    return (perf_counter() - began) * 1000


def lines(name: str) -> list[dict[str, object]]:
    return [json.loads(line) for line in (CASES / name).read_text(encoding="utf-8").splitlines() if line.strip()]


def conversations(sample: int | None = None) -> list[list[str]]:
    """The questions that have gold SQL or a wanted refusal, those of one conversation together.

    sample: so many of them, always the same.
    """
    found = list(map(_turns, lines("questions.jsonl")))
    for file in sorted(CASES.glob("asked/*.yaml")):
        found += map(_turns, yaml.safe_load(file.read_text(encoding="utf-8")))
    return found if sample is None else random.Random(0).sample(found, sample)


def every_question() -> Iterator[list[str]]:
    """Those, and the ones of all other cases."""
    yield from conversations()
    for file in sorted(CASES.glob("*.yaml")):
        cases = yaml.safe_load(file.read_text(encoding="utf-8"))
        yield from map(_turns, cases if isinstance(cases, list) else ())


def _turns(case: Mapping[str, object]) -> list[str]:
    found = case.get("turns") or [case.get("ask") or case.get("question")]
    assert isinstance(found, list)
    said = (turn.get("question") if isinstance(turn, dict) else turn for turn in found)
    return [text for text in said if isinstance(text, str)]
