"""Instructions of categories, and how ready a category is to be answered without review."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from dash_agent.ports import Clock
from dash_agent.warehouse.connections import Connections
from support_agent.ports import Instructions

IN_FORCE: Final = """
    SELECT version, instruction_1, instruction_2, instruction_3, instruction_4, instruction_5
    FROM public.ai_answerer_instructions
    WHERE type = %s AND staging = %s AND status = 'enabled' ORDER BY version DESC, instruction_id DESC LIMIT 1
"""
COMPARED: Final = """
    SELECT count(*), avg(CASE WHEN verdict IN ('ai_better', 'equal') THEN 100.0 ELSE 0 END),
           avg(NULLIF(btrim(penalty_score, E' \\t\\n\\r'), '')::numeric)
    FROM public.ai_human_comparison WHERE request_type = %(category)s AND created_at BETWEEN %(since)s AND %(now)s
"""
ERRORS: Final = """
    SELECT avg(CASE WHEN status = 'Error' THEN 100.0 ELSE 0 END) FROM public.support_threads_data
    WHERE request_type = %(category)s AND created_at BETWEEN %(since)s AND %(now)s
"""
IN_LANGUAGE: Final = """
    SELECT EXISTS (SELECT FROM public.ai_human_comparison c JOIN public.support_threads_data t USING (ticket_id)
                   WHERE c.request_type = %s AND t.language = %s)
"""
WINDOW: Final = timedelta(days=30)
KEPT_FOR: Final = timedelta(minutes=5)
"""How long what was counted is gone by: it changes by the day, and every reply asks."""


class SqlPrompts:
    """Port `Prompts`, on the app role."""

    def __init__(self, connections: Connections) -> None:
        self._connections = connections

    def instructions(self, category: str, staging: str) -> Instructions | None:
        with self._connections.statement() as connection:
            row = connection.execute(IN_FORCE, (category, staging)).fetchone()
        if row is None:
            return None
        version, one, two, three, four, five = row
        return Instructions(category, staging, version, (one, two, three, four, five))


@dataclass(frozen=True, slots=True)
class Thresholds:
    """Of *ready for auto-send*, as business/rules.json has them. Rates in per cent."""

    comparisons: int = 50
    ai_win_rate: float = 85
    penalty: float = 15
    error_rate: float = 2


class SqlReadiness:
    """Port `Readiness`, on the app role. opened: whether a team lead opened a category."""

    def __init__(
        self,
        connections: Connections,
        clock: Clock,
        opened: Callable[[str], bool],
        thresholds: Thresholds = Thresholds(),
    ) -> None:
        self._connections = connections
        self._clock = clock
        self._opened = opened
        self._thresholds = thresholds
        self._known: dict[tuple[str, str], tuple[datetime, bool]] = {}

    def open_for_auto_send(self, category: str, language: str) -> bool:
        if not self._opened(category):
            return False
        now, known = self._clock.now(), self._known.get((category, language))
        if known is None or not known[0] <= now < known[0] + KEPT_FOR:
            known = (now, self._meets(category, language, now))
            self._known[category, language] = known
        return known[1]

    def _meets(self, category: str, language: str, now: datetime) -> bool:
        of = {"category": category, "since": now - WINDOW, "now": now}
        with self._connections.transaction() as connection:
            compared = connection.execute(COMPARED, of).fetchone()
            errors = connection.execute(ERRORS, of).fetchone()
            in_language = connection.execute(IN_LANGUAGE, (category, language)).fetchone()
        assert compared is not None
        assert errors is not None
        assert in_language is not None
        comparisons, win_rate, penalty = compared
        return bool(in_language[0]) and self._is_ready(comparisons, win_rate, penalty, errors[0])

    def _is_ready(self, comparisons: int, win_rate: Any, penalty: Any, error_rate: Any) -> bool:
        """None of the rates counts as met where there is nothing to take it of."""
        wanted = self._thresholds
        if comparisons < wanted.comparisons or win_rate is None or penalty is None or error_rate is None:
            return False
        return bool(win_rate >= wanted.ai_win_rate and penalty <= wanted.penalty and error_rate <= wanted.error_rate)
