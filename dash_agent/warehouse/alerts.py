"""Alerts, what was told of them and what was made of them, on the app role."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, Final

from psycopg.types.json import Jsonb

from dash_agent.models.alarm import (
    Address,
    Alert,
    Look,
    Mute,
    MuteState,
    Precision,
    Press,
    Telling,
    TellingKind,
    cause_json,
    cause_of,
)
from dash_agent.models.alert import Cause, Stage
from dash_agent.models.digest import Outcome
from dash_agent.models.job import Transaction
from dash_agent.models.message import Message, message_json
from dash_agent.warehouse.connections import Connections
from dash_agent.warehouse.state import storable

LOCK: Final = 0x616C6172  # 'alar'
HOLD: Final = f"SELECT pg_catalog.pg_advisory_xact_lock({LOCK})"

ALERT: Final = """
    a.alert_id, a.key, a.channel, a.address, a.language, a.stage, a.cause, a.opened_at, a.seen_at, a.told_at, a.told,
    a.over_at,
    (SELECT outcome FROM app.alert_tellings t WHERE t.alert_id = a.alert_id ORDER BY number DESC LIMIT 1)
"""
OF: Final = f"""
    SELECT {ALERT} FROM app.alerts a
    WHERE channel = %s AND address = %s AND (stage <> 'over' OR seen_at >= %s) ORDER BY seen_at DESC, alert_id DESC
"""  # noqa: S608  our own words
ONE: Final = f"SELECT {ALERT} FROM app.alerts a WHERE alert_id = %s"  # noqa: S608  our own words
LISTED: Final = f"""
    SELECT {ALERT} FROM app.alerts a WHERE NOT %(open)s OR stage <> 'over'
    ORDER BY seen_at DESC, alert_id DESC LIMIT %(limit)s
"""  # noqa: S608  our own words
INSERT: Final = """
    INSERT INTO app.alerts (rule, key, channel, address, language, stage, cause, opened_at, seen_at, told_at, told,
                            over_at)
    VALUES (%(rule)s, %(key)s, %(channel)s, %(address)s, %(language)s, %(stage)s, %(cause)s, %(opened_at)s, %(seen_at)s,
            %(told_at)s, %(told)s, %(over_at)s)
    RETURNING alert_id
"""
UPDATE: Final = """
    UPDATE app.alerts
    SET language = %(language)s, stage = %(stage)s, cause = %(cause)s, seen_at = %(seen_at)s, told_at = %(told_at)s,
        told = %(told)s, over_at = %(over_at)s
    WHERE alert_id = %(alert_id)s
"""

TELLING: Final = "t.alert_id, t.number, t.kind, t.outcome, t.why, t.at, t.message"
ORDER: Final = """
    INSERT INTO app.alert_tellings (alert_id, number, kind, outcome, at, message)
    SELECT %(alert_id)s, coalesce(max(number), 0) + 1, %(kind)s, 'built', %(at)s, %(message)s
    FROM app.alert_tellings WHERE alert_id = %(alert_id)s
    RETURNING number
"""
TOLD: Final = f"SELECT {TELLING} FROM app.alert_tellings t WHERE alert_id = %s AND number = %s"  # noqa: S608
SETTLE: Final = "UPDATE app.alert_tellings SET outcome = %s, why = %s, at = %s WHERE alert_id = %s AND number = %s"
TELLINGS: Final = f"""
    SELECT {ALERT}, {TELLING} FROM app.alert_tellings t JOIN app.alerts a USING (alert_id)
    ORDER BY t.at DESC, t.alert_id DESC, t.number DESC LIMIT %s
"""  # noqa: S608  our own words

PRESS: Final = """
    INSERT INTO app.alert_verdicts AS v (alert_id, chat, "user", verdict, at, press) VALUES (%s, %s, %s, %s, %s, %s)
    ON CONFLICT (alert_id, chat, "user") DO UPDATE
    SET verdict = excluded.verdict, at = excluded.at, press = excluded.press WHERE v.press < excluded.press
"""
VERDICTS: Final = """
    SELECT count(*) FILTER (WHERE verdict = 'useful'), count(*) FILTER (WHERE verdict = 'noise')
    FROM app.alert_verdicts WHERE alert_id = %s
"""
PRECISION: Final = """
    SELECT rule, count(*) FILTER (WHERE verdict = 'useful'), count(*) FILTER (WHERE verdict = 'noise')
    FROM app.alert_verdicts JOIN app.alerts USING (alert_id) GROUP BY 1 ORDER BY 1
"""

MUTES: Final = """
    SELECT mute_id, rule, channel, address, state, at, until, verdicts, by FROM app.alert_mutes
    ORDER BY rule, channel, address
"""
MUTE: Final = """
    INSERT INTO app.alert_mutes (rule, channel, address, state, at, until, verdicts, by)
    VALUES (%s, %s, %s, %s, %s, %s, %s, %s)
    ON CONFLICT (rule, channel, address) DO UPDATE
    SET state = excluded.state, at = excluded.at, until = excluded.until, verdicts = excluded.verdicts,
        by = excluded.by
    RETURNING mute_id
"""
UNMUTE: Final = """
    DELETE FROM app.alert_mutes WHERE rule = %(rule)s AND (%(channel)s::text IS NULL
       OR (channel, address) = (%(channel)s, %(address)s))
"""

LOOK: Final = "scope, rules, at, segments, found, error, gap_from"
LOOKED: Final = f"INSERT INTO app.alert_looks ({LOOK}) VALUES (%s, %s, %s, %s, %s, %s, %s)"  # noqa: S608
LOOKS: Final = f"SELECT {LOOK} FROM app.alert_looks WHERE at >= %s ORDER BY at DESC, look_id DESC"  # noqa: S608
LAST: Final = f"""
    SELECT {LOOK} FROM app.alert_looks
    WHERE error = '' AND (%(rules)s::text[] = '{{}}' OR rules && %(rules)s)
      AND (%(scope)s::text IS NULL OR scope = %(scope)s)
    ORDER BY at DESC, look_id DESC LIMIT 1
"""  # noqa: S608  our own words


class SqlAlerts:
    """Port `Alerts`. Raises WarehouseUnavailable, DiskFull, WrongSchema."""

    def __init__(self, connections: Connections) -> None:
        self._connections = connections

    # What holds

    def hold(self, transaction: Transaction) -> None:
        transaction.execute(HOLD)

    def of(self, transaction: Transaction, address: Address, since: datetime) -> Sequence[Alert]:
        return [_alert(row) for row in transaction.execute(OF, (address.channel, address.to, since)).fetchall()]

    def keep(self, transaction: Transaction, alert: Alert) -> Alert:
        values = {
            "alert_id": alert.alert_id,
            "rule": alert.rule,
            "key": alert.key,
            "channel": alert.address.channel,
            "address": alert.address.to,
            "language": alert.language,
            "stage": alert.stage,
            "cause": _stored(alert.cause),
            "opened_at": alert.opened_at,
            "seen_at": alert.seen_at,
            "told_at": alert.told_at,
            "told": None if alert.told is None else _stored(alert.told),
            "over_at": alert.over_at,
        }
        if alert.alert_id:
            transaction.execute(UPDATE, values)
            return alert
        return replace(alert, alert_id=int(transaction.execute(INSERT, values).fetchone()[0]))

    def alert(self, alert_id: int) -> Alert | None:
        with self._connections.transaction() as connection:
            row = connection.execute(ONE, (alert_id,)).fetchone()
        return _alert(row) if row else None

    def listed(self, *, only_open: bool = False, limit: int = 100) -> Sequence[Alert]:
        with self._connections.transaction() as connection:
            rows = connection.execute(LISTED, {"open": only_open, "limit": limit}).fetchall()
        return [_alert(row) for row in rows]

    # What is told

    def order(
        self, transaction: Transaction, alert_id: int, kind: TellingKind, message: Message, at: datetime
    ) -> Telling:
        kept = message_json(message)
        values = {"alert_id": alert_id, "kind": kind, "at": at, "message": Jsonb(storable(kept))}
        number = int(transaction.execute(ORDER, values).fetchone()[0])
        return Telling(alert_id, number, kind, Outcome.BUILT, "", at, kept)

    def telling(self, alert_id: int, number: int) -> Telling | None:
        with self._connections.transaction() as connection:
            row = connection.execute(TOLD, (alert_id, number)).fetchone()
        return _telling(row) if row else None

    def settle(self, transaction: Transaction, telling: Telling) -> None:
        values = (telling.outcome, storable(telling.why), telling.at, telling.alert_id, telling.number)
        transaction.execute(SETTLE, values)

    def note(self, telling: Telling) -> None:
        with self._connections.transaction() as connection:
            self.settle(connection, telling)

    def tellings(self, limit: int = 100) -> Sequence[tuple[Alert, Telling]]:
        with self._connections.transaction() as connection:
            rows = connection.execute(TELLINGS, (limit,)).fetchall()
        return [(_alert(row[:-7]), _telling(row[-7:])) for row in rows]

    # What they make of it

    def press(self, press: Press) -> None:
        values = (press.alert_id, press.chat, press.user, press.verdict, press.at, press.order)
        with self._connections.transaction() as connection:
            connection.execute(PRESS, values)

    def verdicts(self, alert_id: int) -> Precision:
        with self._connections.transaction() as connection:
            row: Any = connection.execute(VERDICTS, (alert_id,)).fetchone()
        return Precision(*row)

    def precision(self) -> Mapping[str, Precision]:
        with self._connections.transaction() as connection:
            rows = connection.execute(PRECISION).fetchall()
        return {rule: Precision(useful, noise) for rule, useful, noise in rows}

    def mutes(self) -> Sequence[Mute]:
        with self._connections.transaction() as connection:
            rows = connection.execute(MUTES).fetchall()
        return [_mute(row) for row in rows]

    def mute(self, mute: Mute, transaction: Transaction | None = None) -> Mute:
        to = mute.address
        values = (mute.rule, to.channel, to.to, mute.state, mute.at, mute.until, mute.count, storable(mute.by))
        if transaction is not None:
            return replace(mute, mute_id=int(transaction.execute(MUTE, values).fetchone()[0]))
        with self._connections.transaction() as connection:
            row: Any = connection.execute(MUTE, values).fetchone()
        return replace(mute, mute_id=int(row[0]))

    def unmute(self, rule: str, address: Address | None = None) -> int:
        to = (None, None) if address is None else (address.channel, address.to)
        with self._connections.transaction() as connection:
            return connection.execute(UNMUTE, {"rule": rule, "channel": to[0], "address": to[1]}).rowcount

    # That it was looked

    def looked(self, look: Look, transaction: Transaction | None = None) -> None:
        error = storable(look.error)
        values = (look.scope, list(look.rules), look.at, look.segments, look.found, error, look.gap_from)
        if transaction is not None:
            transaction.execute(LOOKED, values)
            return
        with self._connections.transaction() as connection:
            connection.execute(LOOKED, values)

    def looks(self, since: datetime) -> Sequence[Look]:
        with self._connections.transaction() as connection:
            rows = connection.execute(LOOKS, (since,)).fetchall()
        return [_look(row) for row in rows]

    def last_look(self, rules: Sequence[str] = (), scope: str | None = None) -> Look | None:
        with self._connections.transaction() as connection:
            row = connection.execute(LAST, {"rules": list(rules), "scope": scope}).fetchone()
        return _look(row) if row else None


def _stored(cause: Cause) -> Jsonb:
    return Jsonb(storable(cause_json(cause)))


def _alert(row: Sequence[Any]) -> Alert:
    alert_id, key, channel, address, language, stage, cause, opened, seen, told_at, told, over, last = row
    return Alert(
        alert_id,
        key,
        Address(channel, address),
        language,
        Stage(stage),
        cause_of(cause),
        opened,
        seen,
        told_at,
        None if told is None else cause_of(told),
        over,
        None if last is None else Outcome(last),
    )


def _telling(row: Sequence[Any]) -> Telling:
    alert_id, number, kind, outcome, why, at, message = row
    return Telling(alert_id, number, TellingKind(kind), Outcome(outcome), why, at, message)


def _mute(row: Sequence[Any]) -> Mute:
    mute_id, rule, channel, address, state, at, until, count, by = row
    return Mute(mute_id, rule, Address(channel, address), MuteState(state), at, until, count, by)


def _look(row: Sequence[Any]) -> Look:
    scope, rules, at, segments, found, error, gap_from = row
    return Look(scope, tuple(rules), at, segments, found, error, gap_from)
