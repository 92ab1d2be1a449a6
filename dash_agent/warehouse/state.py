"""What the product remembers, in schema `app`, on the app role."""

from __future__ import annotations

from collections.abc import Mapping

from psycopg.types.json import Jsonb

from dash_agent.models.answer import Answer
from dash_agent.models.wire import Json, answer_json, plan_from_json, plan_json
from dash_agent.ports import Turn
from dash_agent.warehouse.connections import Connections

SAVE_ANSWER = """
    INSERT INTO app.answers (answer_id, "user", session, created_at, question, answer)
    VALUES (%s, %s, %s, %s, %s, %s)
"""
GET_ANSWER = "SELECT answer FROM app.answers WHERE answer_id = %s"
APPEND_TURN = 'INSERT INTO app.turns ("user", session, question, plan) VALUES (%s, %s, %s, %s)'
LAST_TURN = """
    SELECT question, plan FROM app.turns WHERE "user" = %s AND session = %s ORDER BY turn_id DESC LIMIT 1
"""


def storable(value: Json) -> Json:
    """The value with what PostgreSQL has no text for (NUL, half a surrogate pair) replaced by U+FFFD."""
    match value:
        case str():
            return value.replace("\0", "\ufffd").encode("utf-16", "surrogatepass").decode("utf-16", "replace")
        case list():
            return [storable(item) for item in value]
        case dict():
            return {str(storable(key)): storable(item) for key, item in value.items()}
        case _:
            return value


class SqlAnswers:
    """Port `Answers`. Raises WarehouseUnavailable, DiskFull, WrongSchema."""

    def __init__(self, connections: Connections) -> None:
        self._connections = connections

    def save(self, answer: Answer, user: str) -> None:
        kept = storable(answer_json(answer))
        row = (
            answer.answer_id,
            user,
            answer.session_id,
            answer.as_of,
            storable(answer.question),
            Jsonb(kept),
        )
        with self._connections.transaction() as connection:
            connection.execute(SAVE_ANSWER, row)

    def get(self, answer_id: str) -> Mapping[str, object] | None:
        with self._connections.transaction() as connection:
            row = connection.execute(GET_ANSWER, (answer_id,)).fetchone()
        return dict(row[0]) if row else None


class SqlTurns:
    """Port `Turns`. Raises WarehouseUnavailable, DiskFull, WrongSchema."""

    def __init__(self, connections: Connections) -> None:
        self._connections = connections

    def last(self, user: str, session: str) -> Turn | None:
        with self._connections.transaction() as connection:
            row = connection.execute(LAST_TURN, (user, session)).fetchone()
        return Turn(row[0], plan_from_json(row[1])) if row else None

    def append(self, user: str, session: str, turn: Turn) -> None:
        row = (user, session, storable(turn.question), Jsonb(storable(plan_json(turn.plan))))
        with self._connections.transaction() as connection:
            connection.execute(APPEND_TURN, row)
