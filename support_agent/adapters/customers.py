"""The shop's records in the support tables, and what tools may change of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from datetime import date
from typing import Any, Final

from psycopg import Connection

from dash_agent.warehouse.connections import Connections
from support_agent.models import Customer, Shipment, Subscription

CUSTOMER: Final = "SELECT customer_id, full_name, email, country, language FROM public.customers"
BY_EMAIL: Final = f"{CUSTOMER} WHERE email = %s"
BY_ID: Final = f"{CUSTOMER} WHERE customer_id = %s"
SUBSCRIPTIONS: Final = """
    SELECT subscription_id, customer_id, plan, frequency, status, price_usd, started_at, paused_until, cancelled_at,
           shipping_address
    FROM public.subscriptions WHERE customer_id = %s
    ORDER BY coalesce(array_position(ARRAY['active', 'paused', 'cancelled'], status), 4), started_at DESC,
             subscription_id DESC
"""
SHIPMENTS: Final = """
    SELECT shipment_id, subscription_id, box_month, carrier, tracking_number, status, shipped_at, delivered_at
    FROM public.shipments WHERE subscription_id = %s ORDER BY box_month DESC, shipment_id DESC LIMIT %s
"""
PAUSE: Final = """
    UPDATE public.subscriptions
    SET status = CASE WHEN %(until)s::date IS NULL THEN 'active' ELSE 'paused' END, paused_until = %(until)s
    WHERE subscription_id = %(id)s
"""
SKIP: Final = """
    UPDATE public.shipments SET status = 'skipped'
    WHERE subscription_id = %s AND box_month = %s AND status = 'preparing' RETURNING shipment_id
"""
UNASSIGNED: Final = "unassigned"
NOT_SENT: Final = "SKIP-"
"""Begins the tracking number of a box that never was one."""
SKIP_AHEAD: Final = """
    INSERT INTO public.shipments (subscription_id, box_month, carrier, tracking_number, status)
    VALUES (%(id)s, %(month)s,
            coalesce((SELECT carrier FROM public.shipments WHERE subscription_id = %(id)s
                      ORDER BY box_month DESC, shipment_id DESC LIMIT 1), %(carrier)s),
            %(number)s, 'skipped')
    RETURNING shipment_id
"""
UNSKIP_AHEAD: Final = """
    DELETE FROM public.shipments
    WHERE shipment_id = %s AND status = 'skipped' AND starts_with(tracking_number, %s)
"""
UNSKIP: Final = "UPDATE public.shipments SET status = 'preparing' WHERE shipment_id = %s AND status = 'skipped'"
FREQUENCY: Final = "UPDATE public.subscriptions SET frequency = %s WHERE subscription_id = %s"
ADDRESS: Final = "UPDATE public.subscriptions SET shipping_address = %s WHERE subscription_id = %s"
# Before any other row of the customer's: two actions of one customer go one after the other, so limits hold.
LOCK_CUSTOMER: Final = "SELECT FROM public.customers WHERE customer_id = %s FOR UPDATE"
LOCK_SUBSCRIPTIONS: Final = """
    SELECT FROM public.subscriptions WHERE customer_id = %s ORDER BY subscription_id FOR UPDATE
"""
LOCK_SHIPMENTS: Final = """
    SELECT FROM public.shipments WHERE subscription_id IN (
        SELECT subscription_id FROM public.subscriptions WHERE customer_id = %s)
    ORDER BY shipment_id FOR UPDATE
"""

Opening = Callable[[], AbstractContextManager[Connection]]


class SqlCustomers:
    """Port `Customers`, on the app role. Raises WarehouseUnavailable, DiskFull, WrongSchema."""

    def __init__(self, connections: Connections) -> None:
        self._open: Opening = connections.statement

    @classmethod
    def within(cls, connection: Connection) -> SqlCustomers:
        """As they are in somebody's transaction."""
        made = cls.__new__(cls)
        made._open = lambda: _held(connection)
        return made

    def by_email(self, email: str) -> Customer | None:
        return self._customer(BY_EMAIL, email.strip().lower().replace("\0", ""))

    def by_id(self, customer_id: int) -> Customer | None:
        return self._customer(BY_ID, customer_id)

    def _customer(self, statement: str, key: str | int) -> Customer | None:
        with self._open() as connection:
            row = connection.execute(statement.encode(), (key,)).fetchone()
        return None if row is None else _customer(row)

    def subscriptions(self, customer_id: int) -> Sequence[Subscription]:
        with self._open() as connection:
            rows = connection.execute(SUBSCRIPTIONS, (customer_id,)).fetchall()
        return tuple(Subscription(*row) for row in rows)

    def shipments(self, subscription_id: int, limit: int = 12) -> Sequence[Shipment]:
        with self._open() as connection:
            rows = connection.execute(SHIPMENTS, (subscription_id, limit)).fetchall()
        return tuple(Shipment(*row) for row in rows)


class SqlChanges:
    """Port `Changes`, in the transaction of a grant."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def pause(self, subscription_id: int, until: date | None) -> None:
        self._connection.execute(PAUSE, {"until": until, "id": subscription_id})

    def skip(self, subscription_id: int, box_month: date) -> int:
        row = self._connection.execute(SKIP, (subscription_id, box_month)).fetchone()
        if row is None:
            number = f"{NOT_SENT}{subscription_id}-{box_month:%Y%m}"
            ahead = {"id": subscription_id, "month": box_month, "carrier": UNASSIGNED, "number": number}
            row = self._connection.execute(SKIP_AHEAD, ahead).fetchone()
        assert row is not None
        return int(row[0])

    def unskip(self, shipment_id: int) -> None:
        if not self._connection.execute(UNSKIP_AHEAD, (shipment_id, NOT_SENT)).rowcount:
            self._connection.execute(UNSKIP, (shipment_id,))

    def set_frequency(self, subscription_id: int, frequency: str) -> None:
        self._connection.execute(FREQUENCY, (frequency, subscription_id))

    def set_address(self, subscription_id: int, address: str) -> None:
        self._connection.execute(ADDRESS, (address, subscription_id))


def lock_rows(connection: Connection, customer_id: int) -> None:
    """Nobody else changes the customer, their subscriptions or boxes until the transaction ends."""
    for statement in (LOCK_CUSTOMER, LOCK_SUBSCRIPTIONS, LOCK_SHIPMENTS):
        connection.execute(statement, (customer_id,))


@contextmanager
def _held(connection: Connection) -> Iterator[Connection]:
    yield connection


def _customer(row: Sequence[Any]) -> Customer:
    customer_id, full_name, email, country, language = row
    return Customer(customer_id, next(iter(full_name.split()), ""), email, country, language)
