"""What models have cost, in `app.usage`, and what they may, in `app.budgets`. A day is the business's."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Final

from dash_agent.models.usage import Budget, Cost, CostsBy, Usage
from dash_agent.warehouse.connections import Connections

NOTE: Final = """
    INSERT INTO app.usage ("user", model, calls, prompt, completion, cost_usd) VALUES (%s, %s, %s, %s, %s, %s)
"""
TODAY: Final = "date_trunc('day', now(), %(zone)s)"
SPENT: Final = f"""
    SELECT coalesce((SELECT sum(cost_usd) FROM app.usage WHERE "user" = %(user)s AND at >= {TODAY}), 0),
           EXISTS (SELECT FROM app.budgets WHERE "user" = %(user)s),
           (SELECT usd_per_day FROM app.budgets WHERE "user" = %(user)s)
"""  # noqa: S608  our own words
BUDGETS: Final = f"""
    SELECT coalesce(b."user", u."user"), b."user" IS NOT NULL, b.usd_per_day, coalesce(u.spent, 0)
    FROM app.budgets b FULL JOIN
         (SELECT "user", sum(cost_usd) AS spent FROM app.usage WHERE at >= {TODAY} GROUP BY 1) u ON u."user" = b."user"
    ORDER BY 1
"""  # noqa: S608
SET: Final = """
    INSERT INTO app.budgets ("user", usd_per_day, set_by) VALUES (%s, %s, %s)
    ON CONFLICT ("user") DO UPDATE SET usd_per_day = excluded.usd_per_day, set_by = excluded.set_by, set_at = now()
"""
UNSET: Final = 'DELETE FROM app.budgets WHERE "user" = %s'

GROUPS: Final = {
    CostsBy.DAY: "to_char(at AT TIME ZONE %(zone)s, 'YYYY-MM-DD')",
    CostsBy.USER: '"user"',
    CostsBy.MODEL: "model",
    CostsBy.ANSWER: "coalesce(answer_id, '')",
}
COSTS: Final = """
    SELECT {group}, count(DISTINCT coalesce(answer_id, usage_id::text)),
           sum(calls), sum(prompt), sum(completion), sum(cost_usd) FROM app.usage
    WHERE (%(since)s::date IS NULL OR at >= %(since)s::date::timestamp AT TIME ZONE %(zone)s)
    GROUP BY 1 ORDER BY {order}
"""


class SqlSpending:
    """Port `Spending`. usual: USD a day of a user for whom no other budget is set, None for no limit.

    Raises WarehouseUnavailable, DiskFull, WrongSchema.
    """

    def __init__(self, connections: Connections, *, timezone: str, usual: Decimal | None = None) -> None:
        self._connections = connections
        self._zone = timezone
        self._usual = usual

    def is_over(self, user: str) -> bool:
        with self._connections.transaction() as connection:
            row = connection.execute(SPENT, {"user": user, "zone": self._zone}).fetchone()
        assert row is not None
        spent, is_own, own = row
        budget = own if is_own else self._usual
        return budget is not None and spent >= budget

    def note(self, user: str, usage: Usage) -> None:
        with self._connections.transaction() as connection:
            for one in usage.by_model:
                spent = (one.calls, one.prompt, one.completion, one.cost_usd)
                connection.execute(NOTE, (user, one.model or "", *spent))

    def costs(self, by: CostsBy, since: date | None = None) -> Sequence[Cost]:
        order = "1" if by is CostsBy.DAY else "6 DESC, 1"
        statement = COSTS.format(group=GROUPS[by], order=order)
        with self._connections.transaction() as connection:
            rows = connection.execute(statement.encode(), {"since": since, "zone": self._zone}).fetchall()
        return tuple(
            Cost(str(key), answers, Usage(None, int(calls), int(prompt), int(completion), usd))
            for key, answers, calls, prompt, completion, usd in rows
        )

    def budgets(self) -> Sequence[Budget]:
        with self._connections.transaction() as connection:
            rows = connection.execute(BUDGETS, {"zone": self._zone}).fetchall()
        return tuple(Budget(user, own if is_own else self._usual, spent, is_own) for user, is_own, own, spent in rows)

    def set_budget(self, user: str, usd_per_day: Decimal | None, by: str) -> None:
        with self._connections.transaction() as connection:
            connection.execute(SET, (user, usd_per_day, by))

    def unset_budget(self, user: str) -> bool:
        with self._connections.transaction() as connection:
            return bool(connection.execute(UNSET, (user,)).rowcount)
