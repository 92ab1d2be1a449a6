"""A demo desk with row scopes, and copies of it that hold nothing beyond one: rows deleted by hand-written SQL."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import psycopg
from psycopg import sql
from psycopg.conninfo import make_conninfo

from dash_agent.context.catalog import Catalog
from dash_agent.models.principal import Principal, Role, ScopeFilter
from dash_agent.semantic.scope import policies, row_rules, through_lookups
from dash_agent.sql.guard import GuardSchema
from dash_agent.warehouse.logins import ScopedReader, scoped_url
from dash_agent.warehouse.roles import EMBEDDED
from dash_agent.warehouse.row_security import LOOKUPS
from tests.e2e.databases import Database

Scope = tuple[ScopeFilter, ...]

TICKETS = frozenset({"support_threads_data", "support_dialogs", "ai_human_comparison", "ai_agent_tasks"})
SUBSCRIPTIONS = frozenset({"subscriptions", "shipments"})


@dataclass(frozen=True)
class Narrowed:
    """reach: tables that have the scope's dimensions. keeps: table → condition on the rows to keep, as a person would
    write it; rows of tables that are not named stay."""

    scope: Scope
    reach: frozenset[str]
    keeps: Mapping[str, str]

    @property
    def principal(self) -> Principal:
        return Principal("narrowed@example.com", Role.VIEWER, scope=self.scope)


def of_tickets(tickets: str) -> dict[str, str]:
    """Conditions for the tables of tickets, children first."""
    kept = f"ticket_id IN (SELECT k.ticket_id FROM support_threads_data k WHERE {tickets})"
    return {
        **dict.fromkeys(("support_dialogs", "ai_human_comparison", "ai_agent_tasks"), kept),
        "support_threads_data": kept,
    }


def of_customers(customers: str) -> dict[str, str]:
    """Conditions for the tables of subscriptions, children first."""
    theirs = f"SELECT s.subscription_id FROM subscriptions s JOIN customers c USING (customer_id) WHERE {customers}"
    kept = f"subscription_id IN ({theirs})"
    return {"shipments": kept, "subscriptions": kept}


NARROWED: Mapping[str, Narrowed] = {
    "channel": Narrowed(
        (ScopeFilter("channel", ("telegram", "whatsapp")),),
        TICKETS,
        of_tickets("k.channel = 'telegram' OR k.channel = 'whatsapp'"),
    ),
    "country": Narrowed(
        (ScopeFilter("country", ("DE", "FR")),),
        TICKETS | SUBSCRIPTIONS | {"customers"},
        {
            **of_tickets("k.customer_id IN (SELECT c.customer_id FROM customers c WHERE c.country IN ('DE', 'FR'))"),
            **of_customers("c.country IN ('DE', 'FR')"),
            "customers": "country IN ('DE', 'FR')",
        },
    ),
    # Of customers and subscriptions it is the customer's, which may differ from that of their tickets.
    "language": Narrowed(
        (ScopeFilter("language", ("ru",)),),
        TICKETS | SUBSCRIPTIONS | {"customers"},
        {**of_tickets("k.language = 'ru'"), **of_customers("c.language = 'ru'"), "customers": "language = 'ru'"},
    ),
    # Customers have no channel: they are out of reach, and yet the country of a ticket's is looked up.
    "channel and country": Narrowed(
        (ScopeFilter("channel", ("chat", "email")), ScopeFilter("country", ("US",))),
        TICKETS,
        of_tickets(
            "k.channel IN ('chat', 'email')"
            " AND k.customer_id IN (SELECT c.customer_id FROM customers c WHERE c.country = 'US')"
        ),
    ),
}


@dataclass(frozen=True)
class ScopedDesk:
    """whole: with a login for each scope. commands: a copy of it, for what the commands make ready.

    parts: a copy for each scope, by name, with its rows alone.
    """

    whole: Database
    commands: Database
    parts: Mapping[str, Database]


def schema_of(catalog: Catalog, scope: Scope, lookups: str | None = None) -> GuardSchema:
    rules = row_rules(catalog, scope)
    if lookups is not None:
        rules, _ = through_lookups(rules, lookups)
    return GuardSchema(catalog.readable, rules.scope, rules.conditions, rules.lacking)


def login(database: Database, scope: Scope) -> str:
    return scoped_url(database.app, EMBEDDED.reader, scope)


def readers(database: Database, catalog: Catalog) -> list[ScopedReader]:
    made = []
    for one in NARROWED.values():
        ruled = policies(row_rules(catalog, one.scope), LOOKUPS)
        made.append(ScopedReader(login(database, one.scope), ruled.conditions, ruled.lookups))
    return made


def copied(whole: Database, name: str) -> Database:
    with psycopg.connect(whole.owner) as connection:
        template = connection.info.dbname
    with psycopg.connect(make_conninfo(whole.owner, dbname="postgres"), autocommit=True) as connection:
        named = f"{template} {name}"
        connection.execute(
            sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(sql.Identifier(named), sql.Identifier(template))
        )
    owner, app, reader = (make_conninfo(url, dbname=named) for url in (whole.owner, whole.app, whole.reader))
    return Database(owner, app, reader, whole.readable)


def part_of(whole: Database, name: str, narrowed: Narrowed) -> Database:
    part = copied(whole, name)
    with psycopg.connect(part.owner) as connection:
        # A Russian ticket may be of a customer who speaks English.
        connection.execute("ALTER TABLE support_threads_data DROP CONSTRAINT support_threads_data_customer_id_fkey")
        for table, kept in narrowed.keeps.items():
            # Of a null the condition is neither true nor false, and the row goes.
            connection.execute(f"DELETE FROM {table} WHERE ({kept}) IS NOT TRUE".encode())
    return part
