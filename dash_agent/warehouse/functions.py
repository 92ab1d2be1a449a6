"""Which of PostgreSQL's own functions everyone may run.

PUBLIC may run nearly all of them. Here every volatile one that is not known to be harmless is closed: with them a
reader could write large objects, wait, take locks, notify, end sessions, or run a text as SQL past the guard.
"""

from __future__ import annotations

from psycopg import Connection, sql

# Volatile, and yet they change nothing for anybody else.
HARMLESS = (
    *("clock_timestamp", "timeofday", "random", "random_normal", "setseed", "array_sample", "array_shuffle"),
    *("gen_random_uuid", "uuidv4", "uuidv7", "bernoulli", "system"),
    *("pg_is_in_recovery", "pg_jit_available", "current_query"),
    *("pg_relation_size", "pg_table_size", "pg_indexes_size", "pg_total_relation_size", "pg_database_size"),
    # They give back only what the session itself took.
    *("pg_advisory_unlock", "pg_advisory_unlock_shared", "pg_advisory_unlock_all"),
    # No more than SET, which no right can take away.
    "set_config",
)

# Not volatile by the catalogue, but they run queries of their own or use up transaction ids.
NOT_HARMLESS = (
    *("table_to_xml", "table_to_xmlschema", "table_to_xml_and_xmlschema"),
    *("schema_to_xml", "schema_to_xmlschema", "schema_to_xml_and_xmlschema"),
    *("database_to_xml", "database_to_xmlschema", "database_to_xml_and_xmlschema"),
    *("pg_current_xact_id", "txid_current"),
)

# What the app needs: queues and leaders by advisory locks, wake-ups, and the keys of Agno's tables.
FOR_APP = (
    *("pg_advisory_lock", "pg_advisory_lock_shared", "pg_advisory_xact_lock", "pg_advisory_xact_lock_shared"),
    *("pg_try_advisory_lock", "pg_try_advisory_lock_shared"),
    *("pg_try_advisory_xact_lock", "pg_try_advisory_xact_lock_shared"),
    *("pg_notify", "nextval", "currval", "lastval", "setval"),
)

# Those with initial privileges were closed by initdb and stay as they are. Handlers and trigger functions can't be
# called from SQL.
FIND = """
    SELECT p.oid::regprocedure::text, p.proname
    FROM pg_catalog.pg_proc p
    WHERE p.pronamespace = 'pg_catalog'::regnamespace
      AND ((p.provolatile = 'v' AND p.proname <> ALL (%(harmless)s)) OR p.proname = ANY (%(not_harmless)s))
      AND p.prorettype NOT IN ('trigger'::regtype, 'event_trigger'::regtype, 'language_handler'::regtype,
                               'index_am_handler'::regtype, 'table_am_handler'::regtype)
      AND NOT EXISTS (
          SELECT FROM pg_catalog.pg_init_privs i
          WHERE i.objoid = p.oid AND i.classoid = 'pg_catalog.pg_proc'::regclass AND i.privtype = 'i')
    ORDER BY 1
"""


def close_functions(connection: Connection, app: str, reader: str) -> None:
    """Takes EXECUTE on what is not known to be harmless from PUBLIC and the reader; the app keeps what it needs.

    The connection's role is a superuser.
    """
    found = connection.execute(FIND, {"harmless": list(HARMLESS), "not_harmless": list(NOT_HARMLESS)}).fetchall()
    # regprocedure's text is quoted where it has to be.
    closed = sql.SQL(", ").join(sql.SQL(signature) for signature, _ in found)
    kept = sql.SQL(", ").join(sql.SQL(signature) for signature, name in found if name in FOR_APP)
    roles = {"app": sql.Identifier(app), "reader": sql.Identifier(reader)}
    connection.execute(sql.SQL("REVOKE EXECUTE ON FUNCTION {} FROM PUBLIC, {app}, {reader}").format(closed, **roles))
    connection.execute(sql.SQL("GRANT EXECUTE ON FUNCTION {} TO {app}").format(kept, **roles))
