"""Fills the support tables with the demo desk, by COPY, in one transaction."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import psycopg
from psycopg import sql

from dash_agent.errors import DiskFull, WarehouseUnavailable, WrongSchema, WrongUse
from dash_agent.warehouse.demo import incidents
from dash_agent.warehouse.demo.desk import Desk, draw_desk
from dash_agent.warehouse.demo.options import DemoOptions, DemoSummary, Progress

KEYS = {
    "customers": "customer_id",
    "subscriptions": "subscription_id",
    "shipments": "shipment_id",
    "support_threads_data": "ticket_id",
    "support_dialogs": "message_id",
    "ai_human_comparison": "comparison_id",
    "ai_agent_tasks": "task_id",
    "ai_answerer_instructions": "instruction_id",
}
"""The support tables and their keys, parents first."""

# Any fixed number: two seedings of one database wait for each other.
_SEEDING_LOCK = 0x44656D6F


def seed(
    owner_conninfo: str,
    options: DemoOptions,
    on_progress: Callable[[Progress], None],
    *,
    empty_first: bool = False,
) -> DemoSummary:
    """Fill the empty support tables; on any failure or Ctrl-C the database stays as it was.

    empty_first: what they hold is dropped in the same transaction, so that it is there until the new rows are.
    The same options give the same rows, byte for byte. Writes `options.incidents_file` after the commit.
    Raises WrongUse where the tables already hold rows, WrongSchema where they are not there, WarehouseUnavailable,
    DiskFull. The role must own the tables or be free of row-level security, which COPY refuses.
    """
    incidents.prepare(options.incidents_file)
    desk = draw_desk(options)
    with _plain_errors():
        with psycopg.connect(owner_conninfo) as connection:
            connection.execute("SELECT pg_advisory_xact_lock(%s)", (_SEEDING_LOCK,))
            if empty_first:
                _empty(connection)
            elif _holds_rows(connection):
                raise WrongUse("the support tables already hold rows", "reset them first (db seed --reset)")
            counts = _copy(connection, desk, on_progress)
            _set_sequences(connection)
        incidents.save(options.incidents_file, options.seed, desk.now, desk.incidents)
        on_progress(Progress(desk.total, desk.total, "statistics"))
        _vacuum(owner_conninfo)
    return DemoSummary(desk.start, desk.now, desk.incidents, {table: counts[table] for table in KEYS})


def is_seeded(conninfo: str) -> bool:
    """Whether the support tables hold customers or tickets. False also where the tables are not there yet."""
    with _plain_errors(), psycopg.connect(conninfo) as connection:
        found = connection.execute("SELECT to_regclass('support_threads_data'), to_regclass('customers')").fetchone()
        return found is not None and None not in found and _holds_rows(connection)


def reset(conninfo: str) -> None:
    """Empty the support tables and start their keys anew, in one transaction. Needs a role that may truncate."""
    with _plain_errors(), psycopg.connect(conninfo) as connection:
        _empty(connection)


def _empty(connection: psycopg.Connection[tuple[object, ...]]) -> None:
    tables = sql.SQL(", ").join(map(sql.Identifier, KEYS))
    connection.execute(sql.SQL("TRUNCATE {} RESTART IDENTITY").format(tables))


def _holds_rows(connection: psycopg.Connection[tuple[object, ...]]) -> bool:
    found = connection.execute(
        "SELECT EXISTS (SELECT FROM support_threads_data) OR EXISTS (SELECT FROM customers)"
    ).fetchone()
    return found is not None and bool(found[0])


def _copy(
    connection: psycopg.Connection[tuple[object, ...]], desk: Desk, on_progress: Callable[[Progress], None]
) -> Counter[str]:
    counts: Counter[str] = Counter()
    done = 0
    for rows in desk.rows():
        on_progress(Progress(done, desk.total, rows.stage))
        statement = sql.SQL("COPY {} FROM STDIN").format(sql.Identifier(rows.table))
        with connection.cursor() as cursor, cursor.copy(statement) as copy:
            copy.write(rows.text)
        counts[rows.table] += rows.size
        done += rows.step
    return counts


def _set_sequences(connection: psycopg.Connection[tuple[object, ...]]) -> None:
    """Last before the commit: sequences don't roll back."""
    for table, key in KEYS.items():
        connection.execute(
            sql.SQL(
                "SELECT setval(pg_get_serial_sequence({name}, {key_name}),"
                " greatest(max({key}), 1), max({key}) IS NOT NULL) FROM {table}"
            ).format(name=table, key_name=key, key=sql.Identifier(key), table=sql.Identifier(table))
        )


def _vacuum(conninfo: str) -> None:
    """Statistics and the visibility map, so that the first questions are planned and answered as later ones are."""
    with psycopg.connect(conninfo, autocommit=True) as connection:
        for table in KEYS:
            connection.execute(sql.SQL("VACUUM (ANALYZE) {}").format(sql.Identifier(table)))


@contextmanager
def _plain_errors() -> Iterator[None]:
    """The driver's errors that a person can act on; the others are bugs and pass."""
    try:
        yield
    except psycopg.errors.DiskFull as error:
        raise DiskFull(
            f"no room left for the demo data: {error.diag.message_primary}", "free some and seed again"
        ) from error
    except (psycopg.errors.UndefinedTable, psycopg.errors.UndefinedColumn) as error:
        raise WrongSchema(
            f"the support tables are not as expected: {error.diag.message_primary}", "run db migrate"
        ) from error
    except psycopg.errors.InsufficientPrivilege as error:
        raise WrongUse(
            f"this role may not fill the support tables: {error.diag.message_primary}", "use the owner's connection"
        ) from error
    except psycopg.OperationalError as error:
        raise WarehouseUnavailable(f"the database can't be reached: {error}") from error
