"""Answers that are shown again instead of being counted again: found before anything is read, kept with their tables.

An answer is shown again where the plan, the content, the scope, the language, the doubts about the data and whatever
of `now` shows are the same, and no table that was read has changed since; where that can't be told, never.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from dash_agent.models.again import reads_back
from dash_agent.models.answer import Answer, DoubleCheck, Receipt, Reusable
from dash_agent.models.plan import Executable, SqlPlan
from dash_agent.models.reuse_key import reuse_key
from dash_agent.models.sql import SafeQuery
from dash_agent.models.wire import Json
from dash_agent.ports import Found, Kept, Learnings, Reuse


@dataclass(frozen=True, slots=True)
class Looked:
    """What a new answer will be found by, and what was found by it, as of before anything is read for the answer."""

    key: str
    found: Found

    @property
    def kept(self) -> Kept | None:
        return self.found.kept

    def reusable(self, answer: Answer, tables: Iterable[str]) -> Reusable | None:
        """tables: all that the answer's statements read. None where one of them is not watched."""
        read, changes = frozenset(tables), self.found.changes
        if not read or not read <= changes.keys() or not reads_back(answer):
            return None
        return Reusable(self.key, {name: changes[name] for name in read}, (answer.text, *answer.caveats))


class Reusing:
    """fixed: what all answers of this catalogue and engine rest on."""

    def __init__(self, reuse: Reuse | None, learnings: Learnings | None, zone: ZoneInfo, fixed: Sequence[Json]) -> None:
        self._reuse = reuse
        self._learnings = learnings
        self._zone = zone
        self._fixed = fixed

    def look(
        self, plan: Executable, safe: SafeQuery, now: datetime, language: str, doubtful: Sequence[str]
    ) -> Looked | None:
        """None where answers are not shown again. Of a model's own SQL nobody has said which tables it reads."""
        if self._reuse is None or isinstance(plan, SqlPlan):
            return None
        learned = None if self._learnings is None else self._learnings.version()
        also = (*self._fixed, learned, *doubtful)
        key = reuse_key(plan, safe, now, self._zone, language, also)
        return Looked(key, self._reuse.look(key))


def receipt_of(kept: Kept) -> Receipt:
    """The receipt of a kept answer, as it holds for whoever is shown its rows again."""
    receipt: Any = kept.answer["receipt"]
    filled = receipt["data_as_of"]
    return Receipt(
        receipt["context_version"],
        datetime.fromisoformat(filled) if filled else None,
        receipt["result_hash"],
        kept.engine,
        kept.scope,
        kept.statement,
        kept.watermarks,
    )


def as_kept(answer: Answer) -> Answer:
    """The answer without its leave to be shown again where a model has said something since, or a check has."""
    receipt = answer.receipt
    if receipt is None or receipt.reusable is None or receipt.reusable.words == (answer.text, *answer.caveats):
        return answer
    return replace(answer, receipt=replace(receipt, reusable=None))


def agreed(kept: Kept) -> DoubleCheck | None:
    """Both engines gave these rows when they were new."""
    check: Any = kept.answer.get("double_check")
    return DoubleCheck(agrees=True) if check and check["agrees"] else None
