"""What people asked, counted over the receipts in `app.answers`. Days are back from now, by the database's clock."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from dash_agent.models.asked import SMALL_TALK, ContentUse, Unanswered, sees_questions_of_others
from dash_agent.models.principal import Principal
from dash_agent.warehouse.connections import Connections

MOST: Final = 10_000
"""Questions without an answer that are looked at, the latest ones."""

# Answers rest on few combinations of sources: those are counted, and only then taken apart.
USES: Final = """
    WITH together AS (
        SELECT sources, count(question) AS asked, count(*) AS all_of_them, max(kept_at) AS last FROM app.answers
        WHERE kept_at >= now() - make_interval(days => %s) AND sources IS NOT NULL
        GROUP BY sources)
    SELECT source ->> 'layer', source ->> 'name', sum(asked)::bigint, sum(all_of_them - asked)::bigint, max(last)
    FROM together, jsonb_array_elements(sources) AS source
    WHERE source ->> 'layer' IS NOT NULL AND source ->> 'name' IS NOT NULL
    GROUP BY 1, 2 ORDER BY 3 DESC, 4 DESC, 1, 2
"""
# A question counts for each of its words, once.
UNANSWERED: Final = """
    WITH lately AS (
        SELECT "user", question, kept_at, answer -> 'plan' AS plan FROM app.answers
        WHERE answer ->> 'status' IN ('refused', 'clarify') AND question IS NOT NULL
          AND kept_at >= now() - make_interval(days => %(days)s)
          AND (%(user)s::text IS NULL OR "user" = %(user)s)
        ORDER BY kept_at DESC LIMIT %(most)s),
    told AS (
        SELECT *, coalesce(plan ->> 'why', plan ->> 'reason', '') AS reason,
               CASE WHEN jsonb_typeof(plan -> 'words') = 'array' THEN plan -> 'words' ELSE '[]' END AS words
        FROM lately)
    SELECT coalesce(word, ''), (array_agg(reason ORDER BY kept_at DESC))[1], count(*), count(DISTINCT "user"),
           max(kept_at), (array_agg(question ORDER BY kept_at DESC))[1]
    FROM told LEFT JOIN LATERAL (SELECT DISTINCT lower(one) FROM jsonb_array_elements_text(words) AS one) AS each (word)
         ON true
    WHERE reason <> ALL (%(small_talk)s)
    GROUP BY word, CASE WHEN word IS NULL THEN reason END
    ORDER BY 3 DESC, 5 DESC, 1 LIMIT %(limit)s
"""


class SqlQuestions:
    """Port `Questions`. Raises WarehouseUnavailable, DiskFull, WrongSchema."""

    def __init__(self, connections: Connections) -> None:
        self._connections = connections

    def uses(self, days: int) -> Sequence[ContentUse]:
        with self._connections.transaction() as connection:
            rows = connection.execute(USES, (days,)).fetchall()
        return tuple(ContentUse(*row) for row in rows)

    def unanswered(self, principal: Principal, days: int, limit: int = 100) -> Sequence[Unanswered]:
        asked = {
            "user": None if sees_questions_of_others(principal) else principal.user,
            "days": days,
            "most": MOST,
            "small_talk": list(SMALL_TALK),
            "limit": limit,
        }
        with self._connections.transaction() as connection:
            rows = connection.execute(UNANSWERED, asked).fetchall()
        return tuple(Unanswered(*row) for row in rows)
