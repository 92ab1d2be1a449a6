"""Sessions of questions and pinned plans, on the app role."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from psycopg import Connection
from psycopg.types.json import Jsonb

from dash_agent.errors import WrongUse
from dash_agent.models.plan import Clarification, Executable, Refusal
from dash_agent.models.wire import BadPlan, plan_from_json, plan_json
from dash_agent.ports import Kept, Pin, Session
from dash_agent.warehouse.connections import Connections
from dash_agent.warehouse.state import KEPT_COLUMNS, kept_of, storable

MOST_PINS: Final = 100
"""Pins of one person: each is asked again whenever they are looked at."""

# Two answers may be kept in one moment; their ids are in order of time.
SESSIONS: Final = """
    SELECT a.session, a."user",
           coalesce((array_agg(a.question ORDER BY a.kept_at, a.answer_id) FILTER (WHERE a.question <> ''))[1], ''),
           max(a.kept_at), count(*), bool_or(s.session IS NOT NULL)
    FROM app.answers a LEFT JOIN app.shared_sessions s USING ("user", session)
    WHERE {which}
    GROUP BY a.session, a."user"
    HAVING %(words)s::text[] = '{{}}' OR bool_or(a.question ILIKE ALL (%(words)s::text[]))
    ORDER BY max(a.kept_at) DESC, a.session DESC
    LIMIT %(limit)s
"""
OF_USER: Final = SESSIONS.format(which='a."user" = %(user)s AND a.session IS NOT NULL')
NAMED: Final = SESSIONS.format(which="a.session = %(session)s")
ANSWERS: Final = f"""
    SELECT * FROM (
        SELECT {KEPT_COLUMNS}, answer_id FROM app.answers WHERE "user" = %s AND session = %s
        ORDER BY kept_at DESC, answer_id DESC LIMIT %s
    ) latest ORDER BY kept_at, answer_id
"""  # noqa: S608  our own words
SHARE: Final = 'INSERT INTO app.shared_sessions ("user", session) VALUES (%s, %s) ON CONFLICT DO NOTHING'
UNSHARE: Final = 'DELETE FROM app.shared_sessions WHERE "user" = %s AND session = %s'
IS_SHARED: Final = 'SELECT FROM app.shared_sessions WHERE "user" = %s AND session = %s'

PINS: Final = 'SELECT pin_id, title, language, plan, as_of FROM app.pins WHERE "user" = %s ORDER BY position'
# One change of somebody's pins at a time: their places hang on each other.
LOCK_PINS: Final = "SELECT pg_advisory_xact_lock(hashtext('dash.pins'), hashtext(%s))"
PIN_IDS: Final = 'SELECT pin_id FROM app.pins WHERE "user" = %s ORDER BY position'
ADD_PIN: Final = """
    INSERT INTO app.pins (pin_id, "user", position, title, language, plan, as_of) VALUES (%s, %s, %s, %s, %s, %s, %s)
"""
REMOVE_PIN: Final = "DELETE FROM app.pins WHERE pin_id = %s"
PLACE_PINS: Final = """
    UPDATE app.pins p SET position = placed.at - 1
    FROM unnest(%s::text[]) WITH ORDINALITY AS placed (pin_id, at)
    WHERE p.pin_id = placed.pin_id AND p.position <> placed.at - 1
"""


class SqlSessions:
    """Port `Sessions`. Raises WarehouseUnavailable, DiskFull, WrongSchema."""

    def __init__(self, connections: Connections) -> None:
        self._connections = connections

    def of(self, user: str, words: str = "", limit: int = 50) -> Sequence[Session]:
        return self._found(OF_USER, user=str(storable(user)), words=_patterns(words), limit=limit)

    def named(self, session: str) -> Sequence[Session]:
        return self._found(NAMED, session=str(storable(session)), words=[], limit=50)

    def answers(self, user: str, session: str, limit: int = 100) -> Sequence[Kept]:
        with self._connections.transaction() as connection:
            rows = connection.execute(ANSWERS, (storable(user), storable(session), limit)).fetchall()
        return tuple(kept_of(row[:-1]) for row in rows)

    def share(self, user: str, session: str, shared: bool) -> None:
        with self._connections.transaction() as connection:
            connection.execute(SHARE if shared else UNSHARE, (user, session))

    def is_shared(self, user: str, session: str) -> bool:
        with self._connections.transaction() as connection:
            return connection.execute(IS_SHARED, (user, session)).fetchone() is not None

    def _found(self, statement: str, **values: object) -> Sequence[Session]:
        with self._connections.transaction() as connection:
            return tuple(Session(*row) for row in connection.execute(statement, values).fetchall())


def _patterns(words: str) -> list[str]:
    """A pattern of ILIKE for each word, in which a person's own % and _ are plain letters."""
    plain = str(storable(words)).replace("\\", "\\\\").replace("%", r"\%").replace("_", r"\_")
    return [f"%{word}%" for word in plain.split()]


class SqlPins:
    """Port `Pins`. Raises WarehouseUnavailable, DiskFull, WrongSchema."""

    def __init__(self, connections: Connections) -> None:
        self._connections = connections

    def of(self, user: str) -> Sequence[Pin]:
        with self._connections.transaction() as connection:
            rows = connection.execute(PINS, (user,)).fetchall()
        plans = ((row, _executable(row[3])) for row in rows)
        return tuple(Pin(row[0], row[1], row[2], plan, row[4]) for row, plan in plans if plan is not None)

    def add(self, user: str, pin: Pin) -> None:
        plan = Jsonb(storable(plan_json(pin.plan)))
        with self._connections.transaction() as connection:
            place = len(_locked(connection, user))
            if place >= MOST_PINS:
                raise WrongUse(f"{user} has {place} pins, which is the most there can be", "remove one of them first")
            row = (pin.pin_id, user, place, storable(pin.title), pin.language, plan, pin.as_of)
            connection.execute(ADD_PIN, row)

    def remove(self, user: str, pin_id: str) -> bool:
        with self._connections.transaction() as connection:
            ids = _locked(connection, user)
            if pin_id not in ids:
                return False
            connection.execute(REMOVE_PIN, (pin_id,))
            connection.execute(PLACE_PINS, ([one for one in ids if one != pin_id],))
            return True

    def move(self, user: str, pin_id: str, place: int) -> bool:
        with self._connections.transaction() as connection:
            ids = _locked(connection, user)
            if pin_id not in ids:
                return False
            others = [one for one in ids if one != pin_id]
            others.insert(max(place, 0), pin_id)
            connection.execute(PLACE_PINS, (others,))
            return True


def _locked(connection: Connection, user: str) -> list[str]:
    """Ids of somebody's pins in their order, which nobody else changes before this transaction ends."""
    connection.execute(LOCK_PINS, (user,))
    return [str(row[0]) for row in connection.execute(PIN_IDS, (user,)).fetchall()]


def _executable(data: object) -> Executable | None:
    try:
        plan = plan_from_json(data)
    except BadPlan:
        return None
    return None if isinstance(plan, Clarification | Refusal) else plan
