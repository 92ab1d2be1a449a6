"""How answering has gone."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime


@dataclass(frozen=True, slots=True)
class Service:
    """Questions of people, and how they ended: answered + clarified + refused + failed are all of them.

    by_model: answered ones that a model planned. reused: an earlier answer shown again. p50_ms, p95_ms: what half and
    19 of 20 questions took at most; None where there was none. shown: answers to tiles, pins and the like.
    """

    questions: int = 0
    answered: int = 0
    clarified: int = 0
    refused: int = 0
    failed: int = 0
    by_model: int = 0
    reused: int = 0
    p50_ms: float | None = None
    p95_ms: float | None = None
    shown: int = 0


@dataclass(frozen=True, slots=True)
class Operated:
    """at: when it was counted, by the database's clock. days: every one, the oldest first, in business time.

    whole: of all days together: percentiles are no averages of the days'.
    """

    at: datetime
    whole: Service
    days: Mapping[date, Service]
